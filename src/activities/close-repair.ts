import { z } from 'zod';
import { endings } from '../ledger/ports';
import { vmKeyOf } from '../repair-id';
import { aboutRepair } from './input';
import type { Conclusion } from './progress';
import type { Tools } from './toolbox';

const input = aboutRepair.extend({
  conclusion: z.object({ ending: z.enum(endings), code: z.string(), reason: z.string() }),
  left: z.array(z.string()),
});

type AboutEnd = Omit<z.infer<typeof input>, 'left'>;

/**
 * Writes the ending, closes what is open in the timeline, and frees the places and the VM. In this order: the VM is
 * free for the next repair only when this one is on record. Safe to repeat; the first ending stays.
 */
export async function closeRepair(tools: Tools, given: unknown): Promise<void> {
  const { left, ...about } = input.parse(given);
  const { repairId, vmId } = about;
  const { ledger, log } = tools;
  const endedAt = new Date().toISOString();
  const { steps } = await ledger.getTimeline(repairId);
  for (const { step } of steps.filter(({ outcome }) => outcome === undefined)) {
    await ledger.endStep(repairId, step, { endedAt, outcome: 'failed', detail: 'It did not come to its end.' });
  }
  const conclusion = await asItIs(tools, about);
  const reason = [conclusion.reason, ...left].join(' ');
  const { ending, code } = conclusion;
  await ledger.updateRepair(repairId, { ending, endingCode: code, endingReason: reason, endedAt, phase: 'Ended' });
  await ledger.releaseSlot(repairId);
  await ledger.releaseLease(vmKeyOf(vmId), repairId);
  log('repairEnded', { repairId, ending, code });
}

/** A story that broke down, or gave up waiting, does not know what the clean-up found: that the original disk is back. */
async function asItIs({ ledger }: Tools, { repairId, rollsBack, conclusion }: AboutEnd): Promise<Conclusion> {
  if (rollsBack === undefined || conclusion.ending === 'rolled-back') return conclusion;
  const origin = await ledger.getRepair(rollsBack);
  if (origin?.rolledBackBy !== repairId) return conclusion;
  const reason = `${conclusion.reason} The VM has its original OS disk again all the same.`;
  return { ...conclusion, ending: 'rolled-back', reason };
}
