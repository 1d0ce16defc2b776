import { factOf, inOrderOfFreshness, type Evidence } from '../../guest/evidence';
import { canReadOffline, readOfflineLook, renderOfflineLook, type OfflineNeed } from '../../guest/offline';
import {
  hasOfflineWrites,
  readOfflineChange,
  renderOfflineChanges,
  type OfflineResult,
} from '../../guest/offline-changes';
import type { OfflineTarget } from '../../guest/offline-changes/offline-change';
import { runCommandIdOf } from '../../azure/resource-id';
import { changeTitle, holds, proofOf } from '../../guest/changes';
import {
  diskScriptTimeoutSeconds,
  renderPreparation,
  renderRelease,
  type AttachedCopy,
} from '../../guest/routes/recovery-vm';
import { guestRunName } from '../../guest/routes/run-command';
import { isReleased, readPreparation, readRelease, type PreparedDisk } from '../../guest/routes/recovery-vm-answers';
import { signatureOf } from '../../signatures';
import { getEvidence, putEvidence } from '../collected-evidence';
import { inStep } from '../in-step';
import type { RecoveryPlan } from '../plan';
import { done, end, progressOf, type Progress } from '../progress';
import { runInGuest, runScript, whyUnanswered } from '../run-in-guest';
import type { Tools } from '../toolbox';
import { recoveryInput, recoveryOf, type RecoveryInput } from './input';
import { debtOf } from './debts';
import { changeOnCopy, copyLun, copyOf, recoveryVmOf } from './names';

/**
 * Mends the copy on the recovery VM: brings it online, looks whether it still shows the failure, backs up and changes what the
 * plan says, reads it again, and lets it go. Each run is found again by its name; whatever comes of the others, the disk is let go.
 */
export async function mendCopy(tools: Tools, given: unknown): Promise<Progress<'mended'>> {
  const input = recoveryInput.parse(given);
  const step = { step: `mend-${input.round}`, title: 'Mend the copy on the recovery VM' };
  return inStep(tools, input.repairId, step, async () => {
    const plan = await recoveryOf(tools, input);
    if (plan.kind === 'end') return plan;
    const copyId = copyOf(input, plan.recovery, input.round);
    const disk = await tools.arm.getDisk(copyId);
    if (!disk.ok) return progressOf(disk.failure, 'read the copy’s size');
    const copy = { lun: copyLun, sizeBytes: disk.value.sizeBytes ?? 0 };
    const bench = { tools, input, recovery: plan.recovery, copy };
    const worked = await workOnce(bench);
    if (worked.kind === 'wait') return worked;
    const released = await release(bench);
    if (released.kind === 'wait') return released;
    // What went wrong first is what is told.
    return worked.kind === 'done' && released.kind === 'end' ? released : worked;
  });
}

type Worked = Exclude<Progress<'mended'>, { kind: 'wait' }>;

/**
 * The work, until it has come to an end, which is kept: once the disk is being let go nothing may touch it any more, not even if
 * the brake that stopped us is off again.
 */
async function workOnce(bench: Bench): Promise<Progress<'mended'>> {
  const { ledger } = bench.tools;
  const { repairId, round } = bench.input;
  const name = `mended-${round}`;
  const kept = await ledger.getDocument(repairId, name);
  if (kept !== undefined) return kept as Worked;
  const worked = await work(bench);
  if (worked.kind !== 'wait') await ledger.putDocument(repairId, name, worked);
  return worked;
}

interface Bench {
  tools: Tools;
  input: RecoveryInput;
  recovery: RecoveryPlan;
  copy: AttachedCopy;
}

/** What every run on the recovery VM has in common. */
function orderOf({ input, recovery }: Bench, name: string) {
  return {
    name: `copy-${input.round}-${name}`,
    purpose: 'swap' as const,
    on: recoveryVmOf(input, recovery).recoveryVmId,
    found: input.plan.title,
  };
}

