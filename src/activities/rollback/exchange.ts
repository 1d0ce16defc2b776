import type { RepairDetail } from '../../ledger/ports';
import type { Exchange } from '../../policy/rollback';
import { disksOfSwap, roundOfSwap } from '../recovery/names';
import { readStopped, stoppedDocument } from '../recovery/stop-patient';

/**
 * The last exchange of the OS disk that a repair has made, as far as its record goes; undefined if it made none, or if it is not
 * on record since when the original lacks something.
 */
export function exchangeOf({
  resources,
  documents,
}: Pick<RepairDetail, 'resources' | 'documents'>): Exchange | undefined {
  const made = resources.flatMap(({ kind, purpose, resourceId, createdAt, deletedAt }): Exchange[] => {
    const disks = kind === 'os-disk-swap' ? disksOfSwap(purpose) : undefined;
    // One that was on record before it was made, and then never came to be, is none.
    if (!disks || (deletedAt !== undefined && createdAt === undefined)) return [];
    const stopped = readStopped(documents[stoppedDocument(`round-${roundOfSwap(resourceId)}`)]);
    return stopped ? [{ ...disks, lossSince: stopped.stoppedAt, isTakenBack: deletedAt !== undefined }] : [];
  });
  return made.find(({ isTakenBack }) => !isTakenBack) ?? made.at(-1);
}
