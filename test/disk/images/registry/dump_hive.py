"""Prints every key and value of a hive as JSON, read by hivex: dump_hive.py [--bytes-only] FILE

With --bytes-only, data is not decoded as text: real hives hold text that is not text.
"""

import hashlib
import json
import sys

import hivex

SZ, EXPAND_SZ, DWORD, MULTI_SZ, QWORD = 1, 2, 4, 7, 11


def decoded(hive, value, kind, data):
    """What hivex makes of the typed data; nothing where the data does not fit its type."""
    if kind in (SZ, EXPAND_SZ) and len(data) % 2 == 0:
        return {"text": hive.value_string(value)}
    if kind == MULTI_SZ and len(data) % 2 == 0:
        texts = hive.value_multiple_strings(value)
        # hivex gives the empty string that ends the list as its last element.
        return {"texts": texts[:-1] if texts[-1:] == [""] else texts}
    if kind == DWORD and len(data) == 4:
        return {"number": str(hive.value_dword(value) & 0xFFFFFFFF)}
    if kind == QWORD and len(data) == 8:
        return {"number": str(hive.value_qword(value) & 0xFFFFFFFFFFFFFFFF)}
    return {}


def value_of(hive, value, with_text):
    kind, data = hive.value_value(value)
    answer = {
        "name": hive.value_key(value),
        "type": kind & 0xFFFFFFFF,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    if with_text:
        answer.update(decoded(hive, value, kind, data))
    return answer


def key_of(hive, node, path, with_text):
    return {
        "path": path,
        "lastWritten": str(hive.node_timestamp(node)),
        "values": [value_of(hive, value, with_text) for value in hive.node_values(node)],
    }


def walk(hive, node, path, with_text):
    yield key_of(hive, node, path, with_text)
    for child in hive.node_children(node):
        yield from walk(hive, child, path + [hive.node_name(child)], with_text)


def main():
    sys.stdout.reconfigure(encoding="utf-8")
    with_text = "--bytes-only" not in sys.argv
    hive = hivex.Hivex(sys.argv[-1])
    print("[")
    for index, key in enumerate(walk(hive, hive.root(), [], with_text)):
        print("," if index else "", json.dumps(key))
    print("]")


main()
