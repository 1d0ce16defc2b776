import type { ManagedDisk } from '../../azure/ports';
import type { ResourceKind, ResourceRecord } from '../../ledger/ports';
import { isSameId } from '../../same-id';
import { isSettled } from '../../resource-state';
import type { Begun } from '../begun';
import type { AboutRepair } from '../input';
import { leftBy, markGone, settledBy, type Settled } from '../settled';
import { wait } from '../progress';
import { stepNamed } from '../steps';
import type { Tools } from '../toolbox';
import { confirmRollback } from '../rollback/rolled-back';
import { settleLoan } from './settle-loan';
import { startAgain } from './start-patient';
import { recordDisksOfSwap, recordSwap, tagAs } from './swapped';

/** Kinds that only the route `recovery-vm` makes. */
export type RecoveryKind = Extract<
  ResourceKind,
  'disk' | 'virtual-machine' | 'network-interface' | 'recovery-vm-loan' | 'power-off' | 'os-disk-swap'
>;

/** What became, in this call, of something that others wait for. */
export interface Standing {
  of: ResourceRecord;
  settled: Settled['kind'];
}

/**
 * Settles one debt of the route, whatever stopped it: which disk the patient has is written down, it gets its power back, and the
 * recovery VM goes before what hangs on it.
 */
export async function settleRecovery(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord<RecoveryKind>,
  { standing, begun }: { standing: readonly Standing[]; begun: Begun },
): Promise<Settled> {
  const isA = (settled: Settled['kind'], ...kinds: ResourceKind[]) =>
    standing.some((one) => one.settled === settled && kinds.includes(one.of.kind));
  switch (resource.kind) {
    case 'os-disk-swap':
      return resource.details.direction === 'swap'
        ? confirmSwap(tools, about, resource, begun)
        : confirmRollback(tools, about, resource, begun);
    case 'power-off':
      // With power the disk can't be told apart from one that is being exchanged. Where Azure does not show it, power comes first.
      return isA('wait', 'os-disk-swap') ? waitFor('which disk the VM has') : givePowerBack(tools, about);
    case 'virtual-machine':
      return removeRecoveryVm(tools, about, resource, begun);
    case 'recovery-vm-loan':
      return settleLoan(tools, about, resource);
    case 'network-interface':
      if (isA('wait', 'virtual-machine')) return wait('Waiting for the recovery VM to go.');
      return isA('left', 'virtual-machine')
        ? leftWith(resource, 'the recovery VM is still there')
        : removeNetworkInterface(tools, about, resource, begun);
    case 'disk':
      // A disk that is just being attached looks free: it is asked for only when the recovery VM is gone.
      if (isA('wait', 'virtual-machine', 'recovery-vm-loan')) return wait('Waiting for the recovery VM to go.');
      return isA('left', 'virtual-machine', 'os-disk-swap')
        ? leftWith(resource, 'who uses it is not certain')
        : removeCopy(tools, about, resource, { isSwapOpen: isA('wait', 'os-disk-swap'), begun });
  }
}

function leftWith({ resourceId }: ResourceRecord, why: string): Settled {
  return { kind: 'left', reason: `${resourceId} is left behind: ${why}.` };
}

function stillExpires(copyId: string): Settled {
  const reason = `${copyId} is the VM’s disk, and its tag rdp-lifeline-expires could not be taken away: take it away by hand.`;
  return { kind: 'left', reason };
}

function waitFor(what: string): Settled {
  return { kind: 'wait', reason: `Waiting for ${what}.`, afterMs: 2_000 };
}

/** The copy that a record of a swap names is the VM's disk, or it is not. */
async function confirmSwap(
  tools: Tools,
  about: AboutRepair,
  swap: ResourceRecord<'os-disk-swap'>,
  begun: Begun,
): Promise<Settled> {
  const look = await tools.arm.getVirtualMachine(about.vmId);
  if (!look.ok) return leftBy(look.failure, swap);
  if (!isSettled(look.value)) return waitFor('Azure to end the exchange of the OS disk');
  if (look.value.osDiskId === undefined) return waitFor('Azure to say which OS disk the VM has');
  const disks = swap.details;
  if (!isSameId(look.value.osDiskId, disks.copyId)) return markGone(tools, about, swap);
  const tagging = await tagAs(tools, about, { copyId: disks.copyId, isOsDisk: true }, begun);
  if (tagging.kind === 'begun') return waitFor('the copy’s tags');
  if (tagging.kind === 'failed' && tagging.failure.kind === 'wait') return leftBy(tagging.failure, swap);
  // Which disk the VM has is so, whatever its tags say; the debt stays open, so that what is left is told to the end.
  await recordDisksOfSwap(tools, about, disks);
  if (tagging.kind === 'failed') return stillExpires(disks.copyId);
  await recordSwap(tools, about, swap);
  return { kind: 'settled' };
}

