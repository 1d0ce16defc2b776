import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, toArmFailure } from '../errors';
import type { Answer, ArmFailure } from '../ports';

/** A long-running operation that is begun and seen to its end in one call, bounded by a signal: only where a SAS is at stake. */

/** Pauses between two looks at an operation, in ms. Recorded: both operations end within 0.15 s. */
const lookPausesMs = [150, 300, 600, 1200];

/** The part of the SDK's poller that is used; the poller itself must not be awaited: it would sleep as it likes. */
interface Poller<T> {
  submitted(): Promise<void>;
  poll(options: { abortSignal: AbortSignal }): Promise<unknown>;
  readonly isDone: boolean;
  readonly result: T | undefined;
}

/** Begins a long-running operation and looks at it, at our own pace, until it has ended. */
export async function carriedOut<T>(poller: Poller<T>, signal: AbortSignal): Promise<T | undefined> {
  await poller.submitted();
  for (let attempt = 0; ; attempt += 1) {
    await poller.poll({ abortSignal: signal });
    if (poller.isDone) return poller.result;
    await delay(lookPausesMs[attempt] ?? lookPausesMs.at(-1), undefined, { signal });
  }
}

/** What the call gives, or ARM's failure; `wait` when the signal aborted it. Throws for a fault, without anything of the SDK's. */
export async function answerWithin<T>(signal: AbortSignal, call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    const late = { kind: 'wait', code: 'OutOfTime', message: 'Azure was not done in time.' } as const;
    return { ok: false, failure: signal.aborted ? late : failureOf(error) };
  }
}

// What @azure/core-lro throws for an operation that ended badly is a bare Error with these words.
const operationFailed = /^The long-running operation has failed(?:\. (\w{1,100})\. )?/;

function failureOf(error: unknown): ArmFailure {
  if (!(error instanceof Error)) throw new Error('The SDK threw something that is no error.');
  const [words, code = 'Unknown'] = operationFailed.exec(error.message) ?? [];
  if (words !== undefined) return { kind: 'rejected', code, message: messageOf(error), status: 409 };
  try {
    return toArmFailure(error);
  } catch {
    // A fault of ours. The error that is thrown on holds nothing of the SDK's, whose requests and answers know the SAS.
    throw new Error(`${error.name}: ${messageOf(error)}`);
  }
}
