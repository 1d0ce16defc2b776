import type { VirtualMachine } from '../../azure/ports';
import { isSettled, powerWords } from '../../resource-state';
import { isSameId } from '../../same-id';
import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { expiryOf } from '../tags';
import type { Tools } from '../toolbox';
import { debtOf, owe, settled } from './debts';
import { permittedOnPatient, recoveryInput, recoveryOf, type RecoveryInput } from './input';
import { copyOf, disksOfSwap, swapOf, swapPurpose } from './names';
import { stopName, stoppedAs, useNotTold, useSince } from './stop-patient';
import { recordDisksOfSwap, recordSwap, tagAs } from './swapped';

/** Recorded in azure-cli's test_vm_os_disk_swap: 2.3 s. */
const usualMs = 2_500;

/** What became of the swap; `started-meanwhile`: somebody used the VM, so the copy is out of date. */
export type SwapOutcome = 'swapped' | 'started-meanwhile';

/**
 * Exchanges the OS disk of the stopped VM: the mended copy for the original, or the original for a copy that did not do.
 * Just before, it is checked again that the VM is stopped, that nobody touched it since, and that it has the disk that it
 * should have. A permit is asked for on the way in only: the way back is owed.
 */
export async function swapOsDisk(tools: Tools, given: unknown): Promise<Progress<SwapOutcome>> {
  const input = recoveryInput.parse(given);
  const step =
    input.to === 'copy'
      ? { step: `swap-${input.round}`, title: 'Put the mended copy in the place of the OS disk' }
      : { step: 'swap-back', title: 'Put the original OS disk back' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    if (plan.kind === 'end') return plan;
    const look = await tools.arm.getVirtualMachine(input.vmId);
    if (!look.ok) return progressOf(look.failure, 'look at the VM before the swap');
    if (look.value.osDiskId === undefined) return useNotTold('not-repaired');
    const disks = disksOf(input, plan.recovery, look.value);
    if (!disks) {
      return end('not-repaired', 'os-disk-changed', `Somebody gave the VM another OS disk: ${look.value.osDiskId}.`);
    }
    return isSameId(look.value.osDiskId, disks.to)
      ? seeItThrough(tools, input, look.value, disks)
      : begin(tools, input, look.value, disks);
  });
}

interface Disks {
  from: string;
  to: string;
  copy: string;
}

/** Which disk goes out and which in; undefined if the VM has neither. Back from whichever copy it has. */
function disksOf(input: RecoveryInput, recovery: RecoveryPlan, { osDiskId }: VirtualMachine): Disks | undefined {
  const original = recovery.osDiskId;
  const copies = [1, 2].map((round) => copyOf(input, recovery, round));
  if (input.to === 'copy') {
    const copy = copyOf(input, recovery, input.round);
    return isSameId(osDiskId, original) || isSameId(osDiskId, copy) ? { from: original, to: copy, copy } : undefined;
  }
  const copy = copies.find((one) => isSameId(osDiskId, one));
  if (copy) return { from: copy, to: original, copy };
  return isSameId(osDiskId, original) ? { from: '', to: original, copy: copies[0] ?? '' } : undefined;
}

async function begin(
  tools: Tools,
  input: RecoveryInput,
  vm: VirtualMachine,
  disks: Disks,
): Promise<Progress<SwapOutcome>> {
  const before = await stoppedAs(tools, input.repairId, stopName(input));
  if (input.to === 'copy') {
    const use = useSince(before, vm);
    if (use === 'not-told') return useNotTold('not-repaired');
    if (use === 'used') return startedMeanwhile(vm);
    const permit = await permittedOnPatient(tools, input);
    if (permit.kind !== 'permitted') return permit;
    const purpose = swapPurpose({ copyId: disks.to, originalId: disks.from });
    await owe(tools, input.repairId, { resourceId: swapOf(input, input.round), kind: 'os-disk-swap', purpose });
  } else {
    await reopenSwaps(tools, input);
  }
  const begun = await tools.recovery.beginSwapOsDisk(input.vmId, { from: disks.from, to: disks.to });
  if (begun.ok) return wait('Azure is exchanging the OS disk.', usualMs);
  const { failure } = begun;
  const isOvertaken = failure.kind === 'rejected' && ['NotStopped', 'PreconditionFailed'].includes(failure.code);
  if (isOvertaken && input.to === 'copy') return startedMeanwhile(vm);
  if (failure.kind === 'rejected') {
    return end(
      'not-repaired',
      'swap-refused',
      `Azure refused to exchange the OS disk (${failure.code}): ${failure.message}`,
    );
  }
  return progressOf(failure, 'exchange the OS disk');
}

