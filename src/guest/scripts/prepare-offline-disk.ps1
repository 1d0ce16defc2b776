# Brings one attached copy of an OS disk online for repair, finds boot store and Windows on it, and backs both up.
# In a rehearsal all the same is done and found, but nothing is backed up and no file of the disk is opened for writing:
# its boot store is loaded from a copy on this machine. (Windows replays the volume's journal when the disk comes online.)
#
# Carried by managed Run Command to a recovery VM, so it runs as SYSTEM under Windows PowerShell 5.1. It builds no
# command text: every value arrives through param(), every program is started directly, without a shell.
# A disk is taken by LUN and exact size only, and never the machine's own. What speaks against it is an answer with a
# stable code, and the disk is offline again then. A second call finds the work of the first.
#
# Frame, the last line printed, as that of run-commands.ps1 (always one part):
#   ##RDPL1 <nonce> 1/1 <body length> <sha256 of the body>##<body>##END <nonce>##
# Body: base64 of gzip of UTF-8 JSON. The reader is src/guest/routes/recovery-vm-answers.ts; change both together, and
# with release-offline-disk.ps1, which takes away what is made here.
param(
    # 32 hex digits that tie the answer to the question.
    [Parameter(Mandatory = $true)][ValidatePattern('^[0-9a-f]{32}$')][string]$Nonce,
    # Names folder, hive keys and backups.
    [Parameter(Mandatory = $true)][ValidatePattern('^[0-9]{8}t[0-9]{6}z-[0-9a-f]{10}$')][string]$RepairId,
    # 2 to 63: the machine's own disks have LUN 0 and 1.
    [Parameter(Mandatory = $true)][ValidatePattern('^([2-9]|[1-5][0-9]|6[0-3])$')][string]$Lun,
    # In bytes, exactly.
    [Parameter(Mandatory = $true)][ValidatePattern('^[1-9][0-9]{6,15}$')][string]$SizeBytes,
    # What the disk is taken for.
    [Parameter(Mandatory = $true)][ValidatePattern('^(repair|rehearsal)$')][string]$Purpose
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$partLength = 3800
# Below this much, loading a hive and writing its logs may fill the volume.
$minimumFreeBytes = 209715200
$folder = Join-Path (Join-Path $env:SystemRoot 'Temp\rdp-lifeline') $RepairId
$hivePrefix = 'RDPL_' + $RepairId + '_'
$bootManager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}'
$efiSystem = '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}'
$basicData = '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}'

# Why the disk is not taken, and the number of the disk that was brought online.
$script:refusal = $null
$script:diskNumber = -1
$script:backups = New-Object System.Collections.ArrayList

function Stop-Refused([string]$Code, [string]$Detail) {
    $script:refusal = @{ code = $Code; detail = $Detail }
    throw 'refused'
}

# Starts a program of the system folder and waits for it. What it prints is read by keys and numbers, not by words.
function Invoke-Native([string]$File, [string[]]$Values) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = Join-Path (Join-Path $env:SystemRoot 'System32') $File
    # No value has a quote in it or ends with a backslash, except a volume's name, which has no blank.
    $start.Arguments = ($Values | ForEach-Object { if ($_ -match '\s') { '"' + $_ + '"' } else { $_ } }) -join ' '
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    try {
        $readOutput = $process.StandardOutput.ReadToEndAsync()
        $readErrors = $process.StandardError.ReadToEndAsync()
        if (-not $process.WaitForExit(30000)) {
            try { $process.Kill() } catch { $null = $_ }
            return @{ code = -1; output = '' }
        }
        $null = [System.Threading.Tasks.Task]::WaitAll(@($readOutput, $readErrors), 5000)
        return @{ code = [int]$process.ExitCode; output = [string]$readOutput.Result }
    }
    finally { $process.Dispose() }
}

function Get-Sha256([byte[]]$Bytes) {
    $sha = [System.Security.Cryptography.SHA256]::Create()
    try { return -join ($sha.ComputeHash($Bytes) | ForEach-Object { $_.ToString('x2') }) }
    finally { $sha.Dispose() }
}

