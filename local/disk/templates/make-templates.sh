#!/usr/bin/env bash
# Makes the disks that simulated VMs start from, generation-1.sparse.gz and generation-2.sparse.gz: 127 GiB, partitioned and
# formatted, with Windows' directories and some hundred placeholders, without hives and event logs (those are written at run
# time). Run from anywhere, as any user: no mount, no loop device. Needs Debian's fdisk gdisk ntfs-3g wimtools dosfstools
# mtools e2fsprogs. Under half a minute. The disks are packed as ../sparse-image.ts describes. A second run gives other bytes
# (volume serial numbers, times of formatting) with the same content.
#
# Partitions, as Azure's Windows Server images have them:
# - generation 1: System Reserved of 500 MiB, active; Windows on the rest, 126.51 GiB (assumed: seen, but in no document).
# - generation 2: recovery, EFI system, Microsoft reserved, Windows on the rest, 126.45 GiB. Azure Edition of Windows Server
#   2022 has the order of Windows Server 2019: https://blog.engineer-memo.com/2022/05/22/ ("Windows Server 2022 で回復
#   パーティションを前方に作成する"); sizes of that order: 450, 100 and 16 MB
#   (https://manualshive.com/ru/manual/nec/express5800-r120i-1m/4212956?page=31, "Manual Installation").
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C.UTF-8 TZ=UTC MTOOLS_SKIP_CHECK=1
MIB=$((1024 * 1024))
SECTORS=$((MIB / 512))
DISK=$((127 * 1024)) # MiB

pack() { # target image@offset…
  local part
  for part in "${@:2}"; do filefrag -b1 -v "${part%@*}" > "${part%@*}.extents"; done
  "$root/node_modules/.bin/tsx" "$root/local/disk/sparse-image.ts" "$@"
}

placeholders() { # directory names…
  mkdir -p "$1"
  local name
  for name in "${@:2}"; do echo "placeholder for $name" > "$1/$name"; done
}

# --- Windows. System32 needs more names than fit into its record, as on a real disk.
windows=windows/Windows
mkdir -p windows/{PerfLogs,ProgramData/Microsoft/Windows,Users/{Public/Documents,Default/AppData,azureuser/Desktop}} \
  "windows/Program Files/"{Common\ Files,Internet\ Explorer,Windows\ Defender} "windows/Program Files (x86)/Common Files" \
  windows/{WindowsAzure/Logs,Packages/Plugins} \
  $windows/{Boot/EFI,Fonts,INF,Logs/CBS,Panther,Prefetch,servicing/Packages,SoftwareDistribution/Download,SysWOW64,Temp,WinSxS/Backup} \
  $windows/System32/{config/{RegBack,systemprofile,TxR},drivers/etc,DriverStore/FileRepository,en-US,spool,Tasks/Microsoft/Windows,wbem,winevt/Logs,WindowsPowerShell/v1.0}
system32=(acledit aclui advapi32 advpack amsi apphelp appidapi atl authz avrt bcrypt bcryptprimitives BFE browcli cabinet
  certcli cfgmgr32 cimwin32 clbcatq combase comctl32 comdlg32 compstui credui crypt32 cryptbase cryptdll cryptnet cryptsp
  cryptsvc d2d1 d3d11 davclnt dbghelp devobj dhcpcore dhcpcore6 dhcpcsvc dhcpcsvc6 dnsapi dnsrslvr dpapi drvstore dssenh
  dsrole dxgi edputil efswrt esent es eventcls fastprox faultrep fltLib FirewallAPI fwpuclnt gdi32 gdi32full gpapi gpsvc
  hnetcfg httpapi icmp iertutil imagehlp imm32 IPHLPAPI iphlpsvc IPSECSVC kerberos kernel32 KernelBase ktmw32 linkinfo
  localspl logoncli lsasrv lsm mi mpr mprapi MPSSVC msasn1 mscms mscoree msi msv1_0 mstscax msvcp_win msvcrt mswsock
  msxml6 ncobjapi ncrypt ncryptsslp ndfapi netapi32 netcfgx netjoin netlogon netman netprofm netshell netutils NlaSvc
  nlaapi normaliz nrpsrv nsi nsisvc ntdll ntdsapi ntlanman ntmarta ntshrui odbc32 ole32 oleaut32 oleacc pcwum pdh powrprof
  profapi profsvc propsys psapi rasapi32 rasman rdpbase rdpcorets rdpudd regapi rpcepmap rpcrt4 rpcss rsaenh samcli samlib
  samsrv scecli schannel schedsvc sechost secur32 sens setupapi SHCore shell32 shlwapi slc smphost spinf srvcli srvsvc
  sspicli StructuredQuery svsvc sxs tapi32 taskschd tcpipcfg termsrv themeservice twinapi ubpm ucrtbase umpnpmgr umpo
  urlmon user32 userenv usermgr uxtheme vaultcli version vssapi w32time w32topl wbemcomn wdigest webio wer wevtapi wevtsvc
  win32u winbrand windows.storage wininet winhttp winmm winnsi winspool wintrust wkscli wkssvc wldap32 wldp wmiclnt ws2_32
  wscapi wship6 wshtcpip wsock32 wtsapi32 wuapi wuaueng xmllite)
