/** How scripts, command lines and texts end in a PowerShell of their own, as `pwsh -File` and `pwsh -Command` have it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PwshCase, PwshEnd } from './pwsh-session';

export interface Ending {
  status: number;
  output: string;
  isError: boolean;
}

/** Those with `true` are held against a process of its own by `npm test`, too; all of them by the full run. */
export const bodies: [string, string, Ending, boolean][] = [
  ['ends', `'a'; 'b'`, { status: 0, output: 'a\nb\n', isError: false }, false],
  ['exits with 0', 'exit 0', { status: 0, output: '', isError: false }, false],
  ['exits with a status', `'in'; exit 3; 'after'`, { status: 3, output: 'in\n', isError: false }, false],
  [
    'exits out of a function',
    `function Stop-It { exit 7 }; 'in'; Stop-It; 'after'`,
    { status: 7, output: 'in\n', isError: false },
    false,
  ],
  ['throws', `'in'; throw 'no'; 'after'`, { status: 1, output: 'in\n', isError: true }, true],
  [
    'fails by a setting',
    `$ErrorActionPreference = 'Stop'; 'in'; Get-Item /nowhere; 'after'`,
    { status: 1, output: 'in\n', isError: true },
    false,
  ],
  ['complains and goes on', `Write-Error 'soft'; 'after'`, { status: 0, output: 'after\n', isError: true }, false],
  [
    'has a program fail and ends itself well',
    `sh -c 'exit 5'; "it said $LASTEXITCODE"`,
    { status: 0, output: 'it said 5\n', isError: false },
    false,
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
  ['prints a very long line', `'x' * 20000`, { status: 0, output: `${'x'.repeat(20_000)}\n`, isError: false }, false],
  ['is not written well', `if (`, { status: 1, output: '', isError: true }, false],
];

const refused = { status: 1, output: '', isError: true };
export const words: [string, string[], Ending, boolean][] = [
  ['names and values', ['-Name', 'one', '-Count', '2'], { status: 0, output: '<one> <2>\n', isError: false }, false],
  ['values in their order', ['one', '2'], { status: 0, output: '<one> <2>\n', isError: false }, false],
  [
    'a value with blanks and signs',
    ['-Name', `it's "a" $(b); c`],
    { status: 0, output: `<it's "a" $(b); c> <0>\n`, isError: false },
    false,
  ],
  ['an empty value', ['-Name', ''], { status: 0, output: '<> <0>\n', isError: false }, false],
  ['a name that is none', ['-Other', 'one'], refused, false],
  ['a value of the wrong kind', ['-Name', 'no!', '-Count', 'two'], refused, true],
  ['nothing where something must be', [], refused, false],
];

export const texts: [string, string, Ending, boolean][] = [
  ['that succeeds', `'a'`, { status: 0, output: 'a\n', isError: false }, false],
  ['whose last part fails', `'a'; Get-Item /nowhere`, { status: 1, output: 'a\n', isError: true }, true],
  ['that throws', `throw 'no'`, { status: 1, output: '', isError: true }, false],
  ['that exits', `exit 4`, { status: 4, output: '', isError: false }, false],
];

/** A script of this body, in this folder. */
export function caseOfBody(folder: string, body: string): PwshCase {
  return { file: script(folder, body), arguments: [], environment: process.env, folder };
}

/** A script with two parameters, which is given these words. */
export function caseOfWords(folder: string, given: string[]): PwshCase {
  const file = script(
    folder,
    `param([Parameter(Mandatory)][AllowEmptyString()][string]$Name, [int]$Count)\n"<$Name> <$Count>"`,
  );
  return { file, arguments: given, environment: process.env, folder };
}

export function caseOfText(folder: string, command: string): PwshCase {
  return { command, environment: process.env, folder };
}

function script(folder: string, body: string): string {
  const file = join(folder, 'case.ps1');
  writeFileSync(file, body);
  return file;
}

/** How an error looks differs: a process of its own lays it out for a screen. */
export function seen({ status, output, error }: PwshEnd) {
  return { status, output, isError: error !== '' };
}
