import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import { withFixUps } from './fix-ups';

/**
 * `empty`: filled with FF, as after formatting or a repair; `clean`: closed, or marked clean when the volume was
 * dismounted; `unclean`: Windows was running or was cut off; `unknown`: neither restart page can be read.
 */
export type LogFileState = 'empty' | 'clean' | 'unclean' | 'unknown';

/** Two restart pages begin the log, each a system page of 4096 bytes. */
const PAGE = 4096;
const NO_CLIENT = 0xffff;
const FLAG_VOLUME_IS_CLEAN = 2;

/**
 * The state of `$LogFile` by the newer of its two restart pages: layout and rule of torvalds/linux:fs/ntfs/logfile.h and
 * logfile.c (ntfs_is_logfile_clean): clean if no client has it open, or if the flag says so, which Windows XP and later set
 * instead of closing it. The log's records are not replayed. One read.
 */
export async function readLogFileState(log: ByteSource): Promise<LogFileState> {
  if (log.size < 2 * PAGE) return 'unknown';
  const bytes = await log.read(0, 2 * PAGE);
  if (bytes.every((byte) => byte === 0xff)) return 'empty';
  const areas = [0, PAGE].map((at) => restartArea(bytes.subarray(at, at + PAGE))).filter((area) => area !== undefined);
  const newest = areas.reduce(
    (left, right) => (right.lastNumber > left.lastNumber ? right : left),
    areas[0] ?? NOTHING,
  );
  if (newest === NOTHING) return 'unknown';
  return newest.isClean ? 'clean' : 'unclean';
}

interface RestartArea {
  readonly lastNumber: bigint;
  readonly isClean: boolean;
}

const NOTHING: RestartArea = { lastNumber: 0n, isClean: false };

function restartArea(page: Buffer): RestartArea | undefined {
  const restored = restoredPage(page);
  const at = restored?.readUInt16LE(24) ?? 0;
  if (!restored || !isWithin(restored.length, at, 16)) return undefined;
  const isClosed = restored.readUInt16LE(at + 12) === NO_CLIENT;
  const isMarkedClean = (restored.readUInt16LE(at + 14) & FLAG_VOLUME_IS_CLEAN) !== 0;
  return { lastNumber: restored.readBigUInt64LE(at), isClean: isClosed || isMarkedClean };
}

function restoredPage(page: Buffer): Buffer | undefined {
  try {
    return withFixUps(page, 'RSTR', 'a restart page of $LogFile');
  } catch (error) {
    if (error instanceof UnreadableError) return undefined;
    throw error;
  }
}
