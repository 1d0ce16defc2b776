import { z } from 'zod';
import { rounds } from '../../ledger/ports';
import { permittedVm } from '../authorise';
import { aboutRepair } from '../input';
import { isPlanOnRecord, plan, planNotOnRecord, type Plan, type RecoveryPlan } from '../plan';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { lookOnRecord, lookPlan, type LookPlan } from './look-plan';

/** What each step of the route is told. `round` counts how often it was begun anew; `to` says which disk is to go in. */
export const recoveryInput = aboutRepair.extend({
  plan,
  round: z.literal(rounds).default(1),
  to: z.enum(['copy', 'original']).default('copy'),
});
export type RecoveryInput = z.infer<typeof recoveryInput>;

/** What each step of a look is told, which comes before there is a plan. */
export const lookInput = aboutRepair.extend({ look: lookPlan });
export type LookInput = z.infer<typeof lookInput>;

/** What a step is told that serves both. */
export const helperInput = z.union([recoveryInput, lookInput]);
export type HelperInput = z.infer<typeof helperInput>;

/** What was found, for the reason if policy says no; undefined before anything was. */
export function foundIn(input: HelperInput): string | undefined {
  return 'plan' in input ? input.plan.title : undefined;
}

type Recovery = { kind: 'recovery'; recovery: RecoveryPlan } | Exclude<Progress<never>, { kind: 'done' | 'wait' }>;

/** The part of the plan that this route works with, or how the repair ends because the plan is not the one on record. */
export async function recoveryOf(
  tools: Tools,
  given: { repairId: string } & ({ plan: Plan } | { look: LookPlan }),
): Promise<Recovery> {
  const recovery = 'plan' in given ? await planned(tools, given) : await looking(tools, given);
  return recovery ? { kind: 'recovery', recovery } : end('refused', ...planNotOnRecord);
}

async function planned(
  { ledger }: Tools,
  { repairId, plan: given }: { repairId: string; plan: Plan },
): Promise<RecoveryPlan | undefined> {
  const isOpen = given.routes.includes('recovery-vm') && (await isPlanOnRecord(ledger, repairId, given));
  return isOpen ? given.recovery : undefined;
}

async function looking(
  { ledger }: Tools,
  { repairId, look }: { repairId: string; look: LookPlan },
): Promise<RecoveryPlan | undefined> {
  const recorded = await lookOnRecord(ledger, repairId);
  return recorded?.hash === look.hash ? look.recovery : undefined;
}

/** The patient as it is now, if policy permits that it gets another disk. */
export function permittedOnPatient(tools: Tools, input: HelperInput): ReturnType<typeof permittedVm> {
  return permittedVm(tools, input, 'swap', foundIn(input));
}
