import { sliceStore, type ByteStore } from './byte-store';
import { isNtfs } from './ntfs/geometry';
import { openNtfsVolume } from './ntfs/open-ntfs-volume';

/** A partition, to be read and written. `number` is its place in the table, from 1; `start` in bytes from the disk's. */
export interface Partition {
  readonly number: number;
  readonly start: number;
  readonly size: number;
  readonly store: ByteStore;
}

interface TableEntry {
  readonly number: number;
  /** In bytes. */
  readonly start: number;
  readonly size: number;
  readonly isSystem: boolean;
  /** A GPT's type GUID, or an MBR's type as two hexadecimal digits; lower case. */
  readonly type: string;
  /** A GPT partition's own GUID. */
  readonly id?: string;
}

/** A disk's partitions and the disk's own name: a GPT's GUID, an MBR's signature as eight hexadecimal digits. */
export interface PartitionTable {
  readonly style: 'mbr' | 'gpt';
  readonly identity: string;
  readonly partitions: readonly (Partition & Pick<TableEntry, 'isSystem' | 'type' | 'id'>)[];
}

const SECTOR = 512;
const EFI_SYSTEM_TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const PROTECTIVE_TYPE = 0xee;

/**
 * The two partitions that Windows starts from: the system partition (the active one of an MBR, the EFI system partition of a
 * GPT) and the one that holds `\Windows\System32\config`, wherever it stands in the table. Sectors of 512 bytes, as Azure's
 * disks have them; no logical partitions. Throws an Error if either is missing.
 */
export function findPartitions(disk: ByteStore): { style: 'mbr' | 'gpt'; system: Partition; windows: Partition } {
  const { style, partitions } = readPartitionTable(disk);
  const system = partitions.find(({ isSystem }) => isSystem);
  const windows = partitions.find(({ store }) => holdsWindows(store));
  if (!system) throw new Error(`The disk (${style}) has no partition to start from.`);
  if (!windows) throw new Error(`The disk (${style}) has no partition with \\Windows\\System32\\config.`);
  return { style, system, windows };
}

/** All partitions of a disk. Throws an Error if it has no table. */
export function readPartitionTable(disk: ByteStore): PartitionTable {
  const style = disk.read(446 + 4, 1).readUInt8(0) === PROTECTIVE_TYPE ? 'gpt' : 'mbr';
  const entries = style === 'gpt' ? gptEntries(disk) : mbrEntries(disk);
  const identity =
    style === 'gpt'
      ? guidAt(disk.read(SECTOR, SECTOR), 56)
      : disk.read(440, 4).readUInt32LE(0).toString(16).padStart(8, '0');
  const partitions = entries.map((entry) => ({ ...entry, store: sliceStore(disk, entry.start, entry.size) }));
  return { style, identity, partitions };
}

function holdsWindows(store: ByteStore): boolean {
  return isNtfs(store) && openNtfsVolume(store).list('Windows\\System32\\config') !== undefined;
}

/** https://wiki.osdev.org/MBR_(x86) */
function mbrEntries(disk: ByteStore): TableEntry[] {
  const sector = disk.read(0, SECTOR);
  if (sector.readUInt16LE(510) !== 0xaa55) throw new Error('The disk has no partition table.');
  return [1, 2, 3, 4]
    .map((number) => ({ number, entry: sector.subarray(446 + 16 * (number - 1), 446 + 16 * number) }))
    .filter(({ entry }) => entry.readUInt8(4) !== 0)
    .map(({ number, entry }) => ({
      number,
      start: entry.readUInt32LE(8) * SECTOR,
      size: entry.readUInt32LE(12) * SECTOR,
      isSystem: entry.readUInt8(0) === 0x80,
      type: entry.readUInt8(4).toString(16).padStart(2, '0'),
    }));
}

/** UEFI specification 2.10, 5.3: https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html */
function gptEntries(disk: ByteStore): TableEntry[] {
  const header = disk.read(SECTOR, SECTOR);
  if (header.toString('latin1', 0, 8) !== 'EFI PART') throw new Error('The disk has no GPT behind its protective MBR.');
  const size = header.readUInt32LE(84);
  const table = disk.read(Number(header.readBigUInt64LE(72)) * SECTOR, header.readUInt32LE(80) * size);
  return Array.from({ length: table.length / size }, (_, index) => ({
    number: index + 1,
    entry: table.subarray(index * size, (index + 1) * size),
  }))
    .filter(({ entry }) => entry.subarray(0, 16).some((byte) => byte !== 0))
    .map(({ number, entry }) => {
      const first = Number(entry.readBigUInt64LE(32));
      const last = Number(entry.readBigUInt64LE(40));
      const type = guidAt(entry, 0);
      const place = { number, start: first * SECTOR, size: (last - first + 1) * SECTOR };
      return { ...place, isSystem: type === EFI_SYSTEM_TYPE, type, id: guidAt(entry, 16) };
    });
}

/** A GUID as it is written: its first three fields are little-endian on disk. */
function guidAt(bytes: Buffer, at: number): string {
  const fields = [
    bytes.readUInt32LE(at).toString(16).padStart(8, '0'),
    bytes
      .readUInt16LE(at + 4)
      .toString(16)
      .padStart(4, '0'),
    bytes
      .readUInt16LE(at + 6)
      .toString(16)
      .padStart(4, '0'),
    bytes.toString('hex', at + 8, at + 10),
    bytes.toString('hex', at + 10, at + 16),
  ];
  return fields.join('-');
}
