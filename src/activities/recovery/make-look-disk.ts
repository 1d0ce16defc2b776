import type { ManagedDisk } from '../../azure/ports';
import { requestOnce } from '../begun';
import { inStep } from '../in-step';
import { notOurs } from '../ownership';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { ofReading } from '../readings';
import { snapshotIdFor } from '../snapshot-id';
import { expiringTagsOf } from '../tags';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe, settled } from './debts';
import { lookInputOf, lookRequest, permittedOnPatient, type LookInput } from './input';
import { lookDiskOf } from './names';

/** Recorded in azure-cli's test_vm_os_disk_swap: 0.6 s for a copy of an attached disk. */
const usualMs = 1_000;

/**
 * Makes a disk of the repair's first snapshot, in the workbench, for the recovery VM to look at: the patient goes on running. That a
 * disk may not be exported keeps its bytes from being fetched, and neither from being copied within Azure nor from being read by
 * a VM (learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview; Azure's own backup restores from such
 * snapshots, kubernetes-sigs/azuredisk-csi-driver#3440). The disk may not be exported either.
 */
export async function makeLookDisk(tools: Tools, given: unknown): Promise<Progress<{ diskId: string }>> {
  const request = lookRequest.parse(given);
  const step: Step = { step: ofReading('look-disk', request), title: 'Make a disk of the snapshot, to look at' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await lookInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const diskId = lookDiskOf(input, input.recovery);
    const existing = await tools.arm.getDisk(diskId);
    if (existing.ok) return lookAt(tools, input, existing.value);
    if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the disk to look at');
    const original = await tools.arm.getDisk(input.recovery.osDiskId);
    return original.ok
      ? begin(tools, input, { diskId, original: original.value })
      : progressOf(original.failure, 'read the OS disk');
  });
}

async function lookAt(tools: Tools, { repairId }: LookInput, disk: ManagedDisk): Promise<Progress<{ diskId: string }>> {
  const debt = await debtOf(tools, repairId, disk.id);
  const foreign = notOurs({ id: disk.id, tags: disk.tags, isOnRecord: debt !== undefined }, repairId);
  if (foreign) return foreign;
  if (disk.provisioningState === 'Failed')
    return end('not-repaired', 'copy-failed', 'Azure could not copy the snapshot.');
  if (disk.provisioningState !== 'Succeeded' || (disk.completionPercent ?? 100) < 100) {
    return wait('The disk to look at is being made.', usualMs);
  }
  if (debt) await incurred(tools, repairId, debt);
  return done({ diskId: disk.id }, `${disk.id} is a copy of the snapshot.`);
}

async function begin(
  tools: Tools,
  input: LookInput,
  { diskId, original }: { diskId: string; original: ManagedDisk },
): Promise<Progress<{ diskId: string }>> {
  const { repairId } = input;
  if ((await debtOf(tools, repairId, diskId))?.deletedAt !== undefined) {
    return end('not-repaired', 'cleaned-up-before', 'The disk to look at was made and deleted before. See the steps.');
  }
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const purpose = 'A disk of the snapshot, for the recovery VM to look at';
  await owe(tools, repairId, {
    resourceId: diskId,
    kind: 'disk',
    details: { role: 'inspection', ...(input.reading > 1 ? { reading: input.reading } : {}) },
    purpose,
  });
  const begun = await tools.recovery.beginCopyDisk({
    diskId,
    sourceId: snapshotIdFor(input, tools.settings),
    like: original,
    tags: expiringTagsOf(input, tools.settings),
  });
  return begun.ok ? wait('The disk to look at was begun.', usualMs) : progressOf(begun.failure, 'copy the snapshot');
}

/** Deletes the disk that was looked at, once nobody has it. What this cannot do the clean-up does. */
export async function deleteLookDisk(tools: Tools, given: unknown): Promise<Progress<'deleted'>> {
  const request = lookRequest.parse(given);
  const step: Step = { step: ofReading('look-disk-gone', request), title: 'Delete the disk that was looked at' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await lookInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const diskId = lookDiskOf(input, input.recovery);
    const existing = await tools.arm.getDisk(diskId);
    if (!existing.ok && existing.failure.kind === 'not-found') {
      const debt = await debtOf(tools, input.repairId, diskId);
      if (debt) await settled(tools, input.repairId, debt);
      return done('deleted', 'The disk that was looked at is gone.');
    }
    if (!existing.ok) return progressOf(existing.failure, 'look at the disk that was looked at');
    const requested = await requestOnce(tools, input.repairId, {
      ...{ resourceId: diskId, to: 'delete', reason: 'The disk is being deleted.', usualMs: 2_000 },
      begin: () => tools.recovery.beginDeleteDisk(diskId, { 'rdp-lifeline-repair': input.repairId }),
      isUnderWay: existing.value.provisioningState === 'Deleting',
    });
    return 'kind' in requested ? requested : progressOf(requested.failure, 'delete the disk');
  });
}
