import type { GuestRun, GuestRunRequest } from '../../../src/azure/ports';
import type { EarlierOutput, GuestCommand } from '../../../src/guest/command';
import { listenersOutput, registryOutput, statusOutput } from '../../guest/support/answers';
import { framesOf, bodyOf, type PackedResult } from '../../guest/routes/support/frame-packer';

/** A guest with one service, as far as the commands that we send to it can see and change it. */
export interface FakeGuest {
  startType: number;
  state: number;
  listening: boolean;
  /** The safe-boot flag of its only loader; absent for a normal boot. It runs as its flag says. */
  safeboot?: 'Minimal' | 'Network' | 'DsRepair';
  /** How it runs, where that is not what its flag says. */
  runsIn?: 'normal' | 'Minimal' | 'Network' | 'DsRepair';
  /** When it was booted (ISO 8601); each restart that is asked for is carried out at once. */
  bootedAt: string;
  isDomainController: boolean;
  /** Every write that was carried out. */
  writes: string[];
  /** Windows errors that `sc.exe` gives instead of writing, by verb. */
  errors: { config?: number; start?: number };
  /** More characters of output that cannot be packed, so that an answer takes several parts. */
  padding: string;
}

/** A guest whose DHCP Client service is disabled and stopped, and which listens for Remote Desktop. */
export function fakeGuest(fields: Partial<FakeGuest> = {}): FakeGuest {
  const bootedAt = '2026-01-02T02:00:00.000Z';
  const rest = { writes: [], errors: {}, padding: '', bootedAt, isDomainController: false };
  return { startType: 4, state: 1, listening: true, ...rest, ...fields };
}

/** Answers runs as scripts/run-commands.ps1 would: the commands once, further parts from what was kept. */
export function respondAs(guest: FakeGuest): (request: GuestRunRequest) => GuestRun {
  const bodies = new Map<string, string>();
  return ({ parameters }) => {
    const { Nonce: nonce = '', Part: part = '1', Commands: commands } = parameters;
    const body = bodies.get(nonce) ?? (commands === undefined ? '' : carryOut(guest, nonce, commands));
    bodies.set(nonce, body);
    return { state: 'succeeded', output: framesOf(body, nonce)[Number(part) - 1] ?? '', error: '' };
  };
}

function carryOut(guest: FakeGuest, nonce: string, encoded: string): string {
  const commands = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as GuestCommand[];
  const results: PackedResult[] = [];
  for (const command of commands) {
    const isMatched = (condition: EarlierOutput) => {
      const earlier = results.find(({ id }) => id === condition.id);
      const text = earlier && 'output' in earlier ? earlier.output : undefined;
      return text !== undefined && new RegExp(condition.matches, 'm').test(toDotNet(text));
    };
    const { id, unless, onlyIf = [] } = command;
    const isLeftOut = onlyIf.some((one) => !isMatched(one)) || (unless !== undefined && isMatched(unless));
    results.push(isLeftOut ? { id, skipped: true } : run(guest, command));
  }
  const startedAt = new Date().toISOString();
  return bodyOf({ version: 2, nonce, startedAt, bootedAt: guest.bootedAt, computerName: 'vm-1', results });
}

/** .NET takes a carriage return for an ordinary blank character. */
function toDotNet(text: string): string {
  return text.replaceAll('\r\n', ' \n');
}

function run(guest: FakeGuest, { id, file, arguments: rest }: GuestCommand): PackedResult {
  const { exitCode, output } = outputOf(guest, [file, ...rest].join(' '));
  return { id, exitCode, output: output + guest.padding, error: '' };
}

