# Runs a list of native command lines and prints what they answered, in one frame.
#
# Carried by managed Run Command, so it runs as SYSTEM under Windows PowerShell 5.1. It builds no command text:
# every value arrives through param(), every program is started directly, without a shell.
# Run Command keeps only the last 4,096 bytes of output; a longer answer stays in a file in the guest and is
# fetched in further parts by running this script again with the same nonce. The last part deletes the file.
#
# Frame, the last line printed:
#   ##RDPL1 <nonce> <part>/<parts> <body length> <sha256 of the body>##<part of the body>##END <nonce>##
# Body: base64 of gzip of UTF-8 JSON; a command's output is text in it with one character for each byte. The reader is src/guest/routes/run-command-frame.ts; change both together.
param(
    # 32 hex digits that tie the answer to the question.
    [Parameter(Mandatory = $true)][ValidatePattern('^[0-9a-f]{32}$')][string]$Nonce,
    # Which part of the answer to print; 1 runs the commands.
    [ValidatePattern('^[1-9][0-9]{0,2}$')][string]$Part = '1',
    # Base64 of a UTF-8 JSON list of { id, file, arguments[], timeoutSeconds, unless? { id, matches }, onlyIf? [{ id, matches }] }.
    [ValidatePattern('^[A-Za-z0-9+/=]*$')][string]$Commands = ''
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$partLength = 3800
$maximumBytes = 262144
$latin1 = [System.Text.Encoding]::GetEncoding(28591)
$folder = Join-Path $env:SystemRoot 'Temp\rdp-lifeline'
$answerFile = Join-Path $folder ($Nonce + '.b64')

# Quotes one argument the way CommandLineToArgvW reads it back (ProcessStartInfo.ArgumentList needs .NET Core):
# https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
function ConvertTo-Argument([string]$Value) {
    if ($Value -ne '' -and $Value -notmatch '[\s"]') { return $Value }
    $escaped = [regex]::Replace($Value, '(\\*)"', '$1$1\"')
    $escaped = [regex]::Replace($escaped, '(\\+)$', '$1$1')
    return '"' + $escaped + '"'
}

function Get-Sha256([byte[]]$Bytes) {
    $sha = [System.Security.Cryptography.SHA256]::Create()
    try { return -join ($sha.ComputeHash($Bytes) | ForEach-Object { $_.ToString('x2') }) }
    finally { $sha.Dispose() }
}

# One character for each byte, whatever the code page: gzip packs that far better than base64.
function Get-Bounded([byte[]]$Bytes) {
    return $latin1.GetString($Bytes, 0, [Math]::Min($Bytes.Length, $maximumBytes))
}

# Starts one program and waits for it. Both outputs are read side by side, so that neither pipe can fill and block.
function Invoke-Native($Command) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    # A bare name means the system folder, never the search path.
    $file = [string]$Command.file
    if ($file -notmatch '[\\/]') { $file = Join-Path ([Environment]::SystemDirectory) $file }
    $start.FileName = $file
    $start.Arguments = (@($Command.arguments) | ForEach-Object { ConvertTo-Argument ([string]$_) }) -join ' '
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.RedirectStandardInput = $true
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try { $process = [System.Diagnostics.Process]::Start($start) }
    catch { return @{ id = [string]$Command.id; notStarted = $_.Exception.Message } }
    try {
        $process.StandardInput.Close()
        $output = New-Object System.IO.MemoryStream
        $errors = New-Object System.IO.MemoryStream
        $readOutput = $process.StandardOutput.BaseStream.CopyToAsync($output)
        $readErrors = $process.StandardError.BaseStream.CopyToAsync($errors)
        $ended = $process.WaitForExit([int]$Command.timeoutSeconds * 1000)
        if (-not $ended) {
            try { $process.Kill() } catch { $null = $_ }
        }
        $null = [System.Threading.Tasks.Task]::WaitAll(@($readOutput, $readErrors), 5000)
        $result = @{
            id = [string]$Command.id
            output = Get-Bounded $output.ToArray()
            error = Get-Bounded $errors.ToArray()
            durationMs = [int]$watch.ElapsedMilliseconds
        }
        if ($ended) { $result.exitCode = [int]$process.ExitCode } else { $result.timedOut = $true }
        return $result
    }
    finally { $process.Dispose() }
}

