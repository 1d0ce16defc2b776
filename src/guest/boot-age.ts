import type { DisbeliefCode } from './evidence';

/**
 * Whether a recorded boot is the last one, by the times that one disk holds. Pure. All times are ms since the Unix epoch; all
 * but `asOf` are by the guest's clock, so a clock that is merely wrong leaves their order as it is.
 */

/** What a disk tells of its last boot and shutdown, each undefined where it tells nothing. */
export interface BootTimes {
  /** The start that the event log has as its last. */
  loggedBoot: number;
  /** The last clean shutdown, by the registry. */
  shutdown?: number | undefined;
  /** Whether the log has a record of that shutdown, too: then it was being written, before or after `loggedBoot`. */
  isShutdownLogged?: boolean;
  /** The last boot, by the registry. */
  boot?: number | undefined;
  /** When the disk was copied, by Azure's clock. */
  asOf: number;
}

/** `by`: the fact that is younger; `clock` where the time itself can't be. */
export type BootAge =
  | { kind: 'last' }
  | { kind: 'stale'; code: Extract<DisbeliefCode, 'older-than-shutdown' | 'older-than-boot'>; by: 'shutdown' | 'boot' }
  | { kind: 'undated'; code: Extract<DisbeliefCode, 'clock-ahead'>; by: 'clock' };

/**
 * assumed: times of one boot lie within this of each other. The log has when the kernel started, the registry when it made its
 * first keys, seconds later; a clock that is set right in between moves by minutes at most.
 */
const sameBoot = 5 * 60 * 1000;

/**
 * A time further ahead of the disk's copy than this is no time at which it was written. A day: a real-time clock that is read in
 * another time zone is wrong by up to 14 hours.
 */
export const mostAhead = 24 * 60 * 60 * 1000;

/**
 * Judges a logged boot by the other times of its disk. How long the log has been silent since says nothing: a machine may be up
 * for months. A registry time in the future disbelieves nothing.
 */
export function ageOfLoggedBoot(times: BootTimes): BootAge {
  const { loggedBoot, asOf, isShutdownLogged = false } = times;
  if (isAhead(loggedBoot, asOf)) return { kind: 'undated', code: 'clock-ahead', by: 'clock' };
  const isYounger = (time: number | undefined): time is number =>
    time !== undefined && !isAhead(time, asOf) && time - loggedBoot > sameBoot;
  if (isYounger(times.boot)) return { kind: 'stale', code: 'older-than-boot', by: 'boot' };
  if (isYounger(times.shutdown) && !isShutdownLogged) {
    return { kind: 'stale', code: 'older-than-shutdown', by: 'shutdown' };
  }
  return { kind: 'last' };
}

/**
 * Whether a word about the last boot that has no time of its own is older than the last shutdown: what it stands in was last written
 * before, and nothing tells of a boot since. `keyWritten`: the time of the key that holds it, which a boot renews.
 */
export function isOfBootBefore(keyWritten: number, { shutdown, boot, asOf }: Omit<BootTimes, 'loggedBoot'>): boolean {
  if (shutdown === undefined || isAhead(shutdown, asOf)) return false;
  const wasBootedSince = boot !== undefined && boot > shutdown;
  return !wasBootedSince && shutdown - keyWritten > sameBoot;
}

/** Whether a time can't have been written by a clock that was right: it lies after the copy of the disk. */
export function isAhead(time: number, asOf: number): boolean {
  return time - asOf > mostAhead;
}

/** Whether two times, of two sources, can be those of one boot. */
export function isOneBoot(one: number, other: number): boolean {
  return Math.abs(one - other) <= sameBoot;
}

/** assumed: the kernel makes its first keys within a minute. In a real hive it is 31 ms from the first to the last of them. */
const atOnce = 60 * 1000;

/**
 * The time of a boot, by keys that the kernel writes at the beginning of every boot. Each of them alone may also have been
 * written later by somebody else; all of them at once were written by a boot. Undefined if fewer than two are known, or if they do
 * not agree.
 */
export function bootByKeys(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  if (known.length < 2) return undefined;
  const first = Math.min(...known);
  return Math.max(...known) - first <= atOnce ? first : undefined;
}
