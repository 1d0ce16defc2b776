import { parseVirtualMachineId, snapshotIdOf } from '../azure/resource-id';
import type { Settings } from '../settings';
import type { AboutRepair } from './input';

/** The id of the repair's snapshot: it follows from the repair's id, so that a repeated step finds its own work. */
export function snapshotIdFor({ repairId, vmId }: AboutRepair, settings: Settings): string {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId ?? '';
  return snapshotIdOf(subscriptionId, settings.workbenchResourceGroup, `rdp-lifeline-${repairId}`);
}

/** Under this id the ledger keeps that read access to a snapshot was asked for: the path of the call that grants it. */
export function snapshotAccessIdOf(snapshotId: string): string {
  return `${snapshotId}/beginGetAccess`;
}