async function work(bench: Bench): Promise<Progress<'mended'>> {
  const prepared = await prepare(bench);
  if (prepared.kind !== 'done') return prepared;
  const disk = prepared.value;
  const needs = needsOf(bench.input);
  const before = await look(bench, disk, needs, 'look');
  if (before.kind !== 'done') return before;
  const { target } = before.value;
  const { ledger } = bench.tools;
  const { repairId } = bench.input;
  await putEvidence(ledger, repairId, 'recovery-vm', { evidence: before.value.evidence });
  // Events and the last boot are not read there: what the first snapshot showed of them still holds.
  const earlier = (await getEvidence(ledger, repairId, 'snapshot-disk'))?.evidence ?? [];
  const evidence = inOrderOfFreshness([...before.value.evidence, ...earlier]);
  const { signature, title } = bench.input.plan;
  const recognition = signatureOf(signature).recognise(evidence);
  if (recognition.kind !== 'present') {
    const why =
      recognition.kind === 'unknown' ? recognition.why : recognition.reasons.map(({ text }) => text).join(' ');
    return end('not-repaired', 'not-on-the-disk', `${title}: the stopped disk does not show it any more. ${why}`);
  }
  if (factOf(evidence, 'windows-installation')?.isDomainController === true) {
    return end('not-repaired', 'domain-controller', 'The disk is that of a domain controller, which is never swapped.');
  }
  return change(bench, disk, target);
}

async function prepare(bench: Bench): Promise<Progress<PreparedDisk>> {
  const { tools, input, copy } = bench;
  const run = await runScript(tools, input, {
    ...orderOf(bench, 'prepare'),
    timeoutSeconds: diskScriptTimeoutSeconds,
    render: (key, place) => renderPreparation(key, copy, place),
    read: (parts, nonce) => readPreparation(parts, { repairId: input.repairId, nonce }),
  });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered('The copy could not be prepared', run);
  const { answer } = run;
  if (answer.kind === 'prepared') return done(answer, '');
  return end('not-repaired', 'copy-not-prepared', `The copy was not taken (${answer.code}): ${answer.detail}`);
}

