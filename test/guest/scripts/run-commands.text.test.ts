import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The script runs under Windows PowerShell 5.1 as SYSTEM; it is read here as text, on every machine. */
const script = readFileSync(join(__dirname, '../../../src/guest/scripts/run-commands.ps1'), 'utf8');
const code = script.replaceAll(/^\s*#.*$/gm, '');
/** The code without what stands in quotes: a frame mark or pattern is no syntax. */
const syntax = code.replaceAll(/'[^'\n]*'|"[^"\n]*"/g, "''");

describe('guest/scripts/run-commands.text', () => {
  it('is ASCII without tabs: Run Command hands it over as bytes', () => {
    expect([...script].filter((letter) => !/[\n -~]/.test(letter))).toEqual([]);
  });

  it('is small enough to be carried and to be read', () => {
    expect(Buffer.byteLength(script)).toBeLessThan(16_384);
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
    ['ConvertFrom-Json -NoEnumerate', /-NoEnumerate/i],
    ['Join-Path with more than two parts', /-AdditionalChildPath/i],
    ['ProcessStartInfo.ArgumentList', /\.ArgumentList/i],
    ['hash functions of new .NET', /HashData|ToHexString/],
    ['Test-Json or Get-Error', /Test-Json|Get-Error/i],
  ])('has no %s: Windows PowerShell 5.1 does not know it', (_what, pattern) => {
    expect(pattern.exec(syntax)?.[0]).toBeUndefined();
  });

  it.each<[string, RegExp]>([
    ['Invoke-Expression', /Invoke-Expression|\biex\b/i],
    ['Invoke-Command or a script block from text', /Invoke-Command|\[scriptblock\]|NewScriptBlock|\.InvokeScript/i],
    ['a call of text', /(^|[\s({;|])[&.]\s*[$('"]/m],
    ['a shell', /\bcmd(\.exe)?\b|powershell|pwsh/i],
    ['Start-Process', /Start-Process|\bsaps\b/i],
    ['Add-Type', /Add-Type/i],
    ['a download', /Invoke-WebRequest|Invoke-RestMethod|\biwr\b|\birm\b|WebClient|HttpClient|Start-BitsTransfer/i],
  ])('has no %s: nothing that arrives is ever executed as text', (_what, pattern) => {
    expect(pattern.exec(code)?.[0]).toBeUndefined();
  });

  it('takes values through param() only, each with a pattern', () => {
    const block = /^param\(([\s\S]*?)^\)/m.exec(code)?.[1] ?? '';
    const lines = block.split('\n').filter((line) => line.trim() !== '');
    expect(lines.map((line) => /\]\$(\w+)/.exec(line)?.[1])).toEqual(['Nonce', 'Part', 'Commands']);
    expect(lines.every((line) => /\[ValidatePattern\('\^.*\$'\)\]\[string\]/.test(line))).toBe(true);
    expect(/\$args\b|\$input\b|Read-Host|Get-Content|\$env:(?!SystemRoot\b|COMPUTERNAME\b)/i.exec(code)).toBeNull();
  });

  it('starts programs without a shell, and a bare name from the system folder only', () => {
    expect(code).toContain('$start.UseShellExecute = $false');
    expect(code).toContain('[Environment]::SystemDirectory');
    expect(code.match(/Process\]::Start/g)).toHaveLength(1);
  });

  it('stops at errors and is strict', () => {
    expect(code).toContain("$ErrorActionPreference = 'Stop'");
    expect(code).toContain('Set-StrictMode -Version 2.0');
  });

  it('has the part length of its reader', () => {
    const reader = readFileSync(join(__dirname, '../../../src/guest/routes/run-command-frame.ts'), 'utf8');
    const length = /\$partLength = (\d+)/.exec(code)?.[1];
    expect(length).toBeDefined();
    expect(/partLength = (\d+)/.exec(reader)?.[1]).toBe(length);
  });

  it('prints a frame that fits into what Run Command keeps', () => {
    const longest = `##RDPL1 ${'0'.repeat(32)} 20/20 76000 ${'0'.repeat(64)}##${'A'.repeat(3800)}##END ${'0'.repeat(32)}##\r\n`;
    expect(longest.length).toBeLessThanOrEqual(4096);
  });
});
