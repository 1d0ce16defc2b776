import { z } from 'zod';
import { aboutRepair } from '../input';
import { isPlanOnRecord, plan, planNotOnRecord, type Plan, type RecoveryPlan } from '../plan';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/** What each step of the route is told. `round` counts how often it was begun anew; `to` says which disk is to go in. */
export const recoveryInput = aboutRepair.extend({
  plan,
  round: z.number().int().min(1).max(2).default(1),
  to: z.enum(['copy', 'original']).default('copy'),
});
export type RecoveryInput = z.infer<typeof recoveryInput>;

/** The part of the plan that this route works with, or how the repair ends because the plan is not the one on record. */
export async function recoveryOf(
  tools: Tools,
  { repairId, plan: given }: { repairId: string; plan: Plan },
): Promise<{ kind: 'recovery'; recovery: RecoveryPlan } | Exclude<Progress<never>, { kind: 'done' | 'wait' }>> {
  const { recovery } = given;
  if (!recovery || !given.routes.includes('recovery-vm') || !(await isPlanOnRecord(tools.ledger, repairId, given))) {
    return end('refused', ...planNotOnRecord);
  }
  return { kind: 'recovery', recovery };
}
