import type { AboutRepair } from '../activities/input';
import type { Conclusion } from '../activities/progress';
import type { OutcomeCode } from '../outcome-codes';
import { persist, type Patience, type Steps, type Story } from './durable';

const minute = 60_000;

/**
 * Where no source saw anything, a recovery VM looks: at a disk made of the first snapshot, while the patient runs on. It is the
 * recovery VM that would mend the copy, and stays for that. Whatever ends this story, the parent's clean-up takes away what was
 * made for it. `read-again`: it waited so long for a place that the other sources are to be asked once more.
 */
export function* lookByRecoveryVm(story: Story, about: AboutRepair): Steps<Conclusion | 'looked' | 'read-again'> {
  const planned = yield* persist(story, 'planLook', about, patience.planLook);
  if (planned.kind === 'end') return planned.conclusion;

  if (planned.value === 'read-again') return 'read-again';

  const input = { ...about, lookHash: planned.value.hash };
  const steps = [
    'createRecoveryVm',
    'makeLookDisk',
    'attachLookDisk',
    'readLookDisk',
    'detachLookDisk',
    'deleteLookDisk',
  ] as const;
  for (const step of steps) {
    const progress = yield* persist(story, step, input, patience[step]);
    if (progress.kind === 'end') return progress.conclusion;
  }
  return 'looked';
}

function until(minutes: number, code: OutcomeCode, reason: string): Patience {
  return { deadlineMs: minutes * minute, late: { ending: 'not-recognised', code, reason } };
}

/** How long each step may take, and why there is no look if it takes longer. */
export const patience = {
  planLook: until(60, 'azure-silent', 'Azure did not say for an hour whether a recovery VM may look.'),
  createRecoveryVm: until(25, 'recovery-vm-late', 'The recovery VM was not ready after 25 minutes.'),
  makeLookDisk: until(30, 'copy-late', 'The disk of the snapshot was not ready after 30 minutes.'),
  attachLookDisk: until(15, 'attach-late', 'The disk could not be attached to the recovery VM within 15 minutes.'),
  readLookDisk: until(20, 'look-late', 'The recovery VM did not tell within 20 minutes what is on the disk.'),
  detachLookDisk: until(15, 'detach-late', 'The disk could not be detached from the recovery VM within 15 minutes.'),
  deleteLookDisk: until(15, 'delete-late', 'The disk that was looked at was not gone after 15 minutes.'),
} as const;
