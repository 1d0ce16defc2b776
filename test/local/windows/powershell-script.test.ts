import { createScriptRunner } from '../../../local/windows/agent';
import { argumentsOf, readNativeCalls } from '../../../local/windows/powershell-script';
import type { ScriptHost } from '../../../local/windows/script-frame';
import { powerShellLine } from '../../../src/guest/powershell-line';
import { hostileCalls } from '../../support/hostile-calls';
import { LATER, runningGuest } from './support/running-guest';

function host(): ScriptHost {
  return { guest: runningGuest(), pause: () => Promise.resolve() };
}

function encoded(line: string): string {
  return `powershell.exe -NoProfile -NonInteractive -EncodedCommand ${Buffer.from(line, 'utf16le').toString('base64')}`;
}

beforeEach(() => {
  jest.useFakeTimers({ now: LATER });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('local/windows/powershell-script', () => {
  it('starts programs with the arguments that PowerShell gives them (compare report/undo-changes, with a real one)', () => {
    for (const call of hostileCalls(500)) {
      for (const line of [powerShellLine(call), encoded(powerShellLine(call))]) {
        const calls = readNativeCalls(line)?.map(({ file, commandLine }) => ({
          file,
          arguments: argumentsOf(commandLine),
        }));
        expect(calls).toEqual([call]);
      }
    }
  });

  it('loses an empty argument and does not escape quotes, as before 7.3', () => {
    const [call] = readNativeCalls(`reg.exe add '' 'a"b c' 'a b\\'`) ?? [];
    expect(call?.commandLine).toBe('add "a"b c" "a b\\"');
  });

  it('runs in the guest, one after another, whatever each ends with', async () => {
    const run = createScriptRunner();
    const world = host();
    const end = await run(world, 'sc.exe config NoSuch start= auto\r\nsc.exe config Dhcp start= disabled', {});
    expect(end).toMatchObject({ exitCode: 0, error: '' });
    expect(end.output).toContain('1060');
    const query = await run(world, 'sc.exe qc Dhcp\nnothing.exe x', {});
    expect(query.output).toMatch(/: 4 {3}DISABLED/);
    expect(query.error).toContain('nothing.exe');
  });

  it.each([
    'Write-Output hello',
    "'sc.exe' stop Dhcp",
    'sc.exe stop Dhcp; sc.exe stop Dnscache',
    'sc.exe stop $name',
    'sc.exe stop "Dhcp"',
    'sc.exe stop Dhcp | more',
    "sc.exe 'a'b",
    'sc.exe --% stop',
    "Start-Process -FilePath 'sc.exe' -Verb RunAs",
    'powershell.exe -Command exit',
    encoded('Write-Output hello'),
  ])('is not simulated: %s', async (script) => {
    const end = await createScriptRunner()(host(), script, {});
    expect(end).toMatchObject({ exitCode: 1, error: expect.stringContaining('runs no PowerShell') as string });
  });

  it.each([
    ['a b', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ['a\\\\b "c\\\\" d', ['a\\\\b', 'c\\', 'd']],
    ['a\\"b', ['a"b']],
    ['""', ['']],
    ['"a""b"', ['a"b']],
    ['', []],
  ])('reads the command line %j as Windows does', (commandLine, expected) => {
    expect(argumentsOf(commandLine)).toEqual(expected);
  });
});
