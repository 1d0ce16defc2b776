import type { VirtualMachine } from '../../azure/ports';
import { inStep } from '../in-step';
import { powerWords } from '../../resource-state';
import { isSameId } from '../../same-id';
import type { AboutRepair } from '../input';
import { done, end, progressOf, type Progress } from '../progress';
import { debtOf, owe } from '../recovery/debts';
import { rollbackOf } from '../recovery/names';
import { beginExchange, calledFailed, underWay } from '../recovery/os-disk-exchange';
import { useNotTold, useSince } from '../recovery/power-off';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { lookAtDisks } from './disks';
import { errandOf, rollbackInput, rollbackStop, type Errand } from './errand';
import { permitted } from './permitted';
import { recordRollback } from './rolled-back';

/**
 * Gives the stopped VM its original OS disk again. Just before, it is checked once more that the VM is stopped, that nobody
 * touched it since, that it has the copy, and that the original is there, free and of its kind. On record before it is done.
 */
export async function putOriginalBack(tools: Tools, given: unknown): Promise<Progress<'back'>> {
  const about = rollbackInput.parse(given);
  const step: Step = { step: 'put-original-back', title: 'Put the original OS disk back' };
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
  const use = await useSince(tools, about.repairId, { name: rollbackStop, vm });
  if (use === 'not-told') return useNotTold('not-rolled-back');
  if (use === 'used') return startedMeanwhile(vm);
  const permit = await permitted(tools, about);
  if (permit.kind !== 'permitted') return permit;
  const details = { direction: 'rollback', copyId, originalId } as const;
  const purpose = `The VM’s OS disk is its original ${originalId} again, in place of ${copyId}`;
  await owe(tools, about.repairId, { resourceId: rollbackOf(about), kind: 'os-disk-swap', details, purpose });
  const begun = await beginExchange(tools, about.vmId, { from: copyId, to: originalId });
  if (begun.kind === 'overtaken') return startedMeanwhile(vm);
  return begun.kind === 'refused' ? end('not-rolled-back', 'swap-refused', begun.reason) : begun;
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
  const waiting = underWay(vm);
  if (waiting) return waiting;
  const recorded = await recordRollback(tools, about, errand);
  if (recorded.kind === 'wait') return recorded;
  return done(
    'back',
    `The VM’s OS disk is its original ${errand.originalId} again. ${recorded.detail}${calledFailed(vm)}`,
  );
}
