import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import { readGuid, readUint64 } from '../volumes/little-endian';
import { crc32 } from '../crc32';
import { hexadecimal } from '../hexadecimal';
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
  if ('table' in primary) return { ...primary.table, readFrom: 'primary' };
  const problems = [primary.problem];
  const lastSector = Math.floor(source.size / sectorSize) - 1;
  const places = new Set([primary.alternate ?? lastSector, lastSector, protectiveEnd]);
  for (const place of places) {
    if (place <= 1) continue;
    const backup = await readTable(source, sectorSize, place);
    if ('table' in backup)
      return { ...backup.table, problems: [...problems, ...backup.table.problems], readFrom: 'backup' };
    problems.push(backup.problem);
  }
  throw new UnreadableError('damaged', `neither the GPT nor its backup is sound: ${problems.join('; ')}`);
}

type TableAttempt =
  | { readonly table: Omit<PartitionTable, 'readFrom'> }
  | {
      readonly problem: string;
      /** Where the other copy should be, if a header could be read at all. Only a hint: its checksum proves it. */
      readonly alternate?: number;
    };

async function readTable(source: ByteSource, sectorSize: number, sector: number): Promise<TableAttempt> {
  const what = `the GPT at sector ${sector}`;
  if (!isWithin(source.size, sector * sectorSize, sectorSize)) return { problem: `${what} would lie outside the disk` };
  const bytes = await source.read(sector * sectorSize, sectorSize);
  const found = bytes.toString('latin1', 0, 8);
  if (found !== SIGNATURE) return { problem: `${what} begins with ${JSON.stringify(found)}, not with ${SIGNATURE}` };
  const alternate = Number(bytes.readBigUInt64LE(32));
  const header = parseHeader(bytes, sector);
  if (typeof header === 'string') return { alternate, problem: `${what}: ${header}` };
  const length = header.entryCount * header.entrySize;
  const place = `${length} bytes of entries at sector ${header.entriesAt}`;
  if (length > LARGEST_TABLE) return { alternate, problem: `${what}: ${place}, more than ${LARGEST_TABLE}` };
  if (!isWithin(source.size, header.entriesAt * sectorSize, length))
    return { alternate, problem: `${what}: ${place} lie outside the disk` };
  const entries = await source.read(header.entriesAt * sectorSize, length);
  const entriesCrc = crc32(entries);
  if (entriesCrc !== header.entriesCrc)
    return {
      alternate,
      problem: `${what}: the checksum of its entries is wrong (${mismatch(header.entriesCrc, entriesCrc)})`,
    };
  const parsed = Array.from({ length: header.entryCount }, (_, index) =>
    parseEntry(entries.subarray(index * header.entrySize, (index + 1) * header.entrySize), index + 1, sectorSize),
  ).filter((partition) => partition !== undefined);
  return {
    table: {
      style: 'gpt',
      diskId: header.diskId,
      sectorSize,
      partitions: parsed.filter((partition) => typeof partition !== 'string'),
      problems: parsed.filter((partition) => typeof partition === 'string').map((problem) => `${what}: ${problem}`),
    },
  };
}

function mismatch(stored: number, computed: number): string {
  return `${hexadecimal(stored)}, its bytes give ${hexadecimal(computed)}`;
}

/** The header, or why it is none. */
function parseHeader(bytes: Buffer, sector: number): GptHeader | string {
  const size = bytes.readUInt32LE(12);
  if (size < SMALLEST_HEADER || size > bytes.length) return `a header of ${size} bytes`;
  const checked = Buffer.from(bytes.subarray(0, size));
  checked.writeUInt32LE(0, 16);
  const [stored, computed] = [bytes.readUInt32LE(16), crc32(checked)];
  if (stored !== computed) return `the checksum of its header is wrong (${mismatch(stored, computed)})`;
  if (readUint64(bytes, 24) !== sector) return `its header is that of sector ${readUint64(bytes, 24)}`;
  const entrySize = bytes.readUInt32LE(84);
  if (entrySize < SMALLEST_ENTRY || entrySize % 8 !== 0) return `entries of ${entrySize} bytes`;
  return {
    alternate: readUint64(bytes, 32),
    diskId: readGuid(bytes, 56),
    entriesAt: readUint64(bytes, 72),
    entryCount: bytes.readUInt32LE(80),
    entrySize,
    entriesCrc: bytes.readUInt32LE(88),
  };
}

/** A partition, nothing for an entry that is not used, or why it is none. */
function parseEntry(entry: Buffer, number: number, sectorSize: number): Partition | string | undefined {
  const typeId = readGuid(entry, 0);
  if (typeId === UNUSED_TYPE) return undefined;
  const first = readUint64(entry, 32);
  const last = readUint64(entry, 40);
  if (last < first) return `partition ${number} is not read: it begins at sector ${first} and ends at ${last}`;
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
