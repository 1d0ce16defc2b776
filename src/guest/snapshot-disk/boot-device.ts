import { readGuid } from '../../disk/volumes/little-endian';
import type { Partition, PartitionTable } from '../../disk/partitions/partition';

/**
 * The data of a BCD device element such as `osdevice`: the GUID of further options, then what reactos/reactos:
 * boot/environ/include/bl.h calls BL_DEVICE_DESCRIPTOR. Two real ones, of an MBR and of a GPT disk, are taken apart at
 * http://www.mistyprojects.co.uk/documents/BCDEdit/files/device_partition.htm, and jpz4085/BCD-SYS:Linux/update_device.sh
 * writes them from Linux: type at 0x10, the partition at 0x20, its disk at 0x30.
 */
const offsets = { type: 0x10, partition: 0x20, parentType: 0x30, style: 0x34, diskId: 0x38 } as const;
const smallest = 0x48;

const partitionType = 6;
const hardDisk = 0;
const styles = { gpt: 0, mbr: 1 } as const;

/** The device that a boot entry names. */
export type BootDevice =
  | { kind: 'gpt'; partitionId: string; diskId: string }
  | { kind: 'mbr'; start: number; diskId: string }
  /** The partition that was booted from, a RAM disk, a virtual disk…: it names no partition by itself. */
  | { kind: 'other'; type: number };

/** Undefined for data that is too short. */
export function parseBootDevice(bytes: Buffer): BootDevice | undefined {
  if (bytes.length < offsets.type + 4) return undefined;
  const type = bytes.readUInt32LE(offsets.type);
  if (type !== partitionType) return { kind: 'other', type };
  if (bytes.length < smallest) return undefined;
  if (bytes.readUInt32LE(offsets.parentType) !== hardDisk) return { kind: 'other', type };
  const style = bytes.readUInt32LE(offsets.style);
  if (style === styles.gpt) {
    return { kind: 'gpt', partitionId: readGuid(bytes, offsets.partition), diskId: readGuid(bytes, offsets.diskId) };
  }
  if (style !== styles.mbr) return { kind: 'other', type };
  return {
    kind: 'mbr',
    start: Number(bytes.readBigUInt64LE(offsets.partition)),
    diskId: bytes.readUInt32LE(offsets.diskId).toString(16).padStart(8, '0'),
  };
}

/** The partition that a device names, or why it names none of this disk. */
export function partitionOf(device: BootDevice, table: PartitionTable): Partition | { reason: string } {
  if (device.kind === 'other') return { reason: `it is no partition (device type ${device.type})` };
  if (device.kind !== table.style) return { reason: `it names a partition of another style (${device.kind})` };
  if (device.diskId !== table.diskId) return { reason: `it names disk ${device.diskId}, and this is ${table.diskId}` };
  const named = table.partitions.find((partition) =>
    device.kind === 'gpt' ? partition.uniqueId === device.partitionId : partition.start === device.start,
  );
  return named ?? { reason: 'it names a partition that is not in the table' };
}
