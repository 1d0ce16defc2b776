import type { Tools } from '../activities/toolbox';
import { isSubscriptionAllowed } from '../activities/authorise';
import type { Answer, VirtualMachine } from '../azure/ports';
import type { IgnoredSignal } from '../signal-codes';

/** A machine as its signal names it. */
export interface NamedMachine {
  vmId?: string;
  /** Its name, or its computer's, for want of an id. */
  vmName?: string;
}

/** The machine that a signal is about; why there is none that may be repaired; or why that cannot be said yet. */
export type Machine =
  | { kind: 'known'; vmId: string; vm: VirtualMachine }
  | ({ kind: 'none' } & IgnoredSignal)
  | { kind: 'not-yet'; reason: string };

type Found = { kind: 'named'; vmId: string } | Exclude<Machine, { kind: 'known' }>;

/**
 * The machines of all these signals, in their order: Resource Graph is asked once for all that have only a name, and each machine is read, so that
 * nothing is begun for one that is not there or not ours to see.
 */
export async function machinesOf(tools: Tools, signals: readonly NamedMachine[]): Promise<Machine[]> {
  const names = signals.flatMap(({ vmId, vmName }) => (vmId === undefined && vmName !== undefined ? [vmName] : []));
  const found = await findAll(tools, [...new Set(names)]);
  return Promise.all(
    signals.map(async ({ vmId, vmName = '' }): Promise<Machine> => {
      const one: Found = vmId === undefined ? foundBy(found, vmName) : { kind: 'named', vmId };
      return one.kind === 'named' ? readMachine(tools, one.vmId) : one;
    }),
  );
}

/** The machines of those of these signals that are not ignored, looked up together; asked for one by one. */
export async function machinesByAlert<T extends NamedMachine & { ignored?: unknown }>(
  tools: Tools,
  signals: readonly T[],
): Promise<(signal: T) => Promise<Machine>> {
  const open = signals.filter(({ ignored }) => ignored === undefined);
  const machines = await machinesOf(tools, open);
  const found = new Map(open.map((signal, index) => [signal, machines[index]]));
  return (signal) => {
    const machine = found.get(signal);
    return machine === undefined ? machineOf(tools, signal) : Promise.resolve(machine);
  };
}

/** The machine of one signal. */
export async function machineOf(tools: Tools, signal: NamedMachine): Promise<Machine> {
  const [machine] = await machinesOf(tools, [signal]);
  if (machine === undefined) throw new Error('There is an answer for every signal.');
  return machine;
}

/** The machine under this id, read now. */
export async function readMachine(tools: Tools, id: string): Promise<Machine> {
  const vmId = id.toLowerCase();
  if (!isSubscriptionAllowed(tools, vmId)) {
    const reason = 'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.';
    return { kind: 'none', code: 'subscription-not-allowed', reason };
  }
  const answer = await tools.arm.getVirtualMachine(vmId);
  if (answer.ok) return { kind: 'known', vmId, vm: answer.value };
  const { failure } = answer;
  switch (failure.kind) {
    case 'wait':
      return { kind: 'not-yet', reason: `Azure does not show the VM just now: ${failure.code}: ${failure.message}` };
    case 'forbidden':
      return { kind: 'none', code: 'permission-missing', reason: `No role grants ${failure.action} on it.` };
    case 'not-found':
      return { kind: 'none', code: 'vm-not-found', reason: `Azure does not know the VM: ${failure.message}` };
    case 'rejected':
      return { kind: 'none', code: 'azure-rejected', reason: `Azure refused to show the VM: ${failure.message}` };
  }
}

type NamesFound = Answer<ReadonlyMap<string, string[]>>;

async function findAll({ arm, settings }: Tools, names: readonly string[]): Promise<NamesFound> {
  if (names.length === 0) return { ok: true, value: new Map() };
  return arm.findVirtualMachines(names, settings.allowedSubscriptions);
}

function foundBy(found: NamesFound, vmName: string): Found {
  if (!found.ok) {
    const why = `${found.failure.code}: ${found.failure.message}`;
    const reason = `The alert names "${vmName}" only, and Resource Graph was not able to say who that is: ${why}`;
    return found.failure.kind === 'wait'
      ? { kind: 'not-yet', reason }
      : { kind: 'none', code: 'lookup-failed', reason };
  }
  const [only, ...others] = found.value.get(vmName.toLowerCase()) ?? [];
  if (only === undefined) {
    const reason = `No virtual machine called "${vmName}" is in a subscription that may be looked at.`;
    return { kind: 'none', code: 'vm-not-found', reason };
  }
  if (others.length > 0) {
    const reason = `Several virtual machines are called "${vmName}"; split the rule by a column of resource ids.`;
    return { kind: 'none', code: 'several-virtual-machines', reason };
  }
  return { kind: 'named', vmId: only };
}
