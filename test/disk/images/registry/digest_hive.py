"""Prints how many keys and values a hive has and a digest of them all, read by hivex: digest_hive.py FILE

The digest is the SHA-256 over, for each key in the order of the hive, its path from the root with a line end, and for each
of its values: name, NUL, type in decimal, NUL, SHA-256 of the data in hexadecimal, line end.
"""

import hashlib
import json
import sys

import hivex


def main(path):
    hive = hivex.Hivex(path)
    digest, counts = hashlib.sha256(), {"keys": 0, "values": 0}

    def walk(node, names):
        counts["keys"] += 1
        digest.update(("\\".join(names) + "\n").encode())
        for value in hive.node_values(node):
            counts["values"] += 1
            kind, data = hive.value_value(value)
            line = "%s\0%d\0%s\n" % (hive.value_key(value), kind & 0xFFFFFFFF, hashlib.sha256(data).hexdigest())
            digest.update(line.encode())
        for child in hive.node_children(node):
            walk(child, names + [hive.node_name(child)])

    walk(hive.root(), [])
    print(json.dumps({**counts, "sha256": digest.hexdigest()}))


if __name__ == "__main__":
    main(sys.argv[1])
