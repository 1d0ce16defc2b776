import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import type { Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attach, detach, type Attachment } from './attachment';
import { lookInput, recoveryOf, type LookInput } from './input';
import { lookDiskOf, recoveryVmIdOf } from './names';

/** Attaches the disk of the snapshot to the recovery VM. */
export async function attachLookDisk(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const input = lookInput.parse(given);
  const step: Step = { step: 'attach-look-disk', title: 'Attach the disk of the snapshot to the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    return plan.kind === 'end' ? plan : attach(tools, input, attachmentOf(input, plan.recovery));
  });
}

/** Detaches it, so that the slot is free for the copy that is mended. */
export async function detachLookDisk(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const input = lookInput.parse(given);
  const step: Step = { step: 'detach-look-disk', title: 'Detach the disk of the snapshot from the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    return plan.kind === 'end' ? plan : detach(tools, attachmentOf(input, plan.recovery));
  });
}

function attachmentOf(input: LookInput, recovery: RecoveryPlan): Attachment {
  const recoveryVmId = recoveryVmIdOf(input, recovery);
  return { recoveryVmId, diskId: lookDiskOf(input, recovery), called: 'The disk of the snapshot' };
}
