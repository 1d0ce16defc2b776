/**
 * Time that passes only where something waits for it. `Date` and all timers are virtual; whenever no request is on its
 * way and everything waits for a timer, the next one fires at once. So what is measured has no noise of this machine.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { install } from '@sinonjs/fake-timers';

/** Requests on their way. Time stands still meanwhile: ARM's own answers count as part of the activity that asks. */
let onTheirWay = 0;

/** Turns of the event loop after which nothing can be about to happen any more without a timer. */
const quietTurns = 20;

export interface VirtualTime {
  /** ms since the start. */
  now: () => number;
  pause: (ms: number) => Promise<void>;
  /** Lets time pass until the work has ended. */
  passUntil: <T>(work: Promise<T>) => Promise<T>;
}

/** Begins virtual time, for the whole process. */
export function beginVirtualTime(): VirtualTime {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const clock = install({ now, toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  return {
    now: () => Date.now() - now,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    async passUntil(work) {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      work.then(over, over);
      for (;;) {
        await untilQuiet();
        if (isOver) return work;
        await clock.nextAsync();
      }
    },
  };
}

/** Runs a request, during which time stands still; also while the stream is read that it may give. */
export async function onItsWay<T extends { readableStreamBody?: NodeJS.ReadableStream }>(
  request: Promise<T>,
): Promise<T> {
  onTheirWay += 1;
  let body: NodeJS.ReadableStream | undefined;
  try {
    const answer = await request;
    body = answer.readableStreamBody;
    return answer;
  } finally {
    if (body) body.once('close', arrived);
    else arrived();
  }
}

function arrived(): void {
  onTheirWay -= 1;
}

async function untilQuiet(): Promise<void> {
  for (let quiet = 0; quiet < quietTurns; quiet = onTheirWay === 0 ? quiet + 1 : 0) await turn();
}
