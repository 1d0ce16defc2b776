import type { Tools } from '../activities/toolbox';
import type { LeaseRecord, RepairRecord } from '../ledger/ports';
import { isActive, type RepairStarter } from '../orchestrators/durable';
import { isNewerStory } from '../orchestrators/story-version';
import { doAll } from './do-all';
import { findSingleton, startLeased } from './start-leased';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

const minute = 60_000;
const hour = 60 * minute;

/**
 * How long a repair may take (ms) from when it was accepted, from the end of its last declared wait, or from when it began to read
 * everything again: more than the deadlines of all its steps together (test/orchestrators/deadlines.test.ts). One that takes longer hangs, whatever its engine says; one that has stopped is
 * only brought to its end, because its VM may be stopped, and what it was to mend was read too long ago.
 */
export const longestRepairMs = 18 * hour;
/** A declared wait is ended by its activity; this much later (ms) nobody is waiting any more. */
const waitMarginMs = hour;
/** Between the warning that a repair hangs and the termination of its orchestration (ms): for a person to look, or for it to move. */
const warningMs = 9 * minute;
/** So long after it was asked for (ms), a termination has not been obeyed: it is a message in the orchestration's own queue. */
const terminationMs = 4 * minute;
/** How long one may take that only cleans up and ends (ms). */
const endingMs = 3 * hour;
/**
 * One that could not even be brought to its end this long after upkeep knew that it was overdue is given up (ms): not counted from then,
 * because the app may have been stopped for days.
 */
const giveUpAfterMs = 24 * hour;

/**
 * Upkeep on a schedule: every VM that is leased must have a repair at work, and one that moves. One whose door died before it was started,
 * or whose orchestration failed, is started again (activities find their own work); one that was terminated by hand, or is overdue, is
 * told to clean up and end; one that is on record as ended is freed. One that hangs is warned of, then terminated, then ended likewise.
 * The fault of one keeps no other from its turn; the first is thrown.
 */
export async function reviveRepairs(tools: Tools, starter: RepairStarter): Promise<void> {
  const { rows: leases, unreadable } = await tools.ledger.listLeases();
  tellUnreadable(tools, unreadable);
  await doAll([
    ...leases.map((lease) => () => unlessUnreadable(tools, () => revive(tools, starter, lease))),
    () => freeLostPlaces(tools, leases),
  ]);
}

async function revive(tools: Tools, starter: RepairStarter, lease: LeaseRecord): Promise<void> {
  const repair = await tools.ledger.getRepair(lease.repairId);
  const found = await findSingleton(starter, lease, repair?.singleton);
  if (isActive(found.singleton)) return lookAfterActive(tools, starter, { lease, repair, found });
  if (repair?.ending) return free(tools, lease);
  const isOverdue = Date.now() > dueAt(lease, repair);
  if (isOverdue && isHopeless(repair)) return giveUp(tools, lease, repair);
  const { state } = found.singleton;
  const isToEnd = state === 'terminated' || isOverdue;
  // Without a record nothing was done, and what was asked for then may not be wanted any more.
  if (isToEnd && !repair) return free(tools, lease);
  if (isToEnd) await haveEnded(tools, lease, isOverdue ? (repair?.overdueSince ?? now()) : undefined);
  await startLeased(tools, starter, lease);
  tools.log('repairRevived', { repairId: lease.repairId, state });
}

function now(): string {
  return new Date().toISOString();
}

/** The next orchestration finds that it is only to clean up and end. */
async function haveEnded({ ledger }: Tools, { repairId }: LeaseRecord, overdueSince?: string): Promise<void> {
  await ledger.updateRepair(repairId, { cancelRequestedAt: now(), overdueSince });
}

function isHopeless(repair: RepairRecord | undefined): boolean {
  const { overdueSince } = repair ?? {};
  return overdueSince !== undefined && since(overdueSince) > giveUpAfterMs;
}

