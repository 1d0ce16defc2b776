import { obstaclesBetween } from '../../azure/disk-copy';
import type { ManagedDisk, VirtualMachine } from '../../azure/ports';
import { obstacleOfOriginal, obstacleOfPresentDisk, type Exchange, type RollbackObstacle } from '../../policy/rollback';
import { progressOf, type Progress } from '../progress';
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
  const present = obstacleOfPresentDisk(vm, exchange);
  if (present) return { kind: 'obstacle', obstacle: present };
  const [copy, original] = await Promise.all([arm.getDisk(copyId), arm.getDisk(originalId)]);
  if (!copy.ok) return progressOf(copy.failure, 'read the VM’s OS disk');
  if (!original.ok && original.failure.kind !== 'not-found') {
    return progressOf(original.failure, 'read the original OS disk');
  }
  const obstacle = obstacleOfOriginal({
    originalId,
    disk: original.ok ? original.value : 'gone',
    differences: original.ok ? obstaclesBetween(copy.value, original.value) : [],
  });
  return obstacle ? { kind: 'obstacle', obstacle } : { kind: 'ready', copy: copy.value };
}
