# Runs PowerShell cases one after another in one process, for pwsh-session.ts: reads one request a line from standard
# input, and answers with one line on standard output that begins with the mark. A request is JSON: id, file and
# arguments or command, environment, folder. An answer is JSON: id, status, output, error.
#
# Each case has a runspace, an environment and a current folder of its own, and ends as `pwsh -File` or `-Command` would.
param([Parameter(Mandatory = $true)][string]$Mark)

$ErrorActionPreference = 'Stop'

# Hears which status a script exits with; only a host does. It has no screen: what is printed comes back as objects.
Add-Type -TypeDefinition @'
using System;
using System.Globalization;
using System.Management.Automation.Host;

public class CaseHost : PSHost
{
    readonly Guid id = Guid.NewGuid();
    public int? Exited;
    public override CultureInfo CurrentCulture { get { return CultureInfo.CurrentCulture; } }
    public override CultureInfo CurrentUICulture { get { return CultureInfo.CurrentUICulture; } }
    public override Guid InstanceId { get { return id; } }
    public override string Name { get { return "CaseHost"; } }
    public override PSHostUserInterface UI { get { return null; } }
    public override Version Version { get { return new Version(1, 0); } }
    public override void EnterNestedPrompt() { throw new NotSupportedException(); }
    public override void ExitNestedPrompt() { }
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) { Exited = exitCode; }
}
'@

$inside = [System.Reflection.BindingFlags]'NonPublic, Instance'

# Of this process alone, not of what a case asks for: where PowerShell finds its own modules.
$kept = @('PSModulePath')

function Get-Environment {
    $all = [System.Collections.Hashtable]::new([StringComparer]::Ordinal)
    foreach ($one in [Environment]::GetEnvironmentVariables().GetEnumerator()) { $all[[string]$one.Key] = [string]$one.Value }
    return $all
}

function Set-Environment($Wanted) {
    foreach ($name in (Get-Environment).Keys) {
        if ($kept -cnotcontains $name -and -not $Wanted.ContainsKey($name)) { [Environment]::SetEnvironmentVariable($name, [NullString]::Value) }
    }
    foreach ($name in $Wanted.Keys) {
        if ($kept -cnotcontains $name) { [Environment]::SetEnvironmentVariable($name, $Wanted[$name]) }
    }
}

# A runspace in which `exit` ends the case with a status, instead of only its script.
function New-CaseRunspace($CaseHost, [string]$Folder) {
    $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    $runspace = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($CaseHost, $state)
    $runspace.Open()
    $context = $runspace.GetType().GetProperty('ExecutionContext', $inside).GetValue($runspace)
    $context.GetType().GetProperty('ScriptCommandProcessorShouldRethrowExit', $inside).SetValue($context, $true)
    $null = $runspace.SessionStateProxy.Path.SetLocation([WildcardPattern]::Escape($Folder))
    return $runspace
}

# Binds words as the command line does (PowerShell/PowerShell: CommandLineParameterParser.cs, CollectArgs).
function New-FileCommand($Request) {
    $command = New-Object System.Management.Automation.Runspaces.Command ([string]$Request.file), $false, $false
    foreach ($word in @($Request.arguments)) {
        $isName = $word.Length -gt 1 -and $word.StartsWith('-')
        if ($isName -and $word.Contains(':')) { throw 'A name with its value in one word is not supported here.' }
        if ($isName) { $parameter = [System.Management.Automation.Runspaces.CommandParameter]::new($word) }
        else { $parameter = [System.Management.Automation.Runspaces.CommandParameter]::new([NullString]::Value, $word) }
        $command.Parameters.Add($parameter)
    }
    return $command
}

# One object as it would stand in the output; what is no text is laid out by PowerShell.
function ConvertTo-Lines($Objects) {
    foreach ($one in $Objects) {
        if ($one -is [string]) { $one } else { $one | Out-String -Stream -Width 4096 }
    }
}

function Invoke-Case($Request) {
    $caseHost = [CaseHost]::new()
    $objects = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    $written = New-Object System.IO.StringWriter
    $complained = New-Object System.IO.StringWriter
    $failure = $null
    $runspace = New-CaseRunspace $caseHost $Request.folder
    $shell = [System.Management.Automation.PowerShell]::Create()
    $shell.Runspace = $runspace
    if ($Request.ContainsKey('file')) { $null = $shell.Commands.AddCommand((New-FileCommand $Request)) }
    else { $null = $shell.AddScript($Request.command + "`n" + '$global:caseSucceeded = $?', $false) }
    $ownOutput = [Console]::Out
    $ownError = [Console]::Error
    try {
        [Environment]::CurrentDirectory = $Request.folder
        Set-Environment $Request.environment
        [Console]::SetOut($written)
        [Console]::SetError($complained)
        $shell.Invoke($null, $objects)
    }
    catch { $failure = $_.Exception.GetBaseException().Message }
    finally {
        [Console]::SetOut($ownOutput)
        [Console]::SetError($ownError)
        Set-Environment $script:environment
        [Environment]::CurrentDirectory = $script:folder
    }
    try {
        $lines = @(ConvertTo-Lines $objects) + @($shell.Streams.Warning) + @($shell.Streams.Information) | Where-Object { $null -ne $_ }
        $output = $written.ToString() + (($lines | ForEach-Object { [string]$_ + "`n" }) -join '')
        $errors = $complained.ToString() + ((@($shell.Streams.Error) + @($failure) | Where-Object { $null -ne $_ } | ForEach-Object { [string]$_ + "`n" }) -join '')
        $status = 0
        if ($null -ne $caseHost.Exited) { $status = $caseHost.Exited }
        elseif ($null -ne $failure) { $status = 1 }
        elseif (-not $Request.ContainsKey('file') -and -not $runspace.SessionStateProxy.GetVariable('caseSucceeded')) { $status = 1 }
        return @{ id = $Request.id; status = $status; output = $output; error = $errors }
    }
    finally {
        $shell.Dispose()
        $runspace.Dispose()
    }
}

$script:environment = Get-Environment
$script:folder = [Environment]::CurrentDirectory
[Console]::Out.WriteLine($Mark)
while ($null -ne ($line = [Console]::In.ReadLine())) {
    $answer = Invoke-Case (ConvertFrom-Json $line -AsHashtable)
    [Console]::Out.WriteLine($Mark + (ConvertTo-Json $answer -Compress -EscapeHandling EscapeNonAscii))
}
