import { mountContent } from '../../local/windows/disk-content';
import { breakDhcpClient, type DhcpClientFault } from '../../local/windows/faults/dhcp-client-not-running';
import { disableDhcpClient } from '../../local/windows/faults/dhcp-client-disabled';
import { configureStartType } from '../../local/windows/service-control';
import { administratorSid } from '../../local/windows/system-log';
import type { WindowsGuest } from '../../local/windows/guest';
import type { GuestLanguage } from '../../local/windows/language';
import { reportOf } from '../../src/report/repair-report';
import { BOOTED_AT, guestOn, installedBytes, LATER } from '../local/windows/running-guest';
import { about } from './repair';
import { repairWindows, simulatedWindows } from './simulated-windows';

const breaking = LATER + 600_000;
const looking = breaking + 600_000;

interface Ending {
  ending: string;
  code: string;
  /** What the reason must name. */
  names?: string;
  writes: string[];
}

const start = 'sc.exe start Dhcp';
const account = String.raw`sc.exe config Dhcp obj= NT AUTHORITY\LocalService`;
const own = 'sc.exe config Dhcp type= own';
const manual = (names: string): Ending => ({ ending: 'not-repaired', code: 'no-cure', names, writes: [] });
const repaired = (...writes: string[]): Ending => ({ ending: 'repaired', code: 'repaired', writes });

const endings: Record<DhcpClientFault | 'disabled' | 'not started since the boot' | 'nothing', Ending> = {
  nothing: { ending: 'healthy', code: 'healthy', writes: [] },
  disabled: repaired('sc.exe config Dhcp start= auto', start),
  stopped: repaired(start),
  'not started since the boot': repaired(start),
  'wrong account': repaired(account, start),
  'another account of the process': manual('1079'),
  'times out beside a neighbour': repaired(own, start),
  'crashes beside a neighbour': repaired(own, start),
  'hangs beside a neighbour': repaired('sc.exe stop Dhcp', own, start),
  'crashes by itself': { ending: 'not-repaired', code: 'still-there', names: '1067', writes: [own, start] },
  'access denied': manual('error 5 '),
  'dependency disabled': manual('1068'),
  'circular dependency': manual('1059'),
  'no such service': manual('1060'),
  'no such program': manual('193'),
};
type Fault = keyof typeof endings;

const rows = (Object.keys(endings) as Fault[]).flatMap((fault) =>
  (['en-US', 'fr-FR', 'de-DE'] as const).map((language, index) => ({
    fault,
    language,
    generation: index === 1 ? ('V1' as const) : ('V2' as const),
  })),
);
const told: string[] = [];

afterAll(() => {
  process.stdout.write(`DHCP Client, by Run Command\n${told.join('')}`);
});

describe('a DHCP Client in a simulated Windows whose agent answers', () => {
  it.each(rows)('that is broken so: $fault ($language, $generation)', async ({ fault, language, generation }) => {
    const { windows, guest } = brokenGuest(fault, language, generation);
    const expected = endings[fault];
    const { conclusion, world } = await repairWindows(windows);
    const { ending, code } = conclusion;
    told.push(`  ${fault.padEnd(32)}${language}  ${generation}  ${ending}, ${code}\n`);

    expect({ ending, code }).toEqual({ ending: expected.ending, code: expected.code });
    expect(conclusion.reason).toContain(expected.names ?? '');
    expect(windows.calls.filter((call) => !/ (?:query|\/enum) |^netstat/.test(call))).toEqual(expected.writes);
    const isMended = ['repaired', 'healthy'].includes(ending);
    expect(guest.status('Dhcp', windows.at + 60_000).state === 'RUNNING').toBe(isMended);
    // What was changed has its way back on record, whatever became of it.
    const detail = await world.tools.ledger.getRepairDetail(about.repairId);
    const wayBack = JSON.stringify(detail && reportOf(detail).wayBack);
    if (expected.writes.includes(own)) expect(wayBack).toContain('sc.exe config Dhcp type= share');
    if (expected.writes.length === 0) expect(wayBack).toBe('[]');
  });
});

function brokenGuest(fault: Fault, language: GuestLanguage, generation: 'V1' | 'V2') {
  const disk = installedBytes({ language, generation });
  const guest = guestOn(mountContent(disk));
  guest.boot(BOOTED_AT);
  damage(guest, fault);
  return { guest, windows: simulatedWindows(guest, looking, disk) };
}

function damage(guest: WindowsGuest, fault: Fault): void {
  // The lease of the boot keeps the agent alive.
  guest.addresses(LATER);
  if (fault === 'nothing') return;
  if (fault === 'disabled') disableDhcpClient(guest, breaking);
  else if (fault === 'not started since the boot') mendedInPartOnly(guest);
  else breakDhcpClient(guest, breaking, fault);
}

/** Somebody set the start type right after a boot without the service, and went away. */
function mendedInPartOnly(guest: WindowsGuest): void {
  disableDhcpClient(guest, breaking, { restart: true });
  configureStartType(guest, { service: 'Dhcp', start: 2, userSid: administratorSid, at: breaking + 120_000 });
}
