import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import type { Progress } from '../progress';
import { ofReading } from '../readings';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attach, detach, type Attachment } from './attachment';
import { lookInputOf, lookRequest, type LookInput } from './input';
import { lookDiskOf, recoveryVmIdOf } from './names';

/** Attaches the disk of the snapshot to the recovery VM. */
export async function attachLookDisk(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const request = lookRequest.parse(given);
  const step: Step = {
    step: ofReading('attach-look-disk', request),
    title: 'Attach the disk of the snapshot to the recovery VM',
  };
  return inStep(tools, request.repairId, step, async () => {
    const known = await lookInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return attach(tools, input, attachmentOf(input, input.recovery));
  });
}

/** Detaches it, so that the slot is free for the copy that is mended. */
export async function detachLookDisk(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const request = lookRequest.parse(given);
  const step: Step = {
    step: ofReading('detach-look-disk', request),
    title: 'Detach the disk of the snapshot from the recovery VM',
  };
  return inStep(tools, request.repairId, step, async () => {
    const known = await lookInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return detach(tools, attachmentOf(input, input.recovery));
  });
}

function attachmentOf(input: LookInput, recovery: RecoveryPlan): Attachment {
  const recoveryVmId = recoveryVmIdOf(input, recovery);
  return {
    repairId: input.repairId,
    recoveryVmId,
    diskId: lookDiskOf(input, recovery),
    called: 'The disk of the snapshot',
  };
}
