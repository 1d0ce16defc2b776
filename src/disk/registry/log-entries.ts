import { isWithin } from '../byte-source';
import { baseBlockSize, isHiveBinsSize } from './base-block';
import type { LogFile } from './log-file';
import { marvin32 } from './marvin32';
import type { PageOverlay } from './page-overlay';
import { overlayPageSize } from './page-overlay';
import { isAtLeast } from './sequence-number';

/**
 * Logs in the format since Windows 8.1: a row of entries, each the pages of one write.
 * Format: https://github.com/msuhanov/regf, "New format", "Log entries".
 */

/** Where entries begin, and what their places and sizes are multiples of. */
const entryAlignment = 512;

const entryHeadSize = 40;

/** What applying a log's entries came to. */
export interface AppliedEntries {
  entries: number;
  /** The sequence number that the next entry would have. */
  nextSequence: number;
  /** Size of the hive bins after the last entry that was applied; undefined if none was. */
  hiveBinsSize: number | undefined;
  /**
   * Why the row ended before its end: the next entry cannot be used, or a later one stands in its place. Undefined at the
   * row's natural end.
   */
  stoppedBecause: string | undefined;
}

/** One entry, checked. */
interface LogEntry {
  size: number;
  sequence: number;
  hiveBinsSize: number;
  /** Where the pages go (offset from the start of the hive bins) and what they are. */
  pages: { offset: number; bytes: Buffer }[];
}

/**
 * Lays a log's entries over the hive, from the first (whose number is that of the log's base block) as long as they
 * are whole and each has the number after the one before. Remnants of older rows behind them, which have lower numbers,
 * are left alone (note 4); a later number ends it (note 7), and so does a wrong hash (note 8).
 */
export async function applyLogEntries(log: LogFile, overlay: PageOverlay): Promise<AppliedEntries> {
  const applied: AppliedEntries = {
    entries: 0,
    nextSequence: log.base.primarySequence,
    hiveBinsSize: undefined,
    stoppedBecause: undefined,
  };
  for (let offset = entryAlignment; offset < log.size;) {
    const entry = await readEntry(log, offset, applied.nextSequence);
    if (entry === undefined) break;
    const place = `${log.name}, entry ${applied.nextSequence} at byte ${offset}`;
    if ('broken' in entry) return { ...applied, stoppedBecause: `${place}: ${entry.broken}` };
    if (!layPages(entry, overlay)) {
      return { ...applied, stoppedBecause: `${place}: more pages than are held in memory` };
    }
    applied.entries += 1;
    applied.nextSequence = (entry.sequence + 1) >>> 0;
    applied.hiveBinsSize = entry.hiveBinsSize;
    offset += entry.size;
  }
  return applied;
}

/** All pages of an entry or none: an entry is one write. */
function layPages({ pages }: LogEntry, overlay: PageOverlay): boolean {
  const total = pages.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (!overlay.hasRoomFor(total)) return false;
  for (const { offset, bytes } of pages) overlay.lay(baseBlockSize + offset, bytes);
  return true;
}

/** The entry at an offset; undefined if there is none with this number. */
async function readEntry(
  log: LogFile,
  offset: number,
  sequence: number,
): Promise<LogEntry | { broken: string } | undefined> {
  const head = await log.read(offset, entryHeadSize);
  if (head?.toString('latin1', 0, 4) !== 'HvLE') return undefined;
  // Hashes first: they vouch for the number and the sizes as well.
  const [storedHeadHash, headHash] = [head.subarray(32, 40), marvin32(head.subarray(0, 32))];
  if (!headHash.equals(storedHeadHash))
    return { broken: `the hash of its head is wrong (${wrongHash(storedHeadHash, headHash)})` };
  const found = head.readUInt32LE(12);
  if (found !== sequence)
    return isAtLeast(found, sequence) ? { broken: `entry ${found} stands in its place` } : undefined;
  const size = head.readUInt32LE(4);
  if (size < entryHeadSize || size % entryAlignment !== 0) return { broken: `it says that it has ${size} bytes` };
  const storedHash = Buffer.from(head.subarray(24, 32));
  const hiveBinsSize = head.readUInt32LE(16);
  const count = head.readUInt32LE(20);
  const body = await log.read(offset + entryHeadSize, size - entryHeadSize);
  if (body === undefined) return { broken: `its ${size} bytes end outside the log or are too many` };
  const hash = marvin32(body);
  if (!hash.equals(storedHash)) return { broken: `the hash of its pages is wrong (${wrongHash(storedHash, hash)})` };
  if (!isHiveBinsSize(hiveBinsSize)) return { broken: `it says that the hive bins have ${hiveBinsSize} bytes` };
  const pages = parsePages(body, count, hiveBinsSize);
  if (pages === undefined) return { broken: `its ${count} pages do not fit in it or in the hive` };
  return { size, sequence, hiveBinsSize, pages };
}

function wrongHash(stored: Buffer, computed: Buffer): string {
  return `${stored.toString('hex')}, its bytes give ${computed.toString('hex')}`;
}

function parsePages(body: Buffer, count: number, hiveBinsSize: number): LogEntry['pages'] | undefined {
  if (!isWithin(body.length, 0, count * 8)) return undefined;
  const pages = [];
  let at = count * 8;
  for (let index = 0; index < count; index += 1) {
    const offset = body.readUInt32LE(index * 8);
    const size = body.readUInt32LE(index * 8 + 4);
    if (offset % overlayPageSize !== 0 || size % overlayPageSize !== 0) return undefined;
    if (!isWithin(hiveBinsSize, offset, size) || !isWithin(body.length, at, size)) return undefined;
    pages.push({ offset, bytes: body.subarray(at, at + size) });
    at += size;
  }
  return pages;
}
