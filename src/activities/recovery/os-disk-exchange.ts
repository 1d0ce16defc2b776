import { isOvertaken } from '../../azure/failure-codes';
import type { VirtualMachine } from '../../azure/ports';
import type { OsDiskSwap } from '../../azure/recovery-ports';
import { isSettled } from '../../resource-state';
import { progressOf, wait, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/**
 * How a VM's OS disk is exchanged. Whether it may be, and for which disk, is for the three activities to say that do it: the swap of a
 * repair, its swap back, and a rollback.
 */

/** Recorded in azure-cli's test_vm_os_disk_swap: 2.3 s. */
const usualMs = 2_500;

/** What came of asking for it: it is under way, somebody used the VM, Azure said no, or it is to be asked again. */
export type Exchange =
  { kind: 'overtaken' } | { kind: 'refused'; reason: string } | Exclude<Progress<never>, { kind: 'done' }>;

/** Begins the exchange. */
export async function beginExchange(tools: Tools, vmId: string, disks: OsDiskSwap): Promise<Exchange> {
  const begun = await tools.recovery.beginSwapOsDisk(vmId, disks);
  if (begun.ok) return wait('Azure is exchanging the OS disk.', usualMs);
  const { failure } = begun;
  if (failure.kind !== 'rejected') return progressOf(failure, 'exchange the OS disk');
  if (isOvertaken(failure)) return { kind: 'overtaken' };
  return { kind: 'refused', reason: `Azure refused to exchange the OS disk (${failure.code}): ${failure.message}` };
}

/** While Azure is at it the VM names its new disk already: wait, or undefined once it is over. */
export function underWay(vm: VirtualMachine): Extract<Progress<never>, { kind: 'wait' }> | undefined {
  return isSettled(vm) ? undefined : wait('Azure is exchanging the OS disk.', 1_000);
}

/**
 * One that Azure calls failed is no end: the VM has the disk, and whether it runs from it is for its start and the proof to show. For
 * the timeline; empty if Azure calls it done.
 */
export function calledFailed({ provisioningState, configuration }: VirtualMachine): string {
  if (provisioningState !== 'Failed') return '';
  const { code, message } = configuration?.provisioningFailure ?? { code: 'no code', message: 'no reason' };
  return ` Azure calls the exchange failed all the same (${code}: ${message}).`;
}
