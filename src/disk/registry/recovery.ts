import type { ByteSource } from '../byte-source';
import type { BaseBlock } from './base-block';
import { wrongChecksum } from './base-block';
import { applyDirtyVector } from './dirty-vector';
import { applyLogEntries } from './log-entries';
import type { LogFile, LogName } from './log-file';
import { openLogFile } from './log-file';
import type { PageOverlay } from './page-overlay';
import { createPageOverlay } from './page-overlay';
import { isAtLeast } from './sequence-number';

/**
 * Brings a dirty hive up to date in memory, by the rules of Windows as far as they are public:
 * https://github.com/msuhanov/regf, "Dirty state of a hive", "Multiple transaction log files", and the notes to "Log
 * entries" and to the base block of logs.
 */

/** The logs beside a hive. */
export interface HiveLogs {
  log1?: ByteSource;
  log2?: ByteSource;
}

/** Why a hive counts as dirty. */
export type DirtyBecause = 'sequence-numbers-differ' | 'checksum-wrong';

/** What became of a hive's logs. */
export type HiveRecovery =
  | { state: 'clean' }
  | {
      state: 'recovered';
      dirtyBecause: DirtyBecause;
      format: LogFile['format'];
      /** The logs that were applied, in this order; a dirty vector counts as one entry. */
      logs: { name: LogName; entries: number }[];
      /** Distinct pages of 512 bytes that the logs laid over the hive. */
      pages: number;
      /** The sequence number of the last entry applied. */
      lastSequence: number;
      /** Set when a log holds more, or may do so, which could not be used: newer changes are then missing. */
      stoppedBecause?: string;
    }
  | { state: 'dirty-without-usable-logs'; dirtyBecause: DirtyBecause; reason: string };

/** A hive as it is to be read. */
export interface RecoveredHive {
  recovery: Exclude<HiveRecovery, { state: 'clean' }>;
  /** The pages to lay over the file, and the base block's facts with them applied; undefined when left as it is. */
  applied?: { overlay: PageOverlay; base: BaseBlock };
}

/** What applying logs of either format gives. */
interface Outcome {
  format: LogFile['format'];
  overlay: PageOverlay;
  base: BaseBlock;
  logs: { name: LogName; entries: number }[];
  lastSequence: number;
  stoppedBecause: string | undefined;
}

/**
 * Applies the logs to a dirty hive. `base` is its base block; undefined or with a wrong checksum it is replaced by the
 * log's copy, and `firstBinFiletime` says to which state of the hive a log must belong. What cannot be used is said in
 * the answer; only what the sources below cannot read is thrown.
 */
export async function recoverHive(
  base: BaseBlock | undefined,
  firstBinFiletime: () => Promise<bigint>,
  logs: HiveLogs,
): Promise<RecoveredHive> {
  const validBase = base?.isChecksumRight === true ? base : undefined;
  const dirtyBecause: DirtyBecause = validBase === undefined ? 'checksum-wrong' : 'sequence-numbers-differ';
  const lastWritten = validBase?.lastWrittenFiletime ?? (await firstBinFiletime());
  const opened = [await openLogFile('LOG1', logs.log1, lastWritten), await openLogFile('LOG2', logs.log2, lastWritten)];
  const refused = opened.flatMap((log) => ('refused' in log ? [log] : []));
  const usable = opened.flatMap((log) => ('refused' in log ? [] : [log]));
  const withEntries = usable.filter((log) => log.format === 'log-entries');
  const eligible = withEntries.filter(
    (log) => validBase === undefined || isAtLeast(log.base.primarySequence, validBase.secondarySequence),
  );
  for (const log of withEntries) {
    if (eligible.includes(log)) continue;
    const numbers = `entry ${log.base.primarySequence}, before the ${validBase?.secondarySequence} that the hive waits for`;
    refused.push({ kind: 'has-nothing', refused: `${log.name} begins with ${numbers}: such a log is not applied` });
  }
  const vectors = usable.filter((log) => log.format === 'dirty-vector');
  const outcome = eligible.length > 0 ? await applyEntries(eligible, validBase) : await applyVector(vectors);
  if (outcome === undefined || outcome.logs.length === 0) {
    const empty = usable.length === 0 || refused.length === 2 ? [] : ['the logs hold no entries'];
    const ownChecksum =
      base === undefined || validBase !== undefined ? [] : [`the hive has ${wrongChecksum(base.checksum)}`];
    const reasons = [
      ...ownChecksum,
      ...refused.map((log) => log.refused),
      ...(outcome?.stoppedBecause === undefined ? empty : [outcome.stoppedBecause]),
    ];
    return { recovery: { state: 'dirty-without-usable-logs', dirtyBecause, reason: reasons.join('; ') } };
  }
  const { format, overlay, lastSequence } = outcome;
  const lost = refused.filter(({ kind }) => kind === 'unreadable').map((log) => log.refused);
  const reasons = [...(outcome.stoppedBecause === undefined ? [] : [outcome.stoppedBecause]), ...lost];
  return {
    recovery: {
      state: 'recovered',
      dirtyBecause,
      format,
      logs: outcome.logs,
      pages: overlay.pages,
      lastSequence,
      ...(reasons.length === 0 ? {} : { stoppedBecause: reasons.join('; ') }),
    },
    applied: { overlay, base: outcome.base },
  };
}