# Azure's data disks say "Integrated : ... : Adapter 1 : Port 0 : Target 0 : LUN 2" (kubernetes-sigs/azuredisk-csi-driver,
# issue 2661); a disk that says no LUN there is looked up among the drives.
function Get-DiskLun($Disk) {
    if ([string]$Disk.Location -match ': LUN ([0-9]{1,4})\s*$') { return [int]$Matches[1] }
    $drives = @(Get-CimInstance -ClassName Win32_DiskDrive | Where-Object { $_.Index -eq $Disk.Number })
    if ($drives.Count -ne 1 -or $null -eq $drives[0].SCSILogicalUnit) { return -1 }
    return [int]$drives[0].SCSILogicalUnit
}

# GPT: the disk's GUID, MBR: its signature. Windows keeps a disk offline that has another one's.
function Get-Identity($Disk) {
    $style = [string]$Disk.PartitionStyle
    if ($style -eq 'GPT') { return ([string]$Disk.Guid).ToLowerInvariant() }
    if ($style -eq 'MBR') { return ([uint32]$Disk.Signature).ToString('x8') }
    return ''
}

# The temporary disk holds the page file and a warning; Azure puts it at a LUN of its own, but that is not promised.
function Test-TemporaryDisk($Disk) {
    $pageFiles = @(Get-CimInstance -ClassName Win32_PageFileUsage | ForEach-Object { [string]$_.Name })
    foreach ($partition in @(Get-Partition -DiskNumber $Disk.Number -ErrorAction SilentlyContinue)) {
        $letter = [string]$partition.DriveLetter
        if ($letter -notmatch '^[A-Za-z]$') { continue }
        if (@($pageFiles | Where-Object { $_.StartsWith($letter, [StringComparison]::OrdinalIgnoreCase) }).Count -gt 0) { return $true }
        if ([System.IO.File]::Exists($letter + ':\DATALOSS_WARNING_README.txt')) { return $true }
    }
    return $false
}

function Find-Disk {
    $all = @(Get-Disk)
    if (@($all | Where-Object { $_.IsBoot -or $_.IsSystem }).Count -eq 0) {
        Stop-Refused 'own-disk-unknown' 'Which disk this machine runs from is not told.'
    }
    $there = @($all | Where-Object { (Get-DiskLun $_) -eq [int]$Lun })
    if ($there.Count -eq 0) { Stop-Refused 'disk-not-found' ('No disk has LUN ' + $Lun + '.') }
    $fits = @($there | Where-Object { [uint64]$_.Size -eq [uint64]$SizeBytes })
    if ($fits.Count -eq 0) { Stop-Refused 'wrong-size' ('The disk at LUN ' + $Lun + ' has ' + [string]$there[0].Size + ' bytes.') }
    if ($fits.Count -gt 1) { Stop-Refused 'several-disks' ([string]$fits.Count + ' disks have this LUN and this size.') }
    $disk = $fits[0]
    if ($disk.IsBoot -or $disk.IsSystem) { Stop-Refused 'own-disk' 'It is the disk that this machine runs from.' }
    if (Test-TemporaryDisk $disk) { Stop-Refused 'temporary-disk' 'It is the temporary disk of this machine.' }
    $identity = Get-Identity $disk
    if ($identity -eq '') { Stop-Refused 'no-partition-table' ('Its partition style is ' + [string]$disk.PartitionStyle + '.') }
    $same = @($all | Where-Object { $_.Number -ne $disk.Number -and (Get-Identity $_) -eq $identity })
    if ($same.Count -gt 0) { Stop-Refused 'identity-collision' ('Disk ' + [string]$same[0].Number + ' has the same identity, ' + $identity + '.') }
    if ($disk.IsOffline -and @('Collision', '4') -contains [string]$disk.OfflineReason) {
        Stop-Refused 'identity-collision' 'Windows keeps it offline: it has the identity of another disk.'
    }
    return $disk
}

