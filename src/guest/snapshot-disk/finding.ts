import { UnreadableError } from '../../disk/byte-source';
import { disbeliefs, type Disbelief, type Fact, type WeighedFact } from '../evidence';
import type { DiskNeed } from './disk-need';
import { plainText } from '../plain-text';

/** The facts that answer a disk's needs. */
export type DiskFact = Extract<Fact, { kind: DiskNeed['kind'] }>;

/** A fact, and what its provenance has to say. */
export interface Finding<F extends DiskFact = DiskFact> {
  fact: F;
  /** The file, and the key in it. */
  place: string;
  /** The key's own time. */
  lastWritten?: Date;
  /** Sentences without a full stop: why it may be old or incomplete. */
  cautions: string[];
  /** What the same disk told and was not believed. */
  disbelieved?: Disbelief[];
}

/** Why nothing that a disk tells of a fact is believed. */
export interface NoFinding extends Omit<Finding, 'fact'> {
  fact?: undefined;
  reason: string;
}

const longestReason = 400;
const longestSaying = 400;
const longestPlace = 500;

/** A fact that is weighed by its age, fit to show. A time that no Windows wrote is left out. */
export function weighed({ says, place, at }: { says: string; place: string; at?: Date }): WeighedFact {
  return {
    says: plainText(says, longestSaying),
    place: plainText(place, longestPlace),
    ...(at && isPlausible(at) ? { at: at.toISOString() } : {}),
  };
}

/** A disbelief as a caution. */
export function disbeliefInWords({ code, told, by }: Disbelief): string {
  return `not believed: ${dated(told)}; ${disbeliefs[code]}: ${dated(by)} (${by.place})`;
}

function dated({ says, at }: WeighedFact): string {
  return at === undefined ? says : `${says} (${at})`;
}

/** Tools that are not Windows leave the time of a key at its zero, the year 1601. */
export function isPlausible(time: Date): boolean {
  return time.getUTCFullYear() >= 1990 && time.getUTCFullYear() <= 9999;
}

/** Why something could not be read, for people: no stack, no URL's query, bounded. */
export function reasonOf(error: UnreadableError): string {
  return plainText(inWords(error), longestReason);
}

function inWords({ code, detail }: UnreadableError): string {
  switch (code) {
    case 'not-found':
    case 'not-this-format':
      return detail;
    case 'budget-exceeded':
      return `reading stopped at the budget for this disk, ${detail}`;
    case 'access-denied':
      return 'the right to read this disk was withdrawn or has run out';
    case 'out-of-range':
      return `damaged: it points outside, to ${detail}`;
    case 'damaged':
    case 'too-large':
    case 'too-deep':
    case 'encrypted':
    case 'compressed':
    case 'not-available':
      return `${code.replace('-', ' ')}: ${detail}`;
  }
}

/** Ends that no other file of the disk would escape: they are passed on, where other damage is worked around. */
export function isFinal(error: UnreadableError): boolean {
  return error.code === 'budget-exceeded' || error.code === 'access-denied';
}

/** What was read, or why it could not be. */
export type Attempt<T> = { ok: true; value: T } | { ok: false; error: UnreadableError };

/** Turns an UnreadableError into a value. Anything else is a fault of ours and stays thrown. */
export async function attempt<T>(reading: Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await reading };
  } catch (error) {
    if (error instanceof UnreadableError) return { ok: false, error };
    throw error;
  }
}

/** As `attempt`, but what concerns the disk as a whole is thrown. */
export async function attemptHere<T>(reading: Promise<T>): Promise<Attempt<T>> {
  const result = await attempt(reading);
  if (!result.ok && isFinal(result.error)) throw result.error;
  return result;
}

/** The same promise for everyone who asks. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
