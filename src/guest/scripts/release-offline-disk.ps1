# Lets go of what prepare-offline-disk.ps1 took: unloads our hives, writes what is cached, takes the folders away and the
# disk offline, so that it can be detached with all that was written on it.
#
# Carried by managed Run Command to a recovery VM, so it runs as SYSTEM under Windows PowerShell 5.1. It builds no
# command text: every value arrives through param(), every program is started directly, without a shell.
# It may be called at any time and again: what is gone already is fine, and what stays is told.
#
# Frame, the last line printed, as that of run-commands.ps1 (always one part):
#   ##RDPL1 <nonce> 1/1 <body length> <sha256 of the body>##<body>##END <nonce>##
# Body: base64 of gzip of UTF-8 JSON. The reader is src/guest/routes/recovery-vm-answers.ts; change both together.
param(
    # 32 hex digits that tie the answer to the question.
    [Parameter(Mandatory = $true)][ValidatePattern('^[0-9a-f]{32}$')][string]$Nonce,
    # Names folder and hive keys.
    [Parameter(Mandatory = $true)][ValidatePattern('^[0-9]{8}t[0-9]{6}z-[0-9a-f]{10}$')][string]$RepairId,
    # 2 to 63: the machine's own disks have LUN 0 and 1.
    [Parameter(Mandatory = $true)][ValidatePattern('^([2-9]|[1-5][0-9]|6[0-3])$')][string]$Lun,
    # In bytes, exactly.
    [Parameter(Mandatory = $true)][ValidatePattern('^[1-9][0-9]{6,15}$')][string]$SizeBytes
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$partLength = 3800
$folder = Join-Path (Join-Path $env:SystemRoot 'Temp\rdp-lifeline') $RepairId
$hivePrefix = 'RDPL_' + $RepairId + '_'
$script:notReleased = New-Object System.Collections.ArrayList

# Starts a program of the system folder and waits for it. What it prints is read by keys and numbers, not by words.
function Invoke-Native([string]$File, [string[]]$Values) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = Join-Path (Join-Path $env:SystemRoot 'System32') $File
    # No value has a quote in it or ends with a backslash.
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

# Printable ASCII only, and not too much of it.
function Get-Plain([string]$Text) {
    $plain = [regex]::Replace($Text, '[^\x20-\x7e]', '?')
    if ($plain.Length -le 300) { return $plain }
    return $plain.Substring(0, 300)
}

function Add-NotReleased([string]$What, [string]$Name, [string]$Reason) {
    if ($script:notReleased.Count -ge 20) { return }
    $null = $script:notReleased.Add(@{ what = $What; name = (Get-Plain $Name); reason = (Get-Plain $Reason) })
}

# As in prepare-offline-disk.ps1.
function Get-DiskLun($Disk) {
    if ([string]$Disk.Location -match ': LUN ([0-9]{1,4})\s*$') { return [int]$Matches[1] }
    $drives = @(Get-CimInstance -ClassName Win32_DiskDrive | Where-Object { $_.Index -eq $Disk.Number })
    if ($drives.Count -ne 1 -or $null -eq $drives[0].SCSILogicalUnit) { return -1 }
    return [int]$drives[0].SCSILogicalUnit
}

function Remove-Hive([string]$Name) {
    for ($try = 0; $try -lt 10; $try++) {
        # A program that has a key of it open keeps it loaded.
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

function Clear-Hives {
    foreach ($name in (Get-OwnHives)) {
        if (-not (Remove-Hive $name)) { Add-NotReleased 'hive' ('HKLM\' + $name) 'It stays loaded: something has it open.' }
    }
    if ($script:notReleased.Count -eq 0) { Clear-BootStoreCopy }
}

# What a rehearsal loads, and the files that loading made beside it.
function Clear-BootStoreCopy {
    if (-not [System.IO.Directory]::Exists($folder)) { return }
    foreach ($path in [System.IO.Directory]::GetFiles($folder, 'boot-store*')) {
        [System.IO.File]::SetAttributes($path, [System.IO.FileAttributes]::Normal)
        [System.IO.File]::Delete($path)
    }
}

function Test-Mounted([string]$Path) {
    if (-not [System.IO.Directory]::Exists($Path)) { return $false }
    return ([System.IO.File]::GetAttributes($Path) -band [System.IO.FileAttributes]::ReparsePoint) -ne 0
}

# A folder is never deleted with its content: while it is mounted, that would be the content of the volume.
function Clear-Mounts {
    if (-not [System.IO.Directory]::Exists($folder)) { return }
    foreach ($path in [System.IO.Directory]::GetDirectories($folder)) {
        if (Test-Mounted $path) { $null = Invoke-Native 'mountvol.exe' @($path, '/D') }
        if (Test-Mounted $path) { Add-NotReleased 'access-path' $path 'It stays mounted.' }
        else { [System.IO.Directory]::Delete($path, $false) }
    }
    if ([System.IO.Directory]::GetFileSystemEntries($folder).Length -eq 0) { [System.IO.Directory]::Delete($folder, $false) }
}

function Find-Disk {
    $fits = @(Get-Disk | Where-Object {
            -not $_.IsBoot -and -not $_.IsSystem -and (Get-DiskLun $_) -eq [int]$Lun -and [uint64]$_.Size -eq [uint64]$SizeBytes
        })
    if ($fits.Count -gt 1) { Add-NotReleased 'disk' ('LUN ' + $Lun) ([string]$fits.Count + ' disks have this LUN and this size.') }
    if ($fits.Count -ne 1) { return $null }
    return $fits[0]
}

function Save-Caches($Disk) {
    foreach ($partition in @(Get-Partition -DiskNumber $Disk.Number -ErrorAction SilentlyContinue)) {
        try { Get-Volume -Partition $partition | Write-VolumeCache }
        catch { $null = $_ } # a partition without a file system has no cache
    }
}

function Set-Offline($Disk) {
    if ($Disk.IsOffline) { return $true }
    # What a loaded hive has not written yet would be lost.
    if (@($script:notReleased | Where-Object { $_.what -eq 'hive' }).Count -gt 0) { return $false }
    try { Set-Disk -Number $Disk.Number -IsOffline $true }
    catch { Add-NotReleased 'disk' ('disk ' + [string]$Disk.Number) $_.Exception.Message }
    return [bool](Get-Disk -Number $Disk.Number).IsOffline
}

# One thing that cannot be let go of must not keep the others.
function Invoke-Step([string]$What) {
    try {
        if ($What -eq 'hive') { Clear-Hives }
        if ($What -eq 'access-path') { Clear-Mounts }
    }
    catch { Add-NotReleased $What '' ($_.Exception.GetType().Name + ': ' + $_.Exception.Message) }
}

$startedAt = [DateTime]::UtcNow.ToString('o')
$isPresent = $false
$isOffline = $false
Invoke-Step 'hive'
try {
    $disk = Find-Disk
    if ($null -ne $disk) {
        $isPresent = $true
        if (-not $disk.IsOffline) { Save-Caches $disk }
    }
    Invoke-Step 'access-path'
    if ($isPresent) { $isOffline = Set-Offline $disk }
}
catch { Add-NotReleased 'disk' ('LUN ' + $Lun) ($_.Exception.GetType().Name + ': ' + $_.Exception.Message) }
if ($isPresent -and -not $isOffline -and $script:notReleased.Count -eq 0) {
    Add-NotReleased 'disk' ('LUN ' + $Lun) 'It stays online.'
}

$answer = @{
    version = 1
    nonce = $Nonce
    kind = 'released'
    startedAt = $startedAt
    isDiskPresent = $isPresent
    isDiskOffline = $isOffline
    notReleased = $script:notReleased.ToArray()
}
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
