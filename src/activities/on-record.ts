import { z } from 'zod';
import type { Ledger } from '../ledger/ports';
import { planOnRecord, type Plan } from './plan';
import { isUnreadableDocument, readDocument } from './documents';
import { conclusion, type Conclusion } from './progress';
import type { Tools as ActivityTools } from './toolbox';

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

const cleaned = z.object({ left: z.array(z.string()) });

/** Puts on record what a clean-up that came to its end has left behind, one sentence for each. */
export async function recordCleanedUp(ledger: Ledger, repairId: string, left: string[]): Promise<void> {
  await ledger.putDocument(repairId, 'clean-up', { left } satisfies z.infer<typeof cleaned>);
}

/** What it has left behind; undefined if it did not come to its end. */
export async function cleanedUp(ledger: Ledger, repairId: string): Promise<string[] | undefined> {
  return (await readDocument(ledger, repairId, 'clean-up', cleaned))?.left;
}

/** Whether policy has permitted to carry a plan out. */
export async function isPermitted(ledger: Ledger, repairId: string): Promise<boolean> {
  return (await permitted({ ledger }, repairId)) !== undefined;
}

/**
 * The plan that policy has permitted to carry out, if it has. From then on the VM may show our own work, so what was seen before,
 * and what was found from it, stand.
 */
export async function permittedPlan(tools: Tools, repairId: string): Promise<Plan | undefined> {
  const hash = await permitted(tools, repairId);
  if (hash === undefined) return undefined;
  const known = plansOf(tools.ledger);
  const name = `${repairId}/${hash}`;
  const plan = known.get(name) ?? (await planOnRecord(tools.ledger, repairId));
  if (plan?.hash !== hash) return undefined;
  const [oldest] = known.keys();
  if (known.size >= maxPlans && oldest !== undefined) known.delete(oldest);
  known.set(name, plan);
  return plan;
}

type Tools = Pick<ActivityTools, 'ledger' | 'repair'>;

/** The hash of the plan that policy has permitted. A permit stands, so the record with which a call began tells as much as one read again. */
async function permitted({ ledger, repair }: Tools, repairId: string): Promise<string | undefined> {
  const record = repair?.repairId === repairId ? repair : await ledger.getRepair(repairId);
  return record?.permittedPlan;
}

/** As many as there are repairs under way, and some. */
const maxPlans = 100;

/** Permitted plans that this process has read from a ledger. One is frozen and named by its hash: it need not be read again. */
const plansRead = new WeakMap<Ledger, Map<string, Plan>>();

function plansOf(ledger: Ledger): Map<string, Plan> {
  const known = plansRead.get(ledger) ?? new Map<string, Plan>();
  plansRead.set(ledger, known);
  return known;
}
