import { inStep } from '../in-step';
import { done, progressOf, type Progress } from '../progress';
import { takeStoppedSnapshot } from '../recovery/stopped-snapshot';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { errandOf, rollbackInput } from './errand';
import { permitted } from './permitted';

/** Makes a snapshot of the disk that the stopped VM has before that disk is taken out of it. */
export async function keepPresentDisk(tools: Tools, given: unknown): Promise<Progress<{ snapshotId: string }>> {
  const about = rollbackInput.parse(given);
  const step: Step = { step: 'snapshot', title: 'Take a snapshot of the present OS disk' };
  return inStep(tools, about.repairId, step, async () => {
    const known = await errandOf(tools, about);
    if (known.kind === 'end') return known;
    const disk = await tools.arm.getDisk(known.errand.copyId);
    if (!disk.ok) return progressOf(disk.failure, 'read the present OS disk');
    const snapshot = await takeStoppedSnapshot(tools, about, {
      disk: disk.value,
      round: 1,
      details: { role: 'before-rollback' },
      purpose: 'The mended copy as it was when the VM had stopped for the rollback',
      async permitted() {
        const permit = await permitted(tools, about);
        return permit.kind === 'permitted' ? undefined : permit;
      },
    });
    return snapshot.kind === 'done' ? done({ snapshotId: snapshot.value }, snapshot.detail) : snapshot;
  });
}
