import { writeBootElement, bootElements, bootInteger, wellKnownObjects } from '../../local/windows/boot-store';
import type { SafeMode } from '../../local/windows/boot-manager';
import { enterSafeMode } from '../../local/windows/faults/safe-mode';
import type { GuestLanguage } from '../../local/windows/language';
import { reportOf } from '../../src/report/repair-report';
import { LATER, run, runningGuest } from '../local/windows/support/running-guest';
import { about } from './support/repair';
import { repairWindows, simulatedWindows, writesOf } from './support/simulated-windows';

/** Long after the restart that a fault makes. */
const MUCH_LATER = LATER + 600_000;

interface Row {
  mode: SafeMode;
  language: GuestLanguage;
  generation: 'V1' | 'V2';
  runs: 'normally' | 'in safe mode';
}

const rows: Row[] = (['Minimal', 'Network', 'DsRepair'] as const).flatMap((mode) =>
  (['en-US', 'fr-FR', 'de-DE'] as const).flatMap((language) =>
    (['V1', 'V2'] as const).flatMap((generation) =>
      (['normally', 'in safe mode'] as const).map((runs) => ({ mode, language, generation, runs })),
    ),
  ),
);
const told: string[] = [];

afterAll(() => {
  process.stdout.write(
    `safe mode, by Run Command (an agent that answers in safe mode is hypothetical)\n${told.join('')}`,
  );
});

describe('activities/safe-mode.windows: safe mode in a simulated Windows whose agent answers', () => {
  it.each(rows)('$mode, $language, $generation, runs $runs', async ({ mode, language, generation, runs }) => {
    const guest = runningGuest({ language, generation });
    const isSafe = runs === 'in safe mode';
    enterSafeMode(guest, LATER, { mode, alternateShell: true, restart: isSafe, keepsAgent: true });
    const windows = simulatedWindows(guest, MUCH_LATER);
    const { conclusion } = await repairWindows(windows);
    const at = windows.at + 60_000;
    const flag = run(guest, 'bcdedit', ['/enum', '{current}'], at).stdout;
    told.push(
      `  ${mode.padEnd(9)}${language}  ${generation}  ${runs.padEnd(13)} ${conclusion.ending}, ${conclusion.code}, ${windows.restarts} restarts\n`,
    );
    if (mode === 'DsRepair') {
      expect(conclusion).toMatchObject({ ending: 'diagnosed', code: 'left-alone' });
      expect(flag).toMatch(/^safeboot\s+DsRepair/m);
      expect(guest.safeMode()).toBe(isSafe ? 'DsRepair' : undefined);
      expect(windows.restarts).toBe(0);
      return;
    }
    expect(conclusion).toMatchObject({ ending: 'repaired' });
    expect(flag).not.toMatch(/^safeboot/m);
    expect(guest.safeMode()).toBeUndefined();
    expect(guest.isRdpListening(at)).toBe(true);
    // No downtime that nobody asked for.
    expect(windows.restarts).toBe(isSafe ? 1 : 0);
    expect(windows.calls.some((call) => call.startsWith('shutdown'))).toBe(isSafe);
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
