import { z } from 'zod';
import { isBond, toldBond, type Bond } from '../policy/bound-to-disk';
import type { Ending, RepairDetail, RepairRecord, ResourceKind, ResourceRecord } from '../ledger/ports';
import { isNewerStory } from '../orchestrators/story-version';
import type { OutcomeCode } from '../outcome-codes';
import type { WayBack } from './az';
import { recoveryOsDiskOf } from '../recovery-os-disk';
import { routesWith } from './routes';
import { wayBack } from './way-back';

/** Everything that a person wants to know of a repair, as `GET /api/repairs/{repairId}` answers it. */
export interface RepairReport {
  repairId: string;
  vmId: string;
  /** What it is doing now, while it has no ending. */
  phase: string;
  ending?: Ending;
  code?: OutcomeCode;
  reason?: string;
  acceptedAt: string;
  startedAt?: string;
  endedAt?: string;
  cancelRequestedAt?: string;
  /** What it waits for now, for how long at most, and its position in the queue: 1 is the next. */
  waiting?: { for: 'place'; since: string; until: string; position: number; ahead: number };
  /** Why it does not move, while it has no ending: what upkeep has seen of it, and does about it. */
  standsStill?: { code: 'overdue' | 'terminated' | 'newer-release'; since?: string; reason: string }[];
  requestedMode?: string;
  /** Of a rollback: the repair whose exchange of the OS disk it takes back, and what the person who asked has said to know. */
  rollsBack?: string;
  acknowledgedLossSince?: string;
  /** The rollback by which the VM has got its original OS disk again. */
  rolledBackBy?: string;
  signals: { title: string; door: string; receivedAt: string; says?: string; facts: Record<string, string> }[];
  /** Who else says that the VM is well again, and when: alerts that were resolved since the repair was accepted. */
  witnesses: { title: string; at: string }[];
  inspection?: unknown;
  /** For each route to the guest, whether it was open, and whether a person could take it: when the VM was inspected, and the plan's word for the recovery VM. */
  routes?: unknown;
  /** What each source gave, by its name: facts with where and when they were read, or why there are none. */
  evidence: Record<string, unknown>;
  diagnosis?: unknown;
  plan?: unknown;
  /** What outside the VM is, or may be, bound to its original OS disk, and what to do about it; present where a swap was planned. */
  boundToDisk?: ReturnType<typeof toldBond>[];
  verification?: unknown;
  steps: RepairDetail['steps'];
  changes: RepairDetail['changes'];
  /** What stays in Azure after the repair, and until when. */
  kept: { resourceId: string; purpose: string; expiresAt?: string }[];
  /**
   * What is still to be deleted or taken back: during the repair, or because it could not be done. A state that a VM was brought
   * into (stopped, lent, with another OS disk) is no resource and has no id.
   */
  temporary: { kind: ResourceKind; resourceId?: string; purpose: string }[];
  wayBack: WayBack[];
  /** Of a repair that was purged from the ledger: where in the archive all this was read. */
  exportedAs?: string;
  /** Rows and documents of its record that cannot be read; absent if there are none. */
  unreadable?: { place: string; problem: string }[];
}

/** The report of a repair. Texts may quote guest output: data, never markup. */
export function reportOf(detail: RepairDetail): RepairReport {
  const { repair, documents } = detail;
  const present = detail.resources.filter(({ deletedAt }) => deletedAt === undefined);
  return {
    repairId: repair.repairId,
    vmId: repair.vmId,
    phase: repair.phase,
    ending: repair.ending,
    code: repair.endingCode,
    reason: repair.endingReason,
    acceptedAt: repair.acceptedAt,
    startedAt: repair.startedAt,
    endedAt: repair.endedAt,
    cancelRequestedAt: repair.cancelRequestedAt,
    ...(repair.ending === undefined ? { waiting: waitingOf(repair), standsStill: standsStillOf(repair) } : {}),
    requestedMode: repair.requestedMode,
    rollsBack: repair.rollsBack,
    acknowledgedLossSince: repair.acknowledgedLossSince,
    rolledBackBy: repair.rolledBackBy,
    signals: detail.signals.map(({ title, door, receivedAt, says, facts }) => ({
      title,
      door,
      receivedAt,
      says,
      facts,
    })),
    witnesses: detail.signals
      .filter(({ says }) => says === 'recovered')
      .map(({ title, receivedAt }) => ({ title, at: receivedAt })),
    inspection: documents.inspection,
    routes: routesWith(documents),
    evidence: evidenceOf(documents),
    diagnosis: documents.diagnosis,
    plan: documents.plan,
    boundToDisk: bondsIn(documents.plan),
    verification: documents.verification,
    steps: detail.steps,
    changes: detail.changes,
    kept: present
      .filter(({ kind, lifetime, createdAt }) => isArmResource(kind) && lifetime === 'kept' && createdAt !== undefined)
      .map(({ resourceId, purpose, expiresAt }) => ({ resourceId, purpose, expiresAt })),
    temporary: present.filter(({ lifetime }) => lifetime === 'temporary').flatMap(stillThere),
    wayBack: [...caution(detail), ...wayBack(detail)],
    ...(detail.exportedAs === undefined ? {} : { exportedAs: detail.exportedAs }),
    ...(detail.unreadable.length === 0 ? {} : { unreadable: detail.unreadable.map(named) }),
  };
}

