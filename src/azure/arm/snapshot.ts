import type { Snapshot as ArmSnapshot } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { Snapshot } from '../ports';
import { readNetworkAccess } from './network-access';

/** Our view of ARM's snapshot. */
export function readSnapshot(snapshot: ArmSnapshot): Snapshot {
  return {
    id: snapshot.id ?? '',
    state: stateOf(snapshot),
    sourceDiskId: snapshot.creationData?.sourceResourceId ?? '',
    tags: snapshot.tags ?? {},
    createdAt: snapshot.timeCreated?.toISOString(),
    // ActiveSAS, ActiveSASFrozen: https://learn.microsoft.com/rest/api/compute/snapshots/get#diskstate
    accessOpen: snapshot.diskState?.startsWith('ActiveSAS') ?? false,
    network: readNetworkAccess(snapshot),
  };
}

// An incremental snapshot of a Premium SSD v2 or Ultra disk is usable only at 100 %; others have no percentage or
// start with it: https://learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots
function stateOf(snapshot: ArmSnapshot): Snapshot['state'] {
  if (snapshot.provisioningState === 'Failed' || snapshot.provisioningState === 'Canceled') return 'failed';
  if (snapshot.provisioningState !== 'Succeeded') return 'creating';
  return (snapshot.completionPercent ?? 100) >= 100 ? 'ready' : 'creating';
}