# Whether the output of an earlier command matches; a command that gave none matches nothing.
function Test-Earlier($Condition, $Results) {
    foreach ($result in $Results) {
        if ($result.id -ne [string]$Condition.id) { continue }
        if (-not $result.ContainsKey('output')) { return $false }
        $text = [System.Text.Encoding]::ASCII.GetString($latin1.GetBytes([string]$result.output))
        return [regex]::IsMatch($text, [string]$Condition.matches, 'Multiline, CultureInvariant')
    }
    return $false
}

# A command with "unless" is left out when that output matches: right values are left alone. One with "onlyIf" is
# left out unless all of them match: what builds on an earlier change is not done where that one did not hold.
function Test-LeftOut($Command, $Results) {
    $names = @($Command.PSObject.Properties.Name)
    if ($names -contains 'onlyIf') {
        foreach ($condition in @($Command.onlyIf)) {
            if (-not (Test-Earlier $condition $Results)) { return $true }
        }
    }
    if ($names -contains 'unless') { return (Test-Earlier $Command.unless $Results) }
    return $false
}

function Get-BootTime {
    try { return (Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToUniversalTime().ToString('o') }
    catch { return $null }
}

function New-Answer {
    $startedAt = [DateTime]::UtcNow.ToString('o')
    $json = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Commands))
    $results = New-Object System.Collections.ArrayList
    # PowerShell 5.1 hands a JSON list over as one object: the loop takes it apart.
    $list = ConvertFrom-Json $json
    foreach ($command in $list) {
        if (Test-LeftOut $command $results) { $result = @{ id = [string]$command.id; skipped = $true } }
        else { $result = Invoke-Native $command }
        $null = $results.Add($result)
    }
    $answer = @{
        version = 2
        nonce = $Nonce
        startedAt = $startedAt
        bootedAt = Get-BootTime
        computerName = $env:COMPUTERNAME
        codePage = [System.Globalization.CultureInfo]::CurrentCulture.TextInfo.OEMCodePage
        results = $results.ToArray()
    }
    $text = ConvertTo-Json $answer -Depth 5 -Compress
    $packed = New-Object System.IO.MemoryStream
    $gzip = New-Object System.IO.Compression.GZipStream($packed, [System.IO.Compression.CompressionMode]::Compress)
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($text)
    $gzip.Write($bytes, 0, $bytes.Length)
    $gzip.Dispose()
    return [Convert]::ToBase64String($packed.ToArray())
}

$number = [int]$Part
if ($number -eq 1) { $body = New-Answer }
else { $body = [System.IO.File]::ReadAllText($answerFile) }

$parts = [int][Math]::Max(1, [Math]::Ceiling($body.Length / $partLength))
if ($number -gt $parts) { throw "There are only $parts parts." }
if ($number -eq 1 -and $parts -gt 1) {
    $null = New-Item -ItemType Directory -Path $folder -Force
    [System.IO.File]::WriteAllText($answerFile, $body)
}
if ($number -eq $parts -and $parts -gt 1) { Remove-Item -LiteralPath $answerFile -Force }

$from = ($number - 1) * $partLength
$chunk = $body.Substring($from, [Math]::Min($partLength, $body.Length - $from))
$hash = Get-Sha256 ([System.Text.Encoding]::ASCII.GetBytes($body))
Write-Output ('##RDPL1 {0} {1}/{2} {3} {4}##{5}##END {0}##' -f $Nonce, $number, $parts, $body.Length, $hash, $chunk)
