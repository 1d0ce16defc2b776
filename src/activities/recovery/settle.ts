import type { ResourceKind, ResourceRecord } from '../../ledger/ports';
import { leftBy, markGone, type Settled } from '../clean-up';
import type { AboutRepair } from '../input';
import type { Tools } from '../toolbox';
import { startAgain } from './start-patient';

/** Kinds that only the route `recovery-vm` makes. */
export type RecoveryKind = Extract<
  ResourceKind,
  'disk' | 'virtual-machine' | 'network-interface' | 'power-off' | 'os-disk-swap'
>;

/**
 * Settles one debt of the route, whatever stopped it: which disk the patient has is written down, it gets its power back, and the
 * recovery VM goes before what hangs on it.
 */
export async function settleRecovery(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord & { kind: RecoveryKind },
  open: readonly ResourceRecord[],
): Promise<Settled> {
  const isOpen = (kind: ResourceKind) => open.some((one) => one.kind === kind);
  switch (resource.kind) {
    case 'os-disk-swap':
      return confirmSwap(tools, about, resource);
    case 'power-off':
      // With power the disk can't be told apart from one that is being exchanged.
      return isOpen('os-disk-swap') ? waitFor('which disk the VM has') : givePowerBack(tools, about);
    case 'virtual-machine':
      return removeRecoveryVm(tools, about, resource);
    case 'network-interface':
      return isOpen('virtual-machine')
        ? waitFor('the recovery VM to go')
        : removeNetworkInterface(tools, about, resource);
    case 'disk':
      // A disk that is just being attached looks free: it is asked for only when the recovery VM is gone.
      return isOpen('virtual-machine')
        ? waitFor('the recovery VM to go')
        : removeCopy(tools, about, resource, isOpen('os-disk-swap'));
  }
}

function waitFor(what: string): Settled {
  return { kind: 'wait', reason: `Waiting for ${what}.`, afterMs: 2_000 };
}

/** The copy that a record of a swap names is the VM's disk, or it is not. */
async function confirmSwap(tools: Tools, about: AboutRepair, swap: ResourceRecord): Promise<Settled> {
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) return leftBy(look.failure, swap);
  if (look.value.provisioningState === 'Updating') return waitFor('Azure to end the exchange of the OS disk');
  const osDiskId = look.value.osDiskId?.toLowerCase() ?? '';
  if (!swap.purpose.toLowerCase().includes(osDiskId)) return markGone(tools, about, swap);
  const isCopy = osDiskId.includes(about.repairId);
  if (!isCopy) return markGone(tools, about, swap);
  await tools.ledger.recordResource(about.repairId, { ...swap, lifetime: 'kept', createdAt: new Date().toISOString() });
  return { kind: 'settled' };
}

async function givePowerBack(tools: Tools, about: AboutRepair): Promise<Settled> {
  const started = await startAgain(tools, about);
  if (started.kind === 'done') return { kind: 'settled' };
  if (started.kind === 'wait') return started;
  return { kind: 'left', reason: `The VM could not be started again: ${started.conclusion.reason}` };
}

async function removeRecoveryVm(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  const existing = await tools.arm.getVirtualMachine(resource.resourceId);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const begun = await tools.recovery.beginDeleteMachine(resource.resourceId, { 'rdp-lifeline-repair': about.repairId });
  if (!begun.ok) return leftBy(begun.failure, resource);
  return { kind: 'wait', reason: 'The recovery VM is being deleted.' };
}

async function removeNetworkInterface(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  const existing = await tools.recovery.getNetworkInterface(resource.resourceId);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const begun = await tools.recovery.beginDeleteNetworkInterface(resource.resourceId, {
    'rdp-lifeline-repair': about.repairId,
  });
  if (!begun.ok) return leftBy(begun.failure, resource);
  return { kind: 'wait', reason: 'The recovery VM’s network interface is being deleted.' };
}

/**
 * A copy that nobody uses. One that is the VM's disk is not temporary any more and loses its expiry, also when Azure calls the
 * exchange failed or never calls it done: the VM's model names the copy all the same.
 */
async function removeCopy(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  isSwapOpen: boolean,
): Promise<Settled> {
  const [vm, existing] = await Promise.all([
    tools.arm.getVirtualMachine(about.vmId),
    tools.arm.getDisk(resource.resourceId),
  ]);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  if (!vm.ok && vm.failure.kind !== 'not-found') return leftBy(vm.failure, resource);
  const { managedBy, tags } = existing.value;
  const isOwned = isSame(managedBy ?? '', about.vmId);
  const isTheDisk = isOwned || (vm.ok && isSame(vm.value.osDiskId ?? '', resource.resourceId));
  if (isTheDisk) return keepCopy(tools, about, resource, tags);
  if (isSwapOpen) return waitFor('which disk the VM has');
  const begun = await tools.recovery.beginDeleteDisk(resource.resourceId, { 'rdp-lifeline-repair': about.repairId });
  if (!begun.ok) return leftBy(begun.failure, resource);
  return { kind: 'wait', reason: 'The copy is being deleted.', afterMs: 2_000 };
}

async function keepCopy(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  tags: Record<string, string> = {},
): Promise<Settled> {
  const { 'rdp-lifeline-expires': expires, ...rest } = tags;
  if (expires !== undefined) {
    const begun = await tools.recovery.beginTagDisk(resource.resourceId, rest);
    if (!begun.ok) return leftBy(begun.failure, resource);
    return { kind: 'wait', reason: 'The copy’s tags are being changed.', afterMs: 1_000 };
  }
  await tools.ledger.recordResource(about.repairId, {
    ...resource,
    lifetime: 'kept',
    createdAt: new Date().toISOString(),
    purpose: 'The VM’s OS disk: the mended copy',
  });
  return { kind: 'settled' };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
