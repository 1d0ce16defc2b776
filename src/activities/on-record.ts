import type { Ledger } from '../ledger/ports';
import { planOnRecord, type Plan } from './plan';
import { conclusion, type Conclusion } from './progress';

/**
 * What a story that is begun again takes up from the record, so that a repair never judges its own work as if it had found it. An
 * orchestration that fails (its ledger was away for too long) is begun again by upkeep, from its first step.
 */

/** How the story ended before its clean-up began; the first one stays. */
export async function recordConclusion(ledger: Ledger, repairId: string, told: Conclusion): Promise<void> {
  if ((await conclusionOnRecord(ledger, repairId)) === undefined)
    await ledger.putDocument(repairId, 'conclusion', told);
}

/** How the story ended when it was told before; undefined if it did not come to its end. */
export async function conclusionOnRecord(ledger: Ledger, repairId: string): Promise<Conclusion | undefined> {
  const document = await ledger.getDocument(repairId, 'conclusion');
  return document === undefined ? undefined : conclusion.parse(document);
}

/** Whether policy has permitted to carry a plan out. */
export async function isPermitted(ledger: Ledger, repairId: string): Promise<boolean> {
  return (await ledger.getRepair(repairId))?.permittedPlan !== undefined;
}

/**
 * The plan that policy has permitted to carry out, if it has. From then on the VM may show our own work, so what was seen before,
 * and what was found from it, stand.
 */
export async function permittedPlan(ledger: Ledger, repairId: string): Promise<Plan | undefined> {
  const repair = await ledger.getRepair(repairId);
  if (repair?.permittedPlan === undefined) return undefined;
  const plan = await planOnRecord(ledger, repairId);
  return plan?.hash === repair.permittedPlan ? plan : undefined;
}
