import { z } from 'zod';
import type { OutcomeCode } from '../../outcome-codes';
import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import { done, end, type Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attach, detach, type Attachment } from './attachment';
import { attachedDisk, prepare, workAndRelease, type Bench } from './disk-bench';
import { recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { benchOfTrialCopy, recoveryVmIdOf, trialCopyOf } from './names';
import { beforeAnyStop } from './trial-copy';

/**
 * The rehearsal: until a recovery has worked once in this installation with this recovery VM's image and this generation, the trial copy
 * is attached to the recovery VM and prepared there as the copy will be, and let go of, while the VM runs. What Windows would not do
 * after the stop it does not do now, and says why. Nothing is backed up or changed on the trial copy. Whether it is due, the making of the
 * trial copy says.
 */

/** The document that the end of the rehearsal is kept in. */
const kept = { name: 'rehearsed', value: z.literal('rehearsed') };

/** Attaches the trial copy to the recovery VM, at the slot that the copy will have. */
export async function attachTrialCopy(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: 'attach-trial-copy', title: 'Attach the trial copy to the recovery VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return beforeAnyStop(await attach(tools, input, attachmentOf(input, input.recovery)));
  });
}

/** Has the recovery VM take the trial copy as it will take the copy, and let it go again. */
export async function rehearseOnTrialCopy(tools: Tools, given: unknown): Promise<Progress<'rehearsed'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: 'rehearse', title: 'Rehearse on the trial copy what the recovery VM will do' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const diskId = trialCopyOf(input, input.recovery);
    const disk = await attachedDisk(tools, diskId);
    if (disk.kind !== 'done') return beforeAnyStop(disk);
    const recoveryVmId = recoveryVmIdOf(input, input.recovery);
    const bench = { tools, input, recoveryVmId, disk: disk.value, name: benchOfTrialCopy, called: 'The trial copy' };
    return beforeAnyStop(asRehearsal(await workAndRelease(bench, kept, () => rehearse(bench))));
  });
}

async function rehearse(bench: Bench): Promise<Progress<'rehearsed'>> {
  const prepared = await prepare(bench, 'rehearsal');
  if (prepared.kind !== 'done') return prepared;
  const { isMarkedDirty, partitionStyle, systemHive } = prepared.value;
  if (isMarkedDirty) {
    const reason = 'Windows has marked the volume for a check: it must not be written before.';
    return end('not-repaired', 'volume-dirty', reason);
  }
  return done('rehearsed', `The recovery VM takes the disk (${partitionStyle}) and finds ${systemHive}.`);
}

/** What a recovery VM did not do with a copy, said of the trial copy: nothing was stopped for it. */
const failures: readonly OutcomeCode[] = ['copy-not-prepared', 'copy-not-mended', 'copy-not-released'];

function asRehearsal<T>(progress: Progress<T>): Progress<T> {
  if (progress.kind !== 'end' || !failures.includes(progress.conclusion.code)) return progress;
  return end('not-repaired', 'rehearsal-failed', `The rehearsal failed. ${progress.conclusion.reason}`);
}

/** Detaches the trial copy, so that the slot is free for the copy, and nothing keeps it from being deleted. */
export async function detachTrialCopy(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: 'detach-trial-copy', title: 'Detach the trial copy from the recovery VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return beforeAnyStop(await detach(tools, attachmentOf(input, input.recovery)));
  });
}

function attachmentOf(input: RecoveryInput, recovery: RecoveryPlan): Attachment {
  const recoveryVmId = recoveryVmIdOf(input, recovery);
  return { repairId: input.repairId, recoveryVmId, diskId: trialCopyOf(input, recovery), called: 'The trial copy' };
}
