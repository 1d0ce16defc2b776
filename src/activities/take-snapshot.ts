import type { Snapshot } from '../azure/ports';
import type { ResourceRecord } from '../ledger/ports';
import { permittedVm } from './authorise';
import { inStep } from './in-step';
import { aboutRepair, type AboutRepair } from './input';
import { notOurs } from './ownership';
import { done, end, progressOf, wait, type Progress } from './progress';
import { ofReading } from './readings';
import { snapshotIdFor } from './snapshot-id';
import { expiringTagsOf, expiryOf } from './tags';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * When the first look may find it made, in ms: a copy of an attached disk was recorded to take 0.6 s (Azure/azure-cli:
 * src/azure-cli/azure/cli/command_modules/vm/tests/latest/recordings/test_vm_os_disk_swap.yaml), and so does the way there.
 */
const firstLookMs = 500;

/** The snapshot that a repair keeps. */
export interface TakenSnapshot {
  snapshotId: string;
}

/**
 * Makes sure that the repair's snapshot of the OS disk exists: finds it, begins it, or waits for it. Its name follows
 * from the repair's id, so a repeated call finds its own work; it is registered in the ledger before it is begun.
 */
export async function takeSnapshot(tools: Tools, input: unknown): Promise<Progress<TakenSnapshot>> {
  const about = aboutRepair.parse(input);
  const step: Step = { step: ofReading('snapshot', about), title: 'Take a snapshot of the OS disk' };
  return inStep(tools, about.repairId, step, async () => {
    const snapshotId = snapshotIdFor(about, tools.settings);
    const existing = await tools.arm.getSnapshot(snapshotId);
    if (existing.ok) return lookAt(tools, about, snapshotId, existing.value);
    if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the snapshot');
    return begin(tools, about, snapshotId);
  });
}

async function lookAt(
  tools: Tools,
  about: AboutRepair,
  snapshotId: string,
  snapshot: Snapshot,
): Promise<Progress<TakenSnapshot>> {
  const foreign = notOurs({ id: snapshotId, tags: snapshot.tags, isOnRecord: true }, about.repairId);
  if (foreign) return foreign;
  if (snapshot.state === 'creating') return wait('The snapshot is being made.');
  if (snapshot.state === 'failed') {
    return end('not-repaired', 'snapshot-failed', 'Azure could not make the snapshot, so nothing was touched.');
  }
  await recordSnapshot(tools, about, snapshotId, snapshot.createdAt ?? new Date().toISOString());
  return done({ snapshotId }, `The OS disk is kept as ${snapshotId}.`);
}

async function begin(tools: Tools, about: AboutRepair, snapshotId: string): Promise<Progress<TakenSnapshot>> {
  const permit = await permittedVm(tools, about, 'look');
  if (permit.kind !== 'permitted') return permit;
  const { vm } = permit;
  const sourceDiskId = vm.osDiskId ?? '';
  // A disk whose bytes must not leave has a snapshot whose bytes must not leave: Azure does not carry that on by itself.
  const disk = await tools.arm.getDisk(sourceDiskId);
  if (!disk.ok) return progressOf(disk.failure, 'read the OS disk’s settings');
  await recordSnapshot(tools, about, snapshotId);
  const begun = await tools.arm.beginSnapshot({
    snapshotId,
    sourceDiskId,
    network: disk.value.network,
    location: vm.location,
    tags: expiringTagsOf(about, tools.settings),
  });
  if (begun.ok) return wait('The snapshot was begun.', firstLookMs);
  if (begun.failure.kind !== 'not-found') return progressOf(begun.failure, 'take the snapshot');
  const group = tools.settings.workbenchResourceGroup;
  const reason = `The snapshot cannot be put into the resource group ${group}: ${begun.failure.message}`;
  return end('refused', 'workbench-missing', reason);
}

async function recordSnapshot(tools: Tools, about: AboutRepair, snapshotId: string, createdAt?: string): Promise<void> {
  await tools.ledger.recordResource(about.repairId, {
    resourceId: snapshotId,
    kind: 'snapshot',
    ...purposeOf(about),
    registeredAt: new Date().toISOString(),
    lifetime: 'kept',
    expiresAt: expiryOf(about, tools.settings),
    createdAt,
  });
}

/** The first is the safety copy; a later one is of the same use, and younger. */
function purposeOf({ reading = 1 }: AboutRepair): Pick<ResourceRecord<'snapshot'>, 'details' | 'purpose'> {
  return reading > 1
    ? {
        details: { role: 'reading', reading },
        purpose: 'The OS disk when its evidence was read again, before anything was done',
      }
    : { details: { role: 'first' }, purpose: 'The OS disk as it was before anything was done' };
}
