#!/usr/bin/env bash
# Makes fixed.vhd.gz with qemu-img (Debian: qemu-utils): a 1 MiB disk whose bytes count up, as a fixed VHD.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node -e 'process.stdout.write(Buffer.from(Array.from({ length: 1048576 }, (_, index) => (index >> 9) & 255)))' > "$work/disk.raw"
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on "$work/disk.raw" "$work/fixed.vhd"
gzip -9n < "$work/fixed.vhd" > fixed.vhd.gz
