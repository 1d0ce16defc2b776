import { differencesOf } from '../../azure/disk-copy';
import type { ManagedDisk } from '../../azure/ports';
import { notShownByTrialCopy } from '../../policy/recovery-route';
import { isSameId } from '../../same-id';
import { requestOnce } from '../begun';
import { inStep } from '../in-step';
import { notOurs } from '../ownership';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { snapshotIdFor } from '../snapshot-id';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { beginCopy, usualCopyMs } from './begin-copy';
import { debtOf, incurred, owe, settled } from './debts';
import { permittedOnPatient, recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { groupOf } from './look-around';
import { recoveryVmIdOf, trialCopyOf } from './names';
import { isRehearsalDue } from './proven-recovery';

/** While the VM is up, a quota of disks that is used up costs no downtime: in ms. */
const quotaMs = 15 * 60_000;

/** Whether a rehearsal on it is due. */
type TrialCopy = 'made' | 'to-be-rehearsed';

type Ended = Exclude<Progress<never>, { kind: 'done' }>;

/**
 * Copies the repair's first snapshot once, as the disk of the stopped VM will be copied: with the same body, into the same group. What
 * Azure would refuse then (a policy, a tag that is demanded, a key set that may not be read, a quota) it refuses now, by name, and the
 * VM is not stopped. At most one is made in a repair, and none goes into a VM.
 */
export async function makeTrialCopy(tools: Tools, given: unknown): Promise<Progress<TrialCopy>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: 'trial-copy', title: 'Try whether Azure makes a copy of the OS disk' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    return beforeAnyStop(await tryCopy(tools, known.input));
  });
}

async function tryCopy(tools: Tools, input: RecoveryInput): Promise<Progress<TrialCopy>> {
  const diskId = trialCopyOf(input, input.recovery);
  const debt = await debtOf(tools, input.repairId, diskId);
  if (debt?.createdAt !== undefined) return madeOf(tools, input, 'This repair has made its trial copy.');
  if (debt?.deletedAt !== undefined) {
    const reason = 'This repair was begun again after its trial copy was cleaned up. See its steps.';
    return end('not-repaired', 'cleaned-up-before', reason);
  }
  const original = await tools.arm.getDisk(input.recovery.osDiskId);
  if (!original.ok) return progressOf(original.failure, 'read the OS disk');
  const existing = await tools.arm.getDisk(diskId);
  if (existing.ok) return lookAt(tools, input, original.value, existing.value);
  if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the trial copy');
  return begin(tools, input, diskId, original.value);
}

async function begin(
  tools: Tools,
  input: RecoveryInput,
  diskId: string,
  original: ManagedDisk,
): Promise<Progress<TrialCopy>> {
  const locked = await lockOn(tools, input);
  if (locked) return locked;
  const permit = await permittedOnPatient(tools, input);
  if (permit.kind !== 'permitted') return permit;
  const purpose = 'A copy that shows whether Azure would make one; it goes into no VM';
  await owe(tools, input.repairId, { resourceId: diskId, kind: 'disk', details: { role: 'trial-copy' }, purpose });
  const snapshotId = snapshotIdFor(input, tools.settings);
  return beginCopy(tools, input, { diskId, snapshotId, original, called: 'the trial copy', quotaMs });
}

/** A lock that was set since the plan: what is made under it cannot be deleted, a trial copy no more than the copy itself. */
async function lockOn(tools: Tools, { recovery }: RecoveryInput): Promise<Ended | undefined> {
  const scope = groupOf(recovery.osDiskId);
  const locks = await tools.recovery.getLocks(scope);
  if (!locks.ok) return progressOf(locks.failure, 'look for locks before a disk is copied');
  const [lock] = locks.value;
  if (!lock) return undefined;
  const why = `The lock ${lock.name} (${lock.level}) on ${scope} would keep it, and the copy, from being deleted.`;
  return end('not-repaired', 'locked', `No trial copy was made. ${why}`);
}

