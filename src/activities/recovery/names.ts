import { networkInterfaceIdOf } from '../../azure/network-id';
import {
  diskIdOf,
  parseDiskId,
  parseVirtualMachineId,
  snapshotIdOf,
  virtualMachineIdOf,
} from '../../azure/resource-id';
import type { Settings } from '../../settings';
import type { AboutRepair } from '../input';
import type { RecoveryPlan } from '../plan';

/**
 * The ids of everything that the route `recovery-vm` makes or brings about. They follow from the repair's id and the round, so
 * that a repeated step finds its own work.
 */

/** Data disks of a recovery VM begin above the slots that images and people use first (design: "fixed LUN ≥ 2"). */
export const dataDiskLun = 2;

/** The recovery VM, whoever's it is. */
export function recoveryVmIdOf(about: AboutRepair, recovery: RecoveryPlan): string {
  return recovery.machine.kind === 'standing' ? recovery.machine.vmId : madeVmOf(about, recovery).recoveryVmId;
}

/** A recovery VM that is made for the repair, and its network interface. */
export function madeVmOf({ repairId, vmId }: AboutRepair, { resourceGroup }: Pick<RecoveryPlan, 'resourceGroup'>) {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId ?? '';
  const name = `rdp-lifeline-${repairId}`;
  return {
    name,
    recoveryVmId: virtualMachineIdOf(subscriptionId, resourceGroup, name),
    networkInterfaceId: networkInterfaceIdOf(subscriptionId, resourceGroup, `${name}-nic`),
    // Windows takes at most 15 characters: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    computerName: `rescue-${repairId.slice(-8)}`,
  };
}

/** The snapshot of the stopped disk, beside the one that every repair keeps. */
export function stoppedSnapshotOf({ repairId, vmId }: AboutRepair, settings: Settings, round: number): string {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId ?? '';
  return snapshotIdOf(subscriptionId, settings.workbenchResourceGroup, `rdp-lifeline-${repairId}-stopped-${round}`);
}

/** The copy, which may become the VM's disk and therefore stands where the original stands. */
export function copyOf({ repairId }: AboutRepair, { osDiskId }: RecoveryPlan, round: number): string {
  const { subscriptionId = '', resourceGroup = '' } = parseDiskId(osDiskId) ?? {};
  return diskIdOf(subscriptionId, resourceGroup, `rdp-lifeline-${repairId}-copy-${round}`);
}

/** The disk that a recovery VM only looks at. It never becomes a VM's, so it stands in the workbench and not in production's group. */
export function lookDiskOf({ repairId, vmId }: AboutRepair, { resourceGroup }: RecoveryPlan): string {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId ?? '';
  return diskIdOf(subscriptionId, resourceGroup, `rdp-lifeline-${repairId}-look`);
}

/** Under these ids the ledger keeps what the patient is owed. `when`: `round-1`, `back`, `rollback`. */
export function powerOffOf({ vmId }: AboutRepair, when: string): string {
  return `${vmId}/powerOff/${when}`;
}

export function swapOf({ vmId }: AboutRepair, round: number): string {
  return `${vmId}/osDisk/round-${round}`;
}

/**
 * Under this name the ledger keeps a change that was made on a copy: not under that of the same change in the running guest, whose
 * value before and undo are others.
 */
export function changeOnCopy(change: string, round: number): string {
  return `${change}@copy-${round}`;
}

/** On which copy a recorded change was made; undefined if it was made in the running guest. */
export function roundOfChange(change: string): number | undefined {
  const [, round] = /@copy-(\d)$/.exec(change) ?? [];
  return round === undefined ? undefined : Number(round);
}

/** Which round a recorded exchange of the OS disk belongs to. */
export function roundOfSwap(resourceId: string): number | undefined {
  const [, round] = /\/osDisk\/round-(\d)$/.exec(resourceId) ?? [];
  return round === undefined ? undefined : Number(round);
}

/** What the record of an exchange says; read again by `disksOfSwap`. */
export function swapPurpose({ copyId, originalId }: { copyId: string; originalId: string }): string {
  return `The VM’s OS disk is ${copyId} in place of ${originalId}`;
}

/** The disks that the record of an exchange names. */
export function disksOfSwap(purpose: string): { copyId: string; originalId: string } | undefined {
  const [, copyId = '', originalId = ''] = /^The VM’s OS disk is (\S+) in place of (\S+)$/.exec(purpose) ?? [];
  return parseDiskId(copyId) && parseDiskId(originalId) ? { copyId, originalId } : undefined;
}

/** Under this id the ledger keeps that a rollback exchanges the OS disk. */
export function rollbackOf({ vmId }: AboutRepair): string {
  return `${vmId}/osDisk/rollback`;
}

/** What the record of a rollback’s exchange says; read again by `disksOfRollback`. */
export function rollbackPurpose({ copyId, originalId }: { copyId: string; originalId: string }): string {
  return `The VM’s OS disk is its original ${originalId} again, in place of ${copyId}`;
}

/** The disks that the record of a rollback’s exchange names. */
export function disksOfRollback(purpose: string): { copyId: string; originalId: string } | undefined {
  const [, originalId = '', copyId = ''] =
    /^The VM’s OS disk is its original (\S+) again, in place of (\S+)$/.exec(purpose) ?? [];
  return parseDiskId(copyId) && parseDiskId(originalId) ? { copyId, originalId } : undefined;
}

/** Under this id the ledger keeps that a standing recovery VM is lent to the repair. */
export function loanOf(recoveryVmId: string): string {
  return `${recoveryVmId}/loan`;
}

/** The VM that the record of a loan names. */
export function vmOfLoan(resourceId: string): string {
  return resourceId.replace(/\/loan$/, '');
}

/** Runs on the recovery VM for a copy begin with this, and those for a disk that is only looked at with the other. */
export function benchOfCopy(round: number): string {
  return `copy-${round}`;
}
export const benchOfLook = 'snapshot';

/** The bench at which a disk of this repair is worked on; undefined if it is none of this repair's. */
export function benchOfDisk({ repairId }: AboutRepair, diskId: string): string | undefined {
  const [, of, what = ''] = /\/rdp-lifeline-([^/]+?)-(copy-\d|look)$/i.exec(diskId) ?? [];
  if (of?.toLowerCase() !== repairId) return undefined;
  return what.toLowerCase() === 'look' ? benchOfLook : what.toLowerCase();
}
