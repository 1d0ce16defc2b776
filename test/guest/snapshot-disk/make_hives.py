"""Makes the hives of one disk with hivex: make_hives.py SHAPE FOLDER

SHAPE is gen1, gen2 or small; FOLDER gets BCD, SYSTEM and SOFTWARE, for gen1 also SYSTEM.before (an older state of SYSTEM, so
that it can be made dirty), for small also the folder `variants` with further BCD.* and SYSTEM.* of the same size.
"""

import os
import struct
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../disk/images/registry"))
import hivex
from make_hives import BINARY, DWORD, EXPAND_SZ, MULTI_SZ, SZ, Editor, add_path, empty_hive, value, wide

MANAGER = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
LOADER_SETTINGS = "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}"
GLOBAL_SETTINGS = "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}"
MEMORY_TEST = "{b2721d73-1db4-4c62-bf78-c548a880142d}"
FIRST = "{A1111111-0000-11EE-8000-000000000001}"
SECOND = "{a2222222-0000-11ee-8000-000000000002}"
RECOVERY = "{a3333333-0000-11ee-8000-000000000003}"
NOBODY = "{afffffff-0000-11ee-8000-00000000000f}"
LOADER, PLAIN_APPLICATION, INHERITED = 0x10200003, 0x10200005, 0x20200003
SMALL_SIZE = {"BCD": 96 * 1024, "SYSTEM": 160 * 1024}


def text(content):
    return SZ, wide(content)


def texts(*contents):
    return MULTI_SZ, b"".join(wide(content) for content in contents) + b"\0\0"


def number(content):
    return DWORD, struct.pack("<I", content)


def integer(content):
    return BINARY, struct.pack("<Q", content)


def boolean(content):
    return BINARY, bytes([content])


def gpt_device(partition, disk):
    """As in http://www.mistyprojects.co.uk/documents/BCDEdit/files/device_partition.htm."""
    data = bytes(16) + struct.pack("<IIII", 6, 0, 0x48, 0) + uuid.UUID(partition).bytes_le
    return BINARY, (data + struct.pack("<II", 0, 0) + uuid.UUID(disk).bytes_le).ljust(0x58, b"\0")


def mbr_device(offset, signature):
    data = bytes(16) + struct.pack("<IIIIQQ", 6, 0, 0x48, 0, offset, 0)
    return BINARY, (data + struct.pack("<III", 0, 1, signature)).ljust(0x58, b"\0")


def ramdisk_device():
    return BINARY, (bytes(16) + struct.pack("<IIII", 0, 0, 0x100, 0)).ljust(0x110, b"\0")


# --- Writing

def write_hive(path, tree, times=None, size=None):
    """tree: {key path: {value name: (type, data)}}; times: {key path: FILETIME}."""
    with open(path, "wb") as file:
        file.write(empty_hive(5, os.path.basename(path)))
    hive = hivex.Hivex(path, write=True)
    for key, values in tree.items():
        node = add_path(hive, hive.root(), *key.split("\\"))
        if values:
            hive.node_set_values(node, [value(name, kind, data) for name, (kind, data) in values.items()])
    hive.commit(None)
    hive = hivex.Hivex(path)
    editor = Editor(path)
    for key, filetime in (times or {}).items():
        node = hive.root()
        for name in key.split("\\"):
            node = hive.node_get_child(node, name)
        editor.set_last_written(node - 4096, filetime)
    editor.save(path)
    if size:
        missing = size - os.path.getsize(path)
        assert missing >= 0, (path, missing)
        with open(path, "ab") as file:
            # Not zeros, which wimlib would leave out of the volume: there would be no place for a longer variant.
            file.write(b"\xff" * missing)


def store(objects):
    """objects: {guid: (type, {element: (type, data)})}"""
    tree = {"Description": {"KeyName": text("BCD00000000"), "System": number(1)}}
    for guid, (kind, elements) in objects.items():
        tree["Objects\\%s\\Description" % guid] = {"Type": number(kind)} if kind else {}
        for element, content in elements.items():
            tree["Objects\\%s\\Elements\\%s" % (guid, element)] = {"Element": content}
    return tree


