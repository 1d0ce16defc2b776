import { obstaclesBetween } from '../../azure/disk-copy';
import type { ManagedDisk, VirtualMachine } from '../../azure/ports';
import { obstacleOfOriginal, obstacleOfPresentDisk, type Exchange, type RollbackObstacle } from '../../policy/rollback';
import { isSettled } from '../../resource-state';
import type { OutcomeCode } from '../../outcome-codes';
import { progressOf, wait, type Progress, type Waiting } from '../progress';
import type { Tools } from '../toolbox';

/** Whether the VM has the copy and its original could take the place of it; `copy` is the VM’s present disk. */
export type DisksLook =
  | { kind: 'ready'; copy: ManagedDisk }
  | { kind: 'obstacle'; obstacle: RollbackObstacle }
  | Exclude<Progress<never>, { kind: 'done' }>;

/** Looks at the VM’s two disks as they are now. */
export async function lookAtDisks(
  { arm }: Pick<Tools, 'arm'>,
  vm: VirtualMachine,
  exchange: Pick<Exchange, 'copyId' | 'originalId'>,
): Promise<DisksLook> {
  const { copyId, originalId } = exchange;
  if (vm.osDiskId === undefined) return missing('os-disk-missing', 'Azure does not say which OS disk the VM has.');
  const present = obstacleOfPresentDisk(vm, exchange);
  if (present) return { kind: 'obstacle', obstacle: present };
  const [copy, original] = await Promise.all([arm.getDisk(copyId), arm.getDisk(originalId)]);
  if (!copy.ok) return progressOf(copy.failure, 'read the VM’s OS disk');
  if (!original.ok && original.failure.kind !== 'not-found') {
    return progressOf(original.failure, 'read the original OS disk');
  }
  const state = original.ok ? stateOf(original.value) : undefined;
  if (state) return state;
  const obstacle = obstacleOfOriginal({
    originalId,
    disk: original.ok ? original.value : 'gone',
    differences: original.ok ? obstaclesBetween(copy.value, original.value) : [],
  });
  return obstacle ? { kind: 'obstacle', obstacle } : { kind: 'ready', copy: copy.value };
}

/** Whether anybody has it is told by its owner and its state: only both together say that nobody has. */
function stateOf(disk: ManagedDisk): Waiting | undefined {
  if (!isSettled(disk)) return missing('disk-busy', `Azure is in the middle of another operation on ${disk.id}.`);
  if (disk.managedBy !== undefined || disk.diskState !== undefined) return undefined;
  return missing('disk-state-missing', `Azure does not say whether the original disk ${disk.id} is free.`);
}

function missing(code: OutcomeCode, reason: string): Waiting {
  return wait(reason, undefined, { ending: 'not-rolled-back', code, reason });
}
