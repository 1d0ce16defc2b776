#!/bin/sh
# Stands in for reg.exe: a loaded hive is a file that names the store that was loaded, and what can be read in it stands
# in that store below its first line, in rows of path, type and value. Shell, because it is started several times in each case.
verb=$1 key=$2 file=$3
below=${key#*\\}
hive=$SystemRoot/hives/${below%%\\*}

fail() {
  echo 'ERROR: no.' >&2
  exit 1
}

say() {
  printf '%s\n' "$1" >> "$SystemRoot/calls"
}

content_of() {
  content=
  IFS= read -r content < "$1"
}

list_hives() {
  printf 'HKEY_LOCAL_MACHINE\\SYSTEM\r\n'
  for one in "$SystemRoot"/hives/*; do
    if [ -e "$one" ]; then printf 'HKEY_LOCAL_MACHINE\\%s\r\n' "${one##*/}"; fi
  done
}

load() {
  content_of "$file"
  if [ "$content" = damaged ]; then fail; fi
  backup=WITHOUT
  for one in "${file%/*}"/BCD.rdp-lifeline-*; do
    case ${one##*/BCD.rdp-lifeline-} in
      *[!0-9a-z-]* | '') ;;
      *) backup=with ;;
    esac
  done
  case ${file##*/} in
    boot-store) say 'reg load of a copy on this machine' ;;
    *) say "reg load $backup its backup" ;;
  esac
  if [ "$content" = busy ]; then printf busy > "$hive"; else printf '%s' "$file" > "$hive"; fi
}

unload() {
  content_of "$hive"
  if [ "$content" = busy ]; then fail; fi
  say 'reg unload'
  rm "$hive"
}

query() {
  content_of "$hive"
  if [ ! -e "$content" ]; then fail; fi
  tab=$(printf '\t')
  while IFS=$tab read -r path type value; do
    if [ "$path" != "${below#*\\}" ]; then continue; fi
    printf '\r\n%s\r\n    Element    %s    %s\r\n\r\n' "$key" "$type" "$value"
    exit 0
  done < "$content"
  fail
}

if [ "$below" = "$key" ]; then
  list_hives
elif [ "$verb" = load ]; then
  load
elif [ ! -e "$hive" ]; then
  fail
elif [ "$verb" = unload ]; then
  unload
else
  query
fi
