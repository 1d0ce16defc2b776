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
  const style = disk.read(446 + 4, 1).readUInt8(0) === PROTECTIVE_TYPE ? 'gpt' : 'mbr';
  const entries = style === 'gpt' ? gptEntries(disk) : mbrEntries(disk);
  const partitions = entries.map(({ number, start, size, isSystem }) => ({
    number,
    start,
    size,
    store: sliceStore(disk, start, size),
    isSystem,
  }));
  const system = partitions.find(({ isSystem }) => isSystem);
  const windows = partitions.find(({ store }) => holdsWindows(store));
  if (!system) throw new Error(`The disk (${style}) has no partition to start from.`);
  if (!windows) throw new Error(`The disk (${style}) has no partition with \\Windows\\System32\\config.`);
  return { style, system, windows };
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
      const isSystem = typeOf(entry) === EFI_SYSTEM_TYPE;
      return { number, start: first * SECTOR, size: (last - first + 1) * SECTOR, isSystem };
    });
}

/** A GUID as it is written: its first three fields are little-endian on disk. */
function typeOf(entry: Buffer): string {
  const fields = [
    entry.readUInt32LE(0).toString(16).padStart(8, '0'),
    entry.readUInt16LE(4).toString(16).padStart(4, '0'),
    entry.readUInt16LE(6).toString(16).padStart(4, '0'),
    entry.toString('hex', 8, 10),
    entry.toString('hex', 10, 16),
  ];
  return fields.join('-');
}