def manager(**more):
    elements = {"12000004": text("Windows Boot Manager"), "25000004": integer(30)}
    elements.update({name[1:]: content for name, content in more.items()})
    return 0x10100002, elements


def loader(description, device, **more):
    elements = {
        "11000001": device, "12000002": text("\\Windows\\system32\\winload.efi"), "12000004": text(description),
        "14000006": texts(LOADER_SETTINGS), "21000001": device, "22000002": text("\\Windows"), "250000c2": integer(1),
    }
    elements.update({name[1:]: content for name, content in more.items()})
    return LOADER, elements


def settings():
    return {
        LOADER_SETTINGS: (INHERITED, {"14000006": texts(GLOBAL_SETTINGS)}),
        GLOBAL_SETTINGS: (0x20100000, {"16000048": boolean(1)}),
        MEMORY_TEST: (PLAIN_APPLICATION, {"12000002": text("\\EFI\\Microsoft\\Boot\\memtest.efi")}),
    }


def recovery():
    return loader("Windows Recovery Environment", ramdisk_device(), _26000022=boolean(1))


# --- SYSTEM and SOFTWARE

HEALTHY_DHCP = {
    "DisplayName": text("@%SystemRoot%\\system32\\dhcpcore.dll,-100"),
    "Start": number(2), "Type": number(0x20), "ErrorControl": number(1),
    "ImagePath": (EXPAND_SZ, wide("%SystemRoot%\\system32\\svchost.exe -k LocalServiceNetworkRestricted -p")),
    "ObjectName": text("NT Authority\\LocalService"), "DependOnService": texts("NSI", "Afd"),
}


def control_set(name, computer, dhcp=None, product="ServerNT", services=0):
    control, tcpip = name + "\\Control", name + "\\Services\\Tcpip\\Parameters\\Interfaces\\"
    tree = {
        control + "\\ComputerName\\ComputerName": {"ComputerName": text(computer)},
        control + "\\ProductOptions": {"ProductType": text(product)},
        control + "\\Terminal Server": {"fDenyTSConnections": number(0)},
        control + "\\Terminal Server\\WinStations\\RDP-Tcp": {"PortNumber": number(3390), "fEnableWinStation": number(1)},
        name + "\\Services\\Dhcp": dict(HEALTHY_DHCP, **(dhcp or {})),
        name + "\\Services\\TermService": {
            "Start": number(3), "Type": number(0x20), "DisplayName": text("Remote Desktop Services"),
        },
        name + "\\Services\\NoStart": {"Type": number(1)},
        tcpip + "{11111111-aaaa-4bbb-8ccc-000000000001}": {
            "EnableDHCP": number(1), "DhcpIPAddress": text("10.0.0.4"), "IPAddress": texts("0.0.0.0"),
        },
        tcpip + "{11111111-aaaa-4bbb-8ccc-000000000002}": {
            "EnableDHCP": number(0), "IPAddress": texts("192.168.7.5", "192.168.7.6"),
        },
        tcpip + "{11111111-aaaa-4bbb-8ccc-000000000003}": {"EnableDHCP": number(0), "IPAddress": texts("0.0.0.0")},
        tcpip + "{11111111-aaaa-4bbb-8ccc-000000000004}": {"Domain": text("")},
    }
    for index in range(services):
        tree["%s\\Services\\Service%04d" % (name, index)] = {
            "Start": number(index % 5), "Type": number(0x10), "ObjectName": text("LocalSystem"),
            "ImagePath": (EXPAND_SZ, wide("%%SystemRoot%%\\system32\\program%04d.exe" % index)),
        }
    for index in range(2 * services):
        tree["%s\\Enum\\Bus%02d\\Device%04d" % (name, index % 40, index)] = {"Class": text("System")}
    return tree


def select(**numbers):
    return {"Select": {name: number(content) for name, content in numbers.items()}}