async function givePowerBack(tools: Tools, about: AboutRepair): Promise<Settled> {
  const started = await startAgain(tools, about);
  if (started.kind === 'done') return { kind: 'settled' };
  if (started.kind === 'wait') return started;
  return { kind: 'left', reason: `The VM could not be started again: ${started.conclusion.reason}` };
}

async function removeRecoveryVm(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  begun: Begun,
): Promise<Settled> {
  const existing = await tools.arm.getVirtualMachine(resource.resourceId);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const { resourceId } = resource;
  const requested = await begun.once({
    ...{ resourceId, to: 'delete', reason: 'The recovery VM is being deleted.' },
    begin: () => tools.recovery.beginDeleteMachine(resourceId, { 'rdp-lifeline-repair': about.repairId }),
    isUnderWay: existing.value.provisioningState === 'Deleting',
  });
  return settledBy(requested, resource);
}

async function removeNetworkInterface(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  begun: Begun,
): Promise<Settled> {
  const existing = await tools.recovery.getNetworkInterface(resource.resourceId);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const { resourceId } = resource;
  const requested = await begun.once({
    ...{ resourceId, to: 'delete', reason: 'The recovery VM’s network interface is being deleted.' },
    begin: () => tools.recovery.beginDeleteNetworkInterface(resourceId, { 'rdp-lifeline-repair': about.repairId }),
    isUnderWay: existing.value.provisioningState === 'Deleting',
  });
  return settledBy(requested, resource);
}

/** A copy that nobody uses. One that is the VM's disk, or was rejected and is kept, is not temporary any more. */
async function removeCopy(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord<'disk'>,
  { isSwapOpen, begun }: { isSwapOpen: boolean; begun: Begun },
): Promise<Settled> {
  const [existing, vm] = await Promise.all([
    tools.arm.getDisk(resource.resourceId),
    tools.arm.getVirtualMachine(about.vmId),
  ]);
  if (!existing.ok && existing.failure.kind === 'not-found') {
    if (resource.details.role === 'trial-copy') await endDeletion(tools, about);
    return markGone(tools, about, resource);
  }
  if (!existing.ok) return leftBy(existing.failure, resource);
  // Both sides are asked: each of them is late at times.
  if (!vm.ok && vm.failure.kind !== 'not-found') return leftBy(vm.failure, resource);
  if (vm.ok && vm.value.osDiskId === undefined) return waitFor('Azure to say which OS disk the VM has');
  const isNamed = vm.ok && vm.value.osDiskId?.toLowerCase() === resource.resourceId.toLowerCase();
  if (isNamed || existing.value.managedBy?.toLowerCase() === about.vmId.toLowerCase()) {
    return keepCopy(tools, about, resource, { copy: existing.value, begun });
  }
  // An exchange that Azure never calls done leaves a copy that the VM names: only one that it does not name waits.
  if (isSwapOpen) return waitFor('which disk the VM has');
  const { resourceId } = resource;
  const requested = await begun.once({
    ...{ resourceId, to: 'delete', reason: 'The copy is being deleted.', usualMs: 2_000 },
    begin: () => tools.recovery.beginDeleteDisk(resourceId, { 'rdp-lifeline-repair': about.repairId }),
    isUnderWay: existing.value.provisioningState === 'Deleting',
  });
  return settledBy(requested, resource);
}

/** The step that begins to delete the trial copy is asked once, and not waited for: what it left open has come to its end here. */
async function endDeletion({ ledger }: Tools, { repairId }: AboutRepair): Promise<void> {
  const { steps } = await ledger.getTimeline(repairId);
  const step = stepNamed(steps, 'trial-copy-gone');
  if (!step || step.outcome !== undefined) return;
  const end = { outcome: 'done', detail: 'The trial copy is gone.', endedAt: new Date().toISOString() } as const;
  await ledger.endStep(repairId, 'trial-copy-gone', end);
}

/** The copy is the VM's disk, so it has no expiry any more. */
async function keepCopy(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  { copy, begun }: { copy: ManagedDisk; begun: Begun },
): Promise<Settled> {
  const { 'rdp-lifeline-expires': expires, ...rest } = copy.tags ?? {};
  if (expires !== undefined) {
    const { resourceId } = resource;
    const requested = await begun.once({
      ...{ resourceId, to: 'tag', for: 'no-expiry', reason: 'The copy’s tags are being changed.', usualMs: 1_000 },
      begin: () => tools.recovery.beginTagDisk(resourceId, rest),
    });
    if ('kind' in requested) return requested;
    if (requested.failure.kind === 'wait') return leftBy(requested.failure, resource);
    return stillExpires(resourceId);
  }
  await tools.ledger.recordResource(about.repairId, {
    ...resource,
    lifetime: 'kept',
    purpose: 'The VM’s OS disk: the mended copy',
    createdAt: new Date().toISOString(),
  });
  return { kind: 'settled' };
}
