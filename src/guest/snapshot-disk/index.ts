import type { ByteSource, UnreadableCode, UnreadableError } from '../../disk/byte-source';
import type { Disbelief, Evidence, Provenance } from '../evidence';
import type { DiskNeed } from './disk-need';
import {
  attempt,
  disbeliefInWords,
  isPlausible,
  reasonOf,
  type Attempt,
  type Finding,
  type NoFinding,
} from './finding';
import { openDisk, type OpenedDisk } from './open-disk';
import { plainText } from '../plain-text';
import { needReader } from './read-need';
import { volumeCautions } from './volume-state';
import { unreadableDisk, type UnreadableDisk } from './windows-volume';

export { canReadFromDisk, type DiskNeed } from './disk-need';

/** What a disk gave: one item of evidence for each need, in their order, or why the disk as a whole gives none. */
export type DiskReading = { kind: 'read'; evidence: Evidence[] } | UnreadableDisk;

/** The moment whose state the disk shows (the snapshot's), and when it is read. ISO 8601. */
export interface DiskTimes {
  asOf: string;
  readAt: string;
}

const longestPlace = 500;
const longestCaution = 1500;
const longestReason = 400;

/**
 * Reads evidence of the Windows that a disk boots, without a VM. `disk` is the disk itself: a VHD's footer is taken off
 * by the caller. A need that can't be read is an unreadable item with its reason; the disk as a whole is unreadable if
 * its Windows can't be found or opened, or if the source gave out before anything was read. Rejects for faults only (any
 * error but an UnreadableError, from our own code or the source), never for what a disk holds.
 */
export async function readDiskEvidence(disk: ByteSource, needs: DiskNeed[], given: DiskTimes): Promise<DiskReading> {
  const opening = await attempt(openDisk(disk));
  if (!opening.ok) return unreadableDisk(opening.error);
  const opened = opening.value;
  if (opened.kind === 'unreadable') return opened;
  const read = needReader(opened, new Date(given.asOf));
  const answers = await Promise.all(needs.map(async (need) => ({ need, answer: await attempt(read(need)) })));
  const failures = answers.map(({ answer }) => (answer.ok ? undefined : answer.error));
  const [first] = failures;
  if (first && failures.every(isOfSource)) return unreadableDisk(first);
  const shared = await sharedCautions(opened);
  return { kind: 'read', evidence: answers.map(({ need, answer }) => evidenceOf(need, answer, shared, given)) };
}

const ofSource: readonly UnreadableCode[] = ['budget-exceeded', 'access-denied', 'not-available'];

/** Whether the source gave out, rather than the disk being other than it should be. */
function isOfSource(error: UnreadableError | undefined): boolean {
  return error !== undefined && ofSource.includes(error.code);
}

/** Cautions about the disk, and about the volume that Windows is on. */
interface SharedCautions {
  disk: string[];
  volume: string[];
  disbelieved: Disbelief[];
}

async function sharedCautions({ cautions, disbelieved, windows }: OpenedDisk): Promise<SharedCautions> {
  const state = await attempt(windows.state());
  const unread = state.ok ? [] : [`in which state the volume was could not be read (${reasonOf(state.error)})`];
  return { disk: cautions, volume: state.ok ? volumeCautions(state.value) : unread, disbelieved };
}

function evidenceOf(
  need: DiskNeed,
  answer: Attempt<Finding | NoFinding>,
  shared: SharedCautions,
  given: DiskTimes,
): Evidence {
  // The store lies on another volume, and the volume's state is a fact of its own.
  const isOfVolume = need.kind !== 'boot-configuration' && need.kind !== 'volume-state';
  const common = [...shared.disk, ...(isOfVolume ? shared.volume : [])];
  const from = { source: 'snapshot-disk' as const, readAt: given.readAt, asOf: given.asOf };
  if (!answer.ok) {
    const about = { place: placeOf(need), ...weighing([], common, shared.disbelieved) };
    return { kind: 'unreadable', need, reason: reasonOf(answer.error), from: { ...from, ...about } };
  }
  const { place, lastWritten, cautions, disbelieved = [] } = answer.value;
  const about: Omit<Provenance, 'source' | 'readAt'> = {
    place: plainText(place, longestPlace),
    ...(lastWritten && isPlausible(lastWritten) ? { lastWritten: lastWritten.toISOString() } : {}),
    ...weighing(cautions, common, [...disbelieved, ...shared.disbelieved]),
  };
  if (answer.value.fact) return { ...answer.value.fact, from: { ...from, ...about } };
  return {
    kind: 'unreadable',
    need,
    reason: plainText(answer.value.reason, longestReason),
    from: { ...from, ...about },
  };
}

/** What makes evidence doubtful, in words, and what was not believed beside it, in both forms. */
function weighing(
  own: string[],
  common: string[],
  disbelieved: Disbelief[],
): Pick<Provenance, 'caution' | 'disbelieved'> {
  const told = disbelieved.length === 0 ? {} : { disbelieved };
  return { ...caution([...own, ...disbelieved.map(disbeliefInWords), ...common]), ...told };
}

function caution(cautions: string[]): Pick<Provenance, 'caution'> {
  const text = plainText([...new Set(cautions)].join('; '), longestCaution);
  return text === '' ? {} : { caution: text };
}

/** Where a need is looked for, where the place was not reached. */
function placeOf(need: DiskNeed): string {
  switch (need.kind) {
    case 'boot-configuration':
      return 'BCD';
    case 'service-events':
    case 'boot-mode':
      return 'System.evtx';
    case 'service-configuration':
      return `SYSTEM › Services\\${plainText(need.service, 100)}`;
    case 'control-sets':
      return 'SYSTEM › Select';
    case 'network-addressing':
    case 'remote-desktop':
      return 'SYSTEM';
    case 'pending-servicing':
    case 'windows-installation':
      return 'SOFTWARE';
    case 'volume-state':
      return '$Volume';
  }
}
