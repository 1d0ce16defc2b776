import { UnreadableError, type ByteSource } from '../byte-source';
import type { Partition, PartitionTable } from './partition';

/**
 * The master boot record: four entries of 16 bytes at 446, a disk signature at 440, 55 AA at 510
 * (https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html, "MBR Disk Layout"). Logical partitions hang in
 * a chain of extended boot records (https://thestarman.pcministry.com/asm/mbr/PartTables.htm): the first entry is the
 * logical partition, counted from its own record; the second is the next record, counted from the start of the
 * extended partition.
 */
const ENTRY_OFFSETS = [446, 462, 478, 494];
const EXTENDED_TYPES = [0x05, 0x0f, 0x85];
const PROTECTIVE_TYPE = 0xee;
const EFI_SYSTEM_TYPE = 0xef;

/** assumed: an MBR counts in 512 bytes. Azure's disks have 512-byte logical sectors where Windows boots from an MBR. */
const SECTOR = 512;

/** More logical partitions than Windows has letters for come from a chain that was made to be long. */
const LONGEST_CHAIN = 128;

interface MbrEntry {
  readonly type: number;
  readonly active: boolean;
  /** In sectors, from what the record counts from. */
  readonly start: number;
  readonly count: number;
}

/** The entries of a boot record, or nothing if it does not end in 55 AA. */
export function readMbrEntries(sector: Buffer): MbrEntry[] | undefined {
  if (sector.length < SECTOR || sector.readUInt16LE(510) !== 0xaa55) return undefined;
  return ENTRY_OFFSETS.map((offset) => ({
    active: sector[offset] === 0x80,
    type: sector.readUInt8(offset + 4),
    start: sector.readUInt32LE(offset + 8),
    count: sector.readUInt32LE(offset + 12),
  }));
}

/** The entry that keeps old tools off a GPT disk, if this is one. */
export function protectiveEntry(entries: readonly MbrEntry[]): MbrEntry | undefined {
  return entries.find((entry) => entry.type === PROTECTIVE_TYPE);
}

/** The table of an MBR disk whose first sector is `sector`: no read, or one for each logical partition. */
export async function readMbr(source: ByteSource, sector: Buffer): Promise<PartitionTable> {
  const entries = readMbrEntries(sector);
  // A file system that fills the whole disk ends in 55 AA too; its code does not look like entries, whose first byte
  // is 00 or 80.
  const isTable = entries && ENTRY_OFFSETS.every((offset) => ((sector[offset] ?? 0xff) & 0x7f) === 0);
  if (!isTable)
    throw new UnreadableError('not-this-format', 'no partition table: the first sector is not a boot record');
  const primary = entries
    .map((entry, index) => ({ entry, number: index + 1 }))
    .filter(({ entry }) => entry.type !== 0 && entry.count > 0);
  const [extended, ...further] = primary.filter(({ entry }) => EXTENDED_TYPES.includes(entry.type));
  const halves = entries.flatMap((entry, index) => halfEntryProblem(entry, index + 1));
  return {
    style: 'mbr',
    diskId: sector.readUInt32LE(440).toString(16).padStart(8, '0'),
    sectorSize: SECTOR,
    readFrom: 'primary',
    partitions: [
      ...primary.map(({ entry, number }) => partitionOf(entry, number, entry.start)),
      ...(extended ? await readLogical(source, extended.entry) : []),
    ],
    problems: [
      ...halves,
      ...further.map(({ number }) => `partition ${number} is a further extended one: its logical ones are not read`),
    ],
  };
}

/** An entry with a type and no sectors, or the reverse, is no partition, and was not meant to be nothing. */
function halfEntryProblem({ type, start, count }: MbrEntry, number: number): string[] {
  if ((type === 0) === (count === 0)) return [];
  return [`partition ${number} is not read: type ${type}, ${count} sectors from ${start} on`];
}

/** The chain's links must lie within the extended partition and go to places not seen before. */
async function readLogical(source: ByteSource, extended: MbrEntry): Promise<Partition[]> {
  const partitions: Partition[] = [];
  const seen = new Set<number>();
  let at: number | undefined = extended.start;
  while (at !== undefined) {
    if (seen.has(at) || seen.size >= LONGEST_CHAIN)
      throw new UnreadableError('damaged', `the chain of logical partitions loops or is longer than ${LONGEST_CHAIN}`);
    seen.add(at);
    const [logical, next]: MbrEntry[] = readMbrEntries(await source.read(at * SECTOR, SECTOR)) ?? [];
    if (!logical || !next) throw new UnreadableError('damaged', `no extended boot record at sector ${at}`);
    if (logical.type !== 0 && logical.count > 0)
      partitions.push(partitionOf(logical, 5 + partitions.length, at + logical.start));
    at = EXTENDED_TYPES.includes(next.type) && next.count > 0 ? extended.start + next.start : undefined;
    if (at !== undefined && at >= extended.start + extended.count)
      throw new UnreadableError('damaged', `the chain of logical partitions leaves the extended partition for ${at}`);
  }
  return partitions;
}

function partitionOf(entry: MbrEntry, number: number, startSector: number): Partition {
  return {
    number,
    start: startSector * SECTOR,
    size: entry.count * SECTOR,
    typeId: `0x${entry.type.toString(16).padStart(2, '0')}`,
    isEfiSystem: entry.type === EFI_SYSTEM_TYPE,
    active: entry.active,
  };
}