async function lookAt(
  tools: Tools,
  input: RecoveryInput,
  original: ManagedDisk,
  trial: ManagedDisk,
): Promise<Progress<TrialCopy>> {
  const { repairId } = input;
  const debt = await debtOf(tools, repairId, trial.id);
  const foreign = notOurs({ id: trial.id, tags: trial.tags, isOnRecord: debt !== undefined }, repairId);
  if (foreign || !debt) return foreign ?? wait('The trial copy is not on record yet.');
  if (trial.provisioningState === 'Failed') {
    return end('not-repaired', 'trial-copy-failed', 'Azure took the trial copy, and could not make it.');
  }
  if (trial.provisioningState !== 'Succeeded' || (trial.completionPercent ?? 100) < 100) {
    return wait('The trial copy is being made.', usualCopyMs);
  }
  const differences = differencesOf(original, trial);
  if (differences.length > 0) {
    const reason = `A copy could not take the original’s place: ${differences.join(', ')} differ.`;
    return end('not-repaired', 'trial-copy-differs', reason);
  }
  await incurred(tools, repairId, debt);
  return madeOf(tools, input, `Azure makes a copy that can take the original’s place. ${notShownByTrialCopy}`);
}

async function madeOf(
  tools: Tools,
  { repairId, recovery }: RecoveryInput,
  detail: string,
): Promise<Progress<TrialCopy>> {
  return done((await isRehearsalDue(tools, repairId, recovery)) ? 'to-be-rehearsed' : 'made', detail);
}

/** Says so, and calls nothing refused that came after a permit. */
export function beforeAnyStop<T>(progress: Progress<T>): Progress<T> {
  if (progress.kind !== 'end') return progress;
  const { ending, code, reason } = progress.conclusion;
  const isNo = ending === 'refused' || ending === 'not-repaired';
  return isNo ? end('not-repaired', code, `${reason} The VM was not stopped.`) : progress;
}

/**
 * Begins the deletion of the trial copy and does not wait for it: what is left of it the clean-up sees through. Ends the repair where
 * Azure refuses: the copy could not be deleted either.
 */
export async function deleteTrialCopy(tools: Tools, given: unknown): Promise<Progress<'begun'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: 'trial-copy-gone', title: 'Begin to delete the trial copy' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    return beforeAnyStop(await beginDeletion(tools, known.input));
  });
}

async function beginDeletion(tools: Tools, input: RecoveryInput): Promise<Progress<'begun'>> {
  const { repairId, recovery } = input;
  const diskId = trialCopyOf(input, recovery);
  const debt = await debtOf(tools, repairId, diskId);
  if (!debt || debt.deletedAt !== undefined) return done('begun', 'There is no trial copy.', 'nothing-to-do');
  const trial = await tools.arm.getDisk(diskId);
  if (!trial.ok && trial.failure.kind === 'not-found') {
    await settled(tools, repairId, debt);
    return done('begun', 'The trial copy is gone.');
  }
  if (!trial.ok) return progressOf(trial.failure, 'look at the trial copy');
  if (trial.value.provisioningState === 'Deleting') return done('begun', 'The trial copy is being deleted.');
  const isFree = await isOnNoVm(tools, recoveryVmIdOf(input, recovery), diskId);
  if (isFree.kind !== 'done') return isFree;
  const requested = await requestOnce(tools, repairId, {
    ...{ resourceId: diskId, to: 'delete', reason: 'The trial copy is being deleted.' },
    begin: () => tools.recovery.beginDeleteDisk(diskId, { 'rdp-lifeline-repair': repairId }),
  });
  if (!('kind' in requested)) return progressOf(requested.failure, 'delete the trial copy');
  return done('begun', 'The deletion of the trial copy was begun.');
}

/** A disk that is just being attached looks free (kubernetes/kubernetes#82714): the recovery VM is the only one that may have it. */
async function isOnNoVm(tools: Tools, recoveryVmId: string, diskId: string): Promise<Progress<'free'>> {
  const machine = await tools.arm.getVirtualMachine(recoveryVmId);
  if (!machine.ok && machine.failure.kind === 'not-found') return done('free', '');
  if (!machine.ok) return progressOf(machine.failure, 'look at the recovery VM');
  const isNamed = machine.value.configuration?.dataDisks.some((one) => isSameId(one.diskId, diskId)) === true;
  return isNamed ? wait('The recovery VM still has the trial copy.', 2_000) : done('free', '');
}
