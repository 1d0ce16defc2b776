import type { DeclaredWait, Ledger, RepairRecord } from '../ledger/ports';
import type { AboutRepair } from './input';
import type { ActivityName } from '.';
import { wait, type Conclusion, type Progress } from './progress';
import type { Tools } from './toolbox';

/**
 * The places for repairs that change something, and the queue for them. It is declared on the repair's record how long the wait may
 * last, so that upkeep takes a repair that waits for days for what it is.
 */

/** The activities that ask for a place: until one gets it, its repair is in a declared wait. */
export const declaresWaits = [
  'obtainPermit',
  'planLook',
  'obtainRollbackPermit',
] as const satisfies readonly ActivityName[];

/** Between two asks of the one that is next, in ms; each that comes before it makes the pause longer, to at most a minute. */
const nextPauseMs = 10_000;
const pauseMsForEach = 5_000;
const longestPauseMs = 60_000;

const hour = 60 * 60_000;

/**
 * Asks for one of the places, in the order in which the repairs have asked first. Puts the wait on record, with how many come before.
 * Ends as `late` says once it has lasted for the setting PLACE_WAIT_HOURS; safe to repeat, also for one that has its place.
 */
export async function askForPlace(
  { ledger, settings, repair }: Tools,
  { repairId }: AboutRepair,
  late: Omit<Conclusion, 'code'>,
): Promise<{ kind: 'held'; waited?: string } | Exclude<Progress<never>, { kind: 'done' }>> {
  const now = Date.now();
  const cap = settings.maximumMutatingRepairs;
  const answer = await ledger.acquireSlot(repairId, { cap, at: new Date(now).toISOString() });
  const record = repair ?? (await ledger.getRepair(repairId));
  if (answer.kind === 'held') {
    await endWait(ledger, record);
    return { kind: 'held', ...waitedOf(record?.wait, now) };
  }
  const { since, ahead } = answer;
  const until = Date.parse(since) + settings.placeWaitHours * hour;
  if (now >= until) {
    await ledger.releaseSlot(repairId);
    await endWait(ledger, record);
    return { kind: 'end', conclusion: { ...late, code: 'cap-reached' } };
  }
  const declared: DeclaredWait = { kind: 'place', since, until: new Date(until).toISOString(), ahead };
  await ledger.updateRepair(repairId, { wait: declared });
  const pauseMs = Math.min(nextPauseMs + ahead * pauseMsForEach, longestPauseMs, until - now);
  const reason = `All ${cap} places for repairs that change something are taken, and ${ahead} come before.`;
  return { ...wait(reason, pauseMs), isDeclared: true };
}

/** Puts on record that the declared wait is over, if there is one. */
export async function endWait(ledger: Ledger, repair: RepairRecord | undefined): Promise<void> {
  if (!repair?.wait || repair.wait.endedAt !== undefined) return;
  const { repairId, wait: open } = repair;
  await ledger.updateRepair(repairId, { wait: { ...open, endedAt: new Date().toISOString() } });
}

/** How long it has waited, for the step. */
function waitedOf(waited: DeclaredWait | undefined, now: number): { waited?: string } {
  if (!waited) return {};
  const minutes = Math.round(
    (Date.parse(waited.endedAt ?? new Date(now).toISOString()) - Date.parse(waited.since)) / 60_000,
  );
  return { waited: `It waited ${minutes} min for its place.` };
}
