import { z } from 'zod';
import { permittedVm } from '../authorise';
import { aboutRepair } from '../input';
import { permittedPlan } from '../on-record';
import { hash, planNotOnRecord, type Plan, type RecoveryPlan } from '../plan';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { lookOnRecord, type LookPlan } from './look-plan';

/** What each step of the route is told: which plan it is a step of, by its hash. `round` counts how often it was begun anew. */
export const recoveryRequest = aboutRepair.extend({
  planHash: hash,
  round: z.union([z.literal(1), z.literal(2)]).default(1),
});
type RecoveryRequest = z.output<typeof recoveryRequest>;

/** What each step of a look is told, which comes before there is a plan. */
export const lookRequest = aboutRepair.extend({ lookHash: hash });
type LookRequest = z.output<typeof lookRequest>;

/** What a step is told that serves both. */
export const helperRequest = z.union([recoveryRequest, lookRequest]);

/** What a step works with: the request, and its plan as it is on record. */
export interface RecoveryInput extends RecoveryRequest {
  plan: Plan;
  recovery: RecoveryPlan;
}
export interface LookInput extends LookRequest {
  look: LookPlan;
  recovery: RecoveryPlan;
}
export type HelperInput = RecoveryInput | LookInput;

type Ended = Extract<Progress<never>, { kind: 'end' }>;

/** What was found, for the reason if policy says no; undefined before anything was. */
export function foundIn(input: HelperInput): string | undefined {
  return 'plan' in input ? input.plan.title : undefined;
}

/**
 * What a step of the route works with, read from the ledger: the plan of this hash, as policy has permitted it, if it takes this route.
 * Otherwise how the repair ends.
 */
export async function recoveryInputOf(
  tools: Tools,
  request: RecoveryRequest,
): Promise<{ kind: 'input'; input: RecoveryInput } | Ended> {
  const plan = await permittedPlan(tools, request.repairId);
  if (plan?.hash !== request.planHash || !plan.routes.includes('recovery-vm') || !plan.recovery) {
    return end('refused', ...planNotOnRecord);
  }
  return { kind: 'input', input: { ...request, plan, recovery: plan.recovery } };
}

/** The same for a step of a look. */
export async function lookInputOf(
  { ledger }: Tools,
  request: LookRequest,
): Promise<{ kind: 'input'; input: LookInput } | Ended> {
  const look = await lookOnRecord(ledger, request.repairId);
  if (look?.hash !== request.lookHash) return end('refused', ...planNotOnRecord);
  return { kind: 'input', input: { ...request, look, recovery: look.recovery } };
}

/** The same for a step that serves both. */
export function helperInputOf(
  tools: Tools,
  request: RecoveryRequest | LookRequest,
): Promise<{ kind: 'input'; input: HelperInput } | Ended> {
  return 'planHash' in request ? recoveryInputOf(tools, request) : lookInputOf(tools, request);
}

/** The patient as it is now, if policy permits that it gets another disk. */
export function permittedOnPatient(tools: Tools, input: HelperInput): ReturnType<typeof permittedVm> {
  return permittedVm(tools, input, 'swap', foundIn(input));
}
