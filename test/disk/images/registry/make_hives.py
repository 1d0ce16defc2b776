"""Makes the hives that the registry tests read: make_hives.py FOLDER

The content is written by hivex into an empty hive that is built here from the public description of the format
(https://github.com/msuhanov/regf). hivex writes neither lists of lists (ri) nor index and fast leaves (li, lf) nor big data (db),
so these are built here too, and hivex reads them back: dump_hive.py is the independent answer.
"""

import os
import struct
import sys

import hivex

PAGE = 4096
SEGMENT = 16344
SZ, EXPAND_SZ, BINARY, DWORD, DWORD_BIG_ENDIAN, LINK, MULTI_SZ, QWORD = 1, 2, 3, 4, 5, 6, 7, 11
NONE = 0


def cell(data):
    """An allocated cell: its size, negative, a multiple of eight, then the data."""
    size = (len(data) + 4 + 7) // 8 * 8
    return struct.pack("<i", -size) + data.ljust(size - 4, b"\0")


def checksum(block):
    total = 0
    for (word,) in struct.iter_unpack("<I", block[:508]):
        total ^= word
    return {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(total, total)


def hive_bin(offset, cells):
    """A bin of the cells, the rest of it one free cell."""
    size = (32 + len(cells) + PAGE - 1) // PAGE * PAGE
    head = struct.pack("<4sIIQQI", b"hbin", offset, size, 0, 0, 0)
    rest = size - 32 - len(cells)
    return head + cells + (struct.pack("<i", rest).ljust(rest, b"\0") if rest else b"")


def with_base_block(bins, minor, name):
    block = struct.pack("<4sIIQIIIIIII", b"regf", 1, 1, 0, 1, minor, 0, 1, 32, len(bins), 1)
    block += name.encode("utf-16-le")[:64]
    block = block.ljust(508, b"\0")
    block += struct.pack("<I", checksum(block))
    return block.ljust(PAGE, b"\0") + bins


def empty_hive(minor, name):
    """One bin: the root key and its security descriptor (owner and group SYSTEM, everything allowed to everyone)."""
    root_name = b"root"
    security_offset = 32 + len(cell(b"\0" * (76 + len(root_name))))
    nil = 0xFFFFFFFF
    key = struct.pack(
        "<2sHQIIIIIIIIIIIIIIIHH",
        b"nk", 0x2C, 0, 0, 0, 0, 0, nil, nil, 0, nil, security_offset, nil, 0, 0, 0, 0, 0, len(root_name), 0,
    )
    system = bytes([1, 1, 0, 0, 0, 0, 0, 5]) + struct.pack("<I", 18)
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 20, 32, 0, 0) + system + system
    security = struct.pack("<2sHIIII", b"sk", 0, security_offset, security_offset, 1, len(descriptor)) + descriptor
    return with_base_block(hive_bin(0, cell(key + root_name) + cell(security)), minor, name)


def wide(text):
    return (text + "\0").encode("utf-16-le")


def value(key, kind, data):
    return {"key": key, "t": kind, "value": data}


def add_path(hive, node, *names):
    for name in names:
        node = hive.node_get_child(node, name) or hive.node_add_child(node, name)
    return node


