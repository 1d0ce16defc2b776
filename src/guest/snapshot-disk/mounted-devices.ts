import { readGuid } from '../../disk/volumes/little-endian';
import type { Partition, PartitionTable } from '../../disk/partitions/partition';
import type { CurrentHive } from './current-hive';

/**
 * Which partition a drive letter or a volume's name stands for, by the mount manager's database in the SYSTEM hive:
 * https://winreg-kb.readthedocs.io/en/latest/sources/system-keys/Mounted-devices.html. 12 bytes are an MBR disk's signature and the
 * partition's offset, 24 are `DMIO:ID:` and a GPT partition's GUID; anything else is a device that is no partition of a fixed disk.
 */
const gptMark = Buffer.from('DMIO:ID:', 'latin1');

/** `\DosDevices\D:` */
export function letterName(letter: string): string {
  return `\\DosDevices\\${letter}:`;
}

/** `\??\Volume{guid}` */
export function volumeName(id: string): string {
  return `\\??\\Volume${id}`;
}

/** The partition of this disk that a name stands for; undefined if it stands for none of them, or is not there. */
export async function mountedPartition(
  { hive }: CurrentHive,
  name: string,
  table: PartitionTable,
): Promise<Partition | undefined> {
  const value = await (await hive.findKey(['MountedDevices']))?.value(name);
  return value && partitionNamedBy(value.bytes, table);
}

/** The partition that the data of a value names, if it is one of this table. */
export function partitionNamedBy(data: Buffer, { style, diskId, partitions }: PartitionTable): Partition | undefined {
  if (data.length === 24 && data.subarray(0, 8).equals(gptMark)) {
    return style === 'gpt' ? partitions.find(({ uniqueId }) => uniqueId === readGuid(data, 8)) : undefined;
  }
  if (data.length !== 12 || style !== 'mbr') return undefined;
  const signature = data.readUInt32LE(0).toString(16).padStart(8, '0');
  return signature === diskId ? partitions.find(({ start }) => start === Number(data.readBigUInt64LE(4))) : undefined;
}
