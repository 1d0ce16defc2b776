/** A guest that is set to boot into a safe mode, and how its repair must end. */
import type { SafeMode } from '../../../local/windows/boot-manager';
import { enterSafeMode } from '../../../local/windows/faults/safe-mode';
import type { GuestLanguage } from '../../../local/windows/language';
import { LATER, run, runningGuest } from '../../local/windows/support/running-guest';
import { repairWindows, simulatedWindows } from './simulated-windows';

/** Long after the restart that a fault makes. */
export const MUCH_LATER = LATER + 600_000;

export const safeModeKinds = {
  mode: ['Minimal', 'Network', 'DsRepair'],
  language: ['en-US', 'fr-FR', 'de-DE', 'ru-RU', 'zh-CN'],
  generation: ['V1', 'V2'],
  runs: ['normally', 'in safe mode'],
} as const;

/** One guest of a table. */
export interface SafeModeRow {
  mode: SafeMode;
  language: GuestLanguage;
  generation: 'V1' | 'V2';
  runs: 'normally' | 'in safe mode';
}

/** Expects that it boots normally after its repair, unless it is a directory's own mode, and is restarted only if it runs so. */
export async function expectSafeModeEnding(row: SafeModeRow, tell: (line: string) => void): Promise<void> {
  const { mode, language, generation, runs } = row;
  const guest = runningGuest({ language, generation });
  const isSafe = runs === 'in safe mode';
  enterSafeMode(guest, LATER, { mode, alternateShell: true, restart: isSafe, keepsAgent: true });
  const windows = simulatedWindows(guest, MUCH_LATER);
  const { conclusion } = await repairWindows(windows);
  const at = windows.at + 60_000;
  const flag = run(guest, 'bcdedit', ['/enum', '{current}'], at).stdout;
  tell(
    `${mode.padEnd(9)}${language}  ${generation}  ${runs.padEnd(13)} ${conclusion.ending}, ${conclusion.code}, ${windows.restarts} restarts`,
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
}
