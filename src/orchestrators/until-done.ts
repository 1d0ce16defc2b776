import { callTold, endedByFault, nowIn, sleep, type Steps, type Story, type UntilDoneInput } from './durable';
import type { Conclusion, Progress } from '../activities/progress';
import { isWaitable } from './waitable';

const firstPauseMs = 2_000;
const longestPauseMs = 15_000;
/** A timer may fire so much early (ms): a message is hidden for whole seconds (Azure/durabletask: TaskHubQueue.cs, GetVisibilityDelay). */
const earliestMs = 1_000;
/** A longer wait than this was asked for by Azure, and a call too early is in vain; ms. */
const longestLook = 10_000;

/**
 * Asks an activity again and again, with pauses from 2 s growing to 15 s or as long as Azure asks for, until it is
 * done, ends the repair, or the deadline has passed: then what it waited for last says how it ends, if it has a code of its own. A
 * declared wait is given back instead, for the next one to go on with. Told to wait 0 ms, it asks at once. Timers may fire early, so times
 * are compared after waking, and no wait is set again for the rest of a second. Throws where it is told to ask for
 * something else than it asks for.
 */
export function* untilDone(story: Story, input: UntilDoneInput): Steps<Progress<unknown>> {
  if (!isWaitable(input.activity))
    throw new Error('untilDone asks for no such activity (src/orchestrators/waitable.ts).');
  let deadline = nowIn(story) + input.patience.deadlineMs;
  let pause = firstPauseMs;
  let asked = input.firstWaitMs;
  let heard = '';
  let told: Conclusion | undefined;
  let declared: Progress<unknown> | undefined;
  while (nowIn(story) < deadline) {
    const left = Math.max(0, deadline - nowIn(story));
    if (asked !== 0) yield* sleep(story, pauseOf(asked, pause, left));
    const { progress, awayMs } = yield* ask(story, input);
    // While the record was away nothing could be done about what is waited for.
    deadline += awayMs;
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

/** What Azure asked for is not asked earlier, and what is waited for last is over: timers fire up to 1 s early. */
function pauseOf(asked: number | undefined, pause: number, left: number): number {
  const wanted = asked ?? pause;
  if (wanted >= left) return left + earliestMs;
  return asked !== undefined && asked > longestLook ? asked + earliestMs : wanted;
}

function* ask(
  story: Story,
  { activity, input, faultEnds }: UntilDoneInput,
): Steps<{ progress: Progress<unknown>; awayMs: number }> {
  try {
    const { answer, awayMs } = yield* callTold(story, activity, input);
    return { progress: answer, awayMs };
  } catch (error) {
    if (!faultEnds) throw error;
    return { progress: { kind: 'end', conclusion: endedByFault(error) }, awayMs: 0 };
  }
}
