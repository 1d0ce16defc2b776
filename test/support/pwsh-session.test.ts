import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPwsh, openPwshSession, runPwsh, type PwshCase, type PwshEnd } from './pwsh-session';

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

    interface Ending {
      status: number;
      output: string;
      isError: boolean;
    }

    /** Those with `true` are held against a process of its own, too; so was each when it was written. */
    const bodies: [string, string, Ending, boolean][] = [
      ['ends', `'a'; 'b'`, { status: 0, output: 'a\nb\n', isError: false }, false],
      ['exits with 0', 'exit 0', { status: 0, output: '', isError: false }, false],
      ['exits with a status', `'in'; exit 3; 'after'`, { status: 3, output: 'in\n', isError: false }, false],
      [
        'exits out of a function',
        `function Stop-It { exit 7 }; 'in'; Stop-It; 'after'`,
        { status: 7, output: 'in\n', isError: false },
        true,
      ],
      ['throws', `'in'; throw 'no'; 'after'`, { status: 1, output: 'in\n', isError: true }, true],
      [
        'fails by a setting',
        `$ErrorActionPreference = 'Stop'; 'in'; Get-Item /nowhere; 'after'`,
        { status: 1, output: 'in\n', isError: true },
        false,
      ],
      ['complains and goes on', `Write-Error 'soft'; 'after'`, { status: 0, output: 'after\n', isError: true }, true],
      [
        'has a program fail and ends itself well',
        `sh -c 'exit 5'; "it said $LASTEXITCODE"`,
        { status: 0, output: 'it said 5\n', isError: false },
        true,
      ],
      [
        'hands a program’s status on',
        `sh -c 'exit 5'; exit $LASTEXITCODE`,
        { status: 5, output: '', isError: false },
        false,
      ],
      [
        'prints what a program prints',
        `sh -c 'printf "one\\ntwo\\n"'; 'three'`,
        { status: 0, output: 'one\ntwo\nthree\n', isError: false },
        false,
      ],
      [
        'writes past the pipeline',
        `[Console]::Out.WriteLine('out'); [Console]::Error.WriteLine('err')`,
        { status: 0, output: 'out\n', isError: true },
        false,
      ],
      ['prints letters beyond ASCII', `"\u00e9\u20ac"`, { status: 0, output: '\u00e9\u20ac\n', isError: false }, false],
      [
        'prints a very long line',
        `'x' * 20000`,
        { status: 0, output: `${'x'.repeat(20_000)}\n`, isError: false },
        true,
      ],
      ['is not written well', `if (`, { status: 1, output: '', isError: true }, false],
    ];

    it.each(bodies)('ends and prints as `pwsh -File` would, when a script %s', async (_what, body, ending, both) => {
      const given = { file: script(body), arguments: [], environment: process.env, folder };
      expect(seen(await session.run(given))).toEqual(ending);
      if (both) expect(seen(await runPwsh(given))).toEqual(ending);
    });

    const refused = { status: 1, output: '', isError: true };
    const words: [string, string[], Ending, boolean][] = [
      [
        'names and values',
        ['-Name', 'one', '-Count', '2'],
        { status: 0, output: '<one> <2>\n', isError: false },
        false,
      ],
      ['values in their order', ['one', '2'], { status: 0, output: '<one> <2>\n', isError: false }, false],
      [
        'a value with blanks and signs',
        ['-Name', `it's "a" $(b); c`],
        { status: 0, output: `<it's "a" $(b); c> <0>\n`, isError: false },
        true,
      ],
      ['an empty value', ['-Name', ''], { status: 0, output: '<> <0>\n', isError: false }, false],
      ['a name that is none', ['-Other', 'one'], refused, false],
      ['a value of the wrong kind', ['-Name', 'no!', '-Count', 'two'], refused, true],
      ['nothing where something must be', [], refused, false],
    ];

    it.each(words)('binds %s as the command line does', async (_what, given, ending, both) => {
      const file = script(
        `param([Parameter(Mandatory)][AllowEmptyString()][string]$Name, [int]$Count)\n"<$Name> <$Count>"`,
      );
      const one: PwshCase = { file, arguments: given, environment: process.env, folder };
      expect(seen(await session.run(one))).toEqual(ending);
      if (both) expect(seen(await runPwsh(one))).toEqual(ending);
    });

    const texts: [string, string, Ending, boolean][] = [
      ['that succeeds', `'a'`, { status: 0, output: 'a\n', isError: false }, false],
      ['whose last part fails', `'a'; Get-Item /nowhere`, { status: 1, output: 'a\n', isError: true }, true],
      ['that throws', `throw 'no'`, { status: 1, output: '', isError: true }, false],
      ['that exits', `exit 4`, { status: 4, output: '', isError: false }, false],
    ];

    it.each(texts)('ends as `pwsh -Command` does for a text %s', async (_what, command, ending, both) => {
      const given = { command, environment: process.env, folder };
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

    function script(body: string): string {
      const file = join(folder, 'case.ps1');
      writeFileSync(file, body);
      return file;
    }

    /** How an error looks differs: a process of its own lays it out for a screen. */
    function seen({ status, output, error }: PwshEnd) {
      return { status, output, isError: error !== '' };
    }
  },
);
