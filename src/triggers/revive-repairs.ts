import type { Tools } from '../activities/toolbox';
import type { LeaseRecord, RepairRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { singletonIdOf } from '../repair-id';
import { startLeased } from './start-leased';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

/**
 * A repair that stands still this long after it was accepted is only brought to its end (ms): its VM may be stopped, so its
 * clean-up must run, but what it was to mend was read too long ago. The deadlines of all its steps together are shorter,
 * two rounds of copying and the way back included.
 */
const endAfterMs = 12 * 60 * 60_000;
/** One that could not even be brought to its end this long after it was accepted is given up (ms). */
const giveUpAfterMs = 36 * 60 * 60_000;

/**
 * Upkeep on a schedule: every VM that is leased must have a repair at work. One whose door died before it was started,
 * or whose orchestration failed, is started again (activities find their own work); one that was terminated by hand, or is old, is
 * told to clean up and end; one that is on record as ended is freed.
 */
export async function reviveRepairs(tools: Tools, starter: RepairStarter): Promise<void> {
  const { rows: leases, unreadable } = await tools.ledger.listLeases();
  tellUnreadable(tools, unreadable);
  for (const lease of leases) await unlessUnreadable(tools, () => revive(tools, starter, lease));
}

async function revive(tools: Tools, starter: RepairStarter, lease: LeaseRecord): Promise<void> {
  const singletonId = singletonIdOf(lease.vmId);
  const state = await starter.state(singletonId);
  if (state === 'active') return;
  const repair = await tools.ledger.getRepair(lease.repairId);
  if (repair?.ending) return free(tools, lease);
  const age = Date.now() - Date.parse(lease.acquiredAt);
  if (age > giveUpAfterMs) return giveUp(tools, lease, repair);
  const isToEnd = state === 'terminated' || age > endAfterMs;
  // Without a record nothing was done, and what was asked for then may not be wanted any more.
  if (isToEnd && !repair) return free(tools, lease);
  if (isToEnd) await tools.ledger.updateRepair(lease.repairId, { cancelRequestedAt: new Date().toISOString() });
  await startLeased(tools, starter, lease);
  tools.log('repairRevived', { repairId: lease.repairId, state });
}

async function free(tools: Tools, { vmKey, repairId }: LeaseRecord): Promise<void> {
  await tools.ledger.releaseSlot(repairId);
  await tools.ledger.releaseLease(vmKey, repairId);
  tools.log('leaseFreed', { repairId });
}

async function giveUp(tools: Tools, lease: LeaseRecord, repair: RepairRecord | undefined): Promise<void> {
  if (repair) {
    await tools.ledger.updateRepair(lease.repairId, {
      ending: lease.rollsBack === undefined ? 'not-repaired' : 'not-rolled-back',
      endingCode: 'fault',
      endingReason: 'The repair stood still and could not be brought to its end. See its steps and what it created.',
      endedAt: new Date().toISOString(),
      phase: 'Ended',
    });
  }
  await free(tools, lease);
}
