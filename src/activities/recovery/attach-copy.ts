import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import type { Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { attach, detach, type Attachment } from './attachment';
import { recoveryInput, recoveryOf, type RecoveryInput } from './input';
import { copyOf, recoveryVmIdOf } from './names';

/** Attaches the copy to the recovery VM. */
export async function attachCopy(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const input = recoveryInput.parse(given);
  const step: Step = { step: `attach-${input.round}`, title: 'Attach the copy to the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    return plan.kind === 'end' ? plan : attach(tools, input, attachmentOf(input, plan.recovery));
  });
}

/** Detaches the copy, and sees that nobody has it. */
export async function detachCopy(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const input = recoveryInput.parse(given);
  const step: Step = { step: `detach-${input.round}`, title: 'Detach the copy from the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    return plan.kind === 'end' ? plan : detach(tools, attachmentOf(input, plan.recovery));
  });
}

function attachmentOf(input: RecoveryInput, recovery: RecoveryPlan): Attachment {
  const recoveryVmId = recoveryVmIdOf(input, recovery);
  return { recoveryVmId, diskId: copyOf(input, recovery, input.round), called: 'The copy' };
}
