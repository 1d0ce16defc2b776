import type { Ledger } from '../ledger/ports';
import { isUnreadableDocument, readDocument } from './documents';
import { conclusion, type Conclusion } from './progress';

/**
 * What a story that is begun again takes up from the record, so that a repair never judges its own work as if it had found it. An
 * orchestration that fails (its ledger was away for too long) is begun again by upkeep, from its first step.
 */

/** How the story ended before its clean-up began; the first one that can be read stays. */
export async function recordConclusion(ledger: Ledger, repairId: string, told: Conclusion): Promise<void> {
  if (!(await hasConclusion(ledger, repairId))) await ledger.putDocument(repairId, 'conclusion', told);
}

/** A spoilt one has ended the story as a fault, which is what is told now; the clean-up must not stop at it again. */
async function hasConclusion(ledger: Ledger, repairId: string): Promise<boolean> {
  try {
    return (await conclusionOnRecord(ledger, repairId)) !== undefined;
  } catch (error) {
    if (isUnreadableDocument(error)) return false;
    throw error;
  }
}

/** How the story ended when it was told before; undefined if it did not come to its end. */
export function conclusionOnRecord(ledger: Ledger, repairId: string): Promise<Conclusion | undefined> {
  return readDocument(ledger, repairId, 'conclusion', conclusion);
}

/**
 * Whether policy has permitted to carry the plan out. From then on the VM may show our own work, so what was seen before, and what
 * was found from it, stand.
 */
export async function isPermitted(ledger: Ledger, repairId: string): Promise<boolean> {
  const { steps } = await ledger.getTimeline(repairId);
  return steps.some(({ step, outcome }) => step === 'permit' && outcome === 'done');
}
