import type { ManagedDisk } from '../../azure/ports';
import type { ResourceDetails } from '../../ledger/ports';
import type { AboutRepair } from '../input';
import { notOurs } from '../ownership';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { expiringTagsOf, expiryOf } from '../tags';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe } from './debts';
import { stoppedSnapshotOf } from './names';

/** Recorded in azure-cli's test_vm_os_disk_swap: 0.6 s for a copy of an attached disk. */
const usualMs = 1_000;

/** A snapshot of the disk of a stopped VM that is to be made. */
export interface StoppedSnapshot {
  disk: ManagedDisk;
  round: number;
  purpose: string;
  details: ResourceDetails['snapshot'];
  /** Asks policy just before; gives how the repair goes on without a permit. */
  permitted: () => Promise<Exclude<Progress<never>, { kind: 'done' }> | undefined>;
}

/** Makes a snapshot of the stopped disk, which is kept until its expiry: finds it, begins it, or waits for it. Gives its id. */
export async function takeStoppedSnapshot(
  tools: Tools,
  about: AboutRepair,
  { disk, round, purpose, details, permitted }: StoppedSnapshot,
): Promise<Progress<string>> {
  const { repairId } = about;
  const snapshotId = stoppedSnapshotOf(about, tools.settings, round);
  const existing = await tools.arm.getSnapshot(snapshotId);
  if (existing.ok) {
    const debt = await debtOf(tools, repairId, snapshotId);
    const foreign = notOurs({ id: snapshotId, tags: existing.value.tags, isOnRecord: debt !== undefined }, repairId);
    if (foreign) return foreign;
    if (existing.value.state === 'creating') return wait('The snapshot of the stopped disk is being made.', usualMs);
    if (existing.value.state === 'failed') {
      return end('not-repaired', 'snapshot-failed', 'Azure could not make a snapshot of the stopped disk.');
    }
    if (debt) await incurred(tools, repairId, debt);
    return done(snapshotId, `The disk of the stopped VM is kept as ${snapshotId}.`);
  }
  if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the snapshot');
  const permit = await permitted();
  if (permit) return permit;
  const keptUntil = expiryOf(about, tools.settings);
  await owe(tools, repairId, { resourceId: snapshotId, kind: 'snapshot', details, purpose, keptUntil });
  const begun = await tools.arm.beginSnapshot({
    snapshotId,
    sourceDiskId: disk.id,
    location: disk.location,
    network: disk.network,
    tags: expiringTagsOf(about, tools.settings),
  });
  return begun.ok
    ? wait('The snapshot of the stopped disk was begun.', usualMs)
    : progressOf(begun.failure, 'take the snapshot');
}
