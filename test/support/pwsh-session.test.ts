import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPwsh, openPwshSession, runPwsh } from './pwsh-session';
import { bodies, caseOfBody, caseOfText, caseOfWords, seen, texts, words } from './pwsh-session-cases';

const isInstalled = hasPwsh();
const whenInstalled = isInstalled ? describe : describe.skip;

whenInstalled(
  `support/pwsh-session: one PowerShell for many cases${isInstalled ? '' : ' (skipped: pwsh is not installed)'}`,
  () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pwsh-session-')));
    const session = openPwshSession();
    afterAll(async () => {
      await session.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('shows a case nothing of the one before: variables, functions, environment, folders, settings', async () => {
      const other = realpathSync(tmpdir());
      const leaves = [
        '$global:left = 1; function global:Get-Left { 2 }; Set-Alias -Scope Global left Get-Date',
        `$env:LEFT = '3'; $env:GIVEN = 'changed'; Remove-Item Env:TAKEN`,
        `Set-Location '${other}'; [Environment]::CurrentDirectory = '${other}'`,
        `$global:ErrorActionPreference = 'Stop'; Set-StrictMode -Version 3`,
        `[Console]::SetOut([System.IO.TextWriter]::Null); $global:PSDefaultParameterValues['*:Verbose'] = $true`,
      ];
      const environment = { ...process.env, GIVEN: 'as it was', TAKEN: 'still there' };
      expect(await session.run({ command: leaves.join('\n'), environment, folder })).toMatchObject({ status: 0 });
      const looks = [
        `"$global:left|$(Test-Path Function:Get-Left)|$(Test-Path Alias:left)|$env:LEFT|$env:GIVEN|$env:TAKEN"`,
        `"$($PWD.Path)|$([Environment]::CurrentDirectory)|$ErrorActionPreference|$($nothing.of.it)|$($PSDefaultParameterValues.Count)"`,
        `[Console]::Out.WriteLine('written')`,
      ];
      const { output } = await session.run({ command: looks.join('\n'), environment, folder });
      expect(output.split('\n').filter(Boolean).sort()).toEqual(
        ['|False|False||as it was|still there', `${folder}|${folder}|Continue||0`, 'written'].sort(),
      );
    });

    it('gives a case only the environment that it asked for', async () => {
      await session.run({ command: `$env:LEFT = 'of the first'`, environment: { PATH: process.env.PATH } });
      const environment = { PATH: process.env.PATH, ONLY: 'this' };
      const { output } = await session.run({ command: '(Get-ChildItem Env:).Name', environment });
      expect(output.trim().split('\n').sort()).toEqual(['ONLY', 'PATH', 'PSModulePath']);
    });

    it.each(bodies)('ends and prints as `pwsh -File` would, when a script %s', async (_what, body, ending, both) => {
      const given = caseOfBody(folder, body);
      expect(seen(await session.run(given))).toEqual(ending);
      if (both) expect(seen(await runPwsh(given))).toEqual(ending);
    });

    it.each(words)('binds %s as the command line does', async (_what, given, ending, both) => {
      const one = caseOfWords(folder, given);
      expect(seen(await session.run(one))).toEqual(ending);
      if (both) expect(seen(await runPwsh(one))).toEqual(ending);
    });

    it.each(texts)('ends as `pwsh -Command` does for a text %s', async (_what, command, ending, both) => {
      const given = caseOfText(folder, command);
      expect(seen(await session.run(given))).toEqual(ending);
      if (both) expect(seen(await runPwsh(given))).toEqual(ending);
    });

    it('fails a case that never ends, alone', async () => {
      const impatient = openPwshSession(1000);
      const hangs = impatient.run({ command: 'while ($true) { Start-Sleep 1 }', environment: process.env });
      await expect(hangs).rejects.toThrow('did not end within 1 s');
      await impatient.close();
      expect(await session.run({ command: `'here'`, environment: process.env })).toMatchObject({ output: 'here\n' });
    });

    it('fails a case that takes PowerShell down, alone: the next has a new one', async () => {
      const dies = session.run({ command: '[Environment]::Exit(9)', environment: process.env });
      await expect(dies).rejects.toThrow('PowerShell ended with 9');
      const next = await session.run({ command: `'here'`, environment: process.env });
      expect(next).toEqual({ status: 0, output: 'here\n', error: '' });
    });
  },
);
