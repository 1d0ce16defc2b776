import type { VirtualMachine } from '../../azure/ports';
import { powerWords } from '../../resource-state';
import { isSameId } from '../../same-id';
import { inStep } from '../in-step';
import { done, end, progressOf, wait, type Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe } from './debts';
import { permittedOnPatient, recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { copyOf, swapOf } from './names';
import { beginExchange, calledFailed, underWay } from './os-disk-exchange';
import { useNotTold, useSince } from './power-off';
import { recordDisksOfSwap, tagAs } from './swapped';

/** What became of the swap; `started-meanwhile`: somebody used the VM, so the copy is out of date. */
export type SwapOutcome = 'swapped' | 'started-meanwhile';

/**
 * Puts the mended copy in the place of the stopped VM's OS disk. Just before, policy is asked, and it is checked again that the VM is
 * stopped, that nobody touched it since, that it has its original, and that the copy is one that this repair has made of it and mended.
 */
export async function swapOsDisk(tools: Tools, given: unknown): Promise<Progress<SwapOutcome>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: `swap-${request.round}`, title: 'Put the mended copy in the place of the OS disk' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const look = await tools.arm.getVirtualMachine(input.vmId);
    if (!look.ok) return progressOf(look.failure, 'look at the VM before the swap');
    const vm = look.value;
    if (vm.osDiskId === undefined) return useNotTold('not-repaired');
    const swap = await debtOf(tools, input.repairId, swapOf(input, input.round));
    const copyId = copyOf(input, input.recovery, input.round);
    if (isSameId(vm.osDiskId, copyId) && swap && swap.deletedAt === undefined) return seeItThrough(tools, input, vm);
    if (isSameId(vm.osDiskId, input.recovery.osDiskId)) return begin(tools, input, vm, copyId);
    return end('not-repaired', 'os-disk-changed', `Somebody gave the VM another OS disk: ${vm.osDiskId}.`);
  });
}

async function begin(
  tools: Tools,
  input: RecoveryInput,
  vm: VirtualMachine,
  copyId: string,
): Promise<Progress<SwapOutcome>> {
  const { repairId, vmId, round } = input;
  const { osDiskId: originalId } = input.recovery;
  const use = await useSince(tools, repairId, { name: `round-${round}`, vm });
  if (use === 'not-told') return useNotTold('not-repaired');
  if (use === 'used') return startedMeanwhile(vm);
  const copy = await debtOf(tools, repairId, copyId);
  const isMended = copy?.kind === 'disk' && copy.details.role === 'copy' && copy.createdAt !== undefined;
  if (!isMended) {
    const reason = `${copyId} is not on record as a copy that this repair has made, so it goes in nowhere.`;
    return end('not-repaired', 'copy-not-mended', reason);
  }
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const details = { direction: 'swap', round, copyId, originalId } as const;
  const purpose = `The VM’s OS disk is ${copyId} in place of ${originalId}`;
  await owe(tools, repairId, { resourceId: swapOf(input, round), kind: 'os-disk-swap', details, purpose });
  const begun = await beginExchange(tools, vmId, { from: originalId, to: copyId });
  if (begun.kind === 'overtaken') return startedMeanwhile(vm);
  return begun.kind === 'refused' ? end('not-repaired', 'swap-refused', begun.reason) : begun;
}

function startedMeanwhile(vm: VirtualMachine): Progress<SwapOutcome> {
  const detail = `Somebody used the VM since it had stopped (it is ${powerWords(vm)}), so the copy is out of date and goes in nowhere.`;
  return done('started-meanwhile', detail, 'failed');
}

/**
 * The VM names the copy: waits until Azure calls the exchange over, and writes down whose the disks are now. The swap itself stays open on
 * record until the copy has proven itself or was taken out again.
 */
async function seeItThrough(tools: Tools, input: RecoveryInput, vm: VirtualMachine): Promise<Progress<SwapOutcome>> {
  const waiting = underWay(vm);
  if (waiting) return waiting;
  const copyId = copyOf(input, input.recovery, input.round);
  const tagging = await tagAs(tools, input, { copyId, isOsDisk: true });
  if (tagging.kind === 'begun') return wait('The copy’s tags are being changed.', 1_000);
  if (tagging.kind === 'failed') return progressOf(tagging.failure, 'change the copy’s tags');
  const swap = await debtOf(tools, input.repairId, swapOf(input, input.round));
  if (swap?.kind === 'os-disk-swap') {
    await recordDisksOfSwap(tools, input, swap.details);
    await incurred(tools, input.repairId, swap);
  }
  return done('swapped', `The VM’s OS disk is ${copyId}.${calledFailed(vm)}`);
}
