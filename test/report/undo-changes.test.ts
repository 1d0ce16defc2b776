import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import type { ProgramCall } from '../../src/guest/command';
import { powerShellLine } from '../../src/guest/powershell-line';
import { noUndo, undoBy } from '../../src/guest/undo';
import { scriptArgument } from '../../src/report/az';
import { undoChanges } from '../../src/report/undo-changes';
import { anyCall, hostileCalls, programs } from '../support/hostile-calls';
import { hasPwsh, openPwshSession, type PwshSession } from '../support/pwsh-session';
import { changeRecord, repairDetail } from './support/details';

/**
 * A printed undo on its way: a person's shell, the Azure CLI, the guest's PowerShell, the program. Whatever a guest has put into a
 * value, the program gets exactly that, and nothing else is run.
 */

let folder: string;
let told: string;
let environment: NodeJS.ProcessEnv;
let session: PwshSession | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rdp-lifeline-undo-'));
  told = join(folder, 'told');
  const script = '#!/bin/sh\nprintf "%s\\0" "$#" "${0##*/}" "$@" >> "$TOLD"\n';
  for (const name of ['az', ...programs, 'calc.exe']) {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  environment = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, TOLD: told };
});

afterAll(async () => {
  await session?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the programs were started with, in order. */
function takeTold(): ProgramCall[] {
  const words = readFileSync(told, 'utf8').split('\0').slice(0, -1);
  rmSync(told);
  const calls: ProgramCall[] = [];
  for (let at = 0; at < words.length;) {
    const count = Number(words[at]);
    calls.push({ file: words[at + 1] ?? '', arguments: words.slice(at + 2, at + 2 + count) });
    at += 2 + count;
  }
  return calls;
}

function commandsFor(calls: readonly ProgramCall[]): string[] {
  const changes = calls.map((one) => changeRecord({ undo: undoBy(one.file, ...one.arguments) }));
  return undoChanges(repairDetail({ changes: changes.reverse() })).flatMap(({ commands }) => commands);
}

/** The lines of PowerShell that the Azure CLI was handed. */
function scriptsOf(calls: readonly ProgramCall[]): string[] {
  return calls.flatMap(({ arguments: words }) => words.slice(words.indexOf('--scripts') + 1));
}

/** The line that an encoded one stands for. */
function decoded(script: string): string {
  const [, encoded] =
    /^powershell\.exe -NoProfile -NonInteractive -EncodedCommand ([A-Za-z0-9+/=]+)$/.exec(script) ?? [];
  return encoded === undefined ? script : Buffer.from(encoded, 'base64').toString('utf16le');
}

describe('report/undo-changes: in a shell', () => {
  it('reaches the Azure CLI by bash as it was rendered, and nothing else is run', () => {
    const calls = hostileCalls(400);
    const commands = commandsFor(calls);
    // Interactive, because only then history is expanded.
    const { status, stderr } = spawnSync('bash', ['--norc', '-i'], {
      input: `set -o history -o histexpand\n${commands.join('\n')}\n`,
      env: environment,
      encoding: 'utf8',
    });
    expect([status, /error|not found|unexpected/.exec(stderr)?.[0]]).toEqual([0, undefined]);
    const seen = takeTold();
    expect(new Set(seen.map(({ file }) => file))).toEqual(new Set(['az']));
    expect(scriptsOf(seen).map(decoded)).toEqual(calls.map(powerShellLine));
  });

  it('has nothing that cmd would expand or end a command by, because on Windows the Azure CLI is a batch file', () => {
    for (const command of commandsFor(hostileCalls(400))) expect(command).not.toMatch(/[%^!&|<>\n\r]/);
  });
});

describe('report/undo-changes: what cannot be carried', () => {
  it.each([
    ['a line break', 'a\nb'],
    ['a character that ends a text', 'a\0b'],
    ['half of a character', 'a\ud800b'],
    ['more than fits', 'x'.repeat(1_001)],
  ])('is no command, but told: %s', (_what, value) => {
    const undo = undoBy('reg.exe', 'add', value);
    expect(undo).toMatchObject({ kind: 'impossible' });
    const [way] = undoChanges(repairDetail({ changes: [changeRecord({ undo })] }));
    expect(way).toMatchObject({ commands: [], note: expect.stringContaining('the value before has') as string });
  });

  it('is never left out: each change that is to be undone has its commands or a word', () => {
    const undo = fc.oneof(
      anyCall.map((one) => undoBy(one.file, ...one.arguments)),
      fc.string().map(noUndo),
    );
    fc.assert(
      fc.property(fc.array(undo, { minLength: 1, maxLength: 5 }), (undos) => {
        const changes = undos.map((one, index) => changeRecord({ title: `change ${index}`, undo: one }));
        const [way] = undoChanges(repairDetail({ changes }));
        const scripts = (way?.commands ?? []).join(' ').match(/"[^"]*"/g) ?? [];
        expect(scripts).toHaveLength(undos.filter(({ kind }) => kind === 'commands').length);
        for (const [index, { kind }] of undos.entries()) {
          expect(way?.undoes).toContain(`change ${index}`);
          if (kind === 'impossible') expect(way?.note).toContain(`No command takes this back: change ${index} (`);
        }
      }),
    );
  });
});

const whenPwsh = hasPwsh() ? describe : describe.skip;

whenPwsh('report/undo-changes: in PowerShell', () => {
  beforeAll(() => {
    session = openPwshSession();
  });

  // Legacy is how Windows PowerShell 5.1 hands arguments on, which is what a guest has.
  it.each(['Legacy', 'Standard'])('gives the program exactly the arguments, with %s passing', async (passing) => {
    const calls = hostileCalls(300);
    const command = [`$PSNativeCommandArgumentPassing = '${passing}'`, ...calls.map(powerShellLine)].join('\n');
    const end = await session?.run({ command, environment });
    expect(end?.error).toBe('');
    expect(takeTold()).toEqual(calls);
  });

  it('reaches the Azure CLI by a person’s PowerShell as by bash', async () => {
    const calls = hostileCalls(300);
    const end = await session?.run({ command: commandsFor(calls).join('\n'), environment });
    expect(end?.error).toBe('');
    const seen = takeTold();
    expect(new Set(seen.map(({ file }) => file))).toEqual(new Set(['az']));
    expect(scriptsOf(seen).map(decoded)).toEqual(calls.map(powerShellLine));
  });

  it('runs an encoded line as it is', async () => {
    const only = { file: 'reg.exe', arguments: ['add', '%PATH%', '$(calc.exe)', "it's", 'a"b'] };
    const script = scriptArgument(powerShellLine(only));
    expect(script).toContain('-EncodedCommand');
    const command = script.slice(1, -1).replace('powershell.exe', 'pwsh');
    await session?.run({ command, environment });
    expect(takeTold()).toEqual([only]);
  });
});
