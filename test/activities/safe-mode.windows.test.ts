import { writeBootElement, bootElements, bootInteger, wellKnownObjects } from '../../local/windows/boot-store';
import { enterSafeMode } from '../../local/windows/faults/safe-mode';
import { reportOf } from '../../src/report/repair-report';
import { LATER, run, runningGuest } from '../local/windows/support/running-guest';
import { pairwise } from '../support/pairwise';
import { printedTable } from '../support/printed-table';
import { about } from './support/repair';
import { expectSafeModeEnding, MUCH_LATER, safeModeKinds } from './support/safe-mode';
import { repairWindows, simulatedWindows, writesOf } from './support/simulated-windows';

const rows = pairwise(safeModeKinds);
const tell = printedTable('safe mode, by Run Command (an agent that answers in safe mode is hypothetical)');

describe('activities/safe-mode.windows: safe mode in a simulated Windows whose agent answers', () => {
  it.each(rows)('$mode, $language, $generation, runs $runs', async (row) => {
    await expectSafeModeEnding(row, tell);
  });

  it('leaves a domain controller as it is, whatever its flag (hazard: a directory that is being repaired)', async () => {
    const guest = runningGuest({ isDomainController: true });
    enterSafeMode(guest, LATER, { mode: 'Network', restart: true, keepsAgent: true });
    const windows = simulatedWindows(guest, MUCH_LATER);
    const { conclusion } = await repairWindows(windows);
    expect(conclusion).toMatchObject({ ending: 'diagnosed', code: 'left-alone' });
    expect(conclusion.reason).toContain('domain controller');
    expect(writesOf(windows)).toEqual([]);
    expect(guest.safeMode()).toBe('Network');
  });

  it('touches the loader that boots, and no other of the store', async () => {
    const guest = runningGuest();
    const other = '{11111111-2222-3333-4444-555555555555}';
    const current = guest.bootLoader() ?? '';
    guest.content.writeValue(`BCD\\Objects\\${other}\\Description`, 'Type', { type: 'REG_DWORD', data: 0x10200003 });
    for (const id of [current, other]) writeBootElement(guest.content, id, bootElements.safeBoot, bootInteger(0));
    const { conclusion } = await repairWindows(simulatedWindows(guest, MUCH_LATER));
    expect(conclusion.ending).toBe('repaired');
    expect(run(guest, 'bcdedit', ['/enum', current]).stdout).not.toMatch(/^safeboot/m);
    expect(run(guest, 'bcdedit', ['/enum', other]).stdout).toMatch(/^safeboot\s+Minimal/m);
  });

  it('is not restarted where the flag stays (hazard: a downtime back into safe mode)', async () => {
    const guest = runningGuest();
    enterSafeMode(guest, LATER, { mode: 'Network', restart: true, keepsAgent: true });
    const windows = simulatedWindows(guest, MUCH_LATER);
    windows.refuses = /^bcdedit\.exe \/deletevalue/;
    const { conclusion } = await repairWindows(windows);
    expect(conclusion).toMatchObject({ ending: 'not-repaired', code: 'still-there' });
    expect(windows.restarts).toBe(0);
    expect(guest.safeMode()).toBe('Network');
  });

  it('finds nothing to do the next time, and told the way back of what it did', async () => {
    const guest = runningGuest();
    enterSafeMode(guest, LATER, { mode: 'Network', restart: true, keepsAgent: true });
    const windows = simulatedWindows(guest, MUCH_LATER);
    const original = guest.bootLoader() ?? '';
    const { plan, world } = await repairWindows(windows);
    expect(windows.restarts).toBe(1);
    const again = simulatedWindows(guest, windows.at + 60_000);
    const before = guest.bootedAt();
    const { conclusion } = await repairWindows(again);
    expect(conclusion.ending).toBe('healthy');
    expect(guest.bootedAt()).toBe(before);
    expect(plan?.changes).toMatchObject([{ object: original }, { kind: 'restart-from-safe-mode' }]);
    const detail = await world.tools.ledger.getRepairDetail(about.repairId);
    expect(detail && reportOf(detail).wayBack[0]?.commands[0]).toContain(
      `--scripts "bcdedit.exe /set '${original}' safeboot network"`,
    );
  });

  it('knows the settings that loaders inherit by the same commands', () => {
    const guest = runningGuest();
    const object = wellKnownObjects.bootloadersettings;
    writeBootElement(guest.content, object, bootElements.safeBoot, bootInteger(1));
    expect(run(guest, 'bcdedit', ['/enum', object, '/v']).stdout).toMatch(/^safeboot\s+Network/m);
    expect(run(guest, 'bcdedit', ['/deletevalue', object, 'safeboot']).exitCode).toBe(0);
  });
});
