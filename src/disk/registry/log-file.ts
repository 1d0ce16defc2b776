import type { ByteSource } from '../byte-source';
import { isWithin } from '../byte-source';
import type { BaseBlock } from './base-block';
import { fileTimeToIso } from '../file-time';
import { baseBlockHeadSize, parseBaseBlock, unsupportedReason, wrongChecksum } from './base-block';

/**
 * Transaction logs of a hive, `.LOG1` and `.LOG2`.
 * Format: https://github.com/msuhanov/regf, "Format of transaction log files".
 */

/** Logs are read in pieces of this size or, where one entry is larger, of the entry's. */
const pieceSize = 256 * 1024;

/** The most of a log that is fetched and held at once, in bytes. assumed: ample for one entry of a real log. */
export const maxLogPiece = 32 * 1024 * 1024;

/** Which of a hive's logs. A hive of Windows XP has one, `.LOG`: it goes as `LOG1`. */
export type LogName = 'LOG1' | 'LOG2';

/** A log that belongs to the hive, with its base block found valid. */
export interface LogFile {
  name: LogName;
  /** `dirty-vector` is the format up to Windows 8, `log-entries` that since Windows 8.1. */
  format: 'dirty-vector' | 'log-entries';
  base: BaseBlock;
  size: number;
  /** `length` bytes from `offset`, fetched in pieces; undefined if the log ends before or the piece is too large. */
  read(offset: number, length: number): Promise<Buffer | undefined>;
}

/**
 * A log that cannot serve, and why. `has-nothing` is how a log looks in which nothing was written for this state of the
 * hive; one that is `unreadable` may hold changes that are lost with it.
 */
export interface RefusedLog {
  kind: 'has-nothing' | 'unreadable';
  refused: string;
}

/**
 * Opens a log for a hive that was last written at `lastWritten` (FILETIME), or says why it cannot serve. The same time
 * in both is what makes a log belong to a hive ("Base block" of logs, note 3). Costs one read of up to 256 KiB.
 */
export async function openLogFile(
  name: LogName,
  source: ByteSource | undefined,
  lastWritten: bigint,
): Promise<LogFile | RefusedLog> {
  if (source === undefined) return hasNothing(`${name} was not given`);
  if (source.size === 0) return hasNothing(`${name} is empty (0 bytes)`);
  if (source.size < baseBlockHeadSize) return unreadable(`${name} ends after ${source.size} bytes of its base block`);
  const read = readInPieces(source);
  const head = (await read(0, baseBlockHeadSize)) ?? Buffer.alloc(0);
  const base = parseBaseBlock(head);
  if (base === undefined) {
    // A log that was made and never written to.
    if (head.every((byte) => byte === 0)) return hasNothing(`${name} does not begin with a base block but with zeros`);
    const found = JSON.stringify(head.toString('latin1', 0, 4));
    return unreadable(`${name} does not begin with a base block but with ${found}`);
  }
  if (!base.isChecksumRight) return unreadable(`${name} has ${wrongChecksum(base.checksum)}`);
  const unsupported = unsupportedReason(base);
  if (unsupported !== undefined) return unreadable(`${name}: ${unsupported}`);
  if (base.primarySequence !== base.secondarySequence) {
    const numbers = `its write ${base.primarySequence} was begun and ${base.secondarySequence} is the last that ended`;
    return unreadable(`${name} was not written to its end: ${numbers}`);
  }
  if (base.lastWrittenFiletime !== lastWritten) {
    const times = `${fileTimeToIso(base.lastWrittenFiletime)}, not ${fileTimeToIso(lastWritten)}`;
    return hasNothing(`${name} belongs to another state of the hive (${times})`);
  }
  if (base.fileType === 0) return unreadable(`${name} is a hive, not a log`);
  const format = base.fileType === 6 ? 'log-entries' : 'dirty-vector';
  return { name, format, base, size: source.size, read };
}

function hasNothing(refused: string): RefusedLog {
  return { kind: 'has-nothing', refused };
}

function unreadable(refused: string): RefusedLog {
  return { kind: 'unreadable', refused };
}

function readInPieces(source: ByteSource): LogFile['read'] {
  let held: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
  return async (offset, length) => {
    if (length > maxLogPiece || !isWithin(source.size, offset, length)) return undefined;
    if (!isWithin(held.bytes.length, offset - held.start, length)) {
      const wanted = Math.min(Math.max(length, pieceSize), source.size - offset);
      held = { start: offset, bytes: await source.read(offset, wanted) };
    }
    return held.bytes.subarray(offset - held.start, offset - held.start + length);
  };
}
