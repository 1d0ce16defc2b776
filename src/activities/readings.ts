import { z } from 'zod';
import type { AboutRepair } from './input';
import { isPermitted } from './on-record';
import { done, end, type Progress } from './progress';
import { stepNamed } from './steps';
import type { Tools } from './toolbox';

/**
 * Readings: a VM is inspected and its evidence read before it is diagnosed. What was seen too long ago is seen anew before anything is
 * permitted; each time is a reading with a number on the repair's record, after which its steps, documents and resources are named. So
 * whoever repeats an activity, or begins the repair again, takes up the present one.
 */

/** What was seen longer ago than this, in ms, permits nothing. */
export const freshForMs = 15 * 60_000;

/** So often at most: a VM whose every reading takes longer than its evidence lasts would be read for ever. */
export const mostReadings = 4;

type Reading = Pick<AboutRepair, 'reading'>;

/** A name of the first reading, or that of a later one. */
export function ofReading<Name extends string>(name: Name, { reading = 1 }: Reading): Name | `${Name}-${number}` {
  return reading > 1 ? `${name}-${reading}` : name;
}

/** `since`: when this reading was begun, however often the VM was inspected in it. */
const inspection = z.object({
  readAt: z.iso.datetime(),
  reading: z.number().default(1),
  since: z.iso.datetime().optional(),
});

/**
 * Puts on record what was seen of the VM, and in which reading. A repair that is begun again finds the evidence of its reading there, and
 * that does not become younger by another inspection; a rollback has none but its inspection.
 */
export async function recordInspection(
  tools: Tools,
  { repairId, reading = 1, rollsBack }: AboutRepair,
  seen: Record<string, unknown>,
): Promise<void> {
  const readAt = new Date().toISOString();
  const before = rollsBack === undefined ? await inspectionOf(tools, { repairId, reading }) : undefined;
  const since = before?.since ?? before?.readAt ?? readAt;
  await tools.ledger.putDocument(repairId, 'inspection', { ...seen, readAt, reading, since });
}

async function inspectionOf({ ledger }: Tools, { repairId, reading }: { repairId: string; reading: number }) {
  const seen = inspection.safeParse(await ledger.getDocument(repairId, 'inspection')).data;
  return seen?.reading === reading ? seen : undefined;
}

/**
 * The repair with the reading that its inspection is of: a new one where the present one was begun too long ago, because its evidence
 * would be taken up as it is. Safe to repeat. What policy has permitted is gone on with.
 */
export async function freshReading<About extends AboutRepair>(tools: Tools, about: About): Promise<About> {
  const { repairId, reading = 1 } = about;
  const { steps } = await tools.ledger.getTimeline(repairId);
  const hasEvidence = stepNamed(steps, ofReading('evidence', about)) !== undefined;
  const seenAt = hasEvidence ? await lastSeenAt(tools, about) : undefined;
  const isFresh = seenAt === undefined || Date.now() - seenAt <= freshForMs;
  if (isFresh || reading >= mostReadings || (await isPermitted(tools.ledger, repairId))) return about;
  await begin(tools, repairId, reading + 1);
  return { ...about, reading: reading + 1 };
}

/**
 * Whether the repair has to begin with its inspection again before it goes on: undefined if what it saw is fresh enough. A look by a
 * recovery VM counts as seeing. Safe to repeat: a reading that was begun, and not seen yet, is not counted twice.
 */
export async function readAgain(tools: Tools, about: AboutRepair): Promise<Progress<'read-again'> | undefined> {
  const { repairId, reading = 1 } = about;
  const seenAt = await lastSeenAt(tools, about);
  if (seenAt === undefined) return done('read-again', asked, 'nothing-to-do');
  const ageMs = Date.now() - seenAt;
  if (ageMs <= freshForMs) return undefined;
  const minutes = Math.round(ageMs / 60_000);
  if (reading >= mostReadings) {
    const reason = `What was seen of the VM was ${minutes} minutes old when it was its turn, and it was read ${reading} times.`;
    return end(about.rollsBack === undefined ? 'diagnosed' : 'not-rolled-back', 'evidence-out-of-date', reason);
  }
  await begin(tools, repairId, reading + 1);
  return done('read-again', `What was seen of the VM is ${minutes} minutes old. ${asked}`, 'nothing-to-do');
}

const asked = 'The VM is inspected and its evidence read again first.';

async function begin({ ledger }: Tools, repairId: string, reading: number): Promise<void> {
  await ledger.updateRepair(repairId, { reading, readAgainAt: new Date().toISOString() });
}

/** When the VM was last seen in this reading, in ms since the Unix epoch; undefined if it was not. */
async function lastSeenAt(tools: Tools, about: AboutRepair): Promise<number | undefined> {
  const { repairId, reading = 1 } = about;
  const seen = await inspectionOf(tools, { repairId, reading });
  if (!seen) return undefined;
  const { steps } = await tools.ledger.getTimeline(repairId);
  const looked = Date.parse(stepNamed(steps, ofReading('look', about))?.endedAt ?? '');
  return Math.max(Date.parse(seen.since ?? seen.readAt), Number.isNaN(looked) ? 0 : looked);
}
