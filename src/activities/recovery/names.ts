import { networkInterfaceIdOf } from '../../azure/network-id';
import {
  diskIdOf,
  parseDiskId,
  parseVirtualMachineId,
  snapshotIdOf,
  virtualMachineIdOf,
} from '../../azure/resource-id';
import type { ResourceDetails } from '../../ledger/ports';
import type { Settings } from '../../settings';
import type { AboutRepair } from '../input';
import type { RecoveryPlan } from '../plan';
import { ofReading } from '../readings';
import type { StopName } from '../steps';

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

/** The trial copy: it stands where the copy will stand, so that the same policies, locks, quotas and roles hold for it. */
export function trialCopyOf({ repairId }: AboutRepair, { osDiskId }: Pick<RecoveryPlan, 'osDiskId'>): string {
  const { subscriptionId = '', resourceGroup = '' } = parseDiskId(osDiskId) ?? {};
  return diskIdOf(subscriptionId, resourceGroup, `rdp-lifeline-${repairId}-trial`);
}

/** The disk that a recovery VM only looks at. It never becomes a VM's, so it stands in the workbench and not in production's group. */
export function lookDiskOf(about: AboutRepair, { resourceGroup }: RecoveryPlan): string {
  const subscriptionId = parseVirtualMachineId(about.vmId)?.subscriptionId ?? '';
  return diskIdOf(subscriptionId, resourceGroup, `rdp-lifeline-${about.repairId}-${ofReading('look', about)}`);
}

/** Under these ids the ledger keeps what the patient is owed. */
export function powerOffOf({ vmId }: AboutRepair, when: StopName): string {
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

/** Under this id the ledger keeps that a rollback exchanges the OS disk. */
export function rollbackOf({ vmId }: AboutRepair): string {
  return `${vmId}/osDisk/rollback`;
}

/** Under this id the ledger keeps that a standing recovery VM is lent to the repair. */
export function loanOf(recoveryVmId: string): string {
  return `${recoveryVmId}/loan`;
}

/** Runs on the recovery VM for a copy begin with this, those for a disk that is only looked at and for the trial copy with the others. */
export function benchOfCopy(round: number): string {
  return `copy-${round}`;
}
export function benchOfLook(look: { reading?: number }): string {
  return ofReading('snapshot', look);
}
export const benchOfTrialCopy = 'trial';

/** The bench at which a disk of this repair is worked on; undefined if it never is. */
export function benchOf(disk: ResourceDetails['disk']): string | undefined {
  switch (disk.role) {
    case 'copy':
      return benchOfCopy(disk.round);
    case 'inspection':
      return benchOfLook(disk);
    case 'trial-copy':
      return benchOfTrialCopy;
    case 'original':
      return undefined;
  }
}
