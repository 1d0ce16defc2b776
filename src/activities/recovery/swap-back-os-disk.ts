import type { VirtualMachine } from '../../azure/ports';
import { isSameId } from '../../same-id';
import { inStep } from '../in-step';
import { aboutRepair, type AboutRepair } from '../input';
import { done, end, progressOf, wait, type Progress } from '../progress';
import type { Step } from '../steps';
import { expiryOf } from '../tags';
import type { Tools } from '../toolbox';
import { debtOf, settled } from './debts';
import { openSwapOf, type SwapRecord } from './open-swap';
import { beginExchange, calledFailed, underWay } from './os-disk-exchange';
import { isStopped } from './power-off';
import { controllerOnRecord } from './swap-back-of-controller';
import { tagAs } from './swapped';

/**
 * Gives the stopped VM its original OS disk back, in place of a copy that did not do. Which disks these are stands in the record of the swap,
 * which must be open. No permit is asked for: what the record shows as open is put right, whatever stop is on.
 */
export async function swapBackOsDisk(tools: Tools, given: unknown): Promise<Progress<'swapped-back'>> {
  const about = aboutRepair.parse(given);
  const step: Step = { step: 'swap-back', title: 'Put the original OS disk back' };
  return inStep(tools, about.repairId, step, async () => {
    const open = await openSwapOf(tools, about);
    const look = await tools.arm.getVirtualMachine(about.vmId);
    if (!look.ok) return progressOf(look.failure, 'look at the VM before the swap');
    const vm = look.value;
    if (open.kind === 'end') return isTakenBack(open.takenBack, vm) ? done('swapped-back', seen(vm)) : open;
    // Each round has a copy of its own; the VM has one of them, or its original again.
    const swap = open.swaps.find(({ details }) => isSameId(vm.osDiskId, details.copyId));
    if (swap) return begin(tools, about, vm, swap);
    const isBack = open.swaps.some(({ details }) => isSameId(vm.osDiskId, details.originalId));
    if (isBack) return seeItThrough(tools, about, vm, open.swaps);
    return end('not-repaired', 'os-disk-changed', `Somebody gave the VM another OS disk: ${vm.osDiskId}.`);
  });
}

/** All of it is on record already: only the answer to that call was lost. */
function isTakenBack(swaps: SwapRecord[], { osDiskId }: VirtualMachine): boolean {
  return swaps.some(({ details }) => isSameId(osDiskId, details.originalId));
}

function seen(vm: VirtualMachine): string {
  return `The VM’s OS disk is ${vm.osDiskId}.${calledFailed(vm)}`;
}

async function begin(
  tools: Tools,
  about: AboutRepair,
  vm: VirtualMachine,
  { details: { copyId, originalId } }: SwapRecord,
): Promise<Progress<'swapped-back'>> {
  const controller = await controllerOnRecord(tools, about);
  if (controller) return controller;
  if (!isStopped(vm)) {
    const reason = `The VM was started again before its original disk was back (it is ${vm.powerState}).`;
    return end('not-repaired', 'swap-refused', reason);
  }
  const begun = await beginExchange(tools, about.vmId, { from: copyId, to: originalId });
  if (begun.kind === 'overtaken') return wait('Somebody used the VM: which disk it has is looked at again.', 2_000);
  return begun.kind === 'refused' ? end('not-repaired', 'swap-refused', begun.reason) : begun;
}

/** The VM names its original: waits until Azure calls the exchange over, and writes down whose the disks are now. */
async function seeItThrough(
  tools: Tools,
  about: AboutRepair,
  vm: VirtualMachine,
  swaps: SwapRecord[],
): Promise<Progress<'swapped-back'>> {
  const waiting = underWay(vm);
  if (waiting) return waiting;
  for (const { details } of swaps) {
    const tagging = await tagAs(tools, about, { copyId: details.copyId, isOsDisk: false });
    if (tagging.kind === 'begun') return wait('The copy’s tags are being changed.', 1_000);
    if (tagging.kind === 'failed') return progressOf(tagging.failure, 'change the copy’s tags');
  }
  // The swap comes last: that it is closed says that all of it is on record.
  for (const swap of swaps) {
    await recordDisks(tools, about, swap);
    await settled(tools, about.repairId, swap);
  }
  return done('swapped-back', seen(vm));
}

async function recordDisks(tools: Tools, about: AboutRepair, { details }: SwapRecord): Promise<void> {
  const { repairId } = about;
  // It is the VM's disk again, and nothing that is kept.
  const original = await debtOf(tools, repairId, details.originalId);
  if (original) await settled(tools, repairId, original);
  const copy = await debtOf(tools, repairId, details.copyId);
  if (!copy) return;
  const expiresAt = expiryOf(about, tools.settings);
  const purpose = 'The copy that was rejected, to be looked at';
  await tools.ledger.recordResource(repairId, { ...copy, lifetime: 'kept', purpose, expiresAt });
}