def fill_services(hive):
    root = hive.root()
    hive.node_set_values(add_path(hive, root, "Select"), [
        value("Current", DWORD, struct.pack("<I", 1)),
        value("Default", DWORD, struct.pack("<I", 1)),
        value("LastKnownGood", DWORD, struct.pack("<I", 2)),
    ])
    services = add_path(hive, root, "ControlSet001", "Services")
    for index in range(1000):
        node = hive.node_add_child(services, "Service%04d" % index)
        hive.node_set_values(node, [
            value("Start", DWORD, struct.pack("<I", index % 5)),
            value("ObjectName", SZ, wide("LocalSystem")),
        ])
    hive.node_set_values(add_path(hive, services, "Dhcp"), [
        value("Start", DWORD, struct.pack("<I", 4)),
        value("Type", DWORD, struct.pack("<I", 32)),
        value("ErrorControl", DWORD, struct.pack("<I", 1)),
        value("ObjectName", SZ, wide("NT Authority\\LocalService")),
        value("ImagePath", EXPAND_SZ, wide("%SystemRoot%\\system32\\svchost.exe -k LocalServiceNetworkRestricted -p")),
        value("DependOnService", MULTI_SZ, wide("NSI") + wide("Tdx") + wide("Afd") + b"\0\0"),
    ])
    # hivex copies a list for each key that it adds, so few keys each in many places keep the hive small.
    for bus in range(40):
        node = add_path(hive, root, "ControlSet001", "Enum", "Bus%02d" % bus)
        for device in range(50):
            hive.node_add_child(node, "Device%04d" % device)
    types = add_path(hive, root, "Types")
    hive.node_set_values(types, [
        value("", SZ, wide("the default value")),
        value("none", NONE, b""),
        value("none with data", NONE, b"\x01\x02"),
        value("empty text", SZ, wide("")),
        value("expand", EXPAND_SZ, wide("%ProgramFiles%\\x")),
        value("binary", BINARY, bytes(range(256))),
        value("one byte", BINARY, b"\x01"),
        value("two bytes", BINARY, b"\x01\x02"),
        value("three bytes", BINARY, b"\x01\x02\x03"),
        value("four bytes", BINARY, b"\x01\x02\x03\x04"),
        value("five bytes", BINARY, b"\x01\x02\x03\x04\x05"),
        value("dword", DWORD, struct.pack("<I", 0xFFFFFFFE)),
        value("dword of two bytes", DWORD, b"\x01\x02"),
        value("dword, big endian", DWORD_BIG_ENDIAN, struct.pack(">I", 7)),
        value("qword", QWORD, struct.pack("<Q", 0xFEDCBA9876543210)),
        value("link", LINK, "\\Registry\\Machine".encode("utf-16-le")),
        value("texts", MULTI_SZ, wide("one") + wide("zwei") + wide("три") + b"\0\0"),
        value("no texts", MULTI_SZ, b"\0\0"),
        value("large in one cell", BINARY, pattern(SEGMENT)),
        value("Größe", SZ, wide("Latin-1 fits in a compressed name")),
        value("Ελληνικά 日本", SZ, wide("this name does not; 𝒳 is beyond 16 bits")),
    ])
    names = add_path(hive, root, "Names")
    for name in ("Größe", "ÿ", "Ελληνικά", "日本語", "Ünïcödé-Ω", "𝒳-astral", "abc", "ab", "abcd", "ABCE", "{brace}"):
        hive.node_set_values(hive.node_add_child(names, name), [value("name", SZ, wide(name))])
    leaf = add_path(hive, root, "IndexLeaf")
    for index in range(20):
        hive.node_add_child(leaf, "Plain%02d" % index)
    large = add_path(hive, root, "BigData")
    # hivex 1.3.23 leaves out the last bytes of a segment whose size is no multiple of eight, so all of these are.
    for size in (SEGMENT + 8, 2 * SEGMENT, 50_000):
        # The data is put there afterwards; hivex writes no big data.
        hive.node_set_values(hive.node_add_child(large, str(size)), [value("data", BINARY, b"to be replaced")])


