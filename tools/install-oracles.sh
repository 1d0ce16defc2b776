#!/usr/bin/env bash
# Installs the tools that part of the checks and tests ask for: PowerShell (pwsh) and the Bicep compiler (bicep).
#
#   eval "$(tools/install-oracles.sh)"     once for each shell: its PATH then has both
#   tools/install-oracles.sh some/folder   keeps them in another folder than the user's cache
#
# Needs a .NET SDK and takes both from the package source that it is set up with. Standard output is one line, the
# export of PATH; everything else is said on standard error. Exits 1 and names what is missing if a tool can't be had.
set -uo pipefail

pwsh_version=7.6.9
bicep_version=0.49.2
root=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/rdp-lifeline/tools}
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { echo "install-oracles: $*" >&2; }

give_up() {
  say "$*"
  exit 1
}

# The name that Bicep's packages have for this system and processor.
platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo linux-x64 ;;
    Linux-aarch64) echo linux-arm64 ;;
    Darwin-x86_64) echo osx-x64 ;;
    Darwin-arm64) echo osx-arm64 ;;
    *) return 1 ;;
  esac
}

fetch_pwsh() {
  dotnet tool install PowerShell --version "$pwsh_version" --tool-path "$1" >&2
}

fetch_bicep() {
  local package
  package=Azure.Bicep.CommandLine.$(platform) || return 1
  mkdir -p "$1/fetch" || return 1
  cat > "$1/fetch/fetch.csproj" <<PROJECT || return 1
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="$package" Version="[$bicep_version]" /></ItemGroup>
</Project>
PROJECT
  dotnet restore "$1/fetch/fetch.csproj" --packages "$1/fetch/packages" >&2 || return 1
  # NuGet writes the folder of a package in small letters.
  install -m 755 "$1/fetch/packages/$(echo "$package" | tr '[:upper:]' '[:lower:]')/$bicep_version/tools/bicep" "$1/bicep" || return 1
  rm -rf "$1/fetch"
}

# A tool is made in a folder of its own and gets its final name when it runs: whatever has that name is whole, also if an
# earlier call was cut off, and of two calls at a time the later one takes what the earlier one made.
provide() {
  local tool=$1 version=$2 target=$root/$1-$2 work
  [ -x "$target/$tool" ] && return 0
  command -v dotnet >/dev/null || give_up "$tool $version is missing, and so is dotnet, which would install it"
  say "installing $tool $version"
  work=$(mktemp -d "$root/.unfinished.XXXXXX") || give_up "$tool $version is missing: $root can't be written"
  chmod 755 "$work"
  works+=("$work")
  "fetch_$tool" "$work" || give_up "$tool $version is missing: it could not be fetched"
  "$work/$tool" --version >&2 || give_up "$tool $version is missing: it was fetched and does not run"
  [ -e "$target" ] || mv "$work" "$target" || give_up "$tool $version is missing: $target can't be written"
  # Where another call was faster by a moment, `mv` has put the second one inside the first.
  rm -rf "${target:?}/$(basename "$work")"
  [ -x "$target/$tool" ] || give_up "$tool $version is missing: $target has something else in it"
}

works=()
trap 'rm -rf ${works[@]+"${works[@]}"}' EXIT
trap 'exit 1' INT TERM HUP

mkdir -p "$root" || give_up "pwsh and bicep are missing: $root can't be made"
root=$(cd "$root" && pwd) || exit 1
# What a killed call left.
find "$root" -maxdepth 1 -name '.unfinished.*' -mmin +120 -exec rm -rf {} + 2>/dev/null
provide pwsh "$pwsh_version"
provide bicep "$bicep_version"
echo "export PATH=\"$root/pwsh-$pwsh_version:$root/bicep-$bicep_version:\$PATH\""
