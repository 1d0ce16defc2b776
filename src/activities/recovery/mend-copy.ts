import { z } from 'zod';
import { changeTitle, holds, proofOf } from '../../guest/changes';
import { factOf, inOrderOfFreshness, type Evidence } from '../../guest/evidence';
import { canReadOffline, type OfflineNeed } from '../../guest/offline';
import {
  hasOfflineWrites,
  readOfflineChange,
  renderOfflineChanges,
  type OfflineResult,
} from '../../guest/offline-changes';
import type { OfflineTarget } from '../../guest/offline-changes/offline-change';
import type { PreparedDisk } from '../../guest/routes/recovery-vm-answers';
import { signatureOf } from '../../signatures';
import { getEvidence, putCopyEvidence } from '../collected-evidence';
import { inStep } from '../in-step';
import { done, end, type Progress } from '../progress';
import { runInGuest } from '../run-in-guest';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { addOptions, loaderNeeds } from './add-options';
import { recordChange, recordOutcome, recordWayBack, sentenceOf, type CopyBench } from './copy-record';
import { attachedDisk, look, orderOf, prepare, unanswered, workAndRelease } from './disk-bench';
import { recoveryInputOf, recoveryRequest, type RecoveryInput } from './input';
import { benchOfCopy, copyOf, recoveryVmIdOf } from './names';

/**
 * Mends the copy on the recovery VM: brings it online, looks whether it still shows the failure, backs up and changes what the
 * plan says, reads it again, and lets it go. Each run is found again by its name; whatever comes of the others, the disk is let go.
 */
export async function mendCopy(tools: Tools, given: unknown): Promise<Progress<'mended'>> {
  const request = recoveryRequest.parse(given);
  const step: Step = { step: `mend-${request.round}`, title: 'Mend the copy on the recovery VM' };
  return inStep(tools, request.repairId, step, async () => {
    const known = await recoveryInputOf(tools, request);
    if (known.kind === 'end') return known;
    const { input } = known;
    const disk = await attachedDisk(tools, copyOf(input, input.recovery, input.round));
    if (disk.kind !== 'done') return disk;
    const recoveryVmId = recoveryVmIdOf(input, input.recovery);
    const name = benchOfCopy(input.round);
    const bench = { tools, input, recoveryVmId, disk: disk.value, name, called: 'The copy' };
    return workAndRelease(bench, { name: `mended-${input.round}`, value: z.literal('mended') }, () => work(bench));
  });
}

async function work(bench: CopyBench): Promise<Progress<'mended'>> {
  const prepared = await prepare(bench);
  if (prepared.kind !== 'done') return prepared;
  const disk = prepared.value;
  if (disk.isMarkedDirty) {
    return end(
      'not-repaired',
      'volume-dirty',
      'Windows has marked the volume for a check: it must not be written before.',
    );
  }
  const needs = needsOf(bench.input);
  const before = await look(bench, disk, needs, 'look');
  if (before.kind !== 'done') return before;
  const { target } = before.value;
  const { ledger } = bench.tools;
  await putCopyEvidence(ledger, bench.input, { evidence: before.value.evidence });
  // Events and the last boot are not read there: what the first snapshot showed of them still holds.
  const earlier = (await getEvidence(ledger, bench.input, 'snapshot-disk'))?.evidence ?? [];
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
  return change(bench, disk, { target, evidence });
}

/** What recognises the failure on a disk, and what shows that each change holds. */
function needsOf({ plan }: RecoveryInput): OfflineNeed[] {
  const needs = [
    ...signatureOf(plan.signature).needs,
    ...plan.changes.map(proofOf),
    { kind: 'windows-installation' as const },
    { kind: 'control-sets' as const },
    ...loaderNeeds(plan),
  ].filter(canReadOffline);
  return [...new Map(needs.map((need) => [JSON.stringify(need), need])).values()];
}

interface Looked {
  target: OfflineTarget;
  evidence: Evidence[];
}

async function change(bench: CopyBench, disk: PreparedDisk, { target, evidence }: Looked): Promise<Progress<'mended'>> {
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
  for (const result of results) await recordChange(bench, result);
  await recordOutcome(bench, results);
  const failed = results.find(({ outcome }) => outcome === 'failed');
  if (failed?.outcome === 'failed') {
    return end('not-repaired', 'copy-not-mended', `${failed.title}: ${failed.reason}. The copy goes in nowhere.`);
  }
  // Before the last look, so that it proves the cure on what goes in.
  const options = await addOptions(bench, { target, evidence });
  if (options.kind !== 'done') return options;
  await recordOutcome(bench, [...results, ...options.value]);
  return proveOnDisk(bench, disk, { cure: results, options: options.value });
}

/** Reads the copy again, in a run of its own: only what shows no sign of the failure any more may take the original's place. */
async function proveOnDisk(
  bench: CopyBench,
  disk: PreparedDisk,
  { cure, options }: Record<'cure' | 'options', OfflineResult[]>,
): Promise<Progress<'mended'>> {
  const after = await look(bench, disk, needsOf(bench.input), 'look-again');
  if (after.kind !== 'done') return after;
  // What the running Windows does is not on a disk; it is proven when it runs again.
  const written = bench.input.plan.changes.filter((_change, index) => cure[index]?.outcome !== 'comes-with-boot');
  const broken = written.find((one) => !holds(one, after.value.evidence));
  if (!broken) return done('mended', [...cure, ...options].map(sentenceOf).join(' '));
  return end('not-repaired', 'copy-not-mended', `${changeTitle(broken)}: read again on the copy, it is not so.`);
}