def pattern(size):
    return bytes((index * 7 + index // 251) % 256 for index in range(size))


def fill_boot_store(hive):
    root = hive.root()
    manager = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
    loader = "{b2721d73-1db4-4c62-bf78-c548a880142d}"
    hive.node_set_values(add_path(hive, root, "Description"), [
        value("KeyName", SZ, wide("BCD00000000")),
        value("System", DWORD, struct.pack("<I", 1)),
    ])
    elements = {
        (manager, "23000003"): (SZ, wide(loader)),
        (manager, "24000001"): (MULTI_SZ, wide(loader) + b"\0\0"),
        (manager, "25000004"): (BINARY, struct.pack("<Q", 30)),
        (loader, "12000004"): (SZ, wide("Windows Server")),
        (loader, "22000002"): (SZ, wide("\\Windows")),
        (loader, "25000080"): (BINARY, struct.pack("<Q", 1)),
        (loader, "26000081"): (BINARY, b"\x01"),
    }
    for guid, kind in ((manager, 0x10100002), (loader, 0x10200003)):
        node = add_path(hive, root, "Objects", guid, "Description")
        hive.node_set_values(node, [value("Type", DWORD, struct.pack("<I", kind))])
    for (guid, element), (kind, data) in elements.items():
        hive.node_set_values(add_path(hive, root, "Objects", guid, "Elements", element), [value("Element", kind, data)])


class Editor:
    """Changes a hive's bytes: cells are added in a bin of their own at the end."""

    def __init__(self, path):
        self.data = bytearray(open(path, "rb").read())
        self.bins_size = self.word(40)
        del self.data[PAGE + self.bins_size:]

    def word(self, at):
        return struct.unpack_from("<I", self.data, at)[0]

    def put(self, at, number):
        struct.pack_into("<I", self.data, at, number)

    def at(self, offset):
        """Place in the file of a cell's data."""
        return PAGE + offset + 4

    def add(self, datas):
        """Adds cells in a new bin; their offsets."""
        offsets, cells = [], b""
        for data in datas:
            offsets.append(self.bins_size + 32 + len(cells))
            cells += cell(data)
        added = hive_bin(self.bins_size, cells)
        self.data += added
        self.bins_size += len(added)
        return offsets

    def subkey_list(self, node):
        """Kind and elements (eight bytes each) of a key's leaf."""
        at = self.at(self.word(self.at(node) + 28))
        count = struct.unpack_from("<H", self.data, at + 2)[0]
        return bytes(self.data[at:at + 2]), [bytes(self.data[at + 4 + 8 * i:at + 12 + 8 * i]) for i in range(count)]

    def split_list(self, node, leaf_size):
        kind, elements = self.subkey_list(node)
        leaves = [elements[i:i + leaf_size] for i in range(0, len(elements), leaf_size)]
        offsets = self.add([kind + struct.pack("<H", len(leaf)) + b"".join(leaf) for leaf in leaves])
        root = b"ri" + struct.pack("<H", len(offsets)) + struct.pack("<%dI" % len(offsets), *offsets)
        self.put(self.at(node) + 28, self.add([root])[0])

    def make_index_leaf(self, node):
        _, elements = self.subkey_list(node)
        leaf = b"li" + struct.pack("<H", len(elements)) + b"".join(element[:4] for element in elements)
        self.put(self.at(node) + 28, self.add([leaf])[0])

    def make_fast_leaf(self, node):
        """With hints: the first four characters where they are ASCII, else zeros."""
        _, elements = self.subkey_list(node)
        leaf = b"lf" + struct.pack("<H", len(elements))
        for element in elements:
            at = self.at(struct.unpack_from("<I", element)[0])
            flags, length = struct.unpack_from("<H", self.data, at + 2)[0], struct.unpack_from("<H", self.data, at + 72)[0]
            stored = bytes(self.data[at + 76:at + 76 + length])
            name = stored.decode("latin-1" if flags & 0x20 else "utf-16-le")[:4]
            leaf += element[:4] + (name.encode() if name.isascii() else b"").ljust(4, b"\0")
        self.put(self.at(node) + 28, self.add([leaf])[0])

    def make_big_data(self, value_node, data):
        segments = self.add([data[i:i + SEGMENT] for i in range(0, len(data), SEGMENT)])
        listed = self.add([struct.pack("<%dI" % len(segments), *segments)])[0]
        record = self.add([b"db" + struct.pack("<HI", len(segments), listed)])[0]
        self.put(self.at(value_node) + 4, len(data))
        self.put(self.at(value_node) + 8, record)

    def set_last_written(self, node, filetime):
        struct.pack_into("<Q", self.data, self.at(node) + 4, filetime)

    def clear_free_cells(self):
        """hivex leaves a copy of a list for each key that it adds; without them the image stays small."""
        bin_at = 0
        while bin_at < self.bins_size:
            size = self.word(PAGE + bin_at + 8)
            at = bin_at + 32
            while at < bin_at + size:
                length = struct.unpack_from("<i", self.data, PAGE + at)[0]
                if length > 0:
                    self.data[self.at(at):PAGE + at + length] = bytes(length - 4)
                at += abs(length)
            bin_at += size

    def save(self, path):
        self.clear_free_cells()
        self.put(40, self.bins_size)
        self.put(508, checksum(self.data))
        with open(path, "wb") as file:
            file.write(self.data)


def make(path, minor, fill):
    with open(path, "wb") as file:
        file.write(empty_hive(minor, os.path.basename(path)))
    hive = hivex.Hivex(path, write=True)
    fill(hive)
    hive.commit(None)


def relay(path):
    """Gives the services hive the structures that hivex does not write."""
    hive = hivex.Hivex(path)
    # hivex's handle of a node or value is its place in the file.
    services = add_path_offset(hive, "ControlSet001", "Services")
    leaf, names = add_path_offset(hive, "IndexLeaf"), add_path_offset(hive, "Names")
    editor = Editor(path)
    editor.split_list(services, 200)
    # 2026-05-25 12:30:00.1234567 UTC
    editor.set_last_written(add_path_offset(hive, "ControlSet001", "Services", "Dhcp"), 134241858001234567)
    editor.make_index_leaf(leaf)
    editor.make_fast_leaf(names)
    for node in hive.node_children(add_path_offset(hive, "BigData") + PAGE):
        editor.make_big_data(hive.node_get_value(node, "data") - PAGE, pattern(int(hive.node_name(node))))
    editor.save(path)


def add_path_offset(hive, *names):
    node = hive.root()
    for name in names:
        node = hive.node_get_child(node, name)
    return node - PAGE


def main():
    folder = sys.argv[1]
    services, boot_store = os.path.join(folder, "services.hive"), os.path.join(folder, "bcd.hive")
    make(services, 5, fill_services)
    relay(services)
    make(boot_store, 3, fill_boot_store)


if __name__ == "__main__":
    main()
