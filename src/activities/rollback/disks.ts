import { obstaclesBetween } from '../../azure/disk-copy';
import type { ManagedDisk, VirtualMachine } from '../../azure/ports';
import type { DiskFacts, Exchange } from '../../policy/rollback';
import { progressOf, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/** The VM’s two disks as they are now: the copy that it has, and the original that it shall have again. */
export interface DisksNow extends DiskFacts {
  original: ManagedDisk | 'gone';
  copy: ManagedDisk;
}

/** Reads both disks. The copy is the VM’s disk, so one that cannot be read ends the rollback; that the original is gone is an answer. */
export async function lookAtDisks(
  { arm }: Pick<Tools, 'arm'>,
  vm: VirtualMachine,
  exchange: Pick<Exchange, 'copyId' | 'originalId'>,
): Promise<{ kind: 'disks'; disks: DisksNow } | Exclude<Progress<never>, { kind: 'done' }>> {
  const [copy, original] = await Promise.all([arm.getDisk(exchange.copyId), arm.getDisk(exchange.originalId)]);
  if (!copy.ok) return progressOf(copy.failure, 'read the VM’s OS disk');
  if (original.ok) {
    const differences = obstaclesBetween(copy.value, original.value);
    return { kind: 'disks', disks: { vm, exchange, copy: copy.value, original: original.value, differences } };
  }
  if (original.failure.kind !== 'not-found') return progressOf(original.failure, 'read the original OS disk');
  return { kind: 'disks', disks: { vm, exchange, copy: copy.value, original: 'gone', differences: [] } };
}