/** What recognises the failure on a disk, and what shows that each change holds. */
function needsOf({ plan }: RecoveryInput): OfflineNeed[] {
  const needs = [
    ...signatureOf(plan.signature).needs,
    ...plan.changes.map(proofOf),
    { kind: 'windows-installation' as const },
    { kind: 'control-sets' as const },
  ].filter(canReadOffline);
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

async function look(
  bench: Bench,
  disk: PreparedDisk,
  needs: OfflineNeed[],
  name: string,
): Promise<Progress<{ evidence: Evidence[]; target: OfflineTarget }>> {
  const { tools, input } = bench;
  const run = await runInGuest(tools, input, { ...orderOf(bench, name), commands: renderOfflineLook(disk, needs) });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered('The copy could not be read', run);
  const { evidence, controlSets, leftLoaded } = readOfflineLook(disk, needs, run.answer);
  if (leftLoaded.length > 0) {
    return end('not-repaired', 'copy-not-mended', `A hive of the copy stayed loaded: ${leftLoaded.join(', ')}.`);
  }
  // A failure of the boot store needs no registry.
  const sets = controlSets.ok ? controlSets.value : [];
  return done({ evidence, target: { disk, controlSets: sets } }, '');
}

async function change(bench: Bench, disk: PreparedDisk, target: OfflineTarget): Promise<Progress<'mended'>> {
  const { tools, input } = bench;
  const { changes, title } = input.plan;
  if (!hasOfflineWrites(changes, target)) {
    return end('not-repaired', 'nothing-to-write', `${title}: nothing of its cure is written on a disk.`);
  }
  const run = await runInGuest(tools, input, {
    ...orderOf(bench, 'change'),
    commands: renderOfflineChanges(changes, target),
    beforeBegin: () => recordWayBack(bench),
  });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered('Whether the copy was changed is not known', run);
  const results = changes.map((one) => readOfflineChange(one, target, run.answer));
  for (const result of results) await record(bench, result);
  await recordOutcome(bench, results);
  const failed = results.find(({ outcome }) => outcome === 'failed');
  if (failed?.outcome === 'failed') {
    return end('not-repaired', 'copy-not-mended', `${failed.title}: ${failed.reason}. The copy goes in nowhere.`);
  }
  return proveOnDisk(bench, disk, results);
}

/** Reads the copy again, in a run of its own: only what shows no sign of the failure any more may take the original's place. */
async function proveOnDisk(bench: Bench, disk: PreparedDisk, results: OfflineResult[]): Promise<Progress<'mended'>> {
  const after = await look(bench, disk, needsOf(bench.input), 'look-again');
  if (after.kind !== 'done') return after;
  // What the running Windows does is not on a disk; it is proven when it runs again.
  const written = bench.input.plan.changes.filter((_change, index) => results[index]?.outcome !== 'comes-with-boot');
  const broken = written.find((one) => !holds(one, after.value.evidence));
  if (!broken) return done('mended', results.map(sentenceOf).join(' '));
  return end('not-repaired', 'copy-not-mended', `${changeTitle(broken)}: read again on the copy, it is not so.`);
}

async function release(bench: Bench): Promise<Progress<'released'>> {
  const { tools, input, copy } = bench;
  if (!(await wasPrepared(bench))) return done('released', '');
  const run = await runScript(tools, input, {
    ...orderOf(bench, 'release'),
    isOwed: true,
    timeoutSeconds: diskScriptTimeoutSeconds,
    render: (key, place) => renderRelease(key, copy, place),
    read: (parts, nonce) => readRelease(parts, { nonce }),
  });
  if (run.kind === 'wait' || run.kind === 'end') return run;
  if (run.kind === 'unanswered') return unanswered('The copy could not be let go', run);
  if (isReleased(run.answer)) return done('released', '');
  const what = run.answer.notReleased.map(({ what: kind, name }) => `${kind} ${name}`).join(', ');
  return end(
    'not-repaired',
    'copy-not-released',
    `The recovery VM still holds on to the copy: ${what || 'it is online'}.`,
  );
}

/** Whether the disk was taken, or was about to be. */
async function wasPrepared(bench: Bench): Promise<boolean> {
  const { name, on } = orderOf(bench, 'prepare');
  const { repairId } = bench.input;
  const runId = runCommandIdOf(on, guestRunName({ repairId, name, part: 1 }));
  return (await debtOf(bench.tools, repairId, runId)) !== undefined;
}

function unanswered(what: string, run: Parameters<typeof whyUnanswered>[0]): Progress<never> {
  return end('not-repaired', 'copy-not-mended', `${what}: ${whyUnanswered(run)}`);
}

/**
 * On record before the copy is written. What each change found and wrote follows when the run has told it: the ledger keeps the
 * first value before, so that it is recorded only then.
 */
async function recordWayBack({ tools, input }: Bench): Promise<void> {
  await tools.ledger.recordChange(input.repairId, { ...wholeCopy(input), at: new Date().toISOString() });
}

async function recordOutcome({ tools, input }: Bench, results: OfflineResult[]): Promise<void> {
  await tools.ledger.recordChange(input.repairId, {
    ...wholeCopy(input),
    after: results.map(sentenceOf).join(' '),
    written: results.some(({ outcome }) => outcome === 'changed' || outcome === 'failed'),
    at: new Date().toISOString(),
  });
}

function wholeCopy({ round }: RecoveryInput) {
  return {
    change: `copy-${round}`,
    title: `Mend copy ${round} of the OS disk`,
    before: 'as the disk of the stopped VM was',
    undo: '(the original disk has it as it was)',
  };
}

async function record({ tools, input }: Bench, result: OfflineResult): Promise<void> {
  const at = new Date().toISOString();
  const { change, title } = result;
  const about = {
    change: changeOnCopy(change, input.round),
    title: `${title} (on copy ${input.round} of the disk)`,
    at,
  };
  switch (result.outcome) {
    case 'changed':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: result.after,
        undo: result.undo,
        written: true,
      });
    case 'right-already':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: `left alone: ${result.before}`,
        undo: '(nothing was written)',
        written: false,
      });
    case 'comes-with-boot':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: 'Windows was off',
        after: result.reason,
        undo: '(nothing was written)',
        written: false,
      });
    case 'failed':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: `failed: ${result.reason}`,
        undo: '(the copy goes in nowhere)',
      });
  }
}

function sentenceOf(result: OfflineResult): string {
  switch (result.outcome) {
    case 'changed':
      return `${result.title}: ${result.before} → ${result.after}.`;
    case 'right-already':
      return `${result.title}: was right already, left alone.`;
    case 'comes-with-boot':
      return `${result.title}: ${result.reason}`;
    case 'failed':
      return `${result.title}: failed, ${result.reason}.`;
  }
}
