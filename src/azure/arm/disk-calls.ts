import type { Answer, ManagedDisk } from '../ports';
import type { DiskCopyRequest, RecoveryArm, Tags } from '../recovery-ports';
import { parseDiskId, parseSnapshotId } from '../resource-id';
import { answer, begin, begun, goneIsDone, idOf, refused, untold } from './answer';
import { readDisk } from './disk';
import { diskCopyBody } from './disk-copy-body';
import type { Clients } from './power-calls';
import { readSnapshot } from './snapshot';

type DiskCalls = Pick<RecoveryArm, 'beginCopyDisk' | 'beginTagDisk' | 'beginDeleteDisk' | 'beginDeleteSnapshot'>;

/** Copies of disks, their tags and their end. */
export function diskCalls({ observe, repair }: Clients): DiskCalls {
  async function lookAtDisk(diskId: string): Promise<Answer<ManagedDisk>> {
    const { subscriptionId, resourceGroup, name } = idOf(diskId, parseDiskId);
    return answer(observe(subscriptionId), async ({ disks }) => readDisk(await disks.get(resourceGroup, name)));
  }

  return {
    async beginCopyDisk(request) {
      const { subscriptionId, resourceGroup, name } = idOf(request.diskId, parseDiskId);
      idOf(request.sourceId, (id) => parseSnapshotId(id) ?? parseDiskId(id));
      const found = await lookAtDisk(request.diskId);
      if (found.ok && found.value.sourceId === undefined) return untold('What the disk was made of');
      if (found.ok)
        return isCopy(found.value, request) ? begun : refused('NameTaken', 'There is another disk of that name.');
      if (found.failure.kind !== 'not-found') return found;
      return begin(repair(subscriptionId), ({ disks }) =>
        disks.createOrUpdate(resourceGroup, name, diskCopyBody(request)),
      );
    },

    async beginTagDisk(diskId, tags) {
      const { subscriptionId, resourceGroup, name } = idOf(diskId, parseDiskId);
      return begin(repair(subscriptionId), ({ disks }) => disks.update(resourceGroup, name, { tags }));
    },

    async beginDeleteDisk(diskId, mustCarry) {
      const { subscriptionId, resourceGroup, name } = idOf(diskId, parseDiskId);
      const found = await lookAtDisk(diskId);
      if (!found.ok) return goneIsDone(found);
      const { tags, managedBy } = found.value;
      if (!carries(tags, mustCarry)) return refused('TagsDiffer', 'The disk does not carry the expected tags.');
      if (managedBy) return refused('InUse', `The disk is attached to ${managedBy}.`);
      return goneIsDone(await begin(repair(subscriptionId), ({ disks }) => disks.delete(resourceGroup, name)));
    },

    async beginDeleteSnapshot(snapshotId, mustCarry) {
      const { subscriptionId, resourceGroup, name } = idOf(snapshotId, parseSnapshotId);
      const found = await answer(repair(subscriptionId), async ({ snapshots }) =>
        readSnapshot(await snapshots.get(resourceGroup, name)),
      );
      if (!found.ok) return goneIsDone(found);
      if (!carries(found.value.tags, mustCarry)) {
        return refused('TagsDiffer', 'The snapshot does not carry the expected tags.');
      }
      return goneIsDone(await begin(repair(subscriptionId), ({ snapshots }) => snapshots.delete(resourceGroup, name)));
    },
  };
}

/** Whether a resource carries all of these tags. Names of tags are compared without case, as Azure does. */
export function carries(tags: Tags | undefined, expected: Tags): boolean {
  const carried = new Map(Object.entries(tags ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  const names = Object.entries(expected);
  return names.length > 0 && names.every(([name, value]) => carried.get(name.toLowerCase()) === value);
}

function isCopy(disk: ManagedDisk, { sourceId }: DiskCopyRequest): boolean {
  return disk.sourceId?.toLowerCase() === sourceId.toLowerCase();
}
