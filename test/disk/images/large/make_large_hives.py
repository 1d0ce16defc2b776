"""Makes the hives of the large disk with hivex: make_large_hives.py FOLDER PARTITION DISK

FOLDER gets `before` and `after`, each with BCD (several loaders), SYSTEM of at least 16 MiB and SOFTWARE of at least 8 MiB. In
`after` the DHCP client is disabled and many devices and products have changed: what logs lead to. The hives are full of
what real ones are full of: services, devices by bus with a dozen values each, products with their files.
"""

import importlib.util
import os
import shutil
import struct
import sys
import uuid

import hivex

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = os.path.join(HERE, "../../../guest/snapshot-disk/make_hives.py")
spec = importlib.util.spec_from_file_location("small_hives", SMALL)
small = importlib.util.module_from_spec(spec)
spec.loader.exec_module(small)

BINARY, EXPAND_SZ = small.BINARY, small.EXPAND_SZ
text, texts, number = small.text, small.texts, small.number
MIB = 1024 * 1024
CONTROL = "ControlSet001"
BUSES = ("ACPI", "DISPLAY", "HID", "PCI", "ROOT", "SCSI", "STORAGE", "SWD", "USB", "VMBUS")
DEVICES, INSTANCES, PRODUCTS = 40, 20, 1500


def guid(*numbers):
    return "{%s}" % uuid.uuid5(uuid.NAMESPACE_OID, "/".join(str(one) for one in numbers))


def instance_path(bus, device, instance):
    return "%s\\Enum\\%s\\VEN_%04X&DEV_%04X\\%d&%08x&0&%02d" % (
        CONTROL, bus, 0x1000 + len(bus), device, 3 + device % 5, device * 7919 + instance, instance,
    )


def device_values(bus, device, instance, flags=0):
    name = "VEN_%04X&DEV_%04X" % (0x1000 + len(bus), device)
    return {
        "DeviceDesc": text("@oem%d.inf,%%device.%d%%;Device %d of bus %s" % (device, instance, device, bus)),
        "LocationInformation": text("%s bus %d, device %d, function %d" % (bus, device % 8, device, instance)),
        "Capabilities": number(0x10 + device),
        "ContainerID": text(guid(bus, device)),
        "HardwareID": texts("%s\\%s&SUBSYS_%08X&REV_%02X" % (bus, name, instance, device), "%s\\%s" % (bus, name)),
        "CompatibleIDs": texts("%s\\VEN_%04X&CC_%04X" % (bus, len(bus), device), "%s\\CC_%04X" % (bus, device)),
        "ClassGUID": text(guid("class", device % 12)),
        "Service": text("service%03d" % (device * 17 % 600)),
        "Driver": text("%s\\%04d" % (guid("class", device % 12), instance)),
        "Mfg": text("@oem%d.inf,%%vendor%%;Vendor of many devices" % device),
        "FriendlyName": text("Device %d.%d of bus %s (a friendly name)" % (device, instance, bus)),
        "ConfigFlags": number(flags),
        "Properties": (BINARY, struct.pack("<IIII", device, instance, 0, 1) * 16),
    }


def devices(flags=0, every=1):
    places = [(bus, device, one) for bus in BUSES for device in range(DEVICES) for one in range(INSTANCES)]
    return {instance_path(*place): device_values(*place, flags) for place in places[::every]}


def services():
    tree = {}
    for index in range(600):
        path = "%s\\Services\\service%03d" % (CONTROL, index)
        tree[path] = {
            "DisplayName": text("@%%SystemRoot%%\\system32\\drivers\\service%03d.sys,-100" % index),
            "ErrorControl": number(1), "Group": text("Group %d" % (index % 20)), "Start": number(index % 5),
            "Type": number(1 if index % 3 else 0x20), "Tag": number(index),
            "ImagePath": (EXPAND_SZ, "\\SystemRoot\\System32\\drivers\\service{:03d}.sys\0".format(index).encode("utf-16-le")),
            "Description": text("What service %d does is told in this sentence." % index),
        }
        tree[path + "\\Parameters"] = {"Timeout": number(index * 10), "ServiceDll": text("service%03d.dll" % index)}
        tree[path + "\\Security"] = {"Security": (BINARY, bytes(index % 7 for _ in range(168)))}
    return tree


def products(every=1, version="10.0"):
    tree = {}
    for index in range(0, PRODUCTS, every):
        path = "Microsoft\\Windows\\CurrentVersion\\Installer\\UserData\\S-1-5-18\\Part%02d\\%s" % (index % 50, guid("product", index))
        tree[path + "\\InstallProperties"] = {
            "DisplayName": text("Product %d" % index), "DisplayVersion": text("%s.%d" % (version, index)),
            "InstallLocation": text("C:\\Program Files\\Vendor %d\\Product %d\\" % (index % 30, index)),
            "UninstallString": text("MsiExec.exe /X%s" % guid("product", index)), "EstimatedSize": number(index * 64),
        }
        tree[path + "\\Features"] = {"Complete": (BINARY, struct.pack("<I", index) * 1000)}
    return tree


def boot_store(path, windows):
    first, second = small.FIRST.lower(), small.SECOND
    small.write_hive(path, small.store({
        **small.settings(),
        small.MANAGER: small.manager(_23000003=text(first), _24000001=texts(first, second)),
        first: small.loader("Windows Server", windows),
        second: small.loader("Windows Server (safe mode)", windows, _25000080=small.integer(1)),
        small.RECOVERY: small.recovery(),
    }), {"Objects\\%s\\Elements" % first: small.EARLIER})


def change(old, new, tree):
    shutil.copy(old, new)
    hive = hivex.Hivex(new, write=True)
    for key, values in tree.items():
        node = small.add_path(hive, hive.root(), *key.split("\\"))
        hive.node_set_values(node, [small.value(name, kind, data) for name, (kind, data) in values.items()])
    hive.commit(None)


def main(folder, partition, disk):
    before, after = os.path.join(folder, "before"), os.path.join(folder, "after")
    for one in (before, after):
        os.makedirs(one)
        boot_store(os.path.join(one, "BCD"), small.gpt_device(partition, disk))
    dhcp = CONTROL + "\\Services\\Dhcp"
    small.write_hive(os.path.join(before, "SYSTEM"), {
        **small.control_set(CONTROL, "LARGE-01"), **services(), **devices(),
        **small.select(Current=1, Default=1, Failed=0, LastKnownGood=1),
    }, {dhcp: small.EARLIER})
    small.write_hive(os.path.join(before, "SOFTWARE"), {
        **small.software("Windows Server 2022 Datacenter", "20348", 2340, classes=600), **products(),
    })
    assert os.path.getsize(os.path.join(before, "SYSTEM")) >= 16 * MIB
    assert os.path.getsize(os.path.join(before, "SOFTWARE")) >= 8 * MIB
    change(os.path.join(before, "SYSTEM"), os.path.join(after, "SYSTEM"), {
        **devices(flags=1, every=23), dhcp: dict(small.HEALTHY_DHCP, Start=number(4)),
    })
    change(os.path.join(before, "SOFTWARE"), os.path.join(after, "SOFTWARE"), products(every=23, version="10.1"))


if __name__ == "__main__":
    main(*sys.argv[1:])
