import { z } from 'zod';
import { bootElements, localService, serviceTypes, startTypes, type Change } from '../guest/changes';
import type { Ledger } from '../ledger/ports';
import { shortHash } from '../repair-id';
import { bootObjectId } from '../windows/boot-object-id';

// The names that we use; Windows allows nearly everything in one.
const service = z.string().regex(/^[A-Za-z0-9_.-]{1,80}$/);

/** One schema for each kind of change: a kind that is added to `Change` and forgotten here does not compile. */
const changeSchemas = {
  'set-service-start-type': z.object({
    kind: z.literal('set-service-start-type'),
    service,
    startType: z.enum(Object.keys(startTypes) as [keyof typeof startTypes]),
  }),
  'start-service': z.object({ kind: z.literal('start-service'), service }),
  'stop-service': z.object({ kind: z.literal('stop-service'), service }),
  'set-service-account': z.object({
    kind: z.literal('set-service-account'),
    service,
    account: z.literal(localService),
  }),
  'set-service-type': z.object({
    kind: z.literal('set-service-type'),
    service,
    type: z.enum(Object.keys(serviceTypes) as [keyof typeof serviceTypes]),
  }),
  'delete-boot-element': z.object({
    kind: z.literal('delete-boot-element'),
    object: z.string().regex(bootObjectId),
    element: z.enum(bootElements),
  }),
  'restart-from-safe-mode': z.object({
    kind: z.literal('restart-from-safe-mode'),
    delaySeconds: z.number().int().min(30).max(600),
    bootedBefore: z.iso.datetime().optional(),
  }),
} satisfies { [Kind in Change['kind']]: z.ZodType<Extract<Change, { kind: Kind }>> };

const change = z.discriminatedUnion('kind', [
  changeSchemas['set-service-start-type'],
  changeSchemas['start-service'],
  changeSchemas['stop-service'],
  changeSchemas['set-service-account'],
  changeSchemas['set-service-type'],
  changeSchemas['delete-boot-element'],
  changeSchemas['restart-from-safe-mode'],
]);

/** What will be done: decided once, then frozen. `hash` covers all of it, so what runs is what was planned. */
export interface Plan {
  signature: string;
  title: string;
  /** The way to act; `none` where the cause is known and no way to mend it is open. */
  route: 'run-command' | 'none';
  /** Why there is no route: a stable code and a sentence. */
  obstacle?: { code: string; reason: string };
  changes: Change[];
  hash: string;
}

/** A plan, taken only whole: one that differs from its hash is refused. */
export const plan: z.ZodType<Plan> = z
  .object({
    signature: z.string(),
    title: z.string(),
    route: z.enum(['run-command', 'none']),
    obstacle: z.object({ code: z.string(), reason: z.string() }).optional(),
    changes: z.array(change),
    hash: z.string(),
  })
  .refine((value) => value.hash === hashOf(value), 'is not the plan that was made: its hash differs');

/**
 * Whether this is the plan that the repair's diagnosis put on record. A hash proves that a plan is whole, not whose it
 * is: whoever holds the Durable system key could start a story with a plan of their own.
 */
export async function isPlanOnRecord(ledger: Ledger, repairId: string, { hash }: Plan): Promise<boolean> {
  const recorded = plan.safeParse(await ledger.getDocument(repairId, 'plan'));
  return recorded.success && recorded.data.hash === hash;
}

/** Code and reason of a repair that ends because its plan is not the one on record. */
export const planNotOnRecord = [
  'plan-not-on-record',
  'The plan is not the one that this repair’s diagnosis put on record, so it was not carried out.',
] as const;

/** Freezes a plan. */
export function makePlan(parts: Omit<Plan, 'hash'>): Plan {
  return { ...parts, hash: hashOf(parts) };
}

function hashOf({ signature, title, route, obstacle, changes }: Omit<Plan, 'hash'>): string {
  const { code = '', reason = '' } = obstacle ?? {};
  return shortHash(JSON.stringify([signature, title, route, changes, code, reason]), 64);
}