function outputOf(guest: FakeGuest, line: string): { exitCode: number; output: string } {
  if (line.startsWith('bcdedit.exe /deletevalue')) return deleteElement(guest, line);
  if (line.startsWith('bcdedit.exe')) return { exitCode: 0, output: bcdeditOutput(line, guest.safeboot) };
  if (line.startsWith('shutdown.exe')) return restart(guest, line);
  if (line.includes('SafeBoot')) return safeBootOutput(line, modeOf(guest));
  if (line.includes('ProductType'))
    return textOutput('ProductType', guest.isDomainController ? 'LanmanNT' : 'ServerNT');
  if (line.includes('Windows NT')) return textOutput(line.split(' ').at(-1) ?? '', 'Windows');
  if (line.includes('RDP-Tcp')) return { exitCode: 0, output: registryOutput(3389, 'PortNumber') };
  if (line.startsWith('netstat.exe')) {
    return { exitCode: 0, output: listenersOutput(135, ...(guest.listening ? [3389] : [])) };
  }
  if (line.startsWith('reg.exe query')) return { exitCode: 0, output: registryOutput(guest.startType) };
  if (line.startsWith('sc.exe query')) return { exitCode: 0, output: statusOutput(guest.state) };
  // Its Service Control Manager has written nothing for a day.
  if (line.startsWith('wevtutil.exe qe System')) return { exitCode: 0, output: '' };
  if (line.startsWith('sc.exe config')) return write(guest, line, guest.errors.config, () => (guest.startType = 2));
  if (line.startsWith('sc.exe start')) return write(guest, line, guest.errors.start, () => (guest.state = 4));
  throw new Error(`The fake guest does not know this command: ${line}`);
}

function write(guest: FakeGuest, line: string, error: number | undefined, act: () => void) {
  if (error !== undefined) return { exitCode: error, output: `[SC] FAILED ${error}:\r\n` };
  guest.writes.push(line);
  act();
  return { exitCode: 0, output: '[SC] SUCCESS\r\n' };
}

function textOutput(name: string, text: string): { exitCode: number; output: string } {
  return { exitCode: 0, output: ['', 'HKEY_LOCAL_MACHINE\\X', `    ${name}    REG_SZ    ${text}`, ''].join('\r\n') };
}

function modeOf({ safeboot, runsIn = safeboot }: FakeGuest): FakeGuest['safeboot'] {
  return runsIn === 'normal' ? undefined : runsIn;
}

function deleteElement(guest: FakeGuest, line: string): { exitCode: number; output: string } {
  if (line.endsWith('safebootalternateshell') || guest.safeboot === undefined) return { exitCode: 1, output: '' };
  guest.runsIn ??= guest.safeboot;
  guest.safeboot = undefined;
  guest.writes.push(line);
  return { exitCode: 0, output: 'The operation completed successfully.\r\n' };
}

function restart(guest: FakeGuest, line: string): { exitCode: number; output: string } {
  guest.runsIn = guest.safeboot ?? 'normal';
  guest.bootedAt = new Date(Date.parse(guest.bootedAt) + 3_600_000).toISOString();
  guest.writes.push(line);
  return { exitCode: 0, output: '' };
}

/** The fake guest's only boot loader. */
export const loader = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';

function bcdeditOutput(line: string, safeboot: string | undefined): string {
  const rows = line.includes('{bootmgr}')
    ? ['identifier              {9dea862c-5cdd-4e70-acc1-f32b344d4795}', `default                 ${loader}`]
    : [`identifier              ${loader}`, ...(safeboot ? [`safeboot                ${safeboot}`] : [])];
  return ['', 'Windows Boot', '------------', ...rows, ''].join('\r\n');
}

function safeBootOutput(line: string, safeboot: FakeGuest['safeboot']): { exitCode: number; output: string } {
  const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot`;
  if (!line.includes('Option')) {
    const keys = ['Minimal', 'Network', ...(safeboot ? ['Option'] : [])].map((name) => `${key}\\${name}`);
    return { exitCode: 0, output: ['', key, ...keys, ''].join('\r\n') };
  }
  if (!safeboot) return { exitCode: 1, output: '' };
  const value = { Minimal: 1, Network: 2, DsRepair: 3 }[safeboot];
  return { exitCode: 0, output: ['', `${key}\\Option`, `    OptionValue    REG_DWORD    0x${value}`, ''].join('\r\n') };
}
