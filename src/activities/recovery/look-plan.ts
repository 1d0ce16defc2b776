import { z } from 'zod';
import type { Ledger } from '../../ledger/ports';
import { shortHash } from '../../repair-id';
import { coreOf, recoveryPlan, type RecoveryPlan } from '../plan';

/**
 * What a recovery VM works with that only looks, because no other source saw anything: decided before there is a plan, and
 * frozen as a plan is.
 */
export interface LookPlan {
  recovery: RecoveryPlan;
  hash: string;
}

/** A plan of a look, taken only whole: one that differs from its hash is refused. */
export const lookPlan: z.ZodType<LookPlan> = z
  .object({ recovery: recoveryPlan, hash: z.string() })
  .refine(({ recovery, hash }) => hash === hashOf(recovery), 'is not the look that was planned: its hash differs');

/** Freezes it. */
export function makeLookPlan(recovery: RecoveryPlan): LookPlan {
  return { recovery, hash: hashOf(recovery) };
}

/** The look that the repair has on record, if it has one. */
export async function lookOnRecord(ledger: Ledger, repairId: string): Promise<LookPlan | undefined> {
  const recorded = lookPlan.safeParse(await ledger.getDocument(repairId, 'look-plan'));
  return recorded.success ? recorded.data : undefined;
}

/** Puts it on record. */
export async function putLookPlan(ledger: Ledger, repairId: string, look: LookPlan): Promise<void> {
  await ledger.putDocument(repairId, 'look-plan', look);
}

function hashOf(recovery: RecoveryPlan): string {
  return shortHash(JSON.stringify(['look', ...coreOf(recovery)]), 64);
}
