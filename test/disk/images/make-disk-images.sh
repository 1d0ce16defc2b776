#!/usr/bin/env bash
# Makes the disk images of this folder and the expected answers beside them, with tools that know nothing of our readers.
# Run from anywhere, as any user: no mount, no loop device. Needs Debian's fdisk gdisk ntfs-3g wimtools dosfstools mtools
# e2fsprogs jq. About half a minute. The images are packed as local/disk/sparse-image.ts describes; expected answers are JSON:
# partition tables by sfdisk and fdisk, names by ntfsls and mdir, content by ntfscat and mtype (as SHA-256).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
. "$here/functions.sh"

# --- The tree of the Windows volume: placeholders with Windows' names, System32 as full as the real one.
mkdir -p tree/Windows/System32/config/RegBack tree/Windows/System32/winevt/Logs tree/Users/Public "tree/Program Files"
numbered SYSTEM 300000 > tree/Windows/System32/config/SYSTEM
numbered SOFTWARE 150000 > tree/Windows/System32/config/SOFTWARE
numbered System.evtx 69632 > tree/Windows/System32/winevt/Logs/System.evtx
echo small > tree/Windows/win.ini
: > tree/Windows/empty.log
seq -f 'tree/Windows/System32/module-%05.0f.dll' 1 5000 | xargs touch
mkdir -p tree/names
for name in 'Ärger und Größe.txt' '日本語のファイル.txt' 'ΣΊΣΥΦΟΣ.txt' 'émoji 😀.txt' 'with space.txt' 'UPPER.TXT'; do
  echo "$name" > "tree/names/$name"
done
deep=tree
for level in $(seq 1 30); do deep="$deep/level-$level"; done
mkdir -p "$deep"
echo bottom > "$deep/bottom.txt"
# Forty hard links with long names do not fit into one record: the file gets an attribute list.
mkdir -p tree/links
echo linked > tree/links/first.txt
for number in $(seq 1 40); do
  ln tree/links/first.txt "tree/links/a-rather-long-name-for-a-hard-link-so-that-records-fill-up-$number.txt"
done
ln -s /Windows tree/links/symbolic
find tree -exec touch -h -d '2024-03-05 06:07:08 UTC' {} +
wimcapture tree tree.wim --no-acls --compress=none > tools.log

mkdir -p small/Boot small/EFI/Microsoft/Boot
numbered BCD 24576 > small/Boot/BCD
wimcapture small small.wim --no-acls --compress=none --config=/dev/null >> tools.log

# Fills a volume with small files and empties every second one: what comes next has to lie in the gaps between the others.
fill_with_gaps() { # image bytes-each
  local number=0
  numbered piece "$2" > piece
  while ntfscp --quiet "$1" piece "piece-$((number + 1))" 2> /dev/null; do number=$((number + 1)); done
  for number in $(seq 1 2 "$number"); do ntfstruncate -q "$1" "$(inode_of "$1" "/piece-$number")" 0; done
}

# --- Windows volume of 126 GiB.
format windows.ntfs $((126 * GIB)) --label Windows
wimapply tree.wim 1 windows.ntfs >> tools.log
mapfile -t windows_files < <(cd tree && find . -type f -not -name 'module-*' -printf '/%P\n' | sort)
expected_ntfs windows.ntfs /Windows /Windows/System32 /Windows/System32/config /names /links -- "${windows_files[@]}" \
  > "$here/ntfs/windows.expected.json"

# --- Small volumes with other geometry: clusters smaller than a record, larger than an index block, records of 4096 bytes.
# One of them was hibernated, one is marked for checking.
for shape in 'cluster-512 --cluster-size 512' 'cluster-64k --cluster-size 65536' \
  'sector-4096 --sector-size 4096 --cluster-size 4096'; do
  read -r name options <<< "$shape"
  # shellcheck disable=SC2086 # options are words
  format "$name.ntfs" $((24 * MIB)) $options
  mkdir -p "$name/many"
  seq -f "$name/many/Ärger-%03.0f.txt" 1 150 | while read -r file; do echo "$file" > "$file"; done
  numbered large 100000 > "$name/large.bin"
  if [ "$name" = cluster-64k ]; then { printf hibr && head -c 8188 /dev/zero; } > "$name/hiberfil.sys"; fi
  wimcapture "$name" "$name.wim" --no-acls --compress=none --config=/dev/null >> tools.log
  wimapply "$name.wim" 1 "$name.ntfs" >> tools.log
  expected_ntfs "$name.ntfs" / /many -- /large.bin /many/Ärger-001.txt /many/Ärger-150.txt \
    > "$here/ntfs/$name.expected.json"
  # Marks the volume for checking by Windows.
  if [ "$name" = sector-4096 ]; then ntfsfix "$name.ntfs" >> tools.log; fi
  pack "$here/ntfs/$name.ntfs.sparse.gz" "$name.ntfs@0"
done

# --- A file in some hundred pieces, whose list of them does not fit into one record; and one made longer without being
# written, which leaves a hole.
format fragmented.ntfs $((6 * MIB)) --cluster-size 512
fill_with_gaps fragmented.ntfs 1024
numbered fragmented 450000 > fragmented.bin
ntfscp --quiet -m fragmented.ntfs fragmented.bin fragmented.bin
numbered head 12000 > head.bin
ntfscp --quiet -m fragmented.ntfs head.bin longer.bin
ntfstruncate -q fragmented.ntfs "$(inode_of fragmented.ntfs /longer.bin)" 3000000
expected_ntfs fragmented.ntfs / -- /fragmented.bin /longer.bin /piece-1 /piece-2 > "$here/ntfs/fragmented.expected.json"
pack "$here/ntfs/fragmented.ntfs.sparse.gz" fragmented.ntfs@0

