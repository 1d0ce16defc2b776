import type { Ending, StepRecord } from '../ledger/ports';
import type { Progress } from './progress';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Runs one activity as a step of the timeline: opens it before, closes it once it is done or ends the repair. A step
 * that waits stays open and is entered again. Safe to repeat.
 */
export async function inStep<T>(
  tools: Tools,
  repairId: string,
  step: Step,
  act: () => Promise<Progress<T>>,
): Promise<Progress<T>> {
  const { ledger, log, repair } = tools;
  await ledger.beginStep(repairId, { ...step, startedAt: new Date().toISOString() });
  // A step that waits is entered many times, and has told of itself the first time.
  if (repair?.phase !== step.title) await ledger.updateRepair(repairId, { phase: step.title });
  const progress = await act();
  if (progress.kind === 'wait') return progress;
  const closing = closingOf(progress);
  await ledger.endStep(repairId, step.step, { ...closing, endedAt: new Date().toISOString() });
  log('stepEnded', { repairId, step: step.step, outcome: closing.outcome });
  return progress;
}

function closingOf<T>(progress: Exclude<Progress<T>, { kind: 'wait' }>) {
  if (progress.kind === 'done') return { outcome: progress.outcome ?? 'done', detail: progress.detail } as const;
  return { outcome: outcomeOf(progress.conclusion.ending), detail: progress.conclusion.reason } as const;
}

function outcomeOf(ending: Ending): NonNullable<StepRecord['outcome']> {
  if (ending === 'not-repaired' || ending === 'not-rolled-back') return 'failed';
  return nothingToRepair.includes(ending) ? 'done' : 'refused';
}

/** Endings that say that there was nothing to be done. */
const nothingToRepair: readonly Ending[] = ['healthy', 'not-recognised', 'recovered-by-itself'];
