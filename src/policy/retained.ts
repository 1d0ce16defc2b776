import type { ResourceRecord } from '../ledger/ports';
import { isSameId } from '../same-id';

/**
 * What of a repair's record keeps it from being purged: everything that it made or owes and that is not known to be gone, and the original disk that
 * a VM has left for a copy. Not the copy that is the VM's disk, nor that it is: with the original and the snapshots gone there is no way back
 * that would need them. Nor an original that the VM has. Pure.
 */
export function retainedBy(resources: readonly ResourceRecord[]): ResourceRecord[] {
  const open = resources.filter(({ deletedAt }) => deletedAt === undefined);
  const swaps = open.flatMap((one) =>
    one.kind === 'os-disk-swap' && one.details.direction === 'swap' ? one.details : [],
  );
  const hasLeft = (id: string) => swaps.some(({ originalId }) => isSameId(originalId, id));
  return open.filter((one) => {
    if (one.lifetime === 'temporary') return true;
    switch (one.kind) {
      case 'os-disk-swap':
        return false;
      case 'disk':
        if (one.details.role === 'original') return hasLeft(one.resourceId);
        return !swaps.some(({ copyId }) => isSameId(copyId, one.resourceId));
      default:
        return true;
    }
  });
}
