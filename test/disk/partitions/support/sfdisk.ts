import type { ByteSource } from '../../../../src/disk/byte-source';
import { readPartitions } from '../../../../src/disk/partitions/read-partitions';

const SECTOR = 512;

/** What `sfdisk --json` said. */
interface Sfdisk {
  readonly partitiontable: {
    readonly id: string;
    readonly partitions: readonly {
      readonly start: number;
      readonly size: number;
      readonly type: string;
      readonly bootable?: boolean;
      readonly uuid?: string;
      readonly name?: string;
    }[];
  };
}

/** An answer of `sfdisk --json` in the words of `byUs`. */
export function bySfdisk(answer: unknown) {
  const { id, partitions } = (answer as Sfdisk).partitiontable;
  return {
    diskId: id.toLowerCase().replace(/^0x/u, ''),
    partitions: partitions.map((partition) => ({
      start: partition.start * SECTOR,
      size: partition.size * SECTOR,
      type: partition.type.toLowerCase(),
      active: partition.bootable ?? false,
      uniqueId: partition.uuid?.toLowerCase(),
      name: partition.name,
    })),
  };
}

/** What our reader finds, in words that both have. */
export async function byUs(disk: ByteSource) {
  const { diskId, partitions } = await readPartitions(disk);
  return {
    diskId,
    partitions: partitions.map(({ start, size, typeId, active, uniqueId, name }) => ({
      start,
      size,
      type: typeId.replace(/^0x0?/u, ''),
      active: active ?? false,
      uniqueId,
      // sfdisk does not tell an empty name.
      name: name === '' ? undefined : name,
    })),
  };
}
