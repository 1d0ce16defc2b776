/** Ways in which a DHCP Client does not run, and how the repair of each must end in a simulated Windows. */
import { mountContent } from '../../../local/windows/disk-content';
import { breakDhcpClient, type DhcpClientFault } from '../../../local/windows/faults/dhcp-client-not-running';
import { disableDhcpClient } from '../../../local/windows/faults/dhcp-client-disabled';
import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import { configureStartType } from '../../../local/windows/service-control';
import { administratorSid, localSystemSid } from '../../../local/windows/system-log';
import type { WindowsGuest } from '../../../local/windows/guest';
import type { GuestLanguage } from '../../../local/windows/language';
import type { Ending as RepairEnding } from '../../../src/ledger/ports';
import type { OutcomeCode } from '../../../src/outcome-codes';
import { reportOf, type RepairReport } from '../../../src/report/repair-report';
import { BOOTED_AT, guestOn, installedBytes, LATER } from '../../local/windows/support/running-guest';
import { about } from './repair';
import { repairWindows, simulatedWindows, writesOf, type SimulatedWindows } from './simulated-windows';

const breaking = LATER + 600_000;
const looking = breaking + 600_000;

/** How a repair must end. What became of the guest is read from its registry and its services. */
interface Ending {
  /** The number that decides, as the table of the procedure has it. */
  number: string;
  ending: RepairEnding;
  code: OutcomeCode;
  /** What the reason must name. */
  names?: string;
  writes: string[];
  /** What the reasons of the diagnosis must tell. */
  tells?: string[];
  /** The kinds of facts that are read in addition. */
  further?: string[];
  /** SERVICE_WIN32_OWN_PROCESS afterwards, instead of the shared one. */
  isolated?: true;
}

const start = 'sc.exe start Dhcp';
const account = String.raw`sc.exe config Dhcp obj= NT AUTHORITY\LocalService`;
const own = 'sc.exe config Dhcp type= own';
const automatic = 'sc.exe config Dhcp start= auto';
const repaired = (number: string, ...writes: string[]): Ending => ({
  number,
  ending: 'repaired',
  code: 'repaired',
  writes,
  ...(writes.includes(own) ? { isolated: true } : {}),
});
const manual = (number: string, names: string, tells: string[] = [], further: string[] = []): Ending => ({
  number,
  ending: 'not-repaired',
  code: 'no-cure',
  names,
  writes: [],
  tells,
  further,
});
const failed = (number: string, code: OutcomeCode, names: string, ...writes: string[]): Ending => ({
  number,
  ending: 'not-repaired',
  code,
  names,
  writes,
  ...(writes.includes(own) ? { isolated: true } : {}),
});

type OtherFault =
  | 'nothing'
  | 'disabled'
  | 'not started since the boot'
  | 'starts before it is mended'
  | 'starts while it is mended'
  | 'disabled again by a policy'
  | 'safe mode';

const sid = 'S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582';
const chain = ['service-configuration', 'service-status'];

const endings: Record<DhcpClientFault | OtherFault, Ending> = {
  nothing: { number: '-', ending: 'healthy', code: 'healthy', writes: [] },
  'starts before it is mended': repaired('0'),
  'starts while it is mended': repaired('1056', start),
  disabled: repaired('1058', automatic, start),
  'disabled again by a policy': failed('1058', 'still-there', 'start type 4', automatic, start),
  'refused as disabled': failed('1058', 'still-there', '1058', start),
  stopped: repaired('0', start),
  'not started since the boot': repaired('1077', start),
  'wrong account': repaired('1069', account, start),
  'times out beside a neighbour': repaired('1053', own, start),
  'times out by itself': failed('1053', 'still-there', '1053', own, start),
  'crashes beside a neighbour': repaired('1067', own, start),
  'crashes by itself': failed('1067', 'still-there', '1067', own, start),
  'hangs beside a neighbour': repaired('1070', 'sc.exe stop Dhcp', own, start),
  'hangs by itself': failed('1070', 'still-there', '1070', 'sc.exe stop Dhcp', own, start),
  'access denied': manual(
    '5',
    'error 5 ',
    [
      'says 5, too',
      `Its SID is ${sid}, the permissions of the service itself are D:(`,
      String.raw`HKLM\SYSTEM\CurrentControlSet\Services\Dhcp\Configurations are O:BAG:SYD:AI(A;CI;`,
      // The key that was tampered with, and only that one of those that it writes.
      String.raw`Services\Dhcp\Parameters are O:BAG:SYD:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY), where its SID does not stand.`,
      `(A;CIID;KA;;;SY), where its SID stands.`,
    ],
    ['key-security', 'service-security'],
  ),
  'circular dependency': manual(
    '1059',
    '1059',
    ['in a circle: Dhcp → NSI → Dhcp.', 'these run: Afd.'],
    ['service-configuration'],
  ),
  'dependency disabled': manual('1068', '1068', ['Dhcp → NSI: it does not run (state 1,', 'start type 4)'], chain),
  'dependency of a dependency disabled': manual(
    '1068',
    '1068',
    ['Dhcp → NSI: it does not run (state 1,', 'Dhcp → NSI → nsiproxy: it does not run (state 1,', 'start type 4)'],
    chain,
  ),
  'another account of the process': manual(
    '1079',
    '1079',
    [
      'EventLog, which shares the process “svchost.exe -k LocalServiceNetworkRestricted”, has the account NT AUTHORITY\\LocalService; Dhcp has LocalSystem.',
    ],
    ['service-configuration', 'service-group'],
  ),
  'safe mode': repaired('1084', 'bcdedit.exe /deletevalue {loader} safeboot', 'shutdown.exe /r /t 60'),
  'no such service': manual('1060', '1060'),
  'no such program': manual('193', '193'),
};
type Fault = keyof typeof endings;

