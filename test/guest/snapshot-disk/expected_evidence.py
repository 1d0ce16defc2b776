"""What the evidence of a disk must be, by tools that are not ours: expected_evidence.py FOLDER FIRMWARE NEXT CHOSEN_BY AS_OF

Reads the hives of FOLDER with hivex and the events of its System.evtx as evtxexport tells them (System.xml), and prints the
facts as JSON, each with the last write of its key where it has one. FIRMWARE, NEXT (the loader's GUID) and CHOSEN_BY are what
the disk was built for.
"""

import json
import os
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta, timezone

import hivex

SERVICES = ("Dhcp", "TermService")
EVENT_IDS = (7000, 7001, 7003, 7009, 7022, 7023, 7024, 7031, 7034, 7038, 7040, 7041)


class Hive:
    def __init__(self, path):
        self.hive = hivex.Hivex(path)

    def node(self, *names):
        node = self.hive.root()
        for name in names:
            node = node and self.hive.node_get_child(node, name)
        return node

    def children(self, *names):
        node = self.node(*names)
        return [self.hive.node_name(child) for child in self.hive.node_children(node)] if node else []

    def raw(self, node, name):
        for handle in self.hive.node_values(node) if node else []:
            if self.hive.value_key(handle).lower() == name.lower():
                return self.hive.value_value(handle)
        return None

    def number(self, node, name):
        found = self.raw(node, name)
        return struct.unpack("<I", found[1])[0] if found else None

    def text(self, node, name):
        found = self.raw(node, name)
        return found[1].decode("utf-16-le").split("\0")[0] if found else None

    def texts(self, node, name):
        found = self.raw(node, name)
        return [one for one in found[1].decode("utf-16-le").split("\0") if one] if found else []

    def time(self, node):
        ticks = self.hive.node_timestamp(node)
        return iso(datetime(1601, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=ticks // 10)) if ticks else None


def iso(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000)


def without_none(fact):
    return {key: content for key, content in fact.items() if content is not None}


def boot_loader(store, guid):
    def element(number):
        return store.node("Objects", guid, "Elements", number)

    def integer(number):
        found = store.raw(element(number), "Element") if element(number) else None
        return int.from_bytes(found[1], "little") if found else None

    modes = {0: "Minimal", 1: "Network", 2: "DsRepair"}
    safeboot = integer("25000080")
    return without_none({
        "id": guid.lower(),
        "description": store.text(element("12000004"), "Element"),
        "path": store.text(element("12000002"), "Element"),
        "safeboot": None if safeboot is None else modes[safeboot],
        "alternateShell": bool(integer("26000081")),
    })


def boot_configuration(folder, firmware, next_id, chosen_by):
    store = Hive(os.path.join(folder, "BCD"))
    loaders = [
        guid for guid in store.children("Objects")
        if store.number(store.node("Objects", guid, "Description"), "Type") == 0x10200003
    ]
    next_guid = next(guid for guid in loaders if guid.lower() == next_id)
    elements = store.node("Objects", next_guid, "Elements")
    times = [store.time(elements), store.time(store.node("Objects", next_guid, "Elements", "25000080") or elements)]
    return {
        "kind": "boot-configuration", "next": boot_loader(store, next_guid), "chosenBy": chosen_by,
        "others": [boot_loader(store, guid) for guid in loaders if guid != next_guid], "firmware": firmware,
        "lastWritten": max(filter(None, times), default=None),
    }


def adapters(system, control_set):
    path = (control_set, "Services", "Tcpip", "Parameters", "Interfaces")
    found = []
    for name in system.children(*path):
        key = system.node(*path, name)
        static = [one for one in system.texts(key, "IPAddress") if one != "0.0.0.0"]
        if system.number(key, "EnableDHCP") == 1:
            leased = system.text(key, "DhcpIPAddress")
            found.append(without_none({"id": name, "dhcp": True, "addresses": [], "leasedAddress": leased}))
        elif static:
            found.append({"id": name, "dhcp": False, "addresses": static})
    return found


def remote_desktop(system, software, control_set):
    terminal = system.node(control_set, "Control", "Terminal Server")
    rdp = system.node(control_set, "Control", "Terminal Server", "WinStations", "RDP-Tcp")
    policy = software.node("Policies", "Microsoft", "Windows NT", "Terminal Services")
    by_policy = software.number(policy, "fDenyTSConnections")
    denied = system.number(terminal, "fDenyTSConnections") if by_policy is None else by_policy
    return {
        "kind": "remote-desktop", "enabled": denied == 0, "byPolicy": by_policy is not None,
        "port": system.number(rdp, "PortNumber"), "listenerEnabled": system.number(rdp, "fEnableWinStation") == 1,
    }


# --- Events

def local(tag):
    return tag.split("}")[-1]


def read_events(folder):
    content = open(os.path.join(folder, "System.xml"), encoding="utf-8").read()
    events = []
    for document in re.findall(r"<Event .*?</Event>", content, re.S):
        event = {"params": [], "binary": None}
        for element in ElementTree.fromstring(document).iter():
            name = local(element.tag)
            if name == "Provider":
                event["provider"] = element.get("Name")
            elif name == "EventID":
                event["id"] = int(element.text)
            elif name == "TimeCreated":
                event["time"] = re.sub(r"00Z$", "Z", element.get("SystemTime"))
            elif name == "Security":
                event["sid"] = element.get("UserID")
            elif name == "Data":
                event["params"].append((element.get("Name"), element.text or ""))
            elif name == "Binary" and element.text:
                event["binary"] = bytes.fromhex(element.text).decode("utf-16-le")
        events.append(event)
    return sorted(events, key=lambda event: event["time"])


def is_about(event, service, display_name):
    params = [content for _, content in event["params"]]
    if event["id"] == 7040:
        return params[3].lower() == service.lower()
    if event["binary"] and re.split(r"[\0/]", event["binary"])[0].lower() == service.lower():
        return True
    named = params[1 if event["id"] == 7009 else 0].lower()
    return named in (service.lower(), (display_name or "").lower())


def service_event(event):
    params = [content for _, content in event["params"]]
    codes = [int(one[2:]) for one in params if one.startswith("%%")]
    return without_none({
        "eventId": event["id"], "at": event["time"], "code": codes[0] if codes else None,
        "startTypes": {"before": params[1], "after": params[2]} if event["id"] == 7040 else None,
        "userSid": event["sid"],
    })


def service_events(events, service, display_name, as_of):
    until = as_of.replace(".000Z", ".0000000Z")
    since = iso(datetime.fromisoformat(as_of.replace("Z", "+00:00")) - timedelta(days=1))
    own = [
        event for event in events
        if event["provider"] == "Service Control Manager" and event["id"] in EVENT_IDS
        and since.replace(".000Z", ".0000000Z") <= event["time"] <= until and is_about(event, service, display_name)
    ]
    return {
        "kind": "service-events", "service": service, "since": since, "until": as_of,
        "events": [service_event(event) for event in own], "isCut": False,
    }


def boot_mode(events):
    started = [one for one in events if one["provider"] == "Microsoft-Windows-Kernel-General" and one["id"] == 12][-1]
    params = dict(started["params"])
    booted = datetime.fromisoformat(re.sub(r"\d{3}Z$", "+00:00", re.sub(r"00Z$", "Z", params["StartTime"])[:-1][:-1] + "Z"))
    return {"kind": "boot-mode", "mode": "normal" if params["BootMode"] == "0" else "safe", "bootedAt": iso(booted)}


def main():
    folder, firmware, next_id, chosen_by, as_of = sys.argv[1:]
    system, software = Hive(os.path.join(folder, "SYSTEM")), Hive(os.path.join(folder, "SOFTWARE"))
    chosen = system.node("Select")
    control_set = "ControlSet%03d" % system.number(chosen, "Default")
    facts = [boot_configuration(folder, firmware, next_id, chosen_by), {
        "kind": "control-sets", "next": system.number(chosen, "Default"), "current": system.number(chosen, "Current"),
        "failed": system.number(chosen, "Failed"), "lastKnownGood": system.number(chosen, "LastKnownGood"),
        "present": [int(name[-3:]) for name in system.children() if name.startswith("ControlSet")],
    }]
    events = read_events(folder)
    for service in SERVICES:
        key = system.node(control_set, "Services", service)
        facts.append({
            "kind": "service-configuration", "service": service, "startType": system.number(key, "Start"),
            "type": system.number(key, "Type"), "account": system.text(key, "ObjectName"),
            "imagePath": system.text(key, "ImagePath"),
            "dependsOn": system.texts(key, "DependOnService") if system.raw(key, "DependOnService") else None,
            "lastWritten": system.time(key),
        })
        facts.append(service_events(events, service, system.text(key, "DisplayName"), as_of))
    current = software.node("Microsoft", "Windows NT", "CurrentVersion")
    revision = software.number(current, "UBR")
    build = software.text(current, "CurrentBuildNumber")
    options = system.node(control_set, "Control", "ProductOptions")
    servicing = software.children("Microsoft", "Windows", "CurrentVersion", "Component Based Servicing")
    facts += [
        boot_mode(events),
        {"kind": "network-addressing", "adapters": adapters(system, control_set)},
        remote_desktop(system, software, control_set),
        {
            "kind": "pending-servicing", "pendingXml": os.path.exists(os.path.join(folder, "pending.xml")),
            "packagesPending": "PackagesPending" in servicing, "rebootPending": "RebootPending" in servicing,
            "rebootInProgress": "RebootInProgress" in servicing,
        },
        {
            "kind": "windows-installation",
            "computerName": system.text(system.node(control_set, "Control", "ComputerName", "ComputerName"), "ComputerName"),
            "productName": software.text(current, "ProductName"),
            "build": build if revision is None else "%s.%d" % (build, revision),
            "isDomainController": system.text(options, "ProductType") == "LanmanNT",
        },
    ]
    print(json.dumps([without_none(fact) for fact in facts], indent=2, ensure_ascii=False))


main()