function waitingOf({ wait }: RepairRecord): RepairReport['waiting'] {
  if (!wait || wait.endedAt !== undefined) return undefined;
  const { kind, since, until, ahead } = wait;
  return { for: kind, since, until, position: ahead + 1, ahead };
}

function standsStillOf({ overdueSince, terminatedAt, storyVersion }: RepairRecord): RepairReport['standsStill'] {
  const reasons: NonNullable<RepairReport['standsStill']> = [];
  if (storyVersion !== undefined && isNewerStory(storyVersion)) {
    const reason = `It was begun by a newer release (version ${storyVersion}) and waits for it: this release leaves it alone. Deploy that one again.`;
    reasons.push({ code: 'newer-release', reason });
  }
  if (overdueSince !== undefined) {
    const reason = 'It goes on for longer than all its deadlines together: upkeep terminates and ends it.';
    reasons.push({ code: 'overdue', since: overdueSince, reason });
  }
  if (terminatedAt !== undefined) {
    const reason = 'Its orchestration was terminated: another one cleans up and ends it.';
    reasons.push({ code: 'terminated', since: terminatedAt, reason });
  }
  return reasons.length > 0 ? reasons : undefined;
}

function named({ place, problem }: RepairDetail['unreadable'][number]) {
  return { place, problem };
}

/** Commands that were made from a part of the record must not look like the whole way back. */
function caution({ unreadable }: RepairDetail): WayBack[] {
  if (unreadable.length === 0) return [];
  const places = unreadable.map(({ place }) => place).join(', ');
  const note =
    'Compare with the VM before you run any of the commands: what these rows of the ledger say is not in them, ' +
    `because they cannot be read: ${places}.`;
  return [{ undoes: 'what cannot be read of the record', commands: [], note }];
}

/** One that is still there, and what hangs on it: a recovery VM's OS disk has no record of its own. */
function stillThere({ kind, resourceId, purpose }: ResourceRecord): RepairReport['temporary'] {
  const own = { kind, ...(isArmResource(kind) ? { resourceId } : {}), purpose };
  const osDiskId = kind === 'virtual-machine' ? recoveryOsDiskOf(resourceId) : undefined;
  if (osDiskId === undefined) return [own];
  return [own, { kind: 'disk', resourceId: osDiskId, purpose: 'The OS disk of the recovery VM: it goes with the VM' }];
}

/** Whether Azure has a resource of this kind, with an id; the others are states, which nobody can look up or delete. */
function isArmResource(kind: ResourceKind): boolean {
  switch (kind) {
    case 'snapshot':
    case 'run-command':
    case 'disk':
    case 'virtual-machine':
    case 'network-interface':
      return true;
    case 'snapshot-access':
    case 'recovery-vm-loan':
    case 'power-off':
    case 'os-disk-swap':
      return false;
  }
}

const planned = z.object({ recovery: z.object({ boundToDisk: z.array(z.custom<Bond>(isBond)) }) });

function bondsIn(plan: unknown): RepairReport['boundToDisk'] {
  return planned.safeParse(plan).data?.recovery.boundToDisk.map(toldBond);
}

const evidencePrefix = 'evidence-';

function evidenceOf(documents: RepairDetail['documents']): Record<string, unknown> {
  const found = Object.entries(documents).filter(([name]) => name.startsWith(evidencePrefix));
  return Object.fromEntries(found.map(([name, document]) => [name.slice(evidencePrefix.length), document]));
}
