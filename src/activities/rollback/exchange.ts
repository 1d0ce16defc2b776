import { ofKind } from '../../ledger/of-kind';
import type { RepairDetail } from '../../ledger/ports';
import type { Exchange } from '../../policy/rollback';
import { readStopped, stoppedDocument } from '../recovery/power-off';

/**
 * The last exchange of the OS disk that a repair has made, as far as its record goes; undefined if it made none, or if it is not
 * on record since when the original lacks something.
 */
export function exchangeOf({
  resources,
  documents,
}: Pick<RepairDetail, 'resources' | 'documents'>): Exchange | undefined {
  const made = ofKind(resources, 'os-disk-swap').flatMap(({ details, createdAt, deletedAt }): Exchange[] => {
    // One that was on record before it was made, and then never came to be, is none.
    if (details.direction !== 'swap' || (deletedAt !== undefined && createdAt === undefined)) return [];
    const { round, copyId, originalId } = details;
    const stopped = readStopped(documents[stoppedDocument(`round-${round}`)]);
    if (!stopped) return [];
    return [{ round, copyId, originalId, lossSince: stopped.stoppedAt, isTakenBack: deletedAt !== undefined }];
  });
  return made.find(({ isTakenBack }) => !isTakenBack) ?? made.at(-1);
}
