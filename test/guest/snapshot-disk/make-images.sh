#!/usr/bin/env bash
# Makes the disks in images/ that the tests here read, and the expected evidence beside them, with tools that know nothing of
# our readers. Run from anywhere, as any user: no mount, no loop device. Needs Debian's fdisk ntfs-3g wimtools dosfstools
# mtools e2fsprogs jq python3-hivex libevtx-utils. About half a minute.
#
#   gen2   127 GiB, GPT, EFI system partition; safe mode with networking by `default`; two control sets; hives of real size
#   gen1   127 GiB, MBR, active system partition; safe mode by a one-time `bootsequence`; dirty SYSTEM hive with a log;
#          hibernated and marked for checking
#   small  40 MiB, GPT; two volumes with a Windows; both kinds of store. Its BCD and SYSTEM are laid over by those of
#          small.variants.json.gz, which have the same size
#
# Event logs come from a writer of our own (nothing outside Windows writes them) and are read back by evtxexport; that a hive
# is dirty, and its log, come from test/disk/registry/support/log-writer.ts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
tsx=$root/node_modules/.bin/tsx
images=$here/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1 PYTHONDONTWRITEBYTECODE=1
GIB=$((1024 * 1024 * 1024))
MIB=$((1024 * 1024))
AS_OF=2026-03-02T12:00:00.000Z
GPT_DISK=0a1b2c3d-1111-2222-3333-445566778899
WINDOWS_PARTITION=11111111-2222-3333-4444-555555555503
SIGNATURE=1f2e3d4c

pack() { # target image@offset…
  local part
  for part in "${@:2}"; do filefrag -b1 -v "${part%@*}" > "${part%@*}.extents"; done
  "$tsx" "$root/local/disk/sparse-image.ts" "$@"
}

format() { # file size [mkntfs options]
  truncate -s "$2" "$1"
  mkntfs --quick --force --quiet --heads 255 --sectors-per-track 63 --partition-start 2048 "${@:3}" "$1" 2>> log
}

fill() { # image tree
  find "$2" -exec touch -h -d '2026-03-02 10:20:30 UTC' {} +
  wimcapture "$2" "$2.wim" --no-acls --compress=none --config=/dev/null >> log
  wimapply "$2.wim" 1 "$1" >> log
}

# The tree of a Windows volume from the hives and the log of a shape.
tree() { # shape
  local config=$1.tree/Windows/System32/config logs=$1.tree/Windows/System32/winevt/Logs
  mkdir -p "$config" "$logs" "$1.tree/Windows/WinSxS" "$1.tree/Users/Public"
  cp "$1/SYSTEM" "$1/SOFTWARE" "$config/"
  cp "$1/System.evtx" "$logs/"
}

# The hives, the log, and what evtxexport reads in it, in a folder of the shape's name.
shape() { # shape device…
  mkdir "$1"
  /usr/bin/python3 "$here/make_hives.py" "$1" "$1" "${@:2}"
  "$tsx" "$here/make-logs.ts" "$1" "$1/System.evtx"
  evtxexport -f xml "$1/System.evtx" > "$1/System.xml" 2>> log
}

esp() { # image size BCD [mkfs options]
  truncate -s "$2" "$1"
  mkfs.fat --invariant "${@:4}" -n ESP "$1" > /dev/null
  mmd -i "$1" ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot ::/EFI/Boot
  mcopy -m -i "$1" "$3" ::/EFI/Microsoft/Boot/BCD
}

# --- Generation 2
shape gen2 $WINDOWS_PARTITION $GPT_DISK
tree gen2
seq -f 'gen2.tree/Windows/System32/module-%05.0f.dll' 1 3000 | xargs touch
truncate -s $((127 * GIB)) gen2.disk
sfdisk --quiet gen2.disk << TABLE
label: gpt
label-id: $GPT_DISK
start=2048, size=204800, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=11111111-2222-3333-4444-555555555501
start=206848, size=32768, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, uuid=11111111-2222-3333-4444-555555555502
start=239616, size=265100000, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=$WINDOWS_PARTITION
TABLE
esp gen2.esp $((100 * MIB)) gen2/BCD -F 32 -s 1
format gen2.ntfs $((265100000 * 512)) --label Windows
fill gen2.ntfs gen2.tree
pack "$images/gen2.sparse.gz" gen2.disk@0 "gen2.esp@$((2048 * 512))" "gen2.ntfs@$((239616 * 512))"
/usr/bin/python3 "$here/expected_evidence.py" gen2 uefi '{a1111111-0000-11ee-8000-000000000001}' default $AS_OF \
  > "$images/gen2.expected.json"

