import { baseBlockSize, pageSize } from './base-block';
import type { LogFile } from './log-file';
import type { PageOverlay } from './page-overlay';
import { overlayPageSize } from './page-overlay';

/**
 * Logs in the format up to Windows 8: a bitmap of the hive's 512-byte pages and the dirty ones, once.
 * Format: https://github.com/msuhanov/regf, "Old format", "Dirty vector", "Dirty pages".
 */

/** What applying a dirty vector came to: why it stopped, and why nothing could be used, are the same kind of text. */
export interface AppliedVector {
  pages: number;
  stoppedBecause: string | undefined;
}

/** Pages that lie one after the other in the hive, and so in the log. */
interface Run {
  firstPage: number;
  pages: number;
}

/**
 * Lays the dirty pages of a log over the hive, in order, until a hive bin among them is not valid or the log ends.
 * A bin that begins inside a run of dirty pages is checked; where in a run the first bin begins is known by its
 * signature (bins begin at multiples of 4,096 bytes).
 */
export async function applyDirtyVector(log: LogFile, overlay: PageOverlay): Promise<AppliedVector> {
  const { sectorSize, hiveBinsSize } = log.base;
  if (sectorSize === 0 || sectorSize > baseBlockSize)
    return stopped(0, `${log.name} has sectors of ${sectorSize} bytes`);
  const bitmapSize = Math.ceil(hiveBinsSize / overlayPageSize / 8);
  const vector = await log.read(sectorSize, 4 + bitmapSize);
  if (vector === undefined) return stopped(0, `${log.name} is too short for its dirty vector`);
  if (vector.toString('latin1', 0, 4) !== 'DIRT') return stopped(0, `${log.name} has no dirty vector`);
  const runs = dirtyRuns(Buffer.from(vector.subarray(4)));
  let at = Math.ceil((sectorSize + 4 + bitmapSize) / sectorSize) * sectorSize;
  let pages = 0;
  for (const run of runs) {
    const length = run.pages * overlayPageSize;
    const bytes = await log.read(at, length);
    if (bytes === undefined) return stopped(pages, `${log.name} ends before its dirty pages do`);
    const good = validPart(bytes, run.firstPage * overlayPageSize);
    if (!overlay.hasRoomFor(good)) return stopped(pages, `${log.name} has more pages than are held in memory`);
    overlay.lay(baseBlockSize + run.firstPage * overlayPageSize, bytes.subarray(0, good));
    pages += good / overlayPageSize;
    if (good < length) {
      const bad = run.firstPage * overlayPageSize + good;
      return stopped(pages, `${log.name} holds a hive bin at ${bad} that is none`);
    }
    at += length;
  }
  return { pages, stoppedBecause: undefined };
}

function stopped(pages: number, stoppedBecause: string): AppliedVector {
  return { pages, stoppedBecause };
}

function dirtyRuns(bitmap: Buffer): Run[] {
  const runs: Run[] = [];
  let open: Run | undefined;
  for (let page = 0; page < bitmap.length * 8; page += 1) {
    const isDirty = ((bitmap[page >> 3] ?? 0) & (1 << (page & 7))) !== 0;
    if (!isDirty) {
      open = undefined;
    } else if (open === undefined) {
      open = { firstPage: page, pages: 1 };
      runs.push(open);
    } else {
      open.pages += 1;
    }
  }
  return runs;
}

/** How many bytes of a run come before the first bin that is not valid: all, as a rule. */
function validPart(bytes: Buffer, offset: number): number {
  let at = (pageSize - (offset % pageSize)) % pageSize;
  let isBinExpected = offset === 0;
  while (at + 12 <= bytes.length) {
    const isBin = bytes.toString('latin1', at, at + 4) === 'hbin';
    if (!isBin && isBinExpected) return at;
    if (!isBin) {
      at += pageSize;
      continue;
    }
    const size = bytes.readUInt32LE(at + 8);
    const isValid = bytes.readUInt32LE(at + 4) === offset + at && size >= pageSize && size % pageSize === 0;
    if (!isValid) return at;
    // From here on the next beginning is known.
    isBinExpected = true;
    at += size;
  }
  return bytes.length;
}
