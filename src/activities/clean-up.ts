import type { ResourceKind, ResourceRecord } from '../ledger/ports';
import { isUnreadable, type UnreadableRow } from '../ledger/readable-rows';
import { isSameId } from '../same-id';
import { openBegun, type Begun } from './begun';
import { aboutRepair, type AboutRepair } from './input';
import { recordCleanedUp, recordConclusion } from './on-record';
import { conclusion, done, wait, type Progress } from './progress';
import { settleRecovery, type Standing } from './recovery/settle';
import { leftBy, markGone, settledBy, type Settled } from './settled';
import type { Tools } from './toolbox';

/** A run was recorded to be gone 14.6 s after that was asked for (azure-cli's test_run_command_v2); in ms. */
const deletionMs = 15_000;

const input = aboutRepair.extend({ conclusion });

/**
 * Puts on record how the story ended, because what it rests on goes now. Removes every temporary thing that the repair registered,
 * brings the patient back from what it was brought into, and checks what became of what was meant to be kept. Waits until Azure says
 * that it is so; what cannot be removed is told in `left`.
 */
export async function cleanUp(tools: Tools, given: unknown): Promise<Progress<{ left: string[] }>> {
  const { conclusion: told, ...about } = input.parse(given);
  await recordConclusion(tools.ledger, about.repairId, told);
  const { resources, unreadable } = await tools.ledger.getReadableTimeline(about.repairId);
  const open = resources.filter(isOpen);
  // What cannot be read may say that a VM has one of the disks.
  const mayGo = unreadable.length === 0 ? open : open.filter(({ kind }) => kind !== 'disk');
  const begun = await openBegun(tools, about.repairId);
  const outcomes = await settleAll(tools, about, { open: mayGo, begun });
  await begun.save();
  const waiting = outcomes.filter((outcome) => outcome.kind === 'wait');
  const [first] = waiting;
  if (first) return wait(first.reason, soonest(waiting));
  const left = [
    ...outcomes.flatMap((outcome) => (outcome.kind === 'left' ? [outcome.reason] : [])),
    ...open.filter((one) => !mayGo.includes(one)).map(({ resourceId }) => `${resourceId} is left behind.`),
    ...unreadable.map(toldUnreadable),
  ];
  for (const reason of left) tools.log('leftBehind', { repairId: about.repairId, reason });
  await recordCleanedUp(tools.ledger, about.repairId, left);
  return done({ left }, left.length === 0 ? 'Nothing temporary is left.' : left.join(' '));
}

/** What is not known to be gone: nothing is called cleaned up that a row may say more of. */
export function toldUnreadable({ place }: UnreadableRow): string {
  return `The ledger’s ${place} cannot be read, so what else the repair has left is not known.`;
}

/** What others wait for: whether it is gone, is to come or stays has to be known before they are looked at. */
const comesFirst: readonly ResourceKind[] = ['os-disk-swap', 'virtual-machine', 'recovery-vm-loan'];

async function settleAll(
  tools: Tools,
  about: AboutRepair,
  { open, begun }: { open: readonly ResourceRecord[]; begun: Begun },
): Promise<Settled[]> {
  const ahead = open.filter(({ kind }) => comesFirst.includes(kind));
  const behind = open.filter(({ kind }) => !comesFirst.includes(kind));
  const before = await Promise.all(ahead.map((resource) => settle(tools, about, resource, { standing: [], begun })));
  const standing = ahead.map((of, index) => ({ of, settled: before[index]?.kind ?? 'wait' }));
  const after = await Promise.all(behind.map((resource) => settle(tools, about, resource, { standing, begun })));
  return [...before, ...after];
}

/** When to ask again (ms): as early as the first of them may be over; undefined if none says. */
function soonest(waiting: { afterMs?: number }[]): number | undefined {
  const times = waiting.flatMap(({ afterMs }) => afterMs ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Temporary and not deleted, or meant to be kept and never seen to exist. */
function isOpen(resource: ResourceRecord): boolean {
  if (resource.deletedAt !== undefined) return false;
  return resource.lifetime === 'temporary' || resource.createdAt === undefined;
}

/** What has to be read for this one and cannot keeps only this one from being settled. */
async function settle(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  { standing, begun }: { standing: readonly Standing[]; begun: Begun },
): Promise<Settled> {
  try {
    return await settleOne(tools, about, resource, { standing, begun });
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { kind: 'left', reason: `${resource.resourceId} is left as it is: ${error.message}` };
  }
}

async function settleOne(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord,
  { standing, begun }: { standing: readonly Standing[]; begun: Begun },
): Promise<Settled> {
  switch (resource.kind) {
    case 'run-command':
      switch (helperOf(standing, resource)) {
        case 'wait':
          // On a standing recovery VM one of them may be letting go of our disk just now; with one that is deleted all of them go.
          return wait('Waiting for the recovery VM to go, or to be given back.');
        case 'gone':
          return markGone(tools, about, resource);
        default:
          return removeGuestRun(tools, about, resource, begun);
      }
    case 'snapshot':
      return confirmSnapshot(tools, about, resource);
    case 'snapshot-access':
      return endSnapshotAccess(tools, about, resource);
    case 'disk':
    case 'virtual-machine':
    case 'network-interface':
    case 'recovery-vm-loan':
    case 'power-off':
    case 'os-disk-swap':
      return settleRecovery(tools, about, resource, { standing, begun });
  }
}

/** How the recovery VM stands that has the run; undefined if the run is the patient's, or is to be deleted by itself. */
function helperOf(
  standing: readonly Standing[],
  { details }: ResourceRecord<'run-command'>,
): 'wait' | 'gone' | undefined {
  const helper = standing.find(({ of }) => isHelper(of, details.vmId));
  if (helper?.settled === 'wait') return 'wait';
  return helper?.settled === 'settled' && helper.of.kind === 'virtual-machine' ? 'gone' : undefined;
}

function isHelper(of: ResourceRecord, vmId: string): boolean {
  if (of.kind === 'virtual-machine') return isSameId(of.resourceId, vmId);
  return of.kind === 'recovery-vm-loan' && isSameId(of.details.vmId, vmId);
}

/** Read access that a repair asked for and did not see taken back. */
async function endSnapshotAccess(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord<'snapshot-access'>,
): Promise<Settled> {
  const revoked = await tools.arm.revokeSnapshotAccess(resource.details.snapshotId);
  if (!revoked.ok && revoked.failure.kind !== 'not-found') return leftBy(revoked.failure, resource);
  return markGone(tools, about, resource);
}

/** Of the patient, or of the recovery VM, with which it goes. */
async function removeGuestRun(
  tools: Tools,
  about: AboutRepair,
  resource: ResourceRecord<'run-command'>,
  begun: Begun,
): Promise<Settled> {
  const { vmId, name } = resource.details;
  const existing = await tools.arm.getGuestRun(vmId, name);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const requested = await begun.once({
    resourceId: resource.resourceId,
    to: 'delete',
    begin: () => tools.arm.beginDeleteGuestRun(vmId, name),
    reason: `${name} is being deleted.`,
    usualMs: deletionMs,
  });
  return settledBy(requested, resource);
}

/** A snapshot whose making was begun when the repair stopped: it exists and is kept, or it never came to be. */
async function confirmSnapshot(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  const existing = await tools.arm.getSnapshot(resource.resourceId);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const createdAt = existing.value.createdAt ?? new Date().toISOString();
  await tools.ledger.recordResource(about.repairId, { ...resource, createdAt });
  return { kind: 'settled' };
}
