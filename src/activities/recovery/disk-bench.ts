import type { z } from 'zod';
import { runCommandIdOf } from '../../azure/resource-id';
import type { Evidence } from '../../guest/evidence';
import { readOfflineLook, renderOfflineLook, type OfflineNeed } from '../../guest/offline';
import type { OfflineTarget } from '../../guest/offline-changes/offline-change';
import {
  diskScriptTimeoutSeconds,
  renderPreparation,
  renderRelease,
  type AttachedCopy,
  type PreparationPurpose,
} from '../../guest/routes/recovery-vm';
import {
  isReleased,
  preparation,
  readPreparation,
  readRelease,
  releaseAnswer,
  type PreparedDisk,
} from '../../guest/routes/recovery-vm-answers';
import { guestRunName } from '../../guest/routes/run-command';
import type { AboutRepair } from '../input';
import { readDocument } from '../documents';
import { done, end, endedProgress, progressOf, wait, type Progress } from '../progress';
import { runInGuest, runScript, whyUnanswered } from '../run-in-guest';
import type { Tools } from '../toolbox';
import { debtOf } from './debts';
import { foundIn, type HelperInput } from './input';
import { dataDiskLun } from './names';

/**
 * Work on a disk that is attached to the recovery VM: it is brought online, worked on and let go, in runs that are found again by
 * their names.
 */

/** A disk that the recovery VM has, and for which repair. */
export interface Held<Input extends AboutRepair = AboutRepair> {
  tools: Tools;
  input: Input;
  recoveryVmId: string;
  disk: AttachedCopy;
  /** `copy-1`: the runs and the kept end of the work begin with it. */
  name: string;
  /** "The copy", at the beginning of a sentence. */
  called: string;
}

/** One that is worked on. */
export type Bench<Input extends HelperInput = HelperInput> = Held<Input>;

/** The size by which the disk is found again on the recovery VM, beside its slot. */
export async function attachedDisk({ arm }: Tools, diskId: string): Promise<Progress<AttachedCopy>> {
  const disk = await arm.getDisk(diskId);
  if (!disk.ok) return progressOf(disk.failure, 'read the disk’s size');
  const { sizeBytes } = disk.value;
  if (sizeBytes === undefined) return wait('Azure does not say how large the disk is, by which it is found again.');
  return done({ lun: dataDiskLun, sizeBytes }, '');
}

/** The document that the end of the work is kept in, and what the work gives. */
interface KeptEnd<T> {
  name: string;
  value: z.ZodType<T>;
}

/**
 * Does the work and lets the disk go, whatever came of it. The end of the work is kept under `keptAs`: once the disk is being let
 * go nothing may touch it any more, not even if the brake that stopped us is off again.
 */
export async function workAndRelease<T>(
  bench: Bench,
  keptAs: KeptEnd<T>,
  work: () => Promise<Progress<T>>,
): Promise<Progress<T>> {
  const worked = await workOnce(bench, keptAs, work);
  if (worked.kind === 'wait') return worked;
  const released = await release(bench);
  if (released.kind === 'wait') return released;
  // What went wrong first is what is told.
  return worked.kind === 'done' && released.kind === 'end' ? released : worked;
}

async function workOnce<T>(
  { tools: { ledger }, input: { repairId } }: Bench,
  { name, value }: KeptEnd<T>,
  work: () => Promise<Progress<T>>,
): Promise<Progress<T>> {
  const kept = await readDocument(ledger, repairId, name, endedProgress(value));
  if (kept) return kept;
  const worked = await work();
  if (worked.kind !== 'wait') await ledger.putDocument(repairId, name, worked);
  return worked;
}

/** What every run on the recovery VM has in common. */
export function orderOf(bench: Bench, name: string) {
  return { ...runOf(bench, name), found: foundIn(bench.input) };
}

function runOf({ recoveryVmId, name: prefix }: Held, name: string) {
  return { name: `${prefix}-${name}`, purpose: 'swap' as const, on: recoveryVmId };
}

/** Brings the disk online, and finds and, for a repair, backs up what is on it. */
export async function prepare(bench: Bench, purpose: PreparationPurpose = 'repair'): Promise<Progress<PreparedDisk>> {
  const { tools, input, disk, called } = bench;
  const { repairId } = input;
  const run = await runScript(tools, input, {
    ...orderOf(bench, 'prepare'),
    timeoutSeconds: diskScriptTimeoutSeconds,
    render: (key, place) => renderPreparation(key, { ...disk, purpose }, place),
    read: (parts, nonce) => readPreparation(parts, { repairId, nonce, purpose }),
    kept: (nonce) => preparation({ repairId, nonce, purpose }),
  });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered(`${called} could not be prepared`, run);
  const { answer } = run;
  if (answer.kind === 'prepared') return done(answer, '');
  return end('not-repaired', 'copy-not-prepared', `${called} was not taken (${answer.code}): ${answer.detail}`);
}

/** Reads what is asked off the prepared disk. */
export async function look(
  bench: Bench,
  prepared: PreparedDisk,
  needs: OfflineNeed[],
  name: string,
): Promise<Progress<{ evidence: Evidence[]; target: OfflineTarget }>> {
  const { tools, input, called } = bench;
  const commands = renderOfflineLook(prepared, needs);
  const run = await runInGuest(tools, input, { ...orderOf(bench, name), commands });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered(`${called} could not be read`, run);
  const { evidence, controlSets, leftLoaded } = readOfflineLook(prepared, needs, run.answer);
  if (leftLoaded.length > 0) {
    return end('not-repaired', 'copy-not-mended', `${called}: a hive stayed loaded: ${leftLoaded.join(', ')}.`);
  }
  // A failure of the boot store needs no registry.
  const sets = controlSets.ok ? controlSets.value : [];
  return done({ evidence, target: { disk: prepared, controlSets: sets } }, '');
}

/** Has the recovery VM let go of the disk, whatever a brake says; nothing is done where it was never taken. May be repeated. */
export async function release(held: Held): Promise<Progress<'released'>> {
  const { tools, input, disk, called } = held;
  if (!(await wasPrepared(held))) return done('released', '');
  const run = await runScript(tools, input, {
    ...runOf(held, 'release'),
    isOwed: true,
    timeoutSeconds: diskScriptTimeoutSeconds,
    render: (key, place) => renderRelease(key, disk, place),
    read: (parts, nonce) => readRelease(parts, { nonce }),
    kept: (nonce) => releaseAnswer({ nonce }),
  });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered(`${called} could not be let go`, run);
  if (isReleased(run.answer)) return done('released', '');
  const what = run.answer.notReleased.map(({ what: kind, name }) => `${kind} ${name}`).join(', ') || 'it is online';
  return end('not-repaired', 'copy-not-released', `${called} is still held on to by the recovery VM: ${what}.`);
}

/** Whether the disk was taken, or was about to be. */
async function wasPrepared(held: Held): Promise<boolean> {
  const { name, on } = runOf(held, 'prepare');
  const { repairId } = held.input;
  const runId = runCommandIdOf(on, guestRunName({ repairId, name, part: 1 }));
  return (await debtOf(held.tools, repairId, runId)) !== undefined;
}

/** How the repair ends where a run gave no answer. */
export function unanswered(
  what: string,
  run: Parameters<typeof whyUnanswered>[0],
): Extract<Progress<never>, { kind: 'end' }> {
  return end('not-repaired', 'copy-not-mended', `${what}: ${whyUnanswered(run)}`);
}
