# What the scripts of this folder share; to be sourced. They set `root`, the project's folder, and work in a scratch folder.
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
GIB=$((1024 * 1024 * 1024))
MIB=$((1024 * 1024))

pack() { # target image@offset…
  local part
  for part in "${@:2}"; do filefrag -b1 -v "${part%@*}" > "${part%@*}.extents"; done
  "$root/node_modules/.bin/tsx" "$root/local/disk/sparse-image.ts" "$@"
}

# Content whose every place is different, so that a reader that takes the wrong piece is found out.
numbered() { # name bytes
  seq -f "$1 %.0f" 1 $(($2 / 8 + 1)) | head -c "$2" || true
}

format() { # file size [mkntfs options]
  truncate -s "$2" "$1"
  mkntfs --quick --force --quiet --heads 255 --sectors-per-track 63 --partition-start 2048 "${@:3}" "$1" 2>> tools.log
}

# Puts a tree of files on an NTFS volume.
fill_ntfs() { # image tree
  wimcapture "$2" "$2.wim" --no-acls --compress=none --config=/dev/null >> tools.log
  wimapply "$2.wim" 1 "$1" >> tools.log
}

inode_of() { # image path
  ntfsinfo --force --file "$2" "$1" | sed -n 's/^Dumping Inode \([0-9]*\).*/\1/p'
}

# What the independent tools say: the names in directories, and the content of files.
expected_ntfs() { # image directories… -- files…
  local image=$1 directories=() files=() path
  shift
  while [ "$1" != -- ]; do directories+=("$1"); shift; done
  shift
  files=("$@")
  {
    for path in "${directories[@]}"; do
      ntfsls --force --path "$path" "$image" | jq -R -s --arg path "$path" \
        '{directory: $path, names: split("\n") | map(select(. != "" and . != "." and . != ".."))}'
    done
    for path in "${files[@]}"; do
      jq -n --arg path "$path" --arg hash "$(ntfscat --force "$image" "$path" | sha256sum | cut -d' ' -f1)" \
        --argjson size "$(ntfscat --force "$image" "$path" | wc -c)" \
        --argjson record "$(inode_of "$image" "$path")" \
        --arg modified "$(ntfsinfo --force --file "$path" "$image" | sed -n 's/.*File Altered Time:\t *//p' | head -1)" \
        '{file: $path, size: $size, sha256: $hash, record: $record, modified: $modified}'
    done
  } | jq -s '{directories: map(select(.directory)), files: map(select(.file))}'
}
