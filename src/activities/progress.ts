import { z } from 'zod';
import { deniedByPolicyCode } from '../azure/policy-refusal';
import type { ArmFailure } from '../azure/ports';
import { endings, type Ending, type StepRecord } from '../ledger/ports';
import { outcomeCode, type OutcomeCode } from '../outcome-codes';

/**
 * How a repair ends, and why: the code is one of src/outcome-codes.ts, the reason is for people and may quote guest output, so it
 * is hostile.
 */
export const conclusion = z.object({ ending: z.enum(endings), code: outcomeCode, reason: z.string() });
export type Conclusion = z.infer<typeof conclusion>;

/**
 * To be asked again. `late` is how the repair ends if this is what is still waited for when the step's time is over: what is
 * missing or in the way has a code of its own.
 */
export interface Waiting {
  kind: 'wait';
  afterMs?: number;
  reason: string;
  late?: Conclusion;
  /** It is on the repair's record until when this may last, and the activity ends it: the step's own deadline does not. */
  isDeclared?: true;
}

/**
 * What a repeatable activity answers: it is done, it should be asked again later, or the repair ends here. Plain data,
 * because it becomes part of the orchestration's history.
 */
export type Progress<T> =
  | { kind: 'done'; value: T; detail: string; outcome?: NonNullable<StepRecord['outcome']> }
  | Waiting
  | { kind: 'end'; conclusion: Conclusion };

const outcome = z.enum({
  done: 'done',
  'nothing-to-do': 'nothing-to-do',
  failed: 'failed',
  refused: 'refused',
} satisfies { [Word in NonNullable<StepRecord['outcome']>]: Word });

/** An end of a step that is read back from a repair's documents; `value` is what the step gives. */
export function endedProgress<T>(value: z.ZodType<T>): z.ZodType<Exclude<Progress<T>, { kind: 'wait' }>> {
  return z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('done'), value, detail: z.string(), outcome: outcome.optional() }),
    z.strictObject({ kind: z.literal('end'), conclusion }),
  ]);
}

/** The step is done; `detail` is one sentence for the timeline. */
export function done<T>(value: T, detail: string, outcome?: NonNullable<StepRecord['outcome']>): Progress<T> {
  return { kind: 'done', value, detail, outcome };
}

/** Ask again, after `afterMs` if given, otherwise with the usual back-off. */
export function wait(reason: string, afterMs?: number, late?: Conclusion): Waiting {
  return { kind: 'wait', reason, afterMs, ...(late ? { late } : {}) };
}

/** The repair ends here. */
export function end(ending: Ending, code: OutcomeCode, reason: string): { kind: 'end'; conclusion: Conclusion } {
  return { kind: 'end', conclusion: { ending, code, reason } };
}

/**
 * What a failed call to ARM means for the repair. `doing` says what was tried ("take the snapshot").
 * A missing permission names the action, so that the reader knows which role to mend.
 */
export function progressOf(failure: ArmFailure, doing: string): Exclude<Progress<never>, { kind: 'done' }> {
  switch (failure.kind) {
    case 'wait':
      return wait(`Azure asks us to wait (${failure.code}) before we ${doing}.`, failure.retryAfterMs);
    case 'forbidden':
      return end(
        'refused',
        'permission-missing',
        `To ${doing}, the action ${failure.action} is needed on ${failure.scope}, and no role grants it.`,
      );
    case 'not-found':
      return end('refused', 'not-found', `To ${doing} was not possible: ${failure.message}`);
    case 'rejected':
      if (failure.code === deniedByPolicyCode)
        return end('not-repaired', 'policy-denied', policyDenied(failure, doing));
      return end('not-repaired', 'azure-rejected', `Azure refused to ${doing} (${failure.code}): ${failure.message}`);
  }
}

/** Names what a person has to look for in the portal: the assignments, or Azure's own words where it names none. */
function policyDenied(failure: Extract<ArmFailure, { kind: 'rejected' }>, doing: string): string {
  const { code, deniedBy = [], message } = failure;
  const named = deniedBy.map(({ name, id }) => `"${name}" (${id})`).join(', ');
  const by = named === '' ? `: ${message}` : `, by the assignment ${named}.`;
  return `Azure Policy denied to ${doing} (${code})${by}`;
}
