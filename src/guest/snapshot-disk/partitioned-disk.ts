import { sliceSource, UnreadableError, type ByteSource } from '../../disk/byte-source';
import type { Partition, PartitionTable } from '../../disk/partitions/partition';
import { readPartitions } from '../../disk/partitions/read-partitions';
import type { FileVolume } from '../../disk/volumes/file-volume';
import { openVolume, type OpenedVolume } from '../../disk/volumes/open-volume';
import { attempt } from './finding';

/** Windows gives no more letters; a table of thousands was made to be long. */
const mostPartitions = 128;

/** A disk's partitions, each opened at most once. */
export interface PartitionedDisk {
  table: PartitionTable;
  cautions: string[];
  /** What is on a partition. Throws an UnreadableError if it can't be opened or lies outside the disk. */
  open(partition: Partition): Promise<OpenedVolume>;
}

/** Reads the partition table. Throws an UnreadableError. */
export async function openPartitionedDisk(disk: ByteSource): Promise<PartitionedDisk> {
  const table = await readPartitions(disk);
  if (table.partitions.length > mostPartitions) {
    throw new UnreadableError('too-large', `${table.partitions.length} partitions; at most ${mostPartitions} are read`);
  }
  const opened = new Map<number, Promise<OpenedVolume>>();
  const isDamaged = table.readFrom === 'backup';
  return {
    table,
    cautions: [
      ...(isDamaged ? ['the partition table at the start of the disk is damaged: its copy was used'] : []),
      ...table.problems.map((problem) => (isDamaged ? problem : `the partition table was not read whole: ${problem}`)),
    ],
    open(partition) {
      const known = opened.get(partition.number);
      if (known) return known;
      const volume = openPartition(disk, partition);
      opened.set(partition.number, volume);
      return volume;
    },
  };
}

async function openPartition(disk: ByteSource, partition: Partition): Promise<OpenedVolume> {
  return openVolume(sliceSource(disk, partition.start, partition.size));
}

/** Whether a file is there; one that is there but encrypted or compressed counts. Throws if that can't be told. */
export async function hasFile(files: FileVolume, path: string): Promise<boolean> {
  const file = await attempt(files.openFile(path));
  if (file.ok || file.error.code === 'encrypted' || file.error.code === 'compressed') return true;
  if (file.error.code === 'not-found') return false;
  throw file.error;
}

/** A partition as people know it. */
export function partitionName(partition: Partition): string {
  return `partition ${partition.number}`;
}
