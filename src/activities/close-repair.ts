import { z } from 'zod';
import { ofKind } from '../ledger/of-kind';
import type { Ending } from '../ledger/ports';
import { vmKeyOf } from '../repair-id';
import { aboutRepair } from './input';
import { conclusion, done, type Conclusion, type Progress } from './progress';
import type { Tools } from './toolbox';

const input = aboutRepair.extend({ conclusion, left: z.array(z.string()) });

type AboutEnd = Omit<z.infer<typeof input>, 'left'>;

/**
 * Writes the ending, closes what is open in the timeline, and frees the places and the VM. In this order: the VM is
 * free for the next repair only when this one is on record. Safe to repeat; the first ending stays.
 */
export async function closeRepair(tools: Tools, given: unknown): Promise<Progress<'closed'>> {
  const { left, ...about } = input.parse(given);
  const { repairId, vmId } = about;
  const { ledger, log } = tools;
  const endedAt = new Date().toISOString();
  const { steps } = await ledger.getTimeline(repairId);
  for (const { step } of steps.filter(({ outcome }) => outcome === undefined)) {
    await ledger.endStep(repairId, step, { endedAt, outcome: 'failed', detail: 'It did not come to its end.' });
  }
  const told = await asItIs(tools, about);
  const reason = [told.reason, ...left].join(' ');
  const { ending, code } = told;
  await ledger.updateRepair(repairId, { ending, endingCode: code, endingReason: reason, endedAt, phase: 'Ended' });
  await ledger.releaseSlot(repairId);
  await ledger.releaseLease(vmKeyOf(vmId), repairId);
  log('repairEnded', { repairId, ending, code });
  return done('closed', reason);
}

/** A story that broke down, or gave up waiting, does not know what the clean-up found. */
async function asItIs(tools: Tools, { repairId, rollsBack, conclusion }: AboutEnd): Promise<Conclusion> {
  const { ledger } = tools;
  if (rollsBack === undefined) return withCopyTold(tools, repairId, conclusion);
  if (conclusion.ending === 'rolled-back') return conclusion;
  const origin = await ledger.getRepair(rollsBack);
  if (origin?.rolledBackBy !== repairId) return conclusion;
  const reason = `${conclusion.reason} The VM has its original OS disk again all the same.`;
  return { ...conclusion, ending: 'rolled-back', reason };
}

/** Endings that say that nothing was done to the VM. */
const untouched: readonly Ending[] = ['refused', 'healthy', 'recovered-by-itself', 'diagnosed', 'not-recognised'];

/** A repair that has exchanged the OS disk and not proven the copy never ends as if the VM were as it was found. */
async function withCopyTold({ ledger }: Tools, repairId: string, conclusion: Conclusion): Promise<Conclusion> {
  if (conclusion.ending !== 'cancelled' && !untouched.includes(conclusion.ending)) return conclusion;
  const { resources } = await ledger.getTimeline(repairId);
  const swap = ofKind(resources, 'os-disk-swap').find(({ lifetime, deletedAt }) => lifetime === 'kept' && !deletedAt);
  if (!swap) return conclusion;
  const reason = `${conclusion.reason} The VM’s OS disk is ${swap.details.copyId}, which was not proven; a rollback puts the original back.`;
  return { ...conclusion, ending: conclusion.ending === 'cancelled' ? 'cancelled' : 'not-repaired', reason };
}
