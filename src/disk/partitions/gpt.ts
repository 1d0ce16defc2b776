import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import { readGuid, readUint64 } from '../volumes/little-endian';
import { crc32 } from '../crc32';
import type { Partition, PartitionTable } from './partition';

/** Layout and checks: https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html ("GPT Header", "GPT Entry"). */
const SIGNATURE = 'EFI PART';
const SMALLEST_HEADER = 92;
const SMALLEST_ENTRY = 128;
const EFI_SYSTEM_TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const UNUSED_TYPE = '00000000-0000-0000-0000-000000000000';

/** Windows makes 128 entries of 128 bytes; a table of more than this is a number made up. */
const LARGEST_TABLE = 1024 * 1024;

interface GptHeader {
  readonly alternate: number;
  readonly diskId: string;
  readonly entriesAt: number;
  readonly entryCount: number;
  readonly entrySize: number;
  readonly entriesCrc: number;
}

/**
 * The table of a GPT disk. Takes the header at sector 1, and if that or its entries fail their checksum the copy, looked
 * for where the header itself says, where the protective entry ends (`protectiveEnd`, in sectors, for a disk that has
 * grown since) and in the last sector. Costs two reads over a page cache, a few more for a damaged disk. Throws
 * `damaged` if neither copy is sound.
 */
export async function readGpt(source: ByteSource, sectorSize: number, protectiveEnd: number): Promise<PartitionTable> {
  const primary = await readTable(source, sectorSize, 1);
  if (primary.table) return { ...primary.table, readFrom: 'primary' };
  const lastSector = Math.floor(source.size / sectorSize) - 1;
  const places = new Set([primary.alternate ?? lastSector, lastSector, protectiveEnd]);
  for (const place of places) {
    const backup = place > 1 ? await readTable(source, sectorSize, place) : undefined;
    if (backup?.table) return { ...backup.table, readFrom: 'backup' };
  }
  throw new UnreadableError('damaged', 'neither the GPT nor its backup has valid checksums');
}

interface TableAttempt {
  readonly table?: Omit<PartitionTable, 'readFrom'>;
  /** Where the other copy should be, if a header could be read at all. Only a hint: its checksum proves it. */
  readonly alternate?: number;
}

async function readTable(source: ByteSource, sectorSize: number, sector: number): Promise<TableAttempt> {
  if (!isWithin(source.size, sector * sectorSize, sectorSize)) return {};
  const bytes = await source.read(sector * sectorSize, sectorSize);
  if (bytes.toString('latin1', 0, 8) !== SIGNATURE) return {};
  const alternate = Number(bytes.readBigUInt64LE(32));
  const header = parseHeader(bytes, sector);
  if (!header) return { alternate };
  const length = header.entryCount * header.entrySize;
  if (length > LARGEST_TABLE || !isWithin(source.size, header.entriesAt * sectorSize, length)) return { alternate };
  const entries = await source.read(header.entriesAt * sectorSize, length);
  if (crc32(entries) !== header.entriesCrc) return { alternate };
  const partitions = Array.from({ length: header.entryCount }, (_, index) =>
    parseEntry(entries.subarray(index * header.entrySize, (index + 1) * header.entrySize), index + 1, sectorSize),
  ).filter((partition) => partition !== undefined);
  return { alternate, table: { style: 'gpt', diskId: header.diskId, sectorSize, partitions } };
}

function parseHeader(bytes: Buffer, sector: number): GptHeader | undefined {
  const size = bytes.readUInt32LE(12);
  if (size < SMALLEST_HEADER || size > bytes.length) return undefined;
  const checked = Buffer.from(bytes.subarray(0, size));
  checked.writeUInt32LE(0, 16);
  if (crc32(checked) !== bytes.readUInt32LE(16)) return undefined;
  if (readUint64(bytes, 24) !== sector) return undefined;
  const entrySize = bytes.readUInt32LE(84);
  if (entrySize < SMALLEST_ENTRY || entrySize % 8 !== 0) return undefined;
  return {
    alternate: readUint64(bytes, 32),
    diskId: readGuid(bytes, 56),
    entriesAt: readUint64(bytes, 72),
    entryCount: bytes.readUInt32LE(80),
    entrySize,
    entriesCrc: bytes.readUInt32LE(88),
  };
}

function parseEntry(entry: Buffer, number: number, sectorSize: number): Partition | undefined {
  const typeId = readGuid(entry, 0);
  if (typeId === UNUSED_TYPE) return undefined;
  const first = readUint64(entry, 32);
  const last = readUint64(entry, 40);
  if (last < first) return undefined;
  return {
    number,
    start: first * sectorSize,
    size: (last - first + 1) * sectorSize,
    typeId,
    isEfiSystem: typeId === EFI_SYSTEM_TYPE,
    name: entry.toString('utf16le', 56, 128).replace(/\0.*$/su, ''),
    uniqueId: readGuid(entry, 16),
  };
}