export const dhcpClientFaults = Object.keys(endings) as Fault[];

export const sourcesOfEvidence = ['guest, snapshot', 'guest only'] as const;

/** One broken guest of a table. */
export interface DhcpClientRow {
  fault: Fault;
  language: GuestLanguage;
  generation: 'V1' | 'V2';
  /** Whether the snapshot of its disk can be read. */
  sources: (typeof sourcesOfEvidence)[number];
}

/** Expects that its repair ends as it must, and that the guest is then like it. */
export async function expectDhcpClientEnding(row: DhcpClientRow, tell: (line: string) => void): Promise<void> {
  const { fault, language, generation, sources } = row;
  const { windows, guest } = brokenGuest(row);
  const expected = endings[fault];
  const { conclusion, world } = await repairWindows(windows);
  const { ending, code } = conclusion;
  tell(
    `${expected.number.padEnd(6)}${fault.padEnd(38)}${language}  ${generation}  ${sources.padEnd(17)}${ending}, ${code}`,
  );

  expect({ ending, code }).toEqual({ ending: expected.ending, code: expected.code });
  expect(conclusion.reason).toContain(expected.names ?? '');
  expect(writesOf(windows).map((call) => call.replace(/\{[0-9a-f-]+\}/, '{loader}'))).toEqual(expected.writes);
  expectGuest(windows, guest, fault);

  const detail = await world.tools.ledger.getRepairDetail(about.repairId);
  if (!detail) throw new Error('The repair is not on record.');
  const report = reportOf(detail);
  const diagnosis = report.diagnosis as { reasons?: { text: string }[]; byHand: string[] };
  const reasons = (diagnosis.reasons ?? []).map(({ text }) => text).join('\n');
  for (const text of expected.tells ?? []) expect(reasons).toContain(text);
  expect(kindsOfFurther(report)).toEqual(expected.further ?? []);
  if (code === 'no-cure') expect(diagnosis.byHand.length).toBeGreaterThan(1);
  // What was changed has its way back on record, whatever became of it.
  const wayBack = JSON.stringify(report.wayBack);
  if (expected.writes.includes(own)) expect(wayBack).toContain('sc.exe config Dhcp type= share');
  if (expected.writes.length === 0) expect(wayBack).toBe('[]');
}

function expectGuest(windows: SimulatedWindows, guest: WindowsGuest, fault: Fault): void {
  const { ending, isolated } = endings[fault];
  const isWell = ['repaired', 'healthy'].includes(ending);
  expect(guest.status('Dhcp', windows.at + 60_000).state === 'RUNNING').toBe(isWell);
  const after = guest.configuration('Dhcp');
  expect(after?.type).toBe(fault === 'no such service' ? undefined : isolated ? 0x10 : 0x20);
  if (!isWell) return;
  expect(after?.start).toBe(2);
  expect(after?.objectName.toLowerCase()).toBe('nt authority\\localservice');
}

/** Of facts only: of a group of services some are not installed, so that they cannot be read. */
function kindsOfFurther({ evidence }: RepairReport): string[] {
  const document = evidence['run-command-further'] as { evidence: { kind: string }[]; problem?: string } | undefined;
  expect(document?.problem).toBeUndefined();
  const kinds = (document?.evidence ?? []).map(({ kind }) => kind).filter((kind) => kind !== 'unreadable');
  return [...new Set(kinds)].sort();
}

function brokenGuest({ fault, language, generation, sources }: DhcpClientRow) {
  const disk = installedBytes({ language, generation });
  const guest = guestOn(mountContent(disk));
  guest.boot(BOOTED_AT);
  const windows = simulatedWindows(guest, looking, sources === 'guest, snapshot' ? disk : undefined);
  damage(guest, fault, windows);
  return { guest, windows };
}

function damage(guest: WindowsGuest, fault: Fault, windows: SimulatedWindows): void {
  // The lease of the boot keeps the agent alive.
  guest.addresses(LATER);
  switch (fault) {
    case 'nothing':
      return;
    case 'disabled':
      disableDhcpClient(guest, breaking);
      return;
    case 'not started since the boot':
      mendedInPartOnly(guest);
      return;
    case 'safe mode':
      enterSafeMode(guest, breaking, { mode: 'Network', restart: true, keepsAgent: true });
      return;
    case 'starts before it is mended':
      breakDhcpClient(guest, breaking, 'stopped');
      // The second look is that of the run that mends it.
      onCall(windows, 'sc.exe query Dhcp', 2, () => guest.start('Dhcp', windows.at - 5000));
      return;
    case 'starts while it is mended':
      breakDhcpClient(guest, breaking, 'stopped');
      onCall(windows, start, 1, () => guest.start('Dhcp', windows.at - 5000));
      return;
    case 'disabled again by a policy':
      disableDhcpClient(guest, breaking);
      onCall(windows, start, 1, () =>
        configureStartType(guest, { service: 'Dhcp', start: 4, userSid: localSystemSid, at: windows.at }),
      );
      return;
    default:
      breakDhcpClient(guest, breaking, fault);
  }
}

/** Somebody else acts just before the `count`-th call of this kind. */
function onCall(windows: SimulatedWindows, call: string, count: number, act: () => unknown): void {
  let seen = 0;
  windows.meanwhile = (one) => {
    if (one === call) seen += 1;
    if (one === call && seen === count) act();
  };
}

/** Somebody set the start type right after a boot without the service, and went away. */
function mendedInPartOnly(guest: WindowsGuest): void {
  disableDhcpClient(guest, breaking, { restart: true });
  configureStartType(guest, { service: 'Dhcp', start: 2, userSid: administratorSid, at: breaking + 120_000 });
}
