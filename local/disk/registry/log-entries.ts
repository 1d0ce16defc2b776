/**
 * The transaction log since Windows 8.1: behind a head of one sector, a row of entries, each the pages of one write.
 * Format: https://github.com/msuhanov/regf, "New format", "Log entries".
 */
import { headSize } from './base-block';
import { pageSize } from './bins';
import { marvin32 } from './marvin32';

const entryHeadSize = 40;
const field = { size: 4, sequence: 12, binsSize: 16, pageCount: 20, bodyHash: 24, headHash: 32 } as const;
/** Entries begin at multiples of a sector. */
const sectorSize = 512;

/** Pages that follow each other, from an offset into the hive bins. */
export interface PageRun {
  offset: number;
  bytes: Buffer;
}

export interface LogEntry {
  sequence: number;
  /** Size of the hive bins when it was written: what the hive grows to. */
  binsSize: number;
  pages: PageRun[];
}

/**
 * An entry that begins at `offset` of its log. It is padded to end on a page of the log, as the entries of Windows 10
 * are (msuhanov/yarp, hives_for_tests/NewDirtyHive1).
 */
export function encodeLogEntry({ sequence, binsSize, pages }: LogEntry, offset: number): Buffer {
  const length = pages.reduce((sum, { bytes }) => sum + 8 + bytes.length, entryHeadSize);
  const entry = Buffer.alloc(Math.ceil((offset + length) / pageSize) * pageSize - offset);
  entry.write('HvLE', 'latin1');
  entry.writeUInt32LE(entry.length, field.size);
  entry.writeUInt32LE(sequence, field.sequence);
  entry.writeUInt32LE(binsSize, field.binsSize);
  entry.writeUInt32LE(pages.length, field.pageCount);
  let at = entryHeadSize + pages.length * 8;
  for (const [index, page] of pages.entries()) {
    entry.writeUInt32LE(page.offset, entryHeadSize + index * 8);
    entry.writeUInt32LE(page.bytes.length, entryHeadSize + index * 8 + 4);
    at += page.bytes.copy(entry, at);
  }
  marvin32(entry.subarray(entryHeadSize)).copy(entry, field.bodyHash);
  marvin32(entry.subarray(0, field.headHash)).copy(entry, field.headHash);
  return entry;
}

/**
 * The entries of a log from the number of its head on, as long as they are whole and follow each other; `end` is where
 * the next one would begin. What lies behind is left from earlier use, or was cut off.
 */
export function readLogEntries(log: Buffer, firstSequence: number): { entries: LogEntry[]; end: number } {
  const entries: LogEntry[] = [];
  let end = headSize;
  for (;;) {
    const entry = readEntry(log.subarray(end), (firstSequence + entries.length) >>> 0);
    if (entry === undefined) return { entries, end };
    entries.push(entry);
    end += entry.size;
  }
}

function readEntry(from: Buffer, sequence: number): (LogEntry & { size: number }) | undefined {
  if (from.length < entryHeadSize || from.toString('latin1', 0, 4) !== 'HvLE') return undefined;
  const size = from.readUInt32LE(field.size);
  if (from.readUInt32LE(field.sequence) !== sequence || size < entryHeadSize || size > from.length) return undefined;
  const entry = from.subarray(0, size);
  const isWhole =
    size % sectorSize === 0 &&
    marvin32(entry.subarray(0, field.headHash)).equals(entry.subarray(field.headHash, entryHeadSize)) &&
    marvin32(entry.subarray(entryHeadSize)).equals(entry.subarray(field.bodyHash, field.headHash));
  if (!isWhole) return undefined;
  const count = entry.readUInt32LE(field.pageCount);
  const pages: PageRun[] = [];
  let at = entryHeadSize + count * 8;
  for (let index = 0; index < count; index += 1) {
    const length = entry.readUInt32LE(entryHeadSize + index * 8 + 4);
    pages.push({ offset: entry.readUInt32LE(entryHeadSize + index * 8), bytes: entry.subarray(at, at + length) });
    at += length;
  }
  return { sequence, binsSize: entry.readUInt32LE(field.binsSize), pages, size };
}