# --- Generation 1
shape gen1 $((1026048 * 512)) $SIGNATURE
echo '<pending/>' > gen1/pending.xml
/usr/bin/python3 "$here/expected_evidence.py" gen1 bios '{a2222222-0000-11ee-8000-000000000002}' bootsequence $AS_OF \
  > "$images/gen1.expected.json"
cp gen1/SYSTEM gen1/SYSTEM.after
"$tsx" "$here/make-dirty.ts" gen1/SYSTEM.before gen1/SYSTEM.after gen1/SYSTEM gen1/SYSTEM.LOG1
tree gen1
cp gen1/SYSTEM.LOG1 gen1.tree/Windows/System32/config/
cp gen1/pending.xml gen1.tree/Windows/WinSxS/
truncate -s $((127 * GIB)) gen1.disk
sfdisk --quiet gen1.disk << TABLE
label: dos
label-id: 0x$SIGNATURE
start=2048, size=1024000, type=7, bootable
start=1026048, size=264241152, type=7
TABLE
mkdir -p gen1.system/Boot
cp gen1/BCD gen1.system/Boot/
format gen1.system.ntfs $((500 * MIB)) --label 'System Reserved'
fill gen1.system.ntfs gen1.system
format gen1.ntfs $((264241152 * 512)) --label Windows
fill gen1.ntfs gen1.tree
ntfsfix gen1.ntfs >> log
# ntfsfix refuses a hibernated volume, so it is put to sleep afterwards.
{ printf hibr && head -c 8188 /dev/zero; } > hiberfil.sys
ntfscp --force --quiet gen1.ntfs hiberfil.sys hiberfil.sys
pack "$images/gen1.sparse.gz" gen1.disk@0 "gen1.system.ntfs@$((2048 * 512))" "gen1.ntfs@$((1026048 * 512))"

# --- Small
shape small $WINDOWS_PARTITION $GPT_DISK
tree small
mkdir -p small.tree/Boot small.tree/WinOther/System32/config other.tree/Windows/System32/config
cp small/BCD small.tree/Boot/
cp gen1/SYSTEM.after small.tree/WinOther/System32/config/SYSTEM
cp gen1/SYSTEM.after other.tree/Windows/System32/config/SYSTEM
truncate -s $((40 * MIB)) small.disk
sfdisk --quiet small.disk << TABLE
label: gpt
label-id: $GPT_DISK
start=2048, size=16384, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=11111111-2222-3333-4444-555555555501
start=18432, size=24576, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=11111111-2222-3333-4444-555555555502
start=43008, size=32768, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=$WINDOWS_PARTITION
TABLE
esp small.esp $((8 * MIB)) small/BCD -F 16 -s 1
format other.ntfs $((24576 * 512)) --label Other
fill other.ntfs other.tree
format small.ntfs $((32768 * 512)) --label Windows
fill small.ntfs small.tree
pack "$images/small.sparse.gz" small.disk@0 "small.esp@$((2048 * 512))" "other.ntfs@$((18432 * 512))" \
  "small.ntfs@$((43008 * 512))"
for file in small/BCD small/SYSTEM small/variants/*; do
  base64 -w0 "$file" > "$file.base64"
  jq -n --arg name "$(basename "$file")" --rawfile bytes "$file.base64" '{($name): $bytes}'
done | jq -s add | gzip -9n > "$images/small.variants.json.gz"
"$root/node_modules/.bin/prettier" --write --log-level warn "$images"/*.json
ls -l "$images"
