import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '../../../src/guest/changes';
import type { GuestCommand, GuestCommandResult } from '../../../src/guest/command';
import { renderChange } from '../../../src/guest/live-changes';
import { readAnswer, readFrame, type FramePart } from '../../../src/guest/routes/run-command-frame';
import { inCodePage } from '../../support/code-pages';
import { hasPwsh, openPwshSession, runPwsh } from '../../support/pwsh-session';
import { bcdBlock, bcdRow, bcdWords } from '../../windows/support/words';
import { registryOutput } from '../support/answers';

const flag = {
  kind: 'delete-boot-element',
  object: '{11111111-2222-3333-4444-555555555555}',
  element: 'safeboot',
} as const satisfies Change;
const account: Change = { kind: 'set-service-account', service: 'Dhcp', account: 'NT AUTHORITY\\LocalService' };
const startType: Change = { kind: 'set-service-start-type', service: 'Dhcp', startType: 'automatic' };

/**
 * Runs src/guest/scripts/run-commands.ps1 for real, with small shell scripts in place of Windows' tools, and reads its
 * frames with the production reader. One PowerShell runs all cases but one. Needs `pwsh` on the path; without it every test here is skipped and says so.
 */
const script = join(__dirname, '../../../src/guest/scripts/run-commands.ps1');
const nonce = '0123456789abcdef0123456789abcdef';
const isInstalled = hasPwsh();

const whenInstalled = isInstalled ? describe : describe.skip;

