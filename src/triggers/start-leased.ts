import type { Tools } from '../activities/toolbox';
import type { LeaseRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { singletonIdOf } from '../repair-id';

/** Puts the repair that holds the lease on record and starts its story. What of that is done already is left as it is. */
export async function startLeased({ ledger }: Tools, starter: RepairStarter, lease: LeaseRecord): Promise<void> {
  const { repairId, vmId, acquiredAt: acceptedAt, requestedMode, rollsBack, acknowledgedLossSince } = lease;
  await ledger.createRepair({
    ...{ repairId, vmId, acceptedAt, requestedMode, rollsBack, acknowledgedLossSince },
    phase: 'Accepted',
  });
  await starter.start(singletonIdOf(vmId), { repairId, vmId, requestedMode, rollsBack });
}
