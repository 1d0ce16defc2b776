#!/usr/bin/env bash
# Makes the images of large/ and the expected answers beside them, as make-disk-images.sh does the small ones: what only shows
# when files are large and lie in pieces. Run from anywhere, as any user. Needs what make-disk-images.sh needs and Debian's
# python3-hivex, libevtx-utils and faketime (which makes equal what would differ by the clock alone). About three minutes.
#
#   gen2          127 GiB, GPT, boot store with several loaders on the EFI system partition; SYSTEM of 18 MiB, SOFTWARE of 10 MiB,
#                 both cut off while being written, with logs of more than 1 MiB, and a System log of 4 MiB, all in pieces
#   gen1          127 GiB, MBR, boot store with several loaders on the active partition
#   many-records  an NTFS volume whose table of files has more than 200,000 records in more than a hundred pieces
#
# The images are packed twice, which makes them half as large once more. Answers are by ntfsls, ntfscat, ntfsinfo, hivex and
# evtxexport. gen2's hives are dirty; their content without the logs is told as `before`, with them as `after`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
large=$here/large
evidence=$root/test/guest/snapshot-disk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
. "$here/functions.sh"
export PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3
AS_OF=2026-03-02T12:00:00.000Z
GPT_DISK=0a1b2c3d-1111-2222-3333-445566778899
WINDOWS_PARTITION=11111111-2222-3333-4444-555555555503
SIGNATURE=1f2e3d4c

pack_twice() { # name image@offset…
  pack "$1.sparse.gz" "${@:2}"
  gzip -9n < "$1.sparse.gz" > "$large/$1.sparse.gz.gz"
}

frozen() {
  faketime -f '2026-03-02 10:20:30' "$@"
}

# Lays files of equal bytes one after another.
lay_pieces() { # image count bytes-each
  local number
  mkdir pieces
  for number in $(seq 1 "$2"); do head -c "$3" /dev/zero | tr '\0' x > "pieces/piece-$number"; done
  frozen_fill "$1" pieces
  rm -r pieces
}

# Empties every second of these files: what comes next has to lie in the gaps.
make_gaps() { # image count
  local number
  for number in $(seq 1 2 "$2"); do
    frozen ntfstruncate -q "$1" "$(inode_of "$1" "/piece-$number")" 0 2>> tools.log
  done
}

free_clusters() { # image
  ntfsinfo --force --mft "$1" | sed -n 's/.*Free Clusters: \([0-9]*\).*/\1/p'
}

# Takes all large free places of a volume, so that only gaps are left: files are put into the largest place first. What does
# not fit is halved; ntfsfallocate does not tell by its exit code which it was.
fill_up() { # image
  local bytes=$((64 * GIB)) number=0 before
  : > empty
  while [ $bytes -ge $MIB ]; do
    before=$(free_clusters "$1")
    frozen ntfscp --quiet "$1" empty "ballast-$number"
    frozen ntfsfallocate -f -l $bytes "$1" "ballast-$number" > fallocate.log 2>&1 || true
    number=$((number + 1))
    if [ $(($(free_clusters "$1") + 256)) -gt "$before" ]; then bytes=$((bytes / 2)); fi
  done
}

frozen_fill() { # image tree
  find "$2" -exec touch -h -d '2026-03-02 10:20:30 UTC' {} +
  wimcapture "$2" "$2.wim" --no-acls --compress=none --config=/dev/null >> tools.log
  frozen wimapply "$2.wim" 1 "$1" >> tools.log
  rm "$2.wim"
}

# How many pieces the content of a file lies in, by ntfsinfo.
pieces_of() { # image inode
  ntfsinfo --force --verbose --inode "$2" "$1" |
    awk '/^Dumping attribute/ { data = / \$DATA / } data && /^\t*(Runlist:)?\t*0x[0-9a-f]+\t+0x[0-9a-f]+\t+0x[0-9a-f]+$/ { count++ } END { print count }'
}