def software(product, build, revision=None, pending=(), policy=None, classes=0):
    current = {"ProductName": text(product), "CurrentBuildNumber": text(build)}
    if revision is not None:
        current["UBR"] = number(revision)
    tree = {"Microsoft\\Windows NT\\CurrentVersion": current}
    servicing = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing"
    for name in ("SessionsPending",) + tuple(pending):
        tree[servicing + "\\" + name] = {}
    if policy is not None:
        tree["Policies\\Microsoft\\Windows NT\\Terminal Services"] = {"fDenyTSConnections": number(policy)}
    for index in range(classes):
        tree["Classes\\CLSID\\Group%02d\\Class%04d" % (index % 50, index)] = {"": text("A class of number %d" % index)}
        tree["Microsoft\\Vendor%04d" % index] = {}
    return tree


# 2026-03-02 10:20:30.1234567 and ten minutes later, as FILETIME
EARLIER, LATER = 134169204301234567, 134169210301234567


def gen2(folder, partition, disk):
    windows = gpt_device(partition, disk)
    write_hive(os.path.join(folder, "BCD"), store({
        **settings(),
        MANAGER: manager(_23000003=text(FIRST.lower()), _24000001=texts(FIRST, SECOND)),
        FIRST: loader("Windows Server", windows, _25000080=integer(1), _26000081=boolean(1)),
        SECOND: loader("Windows Server (diagnose)", windows, _25000080=integer(0)),
        RECOVERY: recovery(),
    }), {"Objects\\%s\\Elements" % FIRST: EARLIER, "Objects\\%s\\Elements\\25000080" % FIRST: LATER})
    write_hive(os.path.join(folder, "SYSTEM"), {
        **control_set("ControlSet001", "OLD-NAME"),
        **control_set("ControlSet002", "WEB-01", {"Start": number(4)}, services=500),
        **select(Current=1, Default=2, Failed=0, LastKnownGood=1),
    }, {"ControlSet002\\Services\\Dhcp": LATER})
    write_hive(os.path.join(folder, "SOFTWARE"), software(
        "Windows Server 2022 Datacenter", "20348", 2340, policy=1, classes=1000,
    ))


def gen1(folder, offset, signature):
    windows = mbr_device(int(offset), int(signature, 16))
    write_hive(os.path.join(folder, "BCD"), store({
        **settings(),
        MANAGER: manager(_23000003=text(FIRST), _24000002=texts(SECOND, FIRST)),
        FIRST: loader("Windows Server 2016", windows),
        SECOND: loader("Once in safe mode", windows, _25000080=(BINARY, b"\0")),
    }), {"Objects\\%s\\Elements" % SECOND.lower(): LATER})
    for name, start in (("SYSTEM.before", 2), ("SYSTEM", 4)):
        write_hive(os.path.join(folder, name), {
            **control_set("ControlSet001", "DC-01", {"Start": number(start)}, product="LanmanNT"),
            **select(Current=1, Default=1, Failed=0, LastKnownGood=1),
        }, {"ControlSet001\\Services\\Dhcp": LATER if start == 4 else EARLIER})
    write_hive(os.path.join(folder, "SOFTWARE"), software(
        "Windows Server 2016 Datacenter", "14393", pending=("PackagesPending", "RebootInProgress"),
    ))


