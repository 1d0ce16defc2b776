import { authorise, permittedMode } from '../authorise';
import { inStep } from '../in-step';
import { done, progressOf, wait, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { recoveryInput, recoveryOf } from './input';
import { copyLun, copyOf, recoveryVmOf } from './names';

/** assumed: attaching takes some seconds, detaching about as long; 30 to 120 s are reported (kubernetes-sigs/azuredisk-csi-driver#3712). */
const usualMs = 4_000;

/** Attaches the copy to the recovery VM, at a fixed slot, after it has booted: so it never boots from it. */
export async function attachCopy(tools: Tools, given: unknown): Promise<Progress<'attached'>> {
  const input = recoveryInput.parse(given);
  const step = { step: `attach-${input.round}`, title: 'Attach the copy to the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    if (plan.kind === 'end') return plan;
    const { recoveryVmId } = recoveryVmOf(input, plan.recovery);
    const copyId = copyOf(input, plan.recovery, input.round);
    const look = await lookAtBoth(tools, recoveryVmId, copyId);
    if (look.kind !== 'looked') return look;
    if (look.isAttached) return done('attached', `The copy is at LUN ${copyLun} of the recovery VM.`);
    if (look.isBusy) return wait('The copy is being attached.', 2_000);
    const authorisation = await authorise(tools, input, 'swap');
    if (authorisation.kind !== 'authorised') return authorisation;
    const permit = permittedMode(tools, input, authorisation.value.decision, input.plan.title);
    if (permit.kind === 'end') return permit;
    const begun = await tools.recovery.beginAttachDataDisk(recoveryVmId, { diskId: copyId, lun: copyLun });
    return begun.ok ? wait('The copy is being attached.', usualMs) : progressOf(begun.failure, 'attach the copy');
  });
}

/** Detaches the copy, and sees that nobody has it. */
export async function detachCopy(tools: Tools, given: unknown): Promise<Progress<'detached'>> {
  const input = recoveryInput.parse(given);
  const step = { step: `detach-${input.round}`, title: 'Detach the copy from the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    if (plan.kind === 'end') return plan;
    const { recoveryVmId } = recoveryVmOf(input, plan.recovery);
    const copyId = copyOf(input, plan.recovery, input.round);
    const look = await lookAtBoth(tools, recoveryVmId, copyId);
    if (look.kind !== 'looked') return look;
    if (look.isFree) return done('detached', 'Nobody has the copy.');
    if (look.isBusy) return wait('The copy is being detached.', 2_000);
    const begun = await tools.recovery.beginDetachDataDisk(recoveryVmId, { diskId: copyId });
    return begun.ok ? wait('The copy is being detached.', usualMs) : progressOf(begun.failure, 'detach the copy');
  });
}

/** Both sides of an attachment: the VM's list and the disk's owner. Only together do they tell that it has ended. */
async function lookAtBoth(
  tools: Tools,
  recoveryVmId: string,
  copyId: string,
): Promise<
  { kind: 'looked'; isAttached: boolean; isFree: boolean; isBusy: boolean } | Exclude<Progress<never>, { kind: 'done' }>
> {
  const [machine, disk] = await Promise.all([tools.arm.getVirtualMachine(recoveryVmId), tools.arm.getDisk(copyId)]);
  if (!machine.ok) return progressOf(machine.failure, 'look at the recovery VM');
  if (!disk.ok) return progressOf(disk.failure, 'look at the copy');
  const entry = machine.value.configuration?.dataDisks.find(
    ({ diskId }) => diskId?.toLowerCase() === copyId.toLowerCase(),
  );
  const isOwned = disk.value.managedBy?.toLowerCase() === recoveryVmId.toLowerCase();
  const isBusy = machine.value.provisioningState === 'Updating';
  return {
    kind: 'looked',
    isAttached: entry?.lun === copyLun && !entry.toBeDetached && isOwned && !isBusy,
    isFree: !entry && disk.value.managedBy === undefined && !isBusy,
    isBusy,
  };
}
