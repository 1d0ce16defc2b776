import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ByteStore } from './byte-store';

/**
 * What tells a disk from another of the same layout: the signature of an MBR, the GUIDs of a GPT and of its partitions (by their
 * number in the table, from 1). Windows keeps a disk offline whose identity another disk of the machine has already:
 * https://learn.microsoft.com/windows-hardware/drivers/storage/disk-signature-collision
 */
export type PartitionIdentity =
  | { style: 'mbr'; signature: number }
  | { style: 'gpt'; diskId: string; partitionIds: Readonly<Record<number, string>> };

const SECTOR = 512;
const PROTECTIVE_TYPE = 0xee;
const SIGNATURE_OFFSET = 440;

/** Gives a disk the identity that belongs to a name: the same name gives the same one. Changes nothing else. */
export function identifyAs(disk: ByteStore, name: string): PartitionIdentity {
  const isGpt = disk.read(446 + 4, 1).readUInt8(0) === PROTECTIVE_TYPE;
  if (isGpt) return identifyGpt(disk, name);
  const signature = digestOf(name).readUInt32LE(0);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(signature);
  disk.write(SIGNATURE_OFFSET, bytes);
  return { style: 'mbr', signature };
}

/** UEFI specification 2.10, 5.3: both headers and both tables carry the GUIDs, each under a checksum. */
function identifyGpt(disk: ByteStore, name: string): PartitionIdentity {
  const primary = disk.read(SECTOR, SECTOR);
  const backupAt = Number(primary.readBigUInt64LE(32)) * SECTOR;
  const diskId = guidOf(`${name}/disk`);
  const partitionIds: Record<number, string> = {};
  for (const at of [SECTOR, backupAt]) {
    const header = disk.read(at, SECTOR);
    const tableAt = Number(header.readBigUInt64LE(72)) * SECTOR;
    const entrySize = header.readUInt32LE(84);
    const table = disk.read(tableAt, header.readUInt32LE(80) * entrySize);
    for (let index = 0; index * entrySize < table.length; index += 1) {
      const entry = table.subarray(index * entrySize, (index + 1) * entrySize);
      if (entry.subarray(0, 16).every((byte) => byte === 0)) continue;
      const id = guidOf(`${name}/${index + 1}`);
      partitionIds[index + 1] = id;
      guidBytes(id).copy(entry, 16);
    }
    guidBytes(diskId).copy(header, 56);
    header.writeUInt32LE(crc32(table), 88);
    header.writeUInt32LE(0, 16);
    header.writeUInt32LE(crc32(header.subarray(0, header.readUInt32LE(12))), 16);
    disk.write(tableAt, table);
    disk.write(at, header);
  }
  return { style: 'gpt', diskId, partitionIds };
}

function digestOf(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}

/** A GUID of version 4's form. */
function guidOf(name: string): string {
  const hex = digestOf(name).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** A GUID's bytes: its first three groups are stored least significant byte first. */
function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}