whenInstalled(
  `guest/scripts/run-commands.pwsh: in pwsh${isInstalled ? '' : ' (skipped: pwsh is not installed)'}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-commands-'));
    const echo = tool('echo', 'for one in "$@"; do printf "<%s>" "$one"; done');
    const fail = tool('fail', 'printf "out"; printf "err" >&2; exit 1058');
    const bytes = tool('bytes', String.raw`printf '\231\000\377'`);
    const noise = tool('noise', 'head -c 9000 /dev/urandom | base64');
    const show = tool('show', 'cat "$1"');
    const hang = tool('hang', 'printf "half"; exec sleep 600');

    const session = openPwshSession();
    let runCase = session.run;

    beforeEach(() => {
      runCase = session.run;
    });

    afterAll(async () => {
      await session.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it('gives exit codes and both outputs, byte by byte', async () => {
      const results = await resultsOf([command('a', fail), command('b', bytes)]);
      // A shell on Linux keeps the low eight bits of an exit code; Windows keeps all.
      expect(results[0]).toEqual({ id: 'a', kind: 'ended', exitCode: 1058 & 0xff, output: 'out', error: 'err' });
      expect(results[1]).toMatchObject({ output: '\u0099\u0000\u00ff' });
    });

    it('gives the same to a `pwsh -File` of its own, with a status that says how it ended', async () => {
      runCase = runPwsh;
      const results = await resultsOf([command('a', fail), command('b', echo, 'two words', '')]);
      expect(results).toMatchObject([
        { exitCode: 1058 & 0xff, output: 'out', error: 'err' },
        { exitCode: 0, output: '<two words><>' },
      ]);
      const refused = await run(['-Nonce', "'; id; '", '-Commands', 'W10=']);
      expect(refused.status).not.toBe(0);
      expect(refused.output).not.toContain('##RDPL1');
    });

    it('hands every argument over as it is', async () => {
      const given = [
        'plain',
        'two words',
        'a"b',
        String.raw`ends with \ `,
        String.raw`back\\slashes "q\"`,
        '',
        '$(id)',
      ];
      const results = await resultsOf([command('a', echo, ...given)]);
      expect(results[0]).toMatchObject({ output: given.map((one) => `<${one}>`).join('') });
    });

    it('ends a program at its time, and keeps what it said until then', async () => {
      const results = await resultsOf([{ ...command('a', hang), timeoutSeconds: 3 }, command('b', echo, 'after')]);
      expect(results).toMatchObject([
        { id: 'a', kind: 'timed-out', output: 'half' },
        { id: 'b', output: '<after>' },
      ]);
    });

    it('says so when a program is not there, and goes on', async () => {
      const results = await resultsOf([command('a', join(folder, 'missing')), command('b', echo, 'after')]);
      expect(results).toMatchObject([
        { id: 'a', kind: 'not-started' },
        { id: 'b', kind: 'ended' },
      ]);
    });

    it('leaves a command out when an earlier output matches', async () => {
      const unless = { id: 'a', matches: String.raw`^<4>$` };
      const results = await resultsOf([
        command('a', echo, '4'),
        { ...command('b', echo, 'no'), unless },
        { ...command('c', echo, 'yes'), unless: { ...unless, matches: '^<5>$' } },
        { ...command('d', echo, 'yes'), unless: { ...unless, id: 'unknown' } },
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(['ended', 'left-out', 'ended', 'ended']);
    });

    it('leaves right values alone in every language, by the patterns of the changes themselves', async () => {
      const name = (account: string) => `\r\nHKEY_LOCAL_MACHINE\\X\r\n    ObjectName    REG_SZ    ${account}\r\n\r\n`;
      const cases: [change: Change, output: string, isRight: boolean][] = [
        ...bcdWords.flatMap(({ codePage, identifier, loader }): (typeof cases)[number][] => {
          const store = (...rows: string[]) => bcdBlock({ codePage, heading: loader, identifier }, flag.object, rows);
          return [
            [flag, store(bcdRow('safeboot', 'Minimal')), false],
            [flag, store(bcdRow('description', inCodePage(loader, codePage))), true],
          ];
        }),
        [flag, 'Error', false],
        ...([850, 437, 65001] as const).map((codePage): (typeof cases)[number] => [
          account,
          name(inCodePage('NT-AUTORITÄT\\LOKALER DIENST', codePage)),
          true,
        ]),
        [account, name('NT AUTHORITY\\Local Service'), true],
        [account, name('NT AUTHORITY\\SERVIZIO LOCALE'), true],
        [account, name('NT AUTHORITY\\Network Service'), false],
        [account, name('CORP\\LocalService'), false],
        [startType, registryOutput(2), true],
        [startType, registryOutput(4), false],
      ];
      const commands = cases.flatMap(([change, output], index) => {
        const file = join(folder, `output-${index}`);
        writeFileSync(file, Buffer.from(output, 'latin1'));
        const matches = renderChange(change)[1]?.unless?.matches ?? '';
        const unless = { id: `look-${index}`, matches };
        return [command(`look-${index}`, show, file), { ...command(`write-${index}`, echo, 'written'), unless }];
      });
      const results = await resultsOf(commands);
      const found = results.filter(({ id }) => id.startsWith('write')).map(({ kind }) => kind === 'left-out');
      expect(found).toEqual(cases.map(([, , isRight]) => isRight));
    });

    it('does only what builds on outputs that all match', async () => {
      const onlyIf = [
        { id: 'a', matches: '^<4>$' },
        { id: 'b', matches: '^<5>$' },
      ];
      const results = await resultsOf([
        command('a', echo, '4'),
        command('b', echo, '5'),
        { ...command('c', echo, 'yes'), onlyIf },
        { ...command('d', echo, 'no'), onlyIf: [...onlyIf, { id: 'a', matches: '^<5>$' }] },
        { ...command('e', echo, 'no'), onlyIf: [{ id: 'unknown', matches: '.' }] },
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(['ended', 'ended', 'ended', 'left-out', 'left-out']);
    });

    it('gives a long answer in parts, and leaves no file behind', async () => {
      const first = await partOf([command('a', noise)], 1);
      expect(first.parts).toBeGreaterThan(1);
      const parts = [first];
      for (let part = 2; part <= first.parts; part += 1) parts.push(await partOf(undefined, part));
      expect(readAnswer(parts, nonce)).toMatchObject({ ok: true, answer: { computerName: 'vm-1' } });
      expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.b64'))).toEqual([]);
    });

    it.each([
      ['a nonce that is none', ['-Nonce', "'; id; '", '-Commands', 'W10=']],
      ['a part that is no number', ['-Nonce', nonce, '-Part', '1; id', '-Commands', 'W10=']],
      ['commands that are no base64', ['-Nonce', nonce, '-Commands', '$(id)']],
      ['a part that was never made', ['-Nonce', nonce, '-Part', '2']],
    ])('refuses %s and prints no frame', async (_what, given) => {
      const { status, output } = await run(given);
      expect(status).not.toBe(0);
      expect(output).not.toContain('##RDPL1');
    });

    function tool(name: string, body: string): string {
      const file = join(folder, name);
      writeFileSync(file, `#!/bin/sh\n${body}\n`);
      chmodSync(file, 0o755);
      return file;
    }

    async function resultsOf(commands: GuestCommand[]): Promise<GuestCommandResult[]> {
      const answer = readAnswer([await partOf(commands, 1)], nonce);
      if (!answer.ok) throw new Error(answer.reason);
      return answer.answer.results;
    }

    async function partOf(commands: GuestCommand[] | undefined, part: number): Promise<FramePart> {
      const encoded = commands && Buffer.from(JSON.stringify(commands), 'utf8').toString('base64');
      const { status, output, error } = await run([
        ...['-Nonce', nonce, '-Part', String(part)],
        ...(encoded === undefined ? [] : ['-Commands', encoded]),
      ]);
      if (status !== 0) throw new Error(`It ended with ${status}. ${error}`);
      const frame = readFrame(output, nonce);
      if (!frame.ok) throw new Error(`${frame.reason} ${error}`);
      return frame.part;
    }

    function run(given: string[]) {
      const environment = { ...process.env, SystemRoot: folder, COMPUTERNAME: 'vm-1' };
      return runCase({ file: script, arguments: given, environment });
    }
  },
);

function command(id: string, file: string, ...rest: string[]): GuestCommand {
  return { id, file, arguments: rest, timeoutSeconds: 300 };
}
