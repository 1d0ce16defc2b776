import type { ByteSource } from '../byte-source';
import { isWithin } from '../byte-source';
import type { BaseBlock } from './base-block';
import { baseBlockHeadSize, parseBaseBlock, unsupportedReason } from './base-block';

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
 * Opens a log for a hive that was last written at `lastWritten` (FILETIME), or says why it cannot serve. The same time
 * in both is what makes a log belong to a hive ("Base block" of logs, note 3). Costs one read of up to 256 KiB.
 */
export async function openLogFile(
  name: LogName,
  source: ByteSource | undefined,
  lastWritten: bigint,
): Promise<LogFile | { refused: string }> {
  if (source === undefined) return { refused: `${name} was not given` };
  if (source.size < baseBlockHeadSize) return { refused: `${name} is empty (${source.size} bytes)` };
  const read = readInPieces(source);
  const base = parseBaseBlock((await read(0, baseBlockHeadSize)) ?? Buffer.alloc(0));
  if (base === undefined) return { refused: `${name} does not begin with a base block` };
  if (!base.isChecksumRight) return { refused: `${name} has a wrong checksum` };
  const unsupported = unsupportedReason(base);
  if (unsupported !== undefined) return { refused: `${name}: ${unsupported}` };
  if (base.primarySequence !== base.secondarySequence) return { refused: `${name} was not written to its end` };
  if (base.lastWrittenFiletime !== lastWritten) return { refused: `${name} belongs to another state of the hive` };
  if (base.fileType === 0) return { refused: `${name} is a hive, not a log` };
  const format = base.fileType === 6 ? 'log-entries' : 'dirty-vector';
  return { name, format, base, size: source.size, read };
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
