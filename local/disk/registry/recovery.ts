/**
 * Brings a hive up to date from its logs, as Windows does when it loads one.
 * Rules: https://github.com/msuhanov/regf, "Dirty state of a hive", "Multiple transaction log files", and the notes to
 * the base block of logs and to "Log entries".
 */
import { baseBlockSize, binsSizeOf, fromLogHead, isBaseBlock, lastWrittenOf, sequencesOf } from './base-block';
import { pageSize } from './bins';
import { readLogEntries, type LogEntry } from './log-entries';

export type LogName = 'log1' | 'log2';

/** The files of a hive as they lie on a disk. A log that is missing is empty. */
export interface HiveFiles {
  primary: Buffer;
  log1?: Buffer;
  log2?: Buffer;
}

/** A hive as it is to be taken into memory, and how its files stand. */
export interface LoadedHive {
  baseBlock: Buffer;
  bins: Buffer;
  /** Numbers of the pages that the logs changed: the primary file does not have them yet. */
  unflushedPages: Set<number>;
  /** The number that the next entry takes. */
  nextSequence: number;
  /** The log that the next entry goes to. */
  activeLog: LogName;
  /** Where in it; undefined if it is begun anew, because the primary file is clean. */
  logEnd: number | undefined;
}

interface Log {
  name: LogName;
  content: Buffer;
  firstSequence: number;
}

/**
 * Throws an Error for what is no hive, and for a hive that was cut off while being written whose logs are of no use.
 * assumed: Windows refuses to load that as well.
 */
export function loadHive(files: HiveFiles): LoadedHive {
  const isValid = files.primary.length >= baseBlockSize && isBaseBlock(files.primary, 'hive');
  const sequences = isValid ? sequencesOf(files.primary) : undefined;
  const logs = logsOf(files, isValid ? lastWrittenOf(files.primary) : timeOfFirstBin(files.primary));
  if (sequences !== undefined && sequences.primary === sequences.secondary) {
    return cleanHive(files.primary, sequences.primary, logs);
  }
  const useful = logs.filter((log) => sequences === undefined || !isBefore(log.firstSequence, sequences.secondary));
  const [first, second] = useful.sort((one, other) => (isBefore(one.firstSequence, other.firstSequence) ? -1 : 1));
  if (first === undefined) throw new Error('The hive is dirty or no hive at all, and no log of it can be used.');
  // "If a primary file contains an invalid base block, only the transaction log file with latest log entries is used."
  return isValid
    ? applyLogs(files.primary, isValid, first, second)
    : applyLogs(files.primary, isValid, second ?? first);
}

function cleanHive(primary: Buffer, sequence: number, logs: readonly Log[]): LoadedHive {
  const size = binsSizeOf(primary);
  if (primary.length < baseBlockSize + size) {
    throw new Error(`The hive is cut off: ${primary.length} bytes, though its bins alone have ${size}.`);
  }
  return {
    baseBlock: Buffer.from(primary.subarray(0, baseBlockSize)),
    bins: primary.subarray(baseBlockSize, baseBlockSize + size),
    unflushedPages: new Set(),
    nextSequence: sequence,
    activeLog: logToBeginWith(sequence, logs),
    logEnd: undefined,
  };
}

/**
 * A log that already begins with this number was begun by a write that was cut off: it must be the one that is begun
 * again, or there would be two that claim the same. Otherwise the older one is used, so that the younger stays whole.
 */
function logToBeginWith(sequence: number, logs: readonly Log[]): LogName {
  const claimed = logs.find(({ firstSequence }) => firstSequence === sequence);
  if (claimed !== undefined) return claimed.name;
  const [log1, log2] = (['log1', 'log2'] as const).map((name) => logs.find((log) => log.name === name));
  if (log1 === undefined || log2 === undefined) return log1 === undefined ? 'log1' : 'log2';
  return isBefore(log2.firstSequence, log1.firstSequence) ? 'log2' : 'log1';
}

function applyLogs(primary: Buffer, isValid: boolean, first: Log, second?: Log): LoadedHive {
  const rows = [{ log: first, ...readLogEntries(first.content, first.firstSequence) }];
  const next = (first.firstSequence + (rows[0]?.entries.length ?? 0)) >>> 0;
  // A first log that begins later than the hive waits for is used ("not less than", "Log entries", note 7).
  if (second?.firstSequence === next) {
    rows.push({ log: second, ...readLogEntries(second.content, second.firstSequence) });
  }
  const entries = rows.flatMap((row) => row.entries);
  const last = rows.at(-1);
  const lastEntry = entries.at(-1);
  if (last === undefined || lastEntry === undefined) throw new Error('The hive is dirty and its logs hold no entries.');
  return {
    baseBlock: isValid ? Buffer.from(primary.subarray(0, baseBlockSize)) : fromLogHead(first.content),
    ...applyEntries(primary.subarray(baseBlockSize), entries),
    nextSequence: (lastEntry.sequence + 1) >>> 0,
    activeLog: last.log.name,
    logEnd: last.end,
  };
}

function applyEntries(stored: Buffer, entries: readonly LogEntry[]): Pick<LoadedHive, 'bins' | 'unflushedPages'> {
  // "A primary file is grown according to the Hive bins data size field of a log entry."
  const bins = Buffer.alloc(entries.at(-1)?.binsSize ?? 0);
  stored.copy(bins);
  const unflushedPages = new Set<number>();
  for (const { offset, bytes } of entries.flatMap(({ pages }) => pages)) {
    bytes.copy(bins, offset);
    for (let at = offset; at < offset + bytes.length; at += pageSize) unflushedPages.add(at / pageSize);
  }
  return { bins, unflushedPages };
}

/** The logs that are whole at their head and belong to the hive by its time. */
function logsOf(files: HiveFiles, lastWritten: bigint): Log[] {
  return (['log1', 'log2'] as const).flatMap((name) => {
    const content = files[name];
    if (content === undefined || !isBaseBlock(content, 'log') || lastWrittenOf(content) !== lastWritten) return [];
    const { primary, secondary } = sequencesOf(content);
    return primary === secondary ? [{ name, content, firstSequence: primary }] : [];
  });
}

/** The first bin keeps a copy of the base block's time ("Hive bin", note 3). */
function timeOfFirstBin(primary: Buffer): bigint {
  return primary.length < baseBlockSize + 28 ? 0n : primary.readBigUInt64LE(baseBlockSize + 20);
}

/** Sequence numbers wrap around at 32 bits. */
function isBefore(one: number, other: number): boolean {
  return one !== other && (other - one) >>> 0 < 0x8000_0000;
}
