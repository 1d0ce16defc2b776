/**
 * Breaks a guest as the signature `safe-mode` finds it: someone made the next boots safe ones with bcdedit (or msconfig,
 * which writes the same) and did not take it back. Until the guest restarts nothing is to be seen but the boot store.
 * MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/troubleshoot-rdp-safe-mode.md
 */
import { repairedLive, repairedOnCopy } from '../../expectation';
import type { SafeMode } from '../boot-manager';
import { bcdedit } from '../commands/bcdedit';
import { defineFault } from '../fault';
import type { WindowsGuest } from '../guest';
import { restartGuest } from '../restart-guest';

export const fault = defineFault({
  signature: 'safe-mode',
  machines: [
    {
      // Its agent is dead: it is known off the snapshot, and mended by a recovery VM.
      name: 'vm-safe-mode',
      language: 'fr-FR',
      break: (guest, at) => enterSafeMode(guest, at, { mode: 'Minimal', restart: true }),
      expected: repairedOnCopy('safe-mode'),
    },
    {
      // Flagged for its next boot, and runs normally: cured without a restart.
      name: 'vm-safe-mode-waiting',
      language: 'de-DE',
      generation: 'V1',
      break: (guest, at) => enterSafeMode(guest, at, { mode: 'Minimal', alternateShell: true, restart: false }),
      expected: repairedLive('safe-mode'),
    },
    {
      // Hypothetical: its agent answers in safe mode.
      name: 'vm-safe-mode-agent',
      break: (guest, at) => enterSafeMode(guest, at, { mode: 'Network', restart: true, keepsAgent: true }),
      expected: { ...repairedLive('safe-mode'), restarted: true },
    },
  ],
});

interface SafeModeFault {
  mode: SafeMode;
  /** "Safe mode with command prompt". */
  alternateShell?: boolean;
  /** Whether the guest has restarted into it already. */
  restart: boolean;
  /**
   * Hypothetical: somebody listed the guest agent among what safe mode starts, so that it answers there. Nothing is known
   * that does so; it is here to show what Run Command could do then.
   */
  keepsAgent?: boolean;
}

/** Makes the next boots safe ones, as a person at the command prompt would. Throws if bcdedit refuses. */
export function enterSafeMode(guest: WindowsGuest, at: number, fault: SafeModeFault): void {
  run(guest, at, ['/set', '{current}', 'safeboot', fault.mode.toLowerCase()]);
  if (fault.alternateShell) run(guest, at, ['/set', '{current}', 'safebootalternateshell', 'yes']);
  if (fault.keepsAgent) listAgent(guest, fault.mode);
  if (fault.restart) restartGuest(guest, at);
}

function listAgent(guest: WindowsGuest, mode: SafeMode): void {
  for (const service of ['RdAgent', 'WindowsAzureGuestAgent']) {
    const key = `${guest.controlSet()}\\Control\\SafeBoot\\${mode}\\${service}`;
    guest.content.writeValue(key, '', { type: 'REG_SZ', data: 'Service' });
  }
}

function run(guest: WindowsGuest, at: number, commandLine: string[]): void {
  const { exitCode, stdout } = bcdedit(commandLine, { guest, at });
  if (exitCode !== 0) throw new Error(`bcdedit ${commandLine.join(' ')} ended with ${exitCode}: ${stdout.trim()}`);
}
