import { isHeld } from './fence';
import { inStep } from './in-step';
import { aboutRepair } from './input';
import { done, progressOf, wait, type Progress } from './progress';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/** Between two looks, in ms. */
const nextLookMs = 2_000;

/**
 * Waits, in an orchestration that was begun again, until all that the one before it had under way is over: its calls to Azure, each of
 * which holds a write lock, and the operations that these have begun on the VM. The generation was raised before, so nothing new is begun.
 */
export async function awaitOperations(tools: Tools, given: unknown): Promise<Progress<'over'>> {
  const about = aboutRepair.parse(given);
  const step: Step = { step: `begun-again-${about.generation}`, title: 'Wait until what was under way before is over' };
  return inStep(tools, about.repairId, step, async () => {
    const locks = await tools.ledger.listWriteLocks(about.repairId);
    const held = locks.find(isHeld);
    if (held) return wait(`A call of ${held.activity} may be under way until ${held.heldUntil}.`, nextLookMs);
    const vm = await tools.arm.getVirtualMachine(about.vmId);
    if (!vm.ok && vm.failure.kind === 'wait') return progressOf(vm.failure, 'look whether the VM is at rest');
    // A VM that is gone or may not be read is for the next step to tell.
    if (vm.ok && vm.value.provisioningState === 'Updating') {
      return wait('Azure is in the middle of an operation on the VM.', nextLookMs);
    }
    return done('over', 'Nothing of what was under way before is left.');
  });
}