/**
 * Logs in the new format: the one that begins earlier, then the other if it goes on where the first ended, also where the
 * first was torn ("New format" of "Multiple transaction log files"). The first may begin after the number that the hive
 * waits for: it must be that of its own base block and "not less than" the hive's ("Log entries", note 7). Windows
 * reuses a log when it has written its pages to the hive, without renewing the base block (https://github.com/msuhanov/regf's
 * author, "Missing log entries for a dirty primary file"). Without a valid base block Windows takes the later log only.
 */
async function applyEntries(logs: LogFile[], validBase: BaseBlock | undefined): Promise<Outcome | undefined> {
  const [first, second] = inSequence(logs);
  if (first === undefined) return undefined;
  if (second === undefined) return applyOne(first, undefined);
  if (validBase === undefined) {
    const outcome = await applyOne(second, undefined);
    const unused = `${first.name} is not applied: without a valid base block only the log with the latest entries is`;
    return { ...outcome, stoppedBecause: joined(outcome.stoppedBecause, unused) };
  }
  const outcome = await applyOne(first, undefined);
  const next = (outcome.lastSequence + 1) >>> 0;
  if (second.base.primarySequence === next) return applyOne(second, outcome);
  const gap = `${second.name} begins with entry ${second.base.primarySequence}, not with ${next}`;
  return { ...outcome, stoppedBecause: joined(outcome.stoppedBecause, gap) };
}

function joined(...reasons: (string | undefined)[]): string {
  return reasons.filter((reason) => reason !== undefined).join('; ');
}

async function applyOne(log: LogFile, before: Outcome | undefined): Promise<Outcome> {
  const overlay = before?.overlay ?? createPageOverlay();
  const { entries, nextSequence, hiveBinsSize, stoppedBecause } = await applyLogEntries(log, overlay);
  const applied = entries === 0 ? [] : [{ name: log.name, entries }];
  return {
    format: 'log-entries',
    overlay,
    // "A primary file is grown according to the Hive bins data size field of a log entry" ("Log entries", note 9).
    base: { ...log.base, hiveBinsSize: hiveBinsSize ?? before?.base.hiveBinsSize ?? log.base.hiveBinsSize },
    logs: [...(before?.logs ?? []), ...applied],
    lastSequence: (nextSequence - 1) >>> 0,
    stoppedBecause,
  };
}

/** Logs in the old format hold one write each; of two that belong to the hive, the later one is the write cut off. */
async function applyVector(logs: LogFile[]): Promise<Outcome | undefined> {
  const log = inSequence(logs).at(-1);
  if (log === undefined) return undefined;
  const overlay = createPageOverlay();
  const { pages, stoppedBecause } = await applyDirtyVector(log, overlay);
  return {
    format: log.format,
    overlay,
    base: log.base,
    logs: pages === 0 ? [] : [{ name: log.name, entries: 1 }],
    lastSequence: log.base.primarySequence,
    stoppedBecause,
  };
}

function inSequence(logs: LogFile[]): LogFile[] {
  return logs.toSorted((one, other) => {
    if (one.base.primarySequence === other.base.primarySequence) return 0;
    return isAtLeast(one.base.primarySequence, other.base.primarySequence) ? 1 : -1;
  });
}