# --- Generation 1: MBR, active system partition, Windows.
truncate -s $((127 * GIB)) gen1.disk
sfdisk --quiet gen1.disk << 'TABLE'
label: dos
label-id: 0x1f2e3d4c
start=2048, size=1024000, type=7, bootable
start=1026048, size=264241152, type=7
TABLE
format system.ntfs $((500 * MIB)) --label 'System Reserved'
wimapply small.wim 1 system.ntfs >> tools.log
sfdisk --json gen1.disk > "$here/partitions/gen1.expected.json"
expected_ntfs system.ntfs /Boot -- /Boot/BCD > "$here/ntfs/system.expected.json"
pack "$here/partitions/gen1.sparse.gz" gen1.disk@0 "system.ntfs@$((2048 * 512))" "windows.ntfs@$((1026048 * 512))"

# --- Generation 2: GPT with an EFI system partition, as Azure's images have it.
truncate -s $((127 * GIB)) gen2.disk
sfdisk --quiet gen2.disk << 'TABLE'
label: gpt
label-id: 0A1B2C3D-1111-2222-3333-445566778899
start=2048, size=204800, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=11111111-2222-3333-4444-555555555501, name="EFI system partition"
start=206848, size=32768, type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, uuid=11111111-2222-3333-4444-555555555502, name="Microsoft reserved partition"
start=239616, size=265100000, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=11111111-2222-3333-4444-555555555503, name="Basic data – größer"
TABLE
sfdisk --json gen2.disk > "$here/partitions/gen2.expected.json"
sgdisk --verify gen2.disk > /dev/null

fat() { # image size [mkfs options]
  truncate -s "$2" "$1"
  mkfs.fat --invariant "${@:3}" "$1" > /dev/null
}

fill_fat() { # image
  mmd -i "$1" ::/EFI ::/EFI/Microsoft ::/EFI/Microsoft/Boot ::/EFI/Boot ::/many
  numbered BCD 28672 > BCD
  numbered bootmgfw 250000 > bootmgfw.efi
  : > empty.txt
  mcopy -m -i "$1" BCD bootmgfw.efi ::/EFI/Microsoft/Boot/
  mcopy -m -i "$1" empty.txt ::/
  mkdir -p fat-many
  seq -f 'fat-many/A long name that needs several entries %03.0f.text' 1 200 | while read -r file; do echo "$file" > "$file"; done
  echo umlaut > 'fat-many/Größe Ärger.txt'
  mcopy -m -i "$1" fat-many/* ::/many/
  # Deleting every second one leaves holes in the directory and on the disk; the next large file lies in pieces.
  for number in $(seq -f '%03.0f' 1 2 199); do mdel -i "$1" "::/many/A long name that needs several entries $number.text"; done
  mcopy -m -i "$1" bootmgfw.efi ::/pieces.bin
}

expected_fat() { # image
  local path
  {
    for path in / /EFI /EFI/Microsoft/Boot /many; do
      mdir -b -i "$1" "::$path" | jq -R -s --arg path "$path" \
        '{directory: $path, names: split("\n") | map(select(. != "") | sub("^::"; "") | sub("/$"; "") | split("/") | last)}'
    done
    for path in /EFI/Microsoft/Boot/BCD /EFI/Microsoft/Boot/bootmgfw.efi /empty.txt /pieces.bin \
      '/many/A long name that needs several entries 002.text' '/many/Größe Ärger.txt'; do
      jq -n --arg path "$path" --arg hash "$(mtype -i "$1" "::$path" | sha256sum | cut -d' ' -f1)" \
        --argjson size "$(mtype -i "$1" "::$path" | wc -c)" '{file: $path, size: $size, sha256: $hash}'
    done
  } | jq -s '{directories: map(select(.directory)), files: map(select(.file))}'
}

fat esp.fat32 $((100 * MIB)) -F 32 -s 1 -n ESP
fill_fat esp.fat32
expected_fat esp.fat32 > "$here/fat/fat32.expected.json"
fat esp.fat16 $((16 * MIB)) -F 16 -s 4 -n ESP
fill_fat esp.fat16
expected_fat esp.fat16 > "$here/fat/fat16.expected.json"
pack "$here/fat/fat32.sparse.gz" esp.fat32@0
pack "$here/fat/fat16.sparse.gz" esp.fat16@0
pack "$here/partitions/gen2.sparse.gz" gen2.disk@0 "esp.fat32@$((2048 * 512))" "cluster-512.ntfs@$((239616 * 512))"

# --- Other tables: logical partitions, and GPT on sectors of 4096 bytes (fdisk answers there; sfdisk knows 512 only).
truncate -s $((64 * MIB)) logical.disk
sfdisk --quiet logical.disk << 'TABLE'
label: dos
label-id: 0x00abcdef
start=2048, size=8192, type=7
start=12288, size=100000, type=f
start=14336, size=4096, type=7
start=20480, size=4096, type=c
start=28672, size=4096, type=7
TABLE
sfdisk --json logical.disk > "$here/partitions/logical.expected.json"
pack "$here/partitions/logical.sparse.gz" logical.disk@0

truncate -s $((256 * MIB)) sector-4096.disk
printf '%s\n' g n 1 256 10239 t 1 n 2 10240 60000 O sector-4096.dump w |
  fdisk --sector-size 4096 --wipe never sector-4096.disk > /dev/null 2>&1
jq -R -s '{dump: split("\n") | map(select(. != ""))}' sector-4096.dump > "$here/partitions/sector-4096.expected.json"
pack "$here/partitions/sector-4096.sparse.gz" sector-4096.disk@0
"$root/node_modules/.bin/prettier" --write --log-level warn "$here"/{fat,ntfs,partitions}/*.expected.json