# --- Generation 2
$python "$large/make_large_hives.py" . $WINDOWS_PARTITION $GPT_DISK
"$root/node_modules/.bin/tsx" "$large/make-log-files.ts" .
config=gen2.tree/Windows/System32/config
logs=gen2.tree/Windows/System32/winevt/Logs
mkdir -p $config $logs gen2.tree/Windows/WinSxS
seq -f 'gen2.tree/Windows/System32/module-%05.0f.dll' 1 3000 | xargs touch
cp disk/SYSTEM disk/SYSTEM.LOG1 disk/SOFTWARE disk/SOFTWARE.LOG1 $config/
cp disk/System.evtx $logs/
format gen2.ntfs $((265100000 * 512)) --label Windows
lay_pieces gen2.ntfs 800 131072
fill_up gen2.ntfs
make_gaps gen2.ntfs 800
frozen_fill gen2.ntfs gen2.tree
truncate -s $((127 * GIB)) gen2.disk
sfdisk --quiet gen2.disk << TABLE
label: gpt
label-id: $GPT_DISK
start=2048, size=204800, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=11111111-2222-3333-4444-555555555501
start=206848, size=32768, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, uuid=11111111-2222-3333-4444-555555555502
start=239616, size=265100000, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=$WINDOWS_PARTITION
TABLE
truncate -s $((100 * MIB)) gen2.esp
mkfs.fat --invariant -F 32 -s 1 -n ESP gen2.esp > /dev/null
mmd -i gen2.esp ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot ::/EFI/Boot
mcopy -m -i gen2.esp before/BCD ::/EFI/Microsoft/Boot/BCD
pack_twice gen2 gen2.disk@0 "gen2.esp@$((2048 * 512))" "gen2.ntfs@$((239616 * 512))"

evtxexport -f xml disk/System.evtx > System.xml 2>> tools.log
for state in before after; do
  cp System.xml $state/
  $python "$evidence/expected_evidence.py" $state uefi '{a1111111-0000-11ee-8000-000000000001}' default $AS_OF > $state/evidence.json
  for hive in SYSTEM SOFTWARE BCD; do $python "$here/registry/digest_hive.py" $state/$hive > $state/$hive.json; done
  jq -n --slurpfile evidence $state/evidence.json --slurpfile system $state/SYSTEM.json --slurpfile software $state/SOFTWARE.json \
    --slurpfile bcd $state/BCD.json '{evidence: $evidence[0], hives: {SYSTEM: $system[0], SOFTWARE: $software[0], BCD: $bcd[0]}}' \
    > $state/all.json
done
pieces=$(pieces_of gen2.ntfs "$(inode_of gen2.ntfs /Windows/System32/config/SYSTEM)")
jq -n --slurpfile before before/all.json --slurpfile after after/all.json --argjson pieces "$pieces" \
  '{piecesOfSystem: $pieces, before: $before[0], after: $after[0]}' > "$large/gen2.expected.json"

# --- Generation 1
mkdir -p gen1 gen1.system/Boot gen1.tree/Windows/System32/config gen1.tree/Windows/System32/winevt/Logs
$python "$evidence/make_hives.py" gen1 gen1 $((1026048 * 512)) $SIGNATURE
cp gen1/BCD gen1.system/Boot/
cp gen1/SYSTEM gen1/SOFTWARE gen1.tree/Windows/System32/config/
format gen1.system.ntfs $((500 * MIB)) --label 'System Reserved'
frozen_fill gen1.system.ntfs gen1.system
format gen1.ntfs $((264241152 * 512)) --label Windows
frozen_fill gen1.ntfs gen1.tree
truncate -s $((127 * GIB)) gen1.disk
sfdisk --quiet gen1.disk << TABLE
label: dos
label-id: 0x$SIGNATURE
start=2048, size=1024000, type=7, bootable
start=1026048, size=264241152, type=7
TABLE
pack_twice gen1 gen1.disk@0 "gen1.system.ntfs@$((2048 * 512))" "gen1.ntfs@$((1026048 * 512))"
for hive in SYSTEM SOFTWARE BCD; do
  $python "$here/registry/digest_hive.py" gen1/$hive | jq --arg hive $hive '{($hive): .}'
done | jq -s '{hives: add}' > "$large/gen1.expected.json"

# --- A table of files with many records
format many-records.ntfs $((640 * MIB)) --label Many
lay_pieces many-records.ntfs 1230 524288
make_gaps many-records.ntfs 1230
mkdir many-records
for directory in $(seq 100 299); do
  mkdir "many-records/$directory"
  seq -f "many-records/$directory/%.0f" 1000 1999 | xargs touch
done
echo 'the last of many' > many-records/299/1999
frozen_fill many-records.ntfs many-records
pack_twice many-records many-records.ntfs@0
expected_ntfs many-records.ntfs /299 -- /100/1000 /100/1999 /200/1500 /299/1000 /299/1998 /299/1999 /piece-1 > files.json
records=$(ntfsinfo --force --inode 0 --verbose many-records.ntfs |
  awk '/^Dumping attribute/ { data = / \$DATA / } data && /Data size:/ && !seen++ { print $3 / 1024 }')
jq --argjson records "$records" --argjson pieces "$(pieces_of many-records.ntfs 0)" \
  '. + {records: $records, pieces: $pieces}' files.json > "$large/many-records.expected.json"
"$root/node_modules/.bin/prettier" --write --log-level warn "$large"/*.json
ls -l "$large"
