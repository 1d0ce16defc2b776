import type { ArmFailure } from '../azure/ports';
import type { ResourceRecord } from '../ledger/ports';
import { aboutRepair, type AboutRepair } from './input';
import { done, wait, type Progress } from './progress';
import { snapshotIdFor } from './snapshot-id';
import type { Tools } from './toolbox';

/** A run was recorded to be gone 14.6 s after that was asked for (azure-cli's test_run_command_v2); in ms. */
const deletionMs = 15_000;

/**
 * Removes every temporary thing that the repair registered, and checks what became of what it meant to keep. Waits
 * until Azure says that they are gone; what cannot be removed is told in `left`.
 */
export async function cleanUp(tools: Tools, input: unknown): Promise<Progress<{ left: string[] }>> {
  const about = aboutRepair.parse(input);
  const { resources } = await tools.ledger.getTimeline(about.repairId);
  const open = resources.filter(isOpen);
  const outcomes = await Promise.all(open.map((resource) => settle(tools, about, resource)));
  const waiting = outcomes.find((outcome) => outcome.kind === 'wait');
  if (waiting) return wait(waiting.reason, waiting.afterMs);
  const left = outcomes.flatMap((outcome) => (outcome.kind === 'left' ? [outcome.reason] : []));
  for (const reason of left) tools.log('leftBehind', { repairId: about.repairId, reason });
  return done({ left }, left.length === 0 ? 'Nothing temporary is left.' : left.join(' '));
}

type Settled =
  { kind: 'settled' } | { kind: 'wait'; reason: string; afterMs?: number } | { kind: 'left'; reason: string };

/** Temporary and not deleted, or meant to be kept and never seen to exist. */
function isOpen(resource: ResourceRecord): boolean {
  if (resource.deletedAt !== undefined) return false;
  return resource.lifetime === 'temporary' || resource.createdAt === undefined;
}

async function settle(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  switch (resource.kind) {
    case 'run-command':
      return removeGuestRun(tools, about, resource);
    case 'snapshot':
      return confirmSnapshot(tools, about, resource);
    case 'snapshot-access':
      return endSnapshotAccess(tools, about, resource);
  }
}

/** Read access that a repair asked for and did not see taken back. */
async function endSnapshotAccess(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  const revoked = await tools.arm.revokeSnapshotAccess(snapshotIdFor(about, tools.settings));
  if (!revoked.ok && revoked.failure.kind !== 'not-found') return leftBy(revoked.failure, resource);
  return markGone(tools, about, resource);
}

async function removeGuestRun(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  const name = resource.resourceId.slice(resource.resourceId.lastIndexOf('/') + 1);
  const existing = await tools.arm.getGuestRun(about.vmId, name);
  if (!existing.ok && existing.failure.kind === 'not-found') return markGone(tools, about, resource);
  if (!existing.ok) return leftBy(existing.failure, resource);
  const begun = await tools.arm.beginDeleteGuestRun(about.vmId, name);
  if (!begun.ok) return leftBy(begun.failure, resource);
  return { kind: 'wait', reason: `${name} is being deleted.`, afterMs: deletionMs };
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

async function markGone(tools: Tools, about: AboutRepair, resource: ResourceRecord): Promise<Settled> {
  await tools.ledger.recordResource(about.repairId, { ...resource, deletedAt: new Date().toISOString() });
  return { kind: 'settled' };
}

function leftBy(failure: ArmFailure, resource: ResourceRecord): Settled {
  if (failure.kind === 'wait') return { kind: 'wait', reason: failure.message, afterMs: failure.retryAfterMs };
  const why = failure.kind === 'forbidden' ? `no role grants ${failure.action}` : failure.code;
  return { kind: 'left', reason: `${resource.resourceId} is left behind: ${why}.` };
}