placeholders $windows/System32 "${system32[@]/%/.dll}" {bcdboot,bcdedit,bootcfg,chkdsk,cmd,conhost,csrss,defrag,dism,diskpart,dllhost,hostname,ipconfig,logonui,lsass,msiexec,mstsc,net,netsh,netstat,ntoskrnl,nslookup,ping,reg,regedt32,rundll32,sc,schtasks,services,sfc,shutdown,smss,spoolsv,svchost,taskhostw,tasklist,userinit,w32tm,wevtutil,whoami,wininit,winload,winlogon,wusa}.exe winload.efi winresume.efi hal.dll ntkrnlmp.exe
placeholders $windows/System32/drivers {ACPI,afd,bowser,cdrom,disk,fltMgr,http,kdnic,mouhid,mrxsmb,ndis,netbt,netvsc,ntfs,partmgr,pci,rdbss,rdpdr,srv2,storport,storvsc,tcpip,termdd,vmbus,volmgr,volsnap,wdf01000,winhv}.sys
placeholders $windows/System32/drivers/etc hosts lmhosts.sam networks protocol services
placeholders $windows/System32/WindowsPowerShell/v1.0 powershell.exe powershell.exe.config types.ps1xml
placeholders $windows/System32/wbem WmiPrvSE.exe cimwin32.mof repdrvfs.dll
placeholders $windows/Fonts arial.ttf consola.ttf segoeui.ttf tahoma.ttf
placeholders $windows/INF netvsc.inf setupapi.offline.log wvmbus.inf
placeholders $windows/SysWOW64 kernel32.dll ntdll.dll user32.dll
# Few and short: ntfs-3g gives a directory whose names overflow its record an attribute list, which ../ntfs does not write.
for component in dhcp-client ntfs os-kernel; do
  placeholders "$windows/WinSxS/amd64_$component" manifest.cat
done
placeholders $windows explorer.exe notepad.exe regedit.exe setupact.log system.ini win.ini
placeholders windows/WindowsAzure WindowsAzureGuestAgent.exe
placeholders system/Boot bootspaces.dll bootstat.dat memtest.exe
placeholders system/Boot/en-US bootmgr.exe.mui memtest.exe.mui
placeholders system bootmgr BOOTNXT
mkdir -p recovery/Recovery/WindowsRE efi/EFI/Microsoft/Boot efi/EFI/Boot
placeholders recovery/Recovery/WindowsRE boot.sdi ReAgent.xml
placeholders efi/EFI/Microsoft/Boot bootmgfw.efi bootmgr.efi memtest.efi boot.stl
placeholders efi/EFI/Microsoft/Boot/en-US bootmgfw.efi.mui
placeholders efi/EFI/Boot bootx64.efi

find windows system recovery efi -exec touch -h -d '2024-03-05 06:07:08 UTC' {} +
for tree in windows system recovery; do
  wimcapture $tree $tree.wim --no-acls --compress=none --config=/dev/null >> wim.log
done

ntfs() { # tree MiB first-sector label
  truncate -s $(($2 * MIB)) "$1-$2.ntfs"
  mkntfs --quick --force --quiet --heads 255 --sectors-per-track 63 --partition-start "$3" --label "$4" "$1-$2.ntfs" 2>> wim.log
  wimapply "$1.wim" 1 "$1-$2.ntfs" >> wim.log
}

# --- Generation 1. The last MiB of the disk stays free.
truncate -s $((DISK * MIB)) generation-1.disk
sfdisk --quiet generation-1.disk << TABLE
label: dos
label-id: 0x5d1c3a7e
start=$SECTORS, size=$((500 * SECTORS)), type=7, bootable
start=$((501 * SECTORS)), size=$(((DISK - 502) * SECTORS)), type=7
TABLE
ntfs system 500 $SECTORS 'System Reserved'
ntfs windows $((DISK - 502)) $((501 * SECTORS)) Windows
pack "$here/generation-1.sparse.gz" generation-1.disk@0 system-500.ntfs@$MIB \
  "windows-$((DISK - 502)).ntfs@$((501 * MIB))"

# --- Generation 2. Names and attributes of the partitions as Windows Setup gives them.
truncate -s $((DISK * MIB)) generation-2.disk
sfdisk --quiet generation-2.disk << TABLE
label: gpt
label-id: 8C4E3B52-7D10-4F6A-9B21-3E5A1C7D9F04
start=$SECTORS, size=$((450 * SECTORS)), type=DE94BBA4-06D1-4D40-A16A-BFD50179D6AC, uuid=8C4E3B52-7D10-4F6A-9B21-3E5A1C7D9F11, name="Basic data partition", attrs="RequiredPartition GUID:63"
start=$((451 * SECTORS)), size=$((99 * SECTORS)), type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=8C4E3B52-7D10-4F6A-9B21-3E5A1C7D9F12, name="EFI system partition", attrs="GUID:63"
start=$((550 * SECTORS)), size=$((16 * SECTORS)), type=E3C9E316-0B5C-4DB8-817D-F92DF00215AE, uuid=8C4E3B52-7D10-4F6A-9B21-3E5A1C7D9F13, name="Microsoft reserved partition", attrs="GUID:63"
start=$((566 * SECTORS)), size=$(((DISK - 567) * SECTORS)), type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7, uuid=8C4E3B52-7D10-4F6A-9B21-3E5A1C7D9F14, name="Basic data partition"
TABLE
sgdisk --verify generation-2.disk > /dev/null
ntfs recovery 450 $SECTORS Recovery
ntfs windows $((DISK - 567)) $((566 * SECTORS)) Windows
truncate -s $((99 * MIB)) efi.fat32
# A cluster of 1 KiB is what Windows takes for FAT32 between 64 and 128 MB (https://support.microsoft.com/kb/140365).
mkfs.fat --invariant -F 32 -s 2 -h $((451 * SECTORS)) -i 5D1C3A7F efi.fat32 > /dev/null
mcopy -s -m -i efi.fat32 efi/EFI ::/
pack "$here/generation-2.sparse.gz" generation-2.disk@0 "recovery-450.ntfs@$MIB" "efi.fat32@$((451 * MIB))" \
  "windows-$((DISK - 567)).ntfs@$((566 * MIB))"
