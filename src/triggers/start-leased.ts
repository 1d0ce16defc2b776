import type { Tools } from '../activities/toolbox';
import type { LeaseRecord } from '../ledger/ports';
import { isActive, type RepairStarter, type Singleton } from '../orchestrators/durable';
import { storyVersion } from '../orchestrators/story-version';
import { singletonIdOf } from '../repair-id';

/** More than this many of a VM's orchestrations do not stand still at the same time. */
const mostSingletons = 8;

/** One of a VM's orchestrations, by its number. */
interface Numbered {
  number: number;
  singletonId: string;
  singleton: Singleton;
}

/**
 * The orchestration that works on the repair, or the first in which it can be started. That of another repair is passed over while it is
 * active: it is ending just now, or it stands still and could not be terminated. `from`: those before are given up. Throws where all of
 * them are taken.
 */
export async function findSingleton(
  starter: RepairStarter,
  { vmId, repairId }: Pick<LeaseRecord, 'vmId' | 'repairId'>,
  from = 1,
): Promise<Numbered> {
  let free: Numbered | undefined;
  for (let number = from; number < from + mostSingletons; number += 1) {
    const singletonId = singletonIdOf(vmId, number);
    const singleton = await starter.look(singletonId);
    const found = { number, singletonId, singleton };
    const isTaken = isActive(singleton);
    if (isTaken && (singleton.repairId ?? repairId) === repairId) return found;
    if (!isTaken) free ??= found;
    // Numbers are used from the first, so none is behind one that never was.
    if (singleton.state === 'none') break;
  }
  if (free) return free;
  throw new Error(`The repair ${repairId} cannot be started: ${mostSingletons} orchestrations of its VM stand still.`);
}

/** Puts the repair that holds the lease on record and starts its story. What of that is done already is left as it is. */
export async function startLeased({ ledger }: Tools, starter: RepairStarter, lease: LeaseRecord): Promise<void> {
  const { repairId, vmId, acquiredAt: acceptedAt, requestedMode, rollsBack, acknowledgedLossSince } = lease;
  const recorded = await ledger.createRepair({
    ...{ repairId, vmId, acceptedAt, requestedMode, rollsBack, acknowledgedLossSince, storyVersion },
    phase: 'Accepted',
  });
  const { singletonId } = await findSingleton(starter, lease, recorded.singleton);
  const answer = await starter.start(singletonId, { repairId, vmId, requestedMode, rollsBack });
  if (answer === 'started' && recorded.storyVersion !== storyVersion) {
    await ledger.updateRepair(repairId, { storyVersion });
  }
}
