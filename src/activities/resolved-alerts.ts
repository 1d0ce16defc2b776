import type { SignalRecord } from '../ledger/ports';

/** What of a signal its answer hangs on. */
export type Occurrence = Pick<SignalRecord, 'door' | 'occurredAt' | 'occasion'>;

/** Word that somebody stopped or restarted a machine explains what it tells of within this time (ms) of it (assumed). */
export const askedForMs = 15 * 60_000;

/**
 * Whether every alert that asked for a repair was resolved since. A person who asked is not answered by an alert, and one
 * alert that still stands is enough to go on. Pure.
 */
export function isEveryAlertResolved(signals: readonly SignalRecord[]): boolean {
  const words = signals.filter(({ says }) => says !== undefined);
  const asking = signals.filter(({ says }) => says === undefined);
  if (asking.length === 0) return false;
  return asking.every((signal) => words.some((word) => isAnsweredBy(signal, word)));
}

/**
 * Whether the word says that what the signal tells of is over, or was wanted: it is of the same occasion (src/triggers/occasion.ts) and tells of a
 * later moment, whichever of the two came first. Nothing answers a person but the person.
 */
export function isAnsweredBy(signal: Occurrence, word: SignalRecord): boolean {
  if (signal.door === 'request') return false;
  const laterByMs = Date.parse(word.occurredAt) - Date.parse(signal.occurredAt);
  const isSameOccasion = word.occasion !== undefined && word.occasion === signal.occasion;
  switch (word.says) {
    case 'cancelled':
      return laterByMs >= 0;
    case 'recovered':
      return isSameOccasion && laterByMs >= 0;
    case 'asked-for':
      return isSameOccasion && Math.abs(laterByMs) <= askedForMs;
    case undefined:
      return false;
  }
}