/** Until the original is seen in its place again, which disk the VM has is an open question: the clean-up looks. */
async function reopenSwaps(tools: Tools, input: RecoveryInput): Promise<void> {
  for (const round of [1, 2]) {
    const swap = await debtOf(tools, input.repairId, swapOf(input, round));
    if (!swap || swap.deletedAt !== undefined) continue;
    await tools.ledger.recordResource(input.repairId, { ...swap, lifetime: 'temporary' });
  }
}

function startedMeanwhile(vm: VirtualMachine): Progress<SwapOutcome> {
  const detail = `Somebody used the VM since it had stopped (it is ${powerWords(vm)}), so the copy is out of date and goes in nowhere.`;
  return done('started-meanwhile', detail, 'failed');
}

/**
 * The VM names the disk that it should have: waits until Azure calls the exchange over, and writes down whose the disks are now.
 * One that Azure calls failed is no end: the VM has the disk, and whether it runs from it is for its start and the proof to show.
 */
async function seeItThrough(
  tools: Tools,
  input: RecoveryInput,
  vm: VirtualMachine,
  disks: Disks,
): Promise<Progress<SwapOutcome>> {
  if (!isSettled(vm)) return wait('Azure is exchanging the OS disk.', 1_000);
  const tagged = await tagCopy(tools, input, disks.copy);
  if (tagged) return tagged;
  await recordOutcome(tools, input, disks);
  return done('swapped', `The VM’s OS disk is ${disks.to}.${calledFailed(vm)}`);
}

function calledFailed({ provisioningState, configuration }: VirtualMachine): string {
  if (provisioningState !== 'Failed') return '';
  const { code, message } = configuration?.provisioningFailure ?? { code: 'no code', message: 'no reason' };
  return ` Azure calls the exchange failed all the same (${code}: ${message}).`;
}

/** A copy that is the VM's disk has no expiry; one that was rejected has one. */
async function tagCopy(tools: Tools, input: RecoveryInput, copyId: string): Promise<Progress<SwapOutcome> | undefined> {
  const tagging = await tagAs(tools, input, { copyId, isOsDisk: input.to === 'copy' });
  if (tagging.kind === 'tagged') return undefined;
  if (tagging.kind === 'begun') return wait('The copy’s tags are being changed.', 1_000);
  return progressOf(tagging.failure, 'change the copy’s tags');
}

async function recordOutcome(tools: Tools, input: RecoveryInput, { copy: copyId }: Disks): Promise<void> {
  const { repairId } = input;
  if (input.to === 'copy') {
    const swap = await debtOf(tools, repairId, swapOf(input, input.round));
    const disks = swap && disksOfSwap(swap.purpose);
    if (!swap || !disks) return;
    await recordDisksOfSwap(tools, input, disks);
    return recordSwap(tools, input, swap);
  }
  const swaps = await Promise.all([1, 2].map((round) => debtOf(tools, repairId, swapOf(input, round))));
  for (const swap of swaps) {
    if (!swap) continue;
    await settled(tools, repairId, swap);
    // It is the VM's disk again, and nothing that is kept.
    const original = await debtOf(tools, repairId, disksOfSwap(swap.purpose)?.originalId ?? '');
    if (original) await settled(tools, repairId, original);
  }
  const copy = await debtOf(tools, repairId, copyId);
  if (!copy) return;
  const expiresAt = expiryOf(input, tools.settings);
  const purpose = 'The copy that was rejected, to be looked at';
  await tools.ledger.recordResource(repairId, { ...copy, lifetime: 'kept', purpose, expiresAt });
}
