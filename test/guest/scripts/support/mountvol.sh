#!/bin/sh
# Stands in for mountvol.exe: a volume is a folder, and a mounted folder a symbolic link to it. Knows volumes by their names.
# Shell, because it is started several times in each case.
if [ "$2" = /D ]; then rm "$1" && mkdir "$1"; exit; fi
rmdir "$1"
tab=$(printf '\t')
while IFS=$tab read -r name target; do
  if [ "$name" = "$2" ]; then found=$target; fi
done < "$SystemRoot/names"
ln -s "$found" "$1"