/** When a repair is overdue (ms since the Unix epoch): the time of its declared wait counts from that wait's own end. */
export function dueAt({ acquiredAt }: Pick<LeaseRecord, 'acquiredAt'>, repair: RepairRecord | undefined): number {
  const wait = repair?.wait;
  if (wait && wait.endedAt === undefined) return Date.parse(wait.until) + waitMarginMs;
  const begun = [acquiredAt, wait?.endedAt, repair?.readAgainAt].map((time) => Date.parse(time ?? acquiredAt));
  return Math.max(...begun) + longestRepairMs;
}

interface Active {
  lease: LeaseRecord;
  repair: RepairRecord | undefined;
  found: Awaited<ReturnType<typeof findSingleton>>;
}

/** Its engine says that it is pending, running or suspended: that may be so for ever. */
async function lookAfterActive(tools: Tools, starter: RepairStarter, active: Active): Promise<void> {
  const { lease, repair, found } = active;
  const { repairId } = lease;
  const { state } = found.singleton;
  const { storyVersion } = repair ?? {};
  if (storyVersion !== undefined && isNewerStory(storyVersion)) {
    tools.log('repairOfNewerRelease', { repairId, state, storyVersion });
  }
  if (Date.now() <= dueAt(lease, repair)) return;
  // Without a record nothing was done; with an ending on it nothing is to be done.
  const hasNothingToDo = repair === undefined || repair.ending !== undefined;
  if (hasNothingToDo || isHopeless(repair)) {
    await starter.terminate(found.singletonId, 'rdp-lifeline: the repair has been given up');
    return hasNothingToDo ? free(tools, lease) : giveUp(tools, lease, repair);
  }
  const { overdueSince, terminatedAt } = repair;
  if (overdueSince === undefined) {
    await tools.ledger.updateRepair(repairId, { overdueSince: now() });
    tools.log('repairOverdue', { repairId, state });
    return;
  }
  if (terminatedAt === undefined) {
    if (since(overdueSince) >= warningMs) await terminate(tools, starter, active);
    return;
  }
  const { createdAt } = found.singleton;
  // Begun since then: it is the one that cleans up.
  if (createdAt > Date.parse(terminatedAt)) {
    if (Date.now() - createdAt >= endingMs) await terminate(tools, starter, active);
    return;
  }
  if (since(terminatedAt) < terminationMs) return;
  await tools.ledger.updateRepair(repairId, { singleton: found.number + 1 });
  await startLeased(tools, starter, lease);
  tools.log('repairRevived', { repairId, state });
}

/** How long ago that was, in ms. */
function since(time: string): number {
  return Date.now() - Date.parse(time);
}

/** What it still has under way is fenced off as soon as the next one has taken the repair up (src/activities/fence.ts). */
async function terminate(tools: Tools, starter: RepairStarter, { lease, found }: Active): Promise<void> {
  const at = now();
  await tools.ledger.updateRepair(lease.repairId, { terminatedAt: at, cancelRequestedAt: at });
  await starter.terminate(found.singletonId, 'rdp-lifeline: the repair goes on for longer than it may');
  tools.log('repairTerminated', { repairId: lease.repairId, state: found.singleton.state });
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
      endedAt: now(),
      phase: 'Ended',
    });
  }
  tools.log('repairGivenUp', { repairId: lease.repairId });
  await free(tools, lease);
}

/** A place, or a rank in the queue for one, that a call took which came after its repair had been closed. */
async function freeLostPlaces({ ledger, log }: Tools, leases: LeaseRecord[]): Promise<void> {
  const leased = new Set(leases.map(({ repairId }) => repairId));
  for (const repairId of await ledger.listSlots()) {
    if (leased.has(repairId)) continue;
    const repair = await ledger.getRepair(repairId);
    if (repair && repair.ending === undefined) continue;
    await ledger.releaseSlot(repairId);
    log('placeFreed', { repairId });
  }
}
