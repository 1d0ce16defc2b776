import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createScriptRunner } from '../../../local/windows/agent';
import { runCommandsScript, type ScriptHost } from '../../../local/windows/run-commands-script';
import { LATER, runningGuest } from './support/running-guest';

const nonce = 'a'.repeat(32);
const netstat = { id: 'n', file: 'netstat.exe', arguments: ['-ano'], timeoutSeconds: 20 };

/** A guest in which time stands still, so that nothing waits. */
function host(): ScriptHost {
  return { guest: runningGuest(), pause: () => Promise.resolve() };
}

function encode(commands: object[]): string {
  return Buffer.from(JSON.stringify(commands)).toString('base64');
}

interface Frame {
  part: number;
  parts: number;
  length: number;
  hash: string;
  chunk: string;
}

function parse(output: string): Frame {
  const match = /^##RDPL1 (\S+) (\d+)\/(\d+) (\d+) ([0-9a-f]{64})##(.*)##END (\S+)##\r\n$/.exec(output);
  expect([match?.[1], match?.[7]]).toEqual([nonce, nonce]);
  const [, , part, parts, length, hash = '', chunk = ''] = match ?? [];
  return { part: Number(part), parts: Number(parts), length: Number(length), hash, chunk };
}

function decode(body: string) {
  return JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString('utf8')) as {
    results: Record<string, unknown>[];
  } & Record<string, unknown>;
}

beforeEach(() => {
  jest.useFakeTimers({ now: LATER });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('local/windows/run-commands-script: the twin of run-commands.ps1', () => {
  it('frames what the commands answered', async () => {
    const end = await runCommandsScript(host(), { Nonce: nonce, Commands: encode([netstat]) });
    const frame = parse(end.output);
    expect(end.exitCode).toBe(0);
    expect(frame).toMatchObject({ part: 1, parts: 1, length: frame.chunk.length });
    expect(createHash('sha256').update(frame.chunk).digest('hex')).toBe(frame.hash);
    expect(decode(frame.chunk)).toMatchObject({
      version: 2,
      nonce,
      startedAt: '2026-03-01T08:01:00.0000000Z',
      bootedAt: '2026-03-01T08:00:00.0000000Z',
      computerName: 'SRV01',
      codePage: 437,
      results: [{ id: 'n', exitCode: 0, error: '' }],
    });
  });

  it('cuts a long answer into parts of 3,000 characters and forgets it with the last', async () => {
    const guestHost = host();
    const everything = ['HKLM\\SYSTEM', 'HKLM\\SOFTWARE'].map((key, index) => ({
      id: String(index),
      file: 'reg.exe',
      arguments: ['query', key, '/s'],
      timeoutSeconds: 60,
    }));
    const first = parse((await runCommandsScript(guestHost, { Nonce: nonce, Commands: encode(everything) })).output);
    expect(first.parts).toBeGreaterThan(1);
    expect(first.chunk).toHaveLength(3800);
    let body = first.chunk;
    for (let part = 2; part <= first.parts; part += 1) {
      body += parse((await runCommandsScript(guestHost, { Nonce: nonce, Part: String(part) })).output).chunk;
    }
    expect(createHash('sha256').update(body).digest('hex')).toBe(first.hash);
    expect(decode(body).results).toHaveLength(2);
    const again = await runCommandsScript(guestHost, { Nonce: nonce, Part: '2' });
    expect(again).toMatchObject({ exitCode: 1, output: '' });
  });

  it('leaves out a command when the earlier output matches as .NET would match it', async () => {
    const start = (id: string, pattern: string) => ({ ...netstat, id, unless: { id: 'first', matches: pattern } });
    const commands = [
      { id: 'first', file: 'hostname.exe', arguments: [], timeoutSeconds: 20 },
      start('matches', '^SRV\\d+\\s*$'),
      // In .NET `$` does not match before a carriage return.
      start('no-match', '^SRV\\d+$'),
      start('carriage-return', '^SRV01\\r$'),
      start('unknown-id', 'x'),
      { ...start('other', '.'), unless: { id: 'nobody', matches: '.' } },
    ];
    const end = await runCommandsScript(host(), { Nonce: nonce, Commands: encode(commands) });
    const skipped = decode(parse(end.output).chunk).results.map((result) => result.skipped === true);
    expect(skipped).toEqual([false, true, false, true, false, false]);
  });

  it('leaves out what builds on outputs that do not all match', async () => {
    const first = { id: 'first', file: 'hostname.exe', arguments: [], timeoutSeconds: 20 };
    const onlyIf = (...patterns: string[]) => patterns.map((matches) => ({ id: 'first', matches }));
    const commands = [
      first,
      { ...netstat, id: 'all', onlyIf: onlyIf('^SRV', '01') },
      { ...netstat, id: 'one', onlyIf: onlyIf('^SRV', '02') },
      { ...netstat, id: 'unknown', onlyIf: [{ id: 'nobody', matches: '.' }] },
      { ...netstat, id: 'right', onlyIf: onlyIf('^SRV'), unless: { id: 'first', matches: '01' } },
    ];
    const end = await runCommandsScript(host(), { Nonce: nonce, Commands: encode(commands) });
    const skipped = decode(parse(end.output).chunk).results.map((result) => result.skipped === true);
    expect(skipped).toEqual([false, false, true, true, true]);
  });

  it.each([
    [{ Nonce: 'short' }, /parameter 'Nonce'/],
    [{ Nonce: nonce, Part: '0' }, /parameter 'Part'/],
    [{ Nonce: nonce, Commands: '$(evil)' }, /parameter 'Commands'/],
    [{ Nonce: nonce, Other: '1' }, /parameter name 'Other'/],
  ])('is refused by PowerShell with parameters %p', async (parameters, message) => {
    const end = await runCommandsScript(host(), parameters);
    expect(end).toMatchObject({ exitCode: 1, output: '' });
    expect(end.error).toMatch(message);
  });
});

describe('local/windows/run-commands-script: the agent', () => {
  const script = readFileSync(join(__dirname, '../../../src/guest/scripts/run-commands.ps1'), 'utf8');

  it('knows the script whatever its line endings', async () => {
    const text = `\uFEFF${script.replace(/\r?\n/g, '\r\n')}`;
    const end = await createScriptRunner()(host(), text, { Nonce: nonce, Commands: encode([netstat]) });
    expect(end.exitCode).toBe(0);
  });

  it('runs nothing else', async () => {
    const end = await createScriptRunner()(host(), `${script}\nRestart-Computer`, { Nonce: nonce });
    expect(end).toMatchObject({ exitCode: 1, output: '' });
  });
});

describe('local/windows/run-commands-script: the twin of src/guest/scripts/run-commands.ps1', () => {
  it('is read again by whoever changes the script: the two must do the same', () => {
    const script = readFileSync(join(__dirname, '../../../src/guest/scripts/run-commands.ps1'), 'utf8');

    // The script that local/windows/run-commands-script.ts was last held against. Compare the two before you change this.
    expect(createHash('sha256').update(script.replaceAll('\r\n', '\n')).digest('hex')).toBe(
      '42cecccc69897aa543d9a622aae05cf6b4761032973192a5231ea25f7e777df7',
    );
  });
});
