/** Levers of the control API for what the recovery by another VM meets. A table of its calls is in README.md. */
import { randomUUID } from 'node:crypto';
import { idKey } from './arm-id';
import type { AccessControl } from './access';
import type { Lock } from './authorization/obstacles';
import type { AttachedDisk } from './compute/attached-disks';
import type { Machine } from './compute/machine';
import type { Capacity } from './compute/sizes';
import { quotas } from './compute/api-versions';
import { settleMachine } from './compute/struck-machine';
import type { Throttling } from './throttling';
import { pause } from './timers';
import type { World } from './world';

/** Gives an identity a role at one more scope: `{"identity":"observe","role":"observe","scope":"/subscriptions/…"}`. */
export function assignRole(access: AccessControl, body: unknown): void {
  const { identity, role, scope } = body as Record<string, unknown>;
  if (typeof identity !== 'string' || typeof role !== 'string' || typeof scope !== 'string') {
    throw new Error('POST /roles/assign needs {"identity":"…","role":"…","scope":"/subscriptions/…"}.');
  }
  access.assign(identity, { role, scope });
}

/** Takes every role away that an identity has at exactly this scope: `{"identity":"repair","scope":"/subscriptions/…"}`. */
export function withdrawRoles(access: AccessControl, body: unknown): void {
  const { identity, scope } = body as Record<string, unknown>;
  if (typeof identity !== 'string' || typeof scope !== 'string') {
    throw new Error('POST /roles/withdraw needs {"identity":"…","scope":"/subscriptions/…"}.');
  }
  access.withdraw(identity, scope);
}

/** Fields of a VM's model that may be set from outside, as if it had been made so. */
const settable = [
  'size',
  'zones',
  'diskControllerType',
  'securityType',
  'isDiskEncrypted',
  'hibernationEnabled',
  'licenseType',
  'plan',
  'isEphemeral',
  'isUnmanaged',
  'scaleSetId',
  'priority',
  'managedBy',
  'extensions',
] as const;

/** Sets what the VM is made of, e.g. `{"diskControllerType":"NVMe"}`. */
export function setModel(machine: Machine, body: unknown): void {
  const given = Object.entries(body as Record<string, unknown>);
  const unknown = given.find(([name]) => !settable.some((one) => one === name));
  if (unknown) throw new Error(`${unknown[0]} is none of ${settable.join(', ')}.`);
  Object.assign(machine.model, Object.fromEntries(given));
  machine.revision += 1;
}

/** Somebody in the guest overwrites a part of an attached disk with zeros: `{"lun":2,"offset":512,"length":512}`. */
export function overwrite(disks: readonly AttachedDisk[], body: unknown): void {
  const { lun, offset, length } = body as Record<string, unknown>;
  const disk = disks.find((one) => one.lun === lun);
  if (!disk) throw new Error('There is no disk at this LUN.');
  disk.bytes.write(Number(offset), Buffer.alloc(Number(length)));
}

/** What others call a VM's buckets of tokens here. */
const buckets = { updates: quotas.updateVm, reads: quotas.lowCostGet, deletions: quotas.deleteVm } as const;

/** How many calls each of a VM's buckets would still take. */
export function tokensOf(throttling: Throttling, vmId: string): Record<keyof typeof buckets, number> {
  const left = (bucket: keyof typeof buckets) => throttling.left(buckets[bucket], vmId, Date.now());
  return { updates: left('updates'), reads: left('reads'), deletions: left('deletions') };
}

/** Somebody else uses a VM's tokens up, to so many: `{"updates":0,"reads":3}`. */
export function drainTokens(throttling: Throttling, vmId: string, body: unknown): void {
  for (const [name, left] of Object.entries(body as Record<string, unknown>)) {
    const quota = Object.entries(buckets).find(([bucket]) => bucket === name)?.[1];
    if (!quota || typeof left !== 'number' || !(left >= 0)) {
      throw new Error(`PATCH tokens needs numbers from 0 for some of ${Object.keys(buckets).join(', ')}.`);
    }
    throttling.drain(quota, vmId, left, Date.now());
  }
}

/** Locks a scope: `{"scope":"/subscriptions/…","level":"CanNotDelete"}`. */
export function addLock({ obstacles }: World, body: unknown): void {
  const { scope, level, name = 'lock', notes } = body as Partial<Lock>;
  if (typeof scope !== 'string' || (level !== 'CanNotDelete' && level !== 'ReadOnly')) {
    throw new Error('POST /locks needs {"scope":"/subscriptions/…","level":"CanNotDelete" or "ReadOnly"}.');
  }
  obstacles.locks.push({ name, scope, level, notes });
}

/** Denies actions to everybody at a scope: `{"scope":"/subscriptions/…","actions":["Microsoft.Compute/virtualMachines/write"]}`. */
export function addDenyAssignment({ obstacles }: World, body: unknown): void {
  const given = body as Record<string, unknown>;
  if (typeof given.scope !== 'string' || !Array.isArray(given.actions)) {
    throw new Error('POST /deny-assignments needs {"scope":"/subscriptions/…","actions":["…"]}.');
  }
  const listOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  obstacles.denyAssignments.push({
    id: randomUUID(),
    name: typeof given.name === 'string' ? given.name : 'System deny assignment created by managed application',
    scope: given.scope,
    actions: listOf(given.actions),
    notActions: listOf(given.notActions),
    doNotApplyToChildScopes: given.doNotApplyToChildScopes === true,
    excluded: listOf(given.excluded),
  });
}

/**
 * Sets what the subscription may use: fields of Capacity, e.g. `{"regionalLimit":24}`; with `"forSeconds":300` only for so long, as
 * when others give back what they had.
 */
export function setCapacity({ capacity }: World, body: unknown): void {
  const { forSeconds, ...given } = body as Partial<Capacity> & { forSeconds?: unknown };
  const unknown = Object.keys(given).find((name) => !(name in capacity));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(capacity).join(', ')}.`);
  const before = Object.fromEntries(Object.entries(capacity).filter(([name]) => name in given));
  Object.assign(capacity, given);
  if (forSeconds === undefined) return;
  void pause(secondsOf(forSeconds)).then(() => Object.assign(capacity, before));
}

/**
 * Somebody else has begun an operation on a VM or a disk: it shows as Updating, and refuses what would change it, for so long:
 * `{"id":"/subscriptions/…","forSeconds":120}`.
 */
export function beginOperation(world: World, body: unknown): void {
  const { id, forSeconds } = body as Record<string, unknown>;
  const key = idKey(typeof id === 'string' ? id : '');
  const machine = world.machines.get(key);
  const disk = world.disks.get(key);
  if (!machine && !disk) throw new Error('POST /operations needs {"id":"<of a VM or a disk>","forSeconds":120}.');
  const ms = secondsOf(forSeconds);
  if (machine?.isBusy) throw new Error('Another operation is running on it.');
  if (machine) {
    machine.isBusy = true;
    machine.provisioningState = 'Updating';
  }
  if (disk) disk.provisioningState = 'Updating';
  void pause(ms).then(() => {
    if (disk) disk.provisioningState = 'Succeeded';
    if (machine) settleMachine(machine);
  });
}

/** In ms. */
function secondsOf(given: unknown): number {
  if (typeof given !== 'number' || !(given > 0)) throw new Error('forSeconds must be a number above 0.');
  return given * 1000;
}
