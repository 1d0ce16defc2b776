import { parseVirtualMachineId, snapshotIdOf } from '../azure/resource-id';
import type { Settings } from '../settings';
import type { AboutRepair } from './input';

/**
 * The id of the snapshot of the repair's present reading: it follows from the repair's id, so that a repeated step finds its own work.
 * That of the first reading is the safety copy.
 */
export function snapshotIdFor({ repairId, vmId, reading = 1 }: AboutRepair, settings: Settings): string {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId ?? '';
  const name = `rdp-lifeline-${repairId}${reading > 1 ? `-reading-${reading}` : ''}`;
  return snapshotIdOf(subscriptionId, settings.workbenchResourceGroup, name);
}

/** Under this id the ledger keeps that read access to a snapshot was asked for: the path of the call that grants it. */
export function snapshotAccessIdOf(snapshotId: string): string {
  return `${snapshotId}/beginGetAccess`;
}
