import type { VirtualMachine } from '../../azure/ports';
import { inStep } from '../in-step';
import { isSettled, powerWords } from '../../resource-state';
import { isSameId } from '../../same-id';
import type { AboutRepair } from '../input';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { debtOf, owe } from '../recovery/debts';
import { rollbackOf, rollbackPurpose } from '../recovery/names';
import { stoppedAs, useNotTold, useSince } from '../recovery/stop-patient';
import type { Tools } from '../toolbox';
import { lookAtDisks } from './disks';
import { errandOf, rollbackInput, rollbackStop, type Errand } from './errand';
import { permitted } from './permitted';
import { recordRollback } from './rolled-back';

/** Recorded in azure-cli's test_vm_os_disk_swap: 2.3 s. */
const usualMs = 2_500;

/**
 * Gives the stopped VM its original OS disk again. Just before, it is checked once more that the VM is stopped, that nobody
 * touched it since, that it has the copy, and that the original is there, free and of its kind. On record before it is done.
 */
export async function putOriginalBack(tools: Tools, given: unknown): Promise<Progress<'back'>> {
  const about = rollbackInput.parse(given);
  const step = { step: 'put-original-back', title: 'Put the original OS disk back' };
  return inStep(tools, about.repairId, step, async () => {
    const known = await errandOf(tools, about);
    if (known.kind === 'end') return known;
    const look = await tools.arm.getVirtualMachine(about.vmId);
    if (!look.ok) return progressOf(look.failure, 'look at the VM before the exchange');
    const vm = look.value;
    const debt = await debtOf(tools, about.repairId, rollbackOf(about));
    const isOurs = debt !== undefined && debt.deletedAt === undefined;
    const isBack = isSameId(vm.osDiskId, known.errand.originalId);
    return isBack && isOurs ? seeItThrough(tools, about, vm, known.errand) : begin(tools, about, vm, known.errand);
  });
}

async function begin(
  tools: Tools,
  about: AboutRepair,
  vm: VirtualMachine,
  { copyId, originalId }: Errand,
): Promise<Progress<'back'>> {
  const look = await lookAtDisks(tools, vm, { copyId, originalId });
  if (look.kind === 'obstacle') return end('not-rolled-back', look.obstacle.code, look.obstacle.reason);
  if (look.kind !== 'ready') return look;
  const before = await stoppedAs(tools, about.repairId, rollbackStop);
  const use = useSince(before, vm);
  if (use === 'not-told') return useNotTold('not-rolled-back');
  if (use === 'used') return startedMeanwhile(vm);
  const permit = await permitted(tools, about);
  if (permit.kind !== 'permitted') return permit;
  const purpose = rollbackPurpose({ copyId, originalId });
  await owe(tools, about.repairId, { resourceId: rollbackOf(about), kind: 'os-disk-swap', purpose });
  const begun = await tools.recovery.beginSwapOsDisk(about.vmId, { from: copyId, to: originalId });
  if (begun.ok) return wait('Azure is exchanging the OS disk.', usualMs);
  const { failure } = begun;
  if (failure.kind !== 'rejected') return progressOf(failure, 'exchange the OS disk');
  if (['NotStopped', 'PreconditionFailed'].includes(failure.code)) return startedMeanwhile(vm);
  const reason = `Azure refused to exchange the OS disk (${failure.code}): ${failure.message}`;
  return end('not-rolled-back', 'swap-refused', reason);
}

/** Nothing is lost by giving way, and whoever uses the VM may not know that its disk is about to change. */
function startedMeanwhile(vm: VirtualMachine): Progress<'back'> {
  const reason = `Somebody used the VM since it had stopped for the rollback (it is ${powerWords(vm)}): it was left to them, with the disk that it had.`;
  return end('not-rolled-back', 'started-meanwhile', reason);
}

/** The VM names its original: waits until Azure calls the exchange over, and writes down whose the disks are now. */
async function seeItThrough(
  tools: Tools,
  about: AboutRepair,
  vm: VirtualMachine,
  errand: Errand,
): Promise<Progress<'back'>> {
  if (!isSettled(vm)) return wait('Azure is exchanging the OS disk.', 1_000);
  const recorded = await recordRollback(tools, about, errand);
  if (recorded.kind === 'wait') return recorded;
  return done('back', `The VM’s OS disk is its original ${errand.originalId} again. ${recorded.detail}`);
}
