import type { GuestRunRequest } from '../../azure/ports';
import type { GuestCommand } from '../command';
import prepareScript from '../scripts/prepare-offline-disk.ps1';
import releaseScript from '../scripts/release-offline-disk.ps1';
import { guestRunName, nonceOf, renderGuestRun, type GuestRunKey } from './run-command';

/**
 * The route `recovery-vm`: a copy of the patient's OS disk is attached to a recovery VM, whose own managed Run Command
 * prepares it, reads and changes what is on it, and releases it. As on the route `run-command`, names and nonces follow
 * from the repair's id. `name` is unique among the runs of a repair on the recovery VM: a second copy has runs of its own.
 */

/**
 * Windows must end a script by then, in seconds. Bringing a disk online takes seconds; copying a SYSTEM hive of some
 * ten MiB and reading it twice takes a few more from a disk that is still being filled from its snapshot. assumed: this
 * is enough.
 */
export const diskScriptTimeoutSeconds = 300;

/** Where the recovery VM is, and what its Run Commands are tagged with. */
export interface RunPlace {
  location: string;
  tags: Record<string, string>;
}

/** The disk to take: by where it is attached and its exact size, never by letter, number or model. */
export interface AttachedCopy {
  /** 2 to 63. */
  lun: number;
  sizeBytes: number;
}

/** What a disk is taken for. A `rehearsal` finds the same as a `repair`, backs nothing up and writes no file of the disk. */
export type PreparationPurpose = 'repair' | 'rehearsal';

/** The run that brings the copy online and finds and backs up what is on it. It may be repeated: it finds its own work. */
export function renderPreparation(
  key: Omit<GuestRunKey, 'part'>,
  { purpose, ...copy }: AttachedCopy & { purpose: PreparationPurpose },
  place: RunPlace,
): GuestRunRequest {
  const run = renderDiskScript(prepareScript, key, copy, place);
  return { ...run, parameters: { ...run.parameters, Purpose: purpose } };
}

/** The run that lets the copy go. It may be asked for at any time and again. */
export function renderRelease(key: Omit<GuestRunKey, 'part'>, copy: AttachedCopy, place: RunPlace): GuestRunRequest {
  return renderDiskScript(releaseScript, key, copy, place);
}

/** The run that carries out commands on the prepared copy (part 1), or fetches a further part of their answer. */
export function renderCommands(key: GuestRunKey, commands: GuestCommand[], place: RunPlace): GuestRunRequest {
  return renderGuestRun(key, commands, place);
}

function renderDiskScript(
  script: string,
  key: Omit<GuestRunKey, 'part'>,
  { lun, sizeBytes }: AttachedCopy,
  place: RunPlace,
): GuestRunRequest {
  const run = { ...key, part: 1 };
  return {
    name: guestRunName(run),
    script,
    parameters: { Nonce: nonceOf(run), RepairId: key.repairId, Lun: String(lun), SizeBytes: String(sizeBytes) },
    timeoutSeconds: diskScriptTimeoutSeconds,
    ...place,
  };
}
