#!/bin/sh
# Makes the hives of this folder and what hivex, an independent reader, says is in them. Needs Debian's python3-hivex
# (apt-get install python3-hivex) and gzip; makes the same bytes each time.
#
#   services.hive.gz  a SYSTEM-like hive: thousands of keys, lists of all kinds, values of all types, big data
#   bcd.hive.gz       a boot store that says "safe mode with networking"
#   *.json.gz         every key and value of it, read by hivex
set -eu
cd "$(dirname "$0")"
python=/usr/bin/python3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
$python make_hives.py "$work"
for hive in services bcd; do
  $python dump_hive.py "$work/$hive.hive" > "$work/$hive.json"
  gzip -9nc "$work/$hive.hive" > "$hive.hive.gz"
  gzip -9nc "$work/$hive.json" > "$hive.json.gz"
done
