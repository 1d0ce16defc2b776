import { call, endedByFault, nowIn, sleep, type Steps, type Story, type UntilDoneInput } from './durable';
import type { Conclusion, Progress } from '../activities/progress';
import { isWaitable } from './waitable';

const firstPauseMs = 2_000;
const longestPauseMs = 15_000;

/**
 * Asks an activity again and again, with pauses from 2 s growing to 15 s or as long as Azure asks for, until it is
 * done, ends the repair, or the deadline has passed: then what it waited for last says how it ends, if it has a code of its own. A
 * declared wait is given back instead, for the next one to go on with. Told to wait 0 ms, it asks at once. Timers may fire early, so times are compared after waking. Throws where it is told to ask for
 * something else than it asks for.
 */
export function* untilDone(story: Story, input: UntilDoneInput): Steps<Progress<unknown>> {
  if (!isWaitable(input.activity))
    throw new Error('untilDone asks for no such activity (src/orchestrators/waitable.ts).');
  const deadline = nowIn(story) + input.patience.deadlineMs;
  let pause = firstPauseMs;
  let asked = input.firstWaitMs;
  let heard = '';
  let told: Conclusion | undefined;
  let declared: Progress<unknown> | undefined;
  while (nowIn(story) < deadline) {
    const left = Math.max(0, deadline - nowIn(story));
    if (asked !== 0) yield* sleep(story, Math.min(asked ?? pause, left));
    const progress = yield* ask(story, input);
    if (progress.kind !== 'wait') return progress;
    if (asked === undefined) pause = Math.min(pause * 2, longestPauseMs);
    asked = progress.afterMs;
    heard = ` The last thing heard: ${progress.reason}`;
    told = progress.late;
    declared = progress.isDeclared ? progress : declared && { ...progress };
  }
  if (declared) return declared;
  const { late, goesOnBy } = input.patience;
  if (told !== undefined && goesOnBy === undefined) return { kind: 'end', conclusion: told };
  return { kind: 'end', conclusion: { ...late, reason: `${late.reason}${heard}` } };
}

function* ask(story: Story, { activity, input, faultEnds }: UntilDoneInput): Steps<Progress<unknown>> {
  try {
    return yield* call(story, activity, input);
  } catch (error) {
    if (!faultEnds) throw error;
    return { kind: 'end', conclusion: endedByFault(error) };
  }
}
