import { changeName, changeTitle, type ChangeResult } from '../guest/changes';
import { readChange, renderChanges, stateBefore, undoOf } from '../guest/live-changes';
import { nothingToUndo } from '../guest/undo';
import { collectEvidence } from './collected-evidence';
import { inStep } from './in-step';
import type { AboutRepair } from './input';
import { permittedPlan } from './on-record';
import { plannedInput, planNotOnRecord, type Plan } from './plan';
import { done, end, type Progress } from './progress';
import { runInGuest, whyUnanswered } from './run-in-guest';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Carries out the plan's changes in the guest. The way back is recorded before anything is written. An answer that
 * cannot be read does not say that nothing was written: verification looks for itself.
 */
export async function applyChanges(tools: Tools, given: unknown): Promise<Progress<'applied' | 'unclear'>> {
  const about = plannedInput.parse(given);
  const step: Step = { step: 'apply', title: 'Make the changes in the guest by Run Command' };
  return inStep(tools, about.repairId, step, async () => {
    // Only a plan that policy has permitted, which took one of the places for changes, is carried out.
    const plan = await permittedPlan(tools, about.repairId);
    if (plan?.hash !== about.planHash || !plan.routes.includes('run-command'))
      return end('refused', ...planNotOnRecord);
    const run = await runInGuest(tools, about, {
      name: 'apply',
      purpose: 'change',
      commands: renderChanges(plan.changes),
      found: plan.title,
      beforeBegin: () => recordWayBack(tools, about, plan),
    });
    if (run.kind === 'wait' || run.kind === 'end') return run;
    if (run.kind === 'unanswered' && !run.begun) {
      return end('not-repaired', 'guest-not-reachable', `${plan.title}. Nothing was changed: ${whyUnanswered(run)}`);
    }
    if (run.kind === 'unanswered')
      return done('unclear', `What was changed is not known: ${whyUnanswered(run)}`, 'failed');
    const results = plan.changes.map((change) => readChange(change, run.answer));
    for (const result of results) await recordResult(tools, about.repairId, result);
    const failed = results.filter(({ outcome }) => outcome === 'failed');
    const detail = results.map(sentenceOf).join(' ');
    return done('applied', detail, failed.length > 0 ? 'failed' : 'done');
  });
}

async function recordWayBack({ ledger }: Tools, about: AboutRepair, { changes }: Plan): Promise<void> {
  const { repairId } = about;
  // Of all sources: a value that only another one can see, such as an inherited one, has its way back, too.
  const { evidence, missing } = await collectEvidence(ledger, about);
  if (missing.includes('run-command')) {
    throw new Error('What the guest showed before is not on record, so the way back is not known.');
  }
  for (const change of changes) {
    const before = stateBefore(change, evidence);
    await ledger.recordChange(repairId, {
      change: changeName(change),
      place: { kind: 'guest' },
      title: changeTitle(change),
      before: before?.text ?? 'not known',
      undo: undoOf(change, before),
      at: new Date().toISOString(),
    });
  }
}

async function recordResult({ ledger }: Tools, repairId: string, result: ChangeResult): Promise<void> {
  const { change, title, before } = result;
  const undo = result.outcome === 'right-already' ? nothingToUndo('nothing was written') : result.undo;
  const written = { changed: true, 'right-already': false, failed: undefined }[result.outcome];
  const at = new Date().toISOString();
  const place = { kind: 'guest' } as const;
  await ledger.recordChange(repairId, { change, place, title, before, after: afterOf(result), undo, written, at });
}

function afterOf(result: ChangeResult): string {
  switch (result.outcome) {
    case 'changed':
      return result.after;
    case 'right-already':
      return `left alone: ${result.before}`;
    case 'failed':
      return `failed: ${result.reason}`;
  }
}

function sentenceOf(result: ChangeResult): string {
  switch (result.outcome) {
    case 'changed':
      return `${result.title}: ${result.before} → ${result.after}.`;
    case 'right-already':
      return `${result.title}: was right already, left alone.`;
    case 'failed':
      return `${result.title}: failed, ${result.reason}.`;
  }
}