function Set-Online($Disk) {
    $number = $Disk.Number
    $identity = Get-Identity $Disk
    $script:diskNumber = $number
    if ($Disk.IsOffline) { Set-Disk -Number $number -IsOffline $false }
    if ((Get-Disk -Number $number).IsReadOnly) { Set-Disk -Number $number -IsReadOnly $false }
    $now = Get-Disk -Number $number
    if ($now.IsOffline) { Stop-Refused 'disk-not-online' ('It stays offline: ' + [string]$now.OfflineReason + '.') }
    if ($now.IsReadOnly) { Stop-Refused 'disk-read-only' 'It stays read-only.' }
    # Windows gives a colliding disk another identity when it comes online; its boot store names the old one.
    if ((Get-Identity $now) -ne $identity) { Stop-Refused 'identity-changed' ('Its identity was ' + $identity + ' and is not any more.') }
    # Volumes arrive a moment after their disk.
    for ($try = 0; $try -lt 20; $try++) {
        $partitions = @(Get-Partition -DiskNumber $number -ErrorAction SilentlyContinue)
        if ($partitions.Count -gt 0) { return }
        Start-Sleep -Milliseconds 500
    }
    Stop-Refused 'no-partitions' 'No partition of it appears.'
}

function Test-Mounted([string]$Path) {
    if (-not [System.IO.Directory]::Exists($Path)) { return $false }
    return ([System.IO.File]::GetAttributes($Path) -band [System.IO.FileAttributes]::ReparsePoint) -ne 0
}

# Takes a mounted folder away. It is never deleted with its content: that would be the content of the volume.
function Remove-Mount([string]$Path) {
    if (Test-Mounted $Path) { $null = Invoke-Native 'mountvol.exe' @($Path, '/D') }
    if (Test-Mounted $Path) { return $false }
    if ([System.IO.Directory]::Exists($Path)) { [System.IO.Directory]::Delete($Path, $false) }
    return $true
}

