/** A guest for tests: booted long ago unless told otherwise. */
import { createWindowsServerContent } from '../../../local/windows/default-content';
import { createWindowsGuest, type WindowsGuest } from '../../../local/windows/guest';
import { execute } from '../../../local/windows/commands';
import type { CommandResult } from '../../../local/windows/commands/command';

export const BOOTED_AT = Date.parse('2026-03-01T08:00:00Z');
/** A minute after the boot: everything that starts has started. */
export const LATER = BOOTED_AT + 60_000;

export function runningGuest(): WindowsGuest {
  const content = createWindowsServerContent({ computerName: 'SRV01', language: 'en-US' });
  const guest = createWindowsGuest({ content, address: '10.0.0.4' });
  guest.boot(BOOTED_AT);
  return guest;
}

/** Runs a command line of a program that the guest has. */
export function run(guest: WindowsGuest, file: string, commandLine: string[], at = LATER): CommandResult {
  const execution = execute(file, commandLine, { guest, at });
  if (execution.kind === 'notStarted') throw new Error(`${file}: ${execution.message}`);
  return execution.result;
}