def small(folder, partition, disk):
    windows = gpt_device(partition, disk)
    plain = loader("Windows Server", windows)
    default = manager(_23000003=text(FIRST))

    def first(**more):
        return loader("Windows Server", windows, **more)

    stores = {
        "BCD": {MANAGER: default, FIRST: plain},
        "BCD.default-names-nothing": {MANAGER: manager(_23000003=text(NOBODY)), FIRST: plain, RECOVERY: recovery()},
        "BCD.default-names-nothing-of-two": {MANAGER: manager(_23000003=text(NOBODY)), FIRST: plain, SECOND: plain},
        "BCD.default-is-no-guid": {MANAGER: manager(_23000003=text("..\\..\\x")), FIRST: plain},
        "BCD.no-default": {MANAGER: manager(), FIRST: plain, RECOVERY: recovery()},
        "BCD.no-boot-manager": {FIRST: plain},
        "BCD.no-loaders": {MANAGER: default},
        "BCD.no-objects": {},
        "BCD.sequence-of-memory-test": {
            MANAGER: manager(_23000003=text(FIRST), _24000002=texts(MEMORY_TEST)), FIRST: plain,
        },
        "BCD.inheritance-loop": {
            MANAGER: default, FIRST: first(_14000006=texts(SECOND)),
            SECOND: loader("Other", windows, _14000006=texts(FIRST, SECOND)),
        },
        "BCD.inherited-safeboot": {
            MANAGER: default, FIRST: plain,
            GLOBAL_SETTINGS: (0x20100000, {"25000080": integer(1)}),
        },
        "BCD.safeboot-dword": {MANAGER: default, FIRST: first(_25000080=number(2))},
        "BCD.safeboot-undefined": {MANAGER: default, FIRST: first(_25000080=integer(7))},
        "BCD.safeboot-too-long": {MANAGER: default, FIRST: first(_25000080=(BINARY, bytes(9)))},
        "BCD.safeboot-empty": {MANAGER: default, FIRST: first(_25000080=(BINARY, b""))},
        "BCD.other-is-damaged": {
            MANAGER: default, FIRST: plain, SECOND: loader("Other", windows, _25000080=(BINARY, bytes(9))),
        },
        "BCD.hostile-description": {
            MANAGER: default,
            FIRST: first(_12000004=text("\x1b[2J\r\n\u202e<script>" + "A" * 8000), _12000002=text("\\" + "p" * 300)),
        },
        "BCD.many-loaders": {
            MANAGER: default, FIRST: plain,
            **{"{b0000000-0000-11ee-8000-%012x}" % index: (LOADER, {}) for index in range(40)},
        },
        "BCD.no-osdevice": {MANAGER: default, FIRST: first(_21000001=ramdisk_device())},
        "BCD.other-disk": {
            MANAGER: default, FIRST: first(_21000001=gpt_device(partition, str(uuid.UUID(int=5)))),
        },
        "BCD.mbr-device": {MANAGER: default, FIRST: first(_21000001=mbr_device(1048576, 0x12345678))},
        "BCD.short-device": {MANAGER: default, FIRST: first(_21000001=(BINARY, bytes(16) + b"\6\0\0\0"))},
        "BCD.other-system-root": {MANAGER: default, FIRST: first(_22000002=text("\\WinOther"))},
        "BCD.hostile-system-root": {MANAGER: default, FIRST: first(_22000002=text("\\..\\..\\etc"))},
    }
    systems = {
        "SYSTEM": select(Current=1, Default=1, Failed=0, LastKnownGood=1),
        "SYSTEM.default-0": select(Current=1, Default=0, Failed=0, LastKnownGood=1),
        "SYSTEM.default-999": select(Current=1, Default=999, Failed=0, LastKnownGood=1),
        "SYSTEM.no-default": select(Current=1),
        "SYSTEM.default-is-text": {"Select": {"Default": text("1")}},
        "SYSTEM.no-select": {},
    }
    os.makedirs(os.path.join(folder, "variants"))
    for name, objects in stores.items():
        tree = store({**settings(), **objects}) if objects else {"Description": {"System": number(1)}}
        write_hive(os.path.join(folder, name if name == "BCD" else "variants/" + name), tree, size=SMALL_SIZE["BCD"])
    huge = {"ObjectName": text("\u202e" + "B" * 8000), "DisplayName": text("C" * 8000)}
    control_sets = {
        "SYSTEM.huge-account": ({"Select": systems["SYSTEM"]["Select"]}, huge),
        **{name: (tree, None) for name, tree in systems.items()},
    }
    for name, (tree, dhcp) in control_sets.items():
        path = os.path.join(folder, name if name == "SYSTEM" else "variants/" + name)
        write_hive(path, {**control_set("ControlSet001", "SMALL", dhcp), **tree}, size=SMALL_SIZE["SYSTEM"])
    write_hive(os.path.join(folder, "SOFTWARE"), software("Windows Server 2019 Datacenter", "17763", 1))


if __name__ == "__main__":
    {"gen1": gen1, "gen2": gen2, "small": small}[sys.argv[1]](sys.argv[2], *sys.argv[3:])
