import { z } from 'zod';
import { bootElements, localService, serviceTypes, startTypes, type Change } from '../guest/changes';
import { parseDiskId, parseVirtualMachineId } from '../azure/resource-id';
import type { OfflineOption } from '../guest/offline-changes/options';
import type { Ledger } from '../ledger/ports';
import { outcomeCode, type OutcomeCode } from '../outcome-codes';
import { isBond, type Bond } from '../policy/bound-to-disk';
import { shortHash } from '../repair-id';
import { aboutRepair } from './input';
import { end, type Progress } from './progress';
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

/** Ways to act, gentlest first (design: "route"). */
export const routes = ['run-command', 'recovery-vm'] as const;
export type Route = (typeof routes)[number];

/** Why a way is not taken: a stable code and a sentence. */
export interface Obstacle {
  code: OutcomeCode;
  reason: string;
}

/** A recovery VM that is made for the repair, and deleted with it. */
export interface MachineToMake {
  kind: 'made';
  subnetId: string;
  /** Sizes that its region has room for, the first to be tried first. */
  sizes: string[];
  /** What of that could not be checked, and why: told in the report, because the making of the VM will tell. */
  unchecked: string[];
  /** Why none of the standing recovery VMs was taken, one sentence for each. */
  passedOver: string[];
  image: { publisher: string; offer: string; sku: string };
  /** Of the image. */
  generation: 'V1' | 'V2';
}

/** A recovery VM of the operator's, which is lent to the repair. */
export interface StandingMachine {
  kind: 'standing';
  vmId: string;
}

/** What the route `recovery-vm` works with, decided with the plan. */
export interface RecoveryPlan {
  /** The disk that the patient has, and that it gets back if the copy does not do. */
  osDiskId: string;
  /** Of that disk. */
  diskGeneration: 'V1' | 'V2';
  /** The workbench's resource group, in the patient's subscription. */
  resourceGroup: string;
  /** The recovery VM. */
  machine: MachineToMake | StandingMachine;
  /** What is written on a copy besides the cure, because the settings ask for it. */
  options: OfflineOption['kind'][];
  /** What outside the VM is, or may be, bound to the original disk: told before the stop. */
  boundToDisk?: Bond[];
  /** What stood in the way when the plan was made, and may pass: it is waited for when this way's turn comes. */
  awaited?: Obstacle;
}

/** What will be done: decided once, then frozen. `hash` covers all of it, so what runs is what was planned. */
export interface Plan {
  signature: string;
  title: string;
  /** The ways that are open, the gentlest first; each is taken only if the one before it did not reach the guest. */
  routes: Route[];
  /** Why each other way is not open. */
  closed: ({ route: Route } & Obstacle)[];
  /** Why nothing can be done, where no way is open. */
  obstacle?: Obstacle;
  changes: Change[];
  /** Present if the routes hold `recovery-vm`. */
  recovery?: RecoveryPlan;
  hash: string;
}

const obstacle = z.object({ code: outcomeCode, reason: z.string() });
const name = z.string().regex(/^[A-Za-z0-9_.-]{1,90}$/);

/** The part of a plan that the route `recovery-vm` works with. */
export const recoveryPlan: z.ZodType<RecoveryPlan> = z.object({
  osDiskId: z.string().refine((id) => parseDiskId(id) !== undefined, 'is no id of a managed disk'),
  diskGeneration: z.enum(['V1', 'V2']),
  resourceGroup: z.string(),
  machine: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('made'),
      subnetId: z.string(),
      sizes: z.array(name).min(1).max(10),
      unchecked: z.array(z.string()).max(20),
      passedOver: z.array(z.string()).max(20),
      image: z.object({ publisher: name, offer: name, sku: name }),
      generation: z.enum(['V1', 'V2']),
    }),
    z.object({
      kind: z.literal('standing'),
      vmId: z.string().refine((id) => parseVirtualMachineId(id) !== undefined, 'is no id of a virtual machine'),
    }),
  ]),
  options: z.array(z.enum(['enable-serial-console', 'enable-crash-dump'])).default([]),
  boundToDisk: z.array(z.custom<Bond>(isBond)).optional(),
  awaited: obstacle.optional(),
});

/** A plan, taken only whole: one that differs from its hash is refused. */
export const plan: z.ZodType<Plan> = z
  .object({
    signature: z.string(),
    title: z.string(),
    routes: z.array(z.enum(routes)),
    closed: z.array(obstacle.extend({ route: z.enum(routes) })),
    obstacle: obstacle.optional(),
    changes: z.array(change),
    recovery: recoveryPlan.optional(),
    hash: z.string(),
  })
  .refine((value) => value.hash === hashOf(value), 'is not the plan that was made: its hash differs');

/** What a plan is named by. */
export const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What an activity is told that carries a plan out: its hash. The plan itself is read from the record, and believed from nobody. */
export const plannedInput = aboutRepair.extend({ planHash: hash });

/** The plan of this hash, if it is the one that the repair's diagnosis put on record; otherwise how the repair ends. */
export async function planOf(
  ledger: Ledger,
  { repairId, planHash }: { repairId: string; planHash: string },
): Promise<{ kind: 'plan'; plan: Plan } | Extract<Progress<never>, { kind: 'end' }>> {
  const known = await planOnRecord(ledger, repairId);
  return known?.hash === planHash ? { kind: 'plan', plan: known } : end('refused', ...planNotOnRecord);
}

/** The plan that the repair's diagnosis put on record, if it is there and whole. */
export async function planOnRecord(ledger: Ledger, repairId: string): Promise<Plan | undefined> {
  return plan.safeParse(await ledger.getDocument(repairId, 'plan')).data;
}

/** Code and reason of a repair that ends because its plan is not the one on record. */
export const planNotOnRecord = [
  'plan-not-on-record',
  'The plan is not the one that this repair’s diagnosis put on record, so it was not carried out.',
] as const satisfies readonly [code: OutcomeCode, reason: string];

/** Freezes a plan. */
export function makePlan(parts: Omit<Plan, 'hash'>): Plan {
  return { ...parts, hash: hashOf(parts) };
}

function hashOf(parts: Omit<Plan, 'hash'>): string {
  const { signature, title, changes, recovery } = parts;
  const { code = '', reason = '' } = parts.obstacle ?? {};
  const closed = parts.closed.map((one) => [one.route, one.code, one.reason]);
  const using = recovery ? coreOf(recovery) : null;
  return shortHash(JSON.stringify([signature, title, parts.routes, closed, changes, code, reason, using]), 64);
}

/** What of a `RecoveryPlan` a hash covers: all that is done with it. */
export function coreOf({ osDiskId, diskGeneration, resourceGroup, machine, options }: RecoveryPlan): unknown[] {
  const how = machine.kind === 'made' ? [machine.subnetId, machine.sizes, machine.image] : [machine.vmId];
  return [osDiskId, diskGeneration, resourceGroup, machine.kind, ...how, ...options];
}
