import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import type { Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attach, detach, type Attachment } from './attachment';
import { recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { copyOf, recoveryVmIdOf } from './names';

/** Attaches the copy to the recovery VM. */
export async function attachCopy(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: `attach-${request.round}`, title: 'Attach the copy to the recovery VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return attach(tools, input, attachmentOf(input, input.recovery));
  });
}

/** Detaches the copy, and sees that nobody has it. */
export async function detachCopy(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: `detach-${request.round}`, title: 'Detach the copy from the recovery VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    return detach(tools, attachmentOf(input, input.recovery));
  });
}

function attachmentOf(input: RecoveryInput, recovery: RecoveryPlan): Attachment {
  const recoveryVmId = recoveryVmIdOf(input, recovery);
  return { repairId: input.repairId, recoveryVmId, diskId: copyOf(input, recovery, input.round), called: 'The copy' };
}
