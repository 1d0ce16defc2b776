import { differencesOf } from '../../azure/disk-copy';
import type { ManagedDisk } from '../../azure/ports';
import { inStep } from '../in-step';
import { notOurs } from '../ownership';
import { done, end, progressOf, wait, type Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { beginCopy, usualCopyMs } from './begin-copy';
import { debtOf, incurred, owe } from './debts';
import { permittedOnPatient, recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { copyOf } from './names';
import { takeStoppedSnapshot } from './stopped-snapshot';

/** The VM is down meanwhile: a quota of disks that is used up is waited for only so long (ms). */
const quotaMs = 2 * 60_000;

/**
 * Makes a snapshot of the stopped disk and a disk of that, which can take the original's place: everything that Azure
 * compares is carried over, and compared before it is used.
 */
export async function copyOsDisk(tools: Tools, given: unknown): Promise<Progress<{ copyId: string }>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: `copy-${request.round}`, title: 'Copy the OS disk of the stopped VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const original = await tools.arm.getDisk(input.recovery.osDiskId);
    if (!original.ok) return progressOf(original.failure, 'read the OS disk');
    const snapshot = await snapshotOf(tools, input, original.value);
    if (snapshot.kind !== 'done') return snapshot;
    return copyFrom(tools, input, {
      original: original.value,
      snapshotId: snapshot.value,
      copyId: copyOf(input, input.recovery, input.round),
    });
  });
}

function snapshotOf(tools: Tools, input: RecoveryInput, original: ManagedDisk): Promise<Progress<string>> {
  const { round } = input;
  const purpose = 'The OS disk as it was when the VM had stopped';
  return takeStoppedSnapshot(tools, input, {
    disk: original,
    round,
    purpose,
    details: { role: 'stopped', round },
    permitted: () => permitted(tools, input),
  });
}

interface Copy {
  original: ManagedDisk;
  snapshotId: string;
  copyId: string;
}

async function copyFrom(
  tools: Tools,
  input: RecoveryInput,
  { original, snapshotId, copyId }: Copy,
): Promise<Progress<{ copyId: string }>> {
  const existing = await tools.arm.getDisk(copyId);
  if (existing.ok) return lookAt(tools, input, original, existing.value);
  if (existing.failure.kind !== 'not-found') return progressOf(existing.failure, 'look for the copy');
  const permit = await permitted(tools, input);
  if (permit) return permit;
  const purpose = 'The copy of the OS disk that is mended';
  const details = { role: 'copy', round: input.round } as const;
  await owe(tools, input.repairId, { resourceId: copyId, kind: 'disk', details, purpose });
  return beginCopy(tools, input, { diskId: copyId, snapshotId, original, called: 'the copy', quotaMs });
}

async function lookAt(
  tools: Tools,
  { repairId }: RecoveryInput,
  original: ManagedDisk,
  copy: ManagedDisk,
): Promise<Progress<{ copyId: string }>> {
  const debt = await debtOf(tools, repairId, copy.id);
  const foreign = notOurs({ id: copy.id, tags: copy.tags, isOnRecord: debt !== undefined }, repairId);
  if (foreign) return foreign;
  if (copy.provisioningState === 'Failed') return end('not-repaired', 'copy-failed', 'Azure could not copy the disk.');
  if (copy.provisioningState !== 'Succeeded' || (copy.completionPercent ?? 100) < 100)
    return wait('The copy is being made.', usualCopyMs);
  const differences = differencesOf(original, copy);
  if (differences.length > 0) {
    return end(
      'not-repaired',
      'copy-differs',
      `The copy cannot take the original’s place: ${differences.join(', ')} differ.`,
    );
  }
  if (debt) await incurred(tools, repairId, debt);
  return done({ copyId: copy.id }, `${copy.id} is a copy of the stopped disk.`);
}

/** Undefined if policy still says yes. */
async function permitted(
  tools: Tools,
  input: RecoveryInput,
): Promise<Exclude<Progress<never>, { kind: 'done' }> | undefined> {
  const permit = await permittedOnPatient(tools, input);
  return permit.kind === 'permitted' ? undefined : permit;
}
