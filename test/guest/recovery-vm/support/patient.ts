/** A patient: a simulated VM that was broken and stopped, its disk, and what it is like when it boots from another one. */
import { mountContent } from '../../../../local/windows/disk-content';
import type { BrokenMachine } from '../../../../local/windows/fault';
import { createWindowsGuest, type WindowsGuest } from '../../../../local/windows/guest';
import type { GuestLanguage } from '../../../../local/windows/language';
import type { SparseDisk } from '../../../../local/disk/sparse-disk';
import { BOOTED_AT, installedBytes, LATER } from '../../../local/windows/support/running-guest';

export const brokenAt = LATER + 600_000;
export const stoppedAt = brokenAt + 600_000;
/** When the patient is started with the copy. */
export const startedAt = stoppedAt + 1_800_000;

export interface PatientOptions {
  machine?: BrokenMachine['break'];
  language?: GuestLanguage;
  generation?: 'V1' | 'V2';
  /** Windows is shut down cleanly; otherwise the power goes. */
  shutDown?: boolean;
  hasOlderControlSet?: boolean;
}

/** The disk of a patient that was broken and stopped. */
export function stoppedPatient(options: PatientOptions = {}): SparseDisk {
  const { language = 'en-US', generation = 'V2', shutDown = false, hasOlderControlSet = false } = options;
  const disk = installedBytes({ language, generation, hasOlderControlSet });
  const guest = guestFrom(disk);
  guest.boot(BOOTED_AT);
  guest.addresses(LATER);
  options.machine?.(guest, brokenAt);
  if (shutDown) guest.shutDown(stoppedAt);
  else guest.powerOff();
  return disk;
}

/** A guest that boots from this disk. */
export function guestFrom(disk: SparseDisk): WindowsGuest {
  return createWindowsGuest({ mount: (options) => mountContent(disk, options), address: '10.0.0.4' });
}

/** A hash of everything that is on a disk. */
export function hashOf(disk: SparseDisk): string {
  return disk.contentHash();
}
