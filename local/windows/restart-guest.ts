/** A person's restart from inside, for faults that show after the next boot only. */
import { recordShutdownRequest } from './boot-events';
import type { WindowsGuest } from './guest';

/** From the request until Windows is up again. assumed */
const RESTART_MS = 60_000;

/**
 * Restarts a guest at once, with what `shutdown /r /t 0` leaves in the log; it is up again a minute after `at`. The
 * machine around it is not asked: faults are put in place before there is one, or in no time.
 */
export function restartGuest(guest: WindowsGuest, at: number): void {
  const log = { content: guest.content, computerName: guest.computerName(), language: guest.language };
  recordShutdownRequest(log, at, 'restart');
  guest.shutDown(at);
  guest.boot(at + RESTART_MS);
}