# A folder in place of a letter: it collides with nothing, and an EFI system partition takes it too
# (JohnKischel/ImageWriterEngine mounts one so). It must be empty and on NTFS:
# https://learn.microsoft.com/windows-hardware/drivers/storage/addaccesspath-msft-partition
function Add-Mount($Partition) {
    $path = Join-Path $folder ('p' + [string]$Partition.PartitionNumber)
    if (Test-Mounted $path) { return $path }
    $null = New-Item -ItemType Directory -Path $path -Force
    try { Add-PartitionAccessPath -DiskNumber $Partition.DiskNumber -PartitionNumber $Partition.PartitionNumber -AccessPath $path }
    catch { $null = $_ }
    if (-not (Test-Mounted $path)) {
        $volume = @($Partition.AccessPaths | Where-Object { [string]$_ -like '\\?\Volume{*}\' })
        if ($volume.Count -gt 0) { $null = Invoke-Native 'mountvol.exe' @($path, [string]$volume[0]) }
    }
    if (Test-Mounted $path) { return $path }
    $null = Remove-Mount $path
    return ''
}

# The file below a mounted folder, or '' if it is not there. The disk is not ours: a link on it would lead to this
# machine's own files, so none is followed.
function Find-File([string]$Root, [string]$Relative) {
    $path = $Root
    foreach ($name in $Relative.Split('\')) {
        if ($name -eq '') { continue }
        $path = Join-Path $path $name
        if (-not ([System.IO.Directory]::Exists($path) -or [System.IO.File]::Exists($path))) { return '' }
        if (([System.IO.File]::GetAttributes($path) -band [System.IO.FileAttributes]::ReparsePoint) -ne 0) {
            Stop-Refused 'redirected-path' ($path.Substring($Root.Length) + ' is a link.')
        }
    }
    if ([System.IO.File]::Exists($path)) { return $path }
    return ''
}

function Get-FileSystem($Partition) {
    try { return [string](Get-Volume -Partition $Partition).FileSystem }
    catch { return '' }
}

# The class is there where the feature BitLocker is installed; elsewhere such a volume has no file system that is known.
function Test-Encrypted($Partition) {
    try { $volumes = @(Get-CimInstance -Namespace 'root/cimv2/Security/MicrosoftVolumeEncryption' -ClassName Win32_EncryptableVolume) }
    catch { return $false }
    foreach ($volume in $volumes) {
        if (@($Partition.AccessPaths) -notcontains [string]$volume.DeviceID) { continue }
        # 0 is off and 1 on; 2 is not known, because it is locked.
        if ([int]$volume.ProtectionStatus -ne 0) { return $true }
    }
    return $false
}

function Save-Copy([string]$From, [string]$To) {
    $isKept = [System.IO.File]::Exists($To)
    if (-not $isKept) {
        $partial = $To + '.partial'
        if ([System.IO.File]::Exists($partial)) {
            [System.IO.File]::SetAttributes($partial, [System.IO.FileAttributes]::Normal)
            [System.IO.File]::Delete($partial)
        }
        [System.IO.File]::Copy($From, $partial)
        $isSame = (New-Object System.IO.FileInfo $From).Length -eq (New-Object System.IO.FileInfo $partial).Length
        if (-not $isSame -or (Get-FileHash -LiteralPath $From).Hash -ne (Get-FileHash -LiteralPath $partial).Hash) {
            Stop-Refused 'backup-failed' ($To + ' is not what was copied.')
        }
        # What has its final name is whole.
        [System.IO.File]::Move($partial, $To)
    }
    $null = $script:backups.Add(@{
            path = $To
            bytes = (New-Object System.IO.FileInfo $To).Length
            sha256 = (Get-FileHash -LiteralPath $To).Hash.ToLowerInvariant()
            isKept = $isKept
        })
}

# Copies a hive and its logs beside it, before anything loads it. The hive comes last: once its copy is there, all are,
# and logs that loading made since then belong to no backup.
function Save-Backup([string]$File) {
    if ($Purpose -eq 'rehearsal') { return }
    $suffix = '.rdp-lifeline-' + $RepairId
    $isDone = [System.IO.File]::Exists($File + $suffix)
    try {
        foreach ($log in @('.LOG', '.LOG1', '.LOG2', '')) {
            if ($isDone -and -not [System.IO.File]::Exists($File + $log + $suffix)) { continue }
            if (-not $isDone -and -not [System.IO.File]::Exists($File + $log)) { continue }
            Save-Copy ($File + $log) ($File + $log + $suffix)
        }
    }
    catch {
        if ($null -ne $script:refusal) { throw }
        Stop-Refused 'backup-failed' ($_.Exception.Message)
    }
}

# The store that a rehearsal loads: a copy on this machine, with its logs, because loading a hive writes to its files.
function Copy-BootStore([string]$Store) {
    $copy = Join-Path $folder 'boot-store'
    foreach ($log in @('.LOG', '.LOG1', '.LOG2', '')) {
        if (-not [System.IO.File]::Exists($Store + $log)) { continue }
        [System.IO.File]::Copy($Store + $log, $copy + $log, $true)
    }
    return $copy
}

# The files that loading made beside the copy have its name, too.
function Remove-BootStoreCopy {
    if (-not [System.IO.Directory]::Exists($folder)) { return }
    foreach ($path in [System.IO.Directory]::GetFiles($folder, 'boot-store*')) {
        [System.IO.File]::SetAttributes($path, [System.IO.FileAttributes]::Normal)
        [System.IO.File]::Delete($path)
    }
}

function Remove-Hive([string]$Name) {
    for ($try = 0; $try -lt 5; $try++) {
        if ((Invoke-Native 'reg.exe' @('unload', ('HKLM\' + $Name))).code -eq 0) { return $true }
        Start-Sleep -Milliseconds 500
    }
    return $false
}

function Get-OwnHives {
    $keys = (Invoke-Native 'reg.exe' @('query', 'HKLM')).output -split '\r?\n'
    $names = @($keys | Where-Object { $_ -match '^HKEY_LOCAL_MACHINE\\[^\\]+$' } | ForEach-Object { $_.Substring(19) })
    return @($names | Where-Object { $_.StartsWith($hivePrefix, [StringComparison]::OrdinalIgnoreCase) })
}

# An element of a boot store, which is a key of eight hex digits with one value; '' if it is not there.
function Get-BootElement([string]$Hive, [string]$Object, [string]$Element) {
    $key = 'HKLM\' + $Hive + '\Objects\' + $Object + '\Elements\' + $Element
    $text = (Invoke-Native 'reg.exe' @('query', $key, '/v', 'Element')).output
    if ($text -match '(?m)^ +Element +REG_(SZ|BINARY) +(\S.*?)\s*$') { return [string]$Matches[2] }
    return ''
}

# The default loader's system root and device, as far as the store says them.
function Read-BootStore([string]$Store) {
    $hive = $hivePrefix + 'BOOT'
    if ($Purpose -eq 'rehearsal') { $Store = Copy-BootStore $Store }
    if ((Invoke-Native 'reg.exe' @('load', ('HKLM\' + $hive), $Store)).code -ne 0) {
        Stop-Refused 'boot-store-unreadable' 'Windows does not load it.'
    }
    try {
        $loader = (Get-BootElement $hive $bootManager '23000003')
        $root = ''
        $device = ''
        if ($loader -match '^\{[0-9A-Fa-f-]{36}\}$') {
            $root = (Get-BootElement $hive $loader '22000002')
            $device = Get-BootElement $hive $loader '21000001'
        }
    }
    finally { $isUnloaded = Remove-Hive $hive }
    if (-not $isUnloaded) { Stop-Refused 'hive-not-unloaded' $hive }
    Remove-BootStoreCopy
    if ($root -notmatch '^\\[A-Za-z0-9_-]{1,60}$') { $root = '\Windows' }
    return @{ root = $root.Substring(1); device = $device }
}

# Whether a loader's device names this partition: type 6 at 0x10, the partition at 0x20 (GPT: its GUID, MBR: where it
# starts). jpz4085/BCD-SYS:Linux/update_device.sh writes such data.
function Test-NamedBy([string]$Device, $Partition, [string]$Style) {
    if ($Device -notmatch '^([0-9A-Fa-f]{2}){72,4096}$') { return $false }
    $data = New-Object byte[] 48
    for ($at = 0; $at -lt 48; $at++) { $data[$at] = [Convert]::ToByte($Device.Substring($at * 2, 2), 16) }
    if ([BitConverter]::ToUInt32($data, 16) -ne 6) { return $false }
    if ($Style -eq 'MBR') { return [BitConverter]::ToUInt64($data, 32) -eq [uint64]$Partition.Offset }
    $bytes = New-Object byte[] 16
    [Array]::Copy($data, 32, $bytes, 0, 16)
    $guid = New-Object Guid (, $bytes)
    return ('{' + $guid.ToString() + '}') -eq ([string]$Partition.Guid).ToLowerInvariant()
}

function Find-BootStore($Partitions, [string]$Style) {
    $relative = 'Boot\BCD'
    $candidates = @($Partitions | Where-Object { $_.IsActive })
    if ($Style -eq 'GPT') {
        $relative = 'EFI\Microsoft\Boot\BCD'
        $candidates = @($Partitions | Where-Object { [string]$_.GptType -eq $efiSystem })
    }
    if ($candidates.Count -eq 0) { Stop-Refused 'no-boot-partition' 'No partition of it is one to boot from.' }
    $stores = New-Object System.Collections.ArrayList
    foreach ($partition in $candidates) {
        $root = Add-Mount $partition
        if ($root -eq '') { Stop-Refused 'partition-not-reachable' ('Partition ' + [string]$partition.PartitionNumber + ' takes no folder.') }
        $store = Find-File $root $relative
        if ($store -ne '') { $null = $stores.Add($store) }
    }
    if ($stores.Count -eq 0) { Stop-Refused 'no-boot-store' ($relative + ' is not there.') }
    if ($stores.Count -gt 1) { Stop-Refused 'several-boot-stores' ([string]$stores.Count + ' partitions have ' + $relative + '.') }
    return [string]$stores[0]
}

function Find-Windows($Partitions, [string]$Style, $Boot) {
    $loader = 'winload.exe'
    $candidates = @($Partitions | Where-Object { [int]$_.MbrType -eq 7 })
    if ($Style -eq 'GPT') {
        $loader = 'winload.efi'
        $candidates = @($Partitions | Where-Object { [string]$_.GptType -eq $basicData })
    }
    $found = New-Object System.Collections.ArrayList
    $unreadable = 0
    foreach ($partition in $candidates) {
        if (Test-Encrypted $partition) { Stop-Refused 'bitlocker' ('Partition ' + [string]$partition.PartitionNumber + ' is protected by BitLocker.') }
        if ((Get-FileSystem $partition) -ne 'NTFS') { $unreadable++; continue }
        $root = Add-Mount $partition
        if ($root -eq '') { $unreadable++; continue }
        $system = Find-File $root ($Boot.root + '\System32\config\SYSTEM')
        if ($system -eq '' -or (Find-File $root ($Boot.root + '\System32\' + $loader)) -eq '') { continue }
        $null = $found.Add(@{ partition = $partition; root = $root })
    }
    if ($found.Count -gt 1) {
        $named = @($found | Where-Object { Test-NamedBy $Boot.device $_.partition $Style })
        if ($named.Count -ne 1) { Stop-Refused 'several-windows' ([string]$found.Count + ' partitions have Windows, and the boot store does not say which.') }
        return $named[0]
    }
    if ($found.Count -eq 1) { return $found[0] }
    if ($unreadable -gt 0) {
        Stop-Refused 'volume-unreadable' ([string]$unreadable + ' partitions have no file system that Windows reads here: BitLocker, or damage.')
    }
    Stop-Refused 'no-windows' ('No partition has ' + $Boot.root + '\System32\' + $loader + ' and its registry.')
}

# A hibernated Windows keeps file system changes in memory: https://learn.microsoft.com/windows-hardware/drivers/kernel/system-sleeping-states
function Test-Hibernated([string]$Root) {
    $file = Find-File $Root 'hiberfil.sys'
    if ($file -eq '') { return $false }
    $stream = [System.IO.File]::Open($file, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, [System.IO.FileShare]::ReadWrite)
    try {
        $bytes = New-Object byte[] 4
        $count = $stream.Read($bytes, 0, 4)
        return $count -eq 4 -and [System.Text.Encoding]::ASCII.GetString($bytes).ToUpperInvariant() -eq 'HIBR'
    }
    finally { $stream.Dispose() }
}

# Whether Windows has marked the volume for a check. Win32_Volume's DirtyBitSet says it without words, unlike fsutil:
# https://learn.microsoft.com/previous-versions/windows/desktop/legacy/aa394515(v=vs.85)
function Test-MarkedDirty($Partition) {
    $volumes = @(Get-CimInstance -ClassName Win32_Volume | Where-Object { @($Partition.AccessPaths) -contains [string]$_.DeviceID })
    if ($volumes.Count -ne 1 -or $null -eq $volumes[0].DirtyBitSet) {
        Stop-Refused 'volume-state-unknown' 'Windows does not tell whether its volume is marked for a check.'
    }
    return [bool]$volumes[0].DirtyBitSet
}

# What a call before this one left: hives first, for they hold files below the folders.
function Clear-Work {
    $left = New-Object System.Collections.ArrayList
    foreach ($hive in (Get-OwnHives)) {
        if (-not (Remove-Hive $hive)) { $null = $left.Add('HKLM\' + $hive) }
    }
    if ($left.Count -eq 0) { Remove-BootStoreCopy }
    if ([System.IO.Directory]::Exists($folder)) {
        foreach ($path in [System.IO.Directory]::GetDirectories($folder)) {
            if (-not (Remove-Mount $path)) { $null = $left.Add($path) }
        }
    }
    return , $left.ToArray()
}

function New-Preparation {
    $left = Clear-Work
    if ($left.Length -gt 0) { Stop-Refused 'earlier-work-left' ($left -join ', ') }
    $disk = Find-Disk
    $style = [string]$disk.PartitionStyle
    $wasOnline = -not $disk.IsOffline
    Set-Online $disk
    $partitions = @(Get-Partition -DiskNumber $disk.Number)
    $store = Find-BootStore $partitions $style
    Save-Backup $store
    $boot = Read-BootStore $store
    $windows = Find-Windows $partitions $style $boot
    if (Test-Hibernated $windows.root) { Stop-Refused 'hibernated' 'Windows was hibernated: what is on the disk is not all of it.' }
    $isMarkedDirty = Test-MarkedDirty $windows.partition
    $volume = Get-Volume -Partition $windows.partition
    if ([uint64]$volume.SizeRemaining -lt $minimumFreeBytes) {
        Stop-Refused 'no-free-space' ([string]$volume.SizeRemaining + ' bytes are free.')
    }
    $config = $boot.root + '\System32\config\'
    $system = Find-File $windows.root ($config + 'SYSTEM')
    $software = Find-File $windows.root ($config + 'SOFTWARE')
    if ($software -eq '') { Stop-Refused 'no-windows' ($config + 'SOFTWARE is not there.') }
    Save-Backup $system
    return @{
        kind = 'prepared'
        diskNumber = [int]$disk.Number
        lun = [int]$Lun
        sizeBytes = [uint64]$disk.Size
        partitionStyle = $style.ToLowerInvariant()
        identity = Get-Identity $disk
        wasOnline = $wasOnline
        bootStore = $store
        systemHive = $system
        softwareHive = $software
        hivePrefix = ('HKLM\' + $hivePrefix)
        isMarkedDirty = $isMarkedDirty
        windowsBytes = [uint64]$volume.Size
        freeBytes = [uint64]$volume.SizeRemaining
        backups = $script:backups.ToArray()
    }
}

# Printable ASCII only, and not too much of it.
function Get-Plain([string]$Text) {
    $plain = [regex]::Replace($Text, '[^\x20-\x7e]', '?')
    if ($plain.Length -le 300) { return $plain }
    return $plain.Substring(0, 300)
}

# Lets go of everything again. What cannot be let go of is told, not thrown.
function Undo-Preparation {
    try { $left = Clear-Work }
    catch { $left = @($_.Exception.Message) }
    if ($script:diskNumber -ge 0) {
        try { Set-Disk -Number $script:diskNumber -IsOffline $true }
        catch { $left = @($left) + $_.Exception.Message }
    }
    return , @($left | ForEach-Object { Get-Plain ([string]$_) })
}

$startedAt = [DateTime]::UtcNow.ToString('o')
try { $answer = New-Preparation }
catch {
    $code = 'unexpected'
    $detail = $_.Exception.GetType().Name + ': ' + $_.Exception.Message
    if ($null -ne $script:refusal) {
        $code = $script:refusal.code
        $detail = $script:refusal.detail
    }
    $answer = @{ kind = 'refused'; code = $code; detail = (Get-Plain $detail); notReleased = (Undo-Preparation) }
}
$answer.version = 1
$answer.nonce = $Nonce
$answer.startedAt = $startedAt

$text = ConvertTo-Json $answer -Depth 5 -Compress
$packed = New-Object System.IO.MemoryStream
$gzip = New-Object System.IO.Compression.GZipStream($packed, [System.IO.Compression.CompressionMode]::Compress)
$bytes = [System.Text.Encoding]::UTF8.GetBytes($text)
$gzip.Write($bytes, 0, $bytes.Length)
$gzip.Dispose()
$body = [Convert]::ToBase64String($packed.ToArray())
if ($body.Length -gt $partLength) { throw 'The answer is too long.' }
$hash = Get-Sha256 ([System.Text.Encoding]::ASCII.GetBytes($body))
Write-Output ('##RDPL1 {0} 1/1 {1} {2}##{3}##END {0}##' -f $Nonce, $body.Length, $hash, $body)
