import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusalCodes } from '../../../src/guest/routes/recovery-vm-answers';

/** The scripts run under Windows PowerShell 5.1 as SYSTEM; they are read here as text, on every machine. */
function read(name: string): { script: string; code: string; syntax: string } {
  const script = readFileSync(join(__dirname, '../../../src/guest/scripts', name), 'utf8');
  const code = script.replaceAll(/^\s*#.*$/gm, '');
  // Without what stands in quotes: a pattern is no syntax.
  return { script, code, syntax: code.replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''") };
}

const scripts: [string, string[]][] = [
  ['prepare-offline-disk.ps1', ['Nonce', 'RepairId', 'Lun', 'SizeBytes', 'Purpose']],
  ['release-offline-disk.ps1', ['Nonce', 'RepairId', 'Lun', 'SizeBytes']],
];

describe.each(scripts)('guest/scripts/offline-disk.text: %s', (name, parameters) => {
  const { script, code, syntax } = read(name);

  it('is ASCII without tabs, and small enough to be carried', () => {
    expect([...script].filter((letter) => !/[\n -~]/.test(letter))).toEqual([]);
    expect(Buffer.byteLength(script)).toBeLessThan(32_768);
  });

  // What came after 5.1: https://learn.microsoft.com/powershell/scripting/whats-new/differences-from-windows-powershell
  it.each<[string, RegExp]>([
    ['null-coalescing', /\?\?/],
    ['null-conditional members', /\?\.|\?\[/],
    ['chains', /&&|\|\|/],
    ['the ternary operator', /\$\w+\s+\?\s/],
    ['the clean block', /\bclean\s*\{/i],
    ['ConvertFrom-Json -AsHashtable', /-AsHashtable/i],
    ['ForEach-Object -Parallel', /-Parallel/i],
    ['Join-Path with more than two parts', /-AdditionalChildPath|Join-Path '' '' ''/i],
    ['ProcessStartInfo.ArgumentList', /\.ArgumentList/i],
    ['hash functions of new .NET', /HashData|ToHexString|FromHexString/],
    ['Test-Json or Get-Error', /Test-Json|Get-Error/i],
    ['the method new(), which tools for 5.1 warn of', /\]::new\(/],
    ['overwriting moves of new .NET', /Move\([^)]*true\)/i],
  ])('has no %s: Windows PowerShell 5.1 does not know it', (_what, pattern) => {
    expect(pattern.exec(syntax)?.[0]).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['Invoke-Expression', /Invoke-Expression|\biex\b/i],
    ['Invoke-Command or a script block from text', /Invoke-Command|\[scriptblock\]|NewScriptBlock|\.InvokeScript/i],
    ['a call of text', /(^|[\s({;|])[&.]\s*[$('"]/m],
    ['a shell', /\bcmd(\.exe)?\b|powershell|pwsh|diskpart/i],
    ['Start-Process', /Start-Process|\bsaps\b/i],
    ['Add-Type', /Add-Type/i],
    ['a download', /Invoke-WebRequest|Invoke-RestMethod|\biwr\b|\birm\b|WebClient|HttpClient|Start-BitsTransfer/i],
  ])('has no %s: nothing that arrives is ever executed as text', (_what, pattern) => {
    expect(pattern.exec(code)?.[0]).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['deletes a folder with its content', /-Recurse|Directory\]::Delete\([^)]*\$true|Remove-Item/i],
    [
      'formats, clears or initialises a disk',
      /Format-Volume|Clear-Disk|Initialize-Disk|Remove-Partition|New-Partition/i,
    ],
    ['changes an identity', /Set-Disk[^\n]*-(?:Guid|Signature)|uniqueid/i],
    ['takes all disks at once', /Get-Disk\s*\|\s*Set-Disk/i],
  ])('never %s', (_what, pattern) => {
    expect(pattern.exec(code)?.[0]).toBeUndefined();
  });

  it('takes values through param() only, each with a pattern', () => {
    const block = /^param\(([\s\S]*?)^\)/m.exec(code)?.[1] ?? '';
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    expect(lines.map((line) => /\]\$(\w+)/.exec(line)?.[1])).toEqual(parameters);
    expect(lines.every((line) => /\[ValidatePattern\('\^.*\$'\)\]\[string\]/.test(line))).toBe(true);
    expect(/\$args\b|\$input\b|Read-Host|Get-Content|\$env:(?!SystemRoot\b)/i.exec(code)).toBeNull();
  });

  it('starts programs without a shell and from the system folder only', () => {
    expect(code).toContain('$start.UseShellExecute = $false');
    expect(code).toContain("$start.FileName = Join-Path (Join-Path $env:SystemRoot 'System32') $File");
    expect(code.match(/Process\]::Start/g)).toHaveLength(1);
  });

  it('stops at errors and is strict', () => {
    expect(code).toContain("$ErrorActionPreference = 'Stop'");
    expect(code).toContain('Set-StrictMode -Version 2.0');
  });
});

describe('guest/scripts/offline-disk.text: the codes of prepare-offline-disk.ps1', () => {
  it('are those that its reader knows', () => {
    const { code } = read('prepare-offline-disk.ps1');
    const used = [...code.matchAll(/Stop-Refused '([a-z-]+)'/g)].map((match) => match[1] ?? '');
    expect([...new Set([...used, 'unexpected'])].sort()).toEqual([...refusalCodes].sort());
  });

  it('are said before anything is written: backups come before a hive is loaded', () => {
    const { code } = read('prepare-offline-disk.ps1');
    const body = /^function New-Preparation \{([\s\S]*?)^\}/m.exec(code)?.[1] ?? '';
    const order = [
      'Find-Disk',
      'Set-Online',
      'Save-Backup $store',
      'Read-BootStore',
      'Find-Windows',
      'Save-Backup $system',
    ];
    expect(order.map((step) => body.indexOf(step))).toEqual(
      order.map((step) => body.indexOf(step)).sort((a, b) => a - b),
    );
    expect(order.every((step) => body.includes(step))).toBe(true);
  });
});
