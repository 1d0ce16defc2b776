/** Levers of the control API for what the recovery by another VM meets. A table of its calls is in README.md. */
import { randomUUID } from 'node:crypto';
import type { AccessControl } from './access';
import type { Lock } from './authorization/obstacles';
import type { AttachedDisk } from './compute/attached-disks';
import type { Machine } from './compute/machine';
import type { Capacity } from './compute/sizes';
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

/** Sets what the subscription may use: fields of Capacity, e.g. `{"regionalLimit":24}`. */
export function setCapacity({ capacity }: World, body: unknown): void {
  const unknown = Object.keys(body as object).find((name) => !(name in capacity));
  if (unknown !== undefined) throw new Error(`${unknown} is none of ${Object.keys(capacity).join(', ')}.`);
  Object.assign(capacity, body as Partial<Capacity>);
}
