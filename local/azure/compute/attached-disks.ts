/** The data disks that a guest sees. */
import type { SparseDisk } from '../../disk/sparse-disk';
import { idKey } from '../arm-id';
import type { World } from '../world';
import type { Machine } from './machine';

/** A disk on the machine's SCSI controller. */
export interface AttachedDisk {
  lun: number;
  diskId: string;
  /** In bytes. */
  size: number;
  /** The disk itself: what is written here is on the disk. */
  bytes: SparseDisk;
}

/**
 * The disks that are attached now, by LUN. Those that are still on their way are not among them; one that is being detached is
 * there until it is gone (assumed: Windows may use it to the end). A disk that was deleted meanwhile cannot be seen.
 */
export function attachedDisks(world: World, { model }: Machine): AttachedDisk[] {
  return model.dataDisks
    .filter(({ state }) => state !== 'attaching')
    .flatMap(({ lun, diskId }) => {
      const disk = world.disks.get(idKey(diskId));
      return disk ? [{ lun, diskId: disk.id, size: disk.bytes.size, bytes: disk.bytes }] : [];
    })
    .toSorted((one, other) => one.lun - other.lun);
}
