import fc from 'fast-check';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithUs } from '../../local/processes';
import {
  grantAfter,
  grantMs,
  holdSharedTime,
  keepSharedTime,
  newClock,
  type SharedTime,
} from '../../local/shared-time';

const speed = 10;
/** Real ms for which a process computes: far more than time may run on without it. */
const computeMs = 1000;

let folder: string;
let clock: { origin: number };
let time: SharedTime;
let stopKeeping: () => void;
let other: ChildProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const settings = newClock(folder, speed);
  clock = JSON.parse(settings) as { origin: number };
  time = holdSharedTime(folder);
  stopKeeping = keepSharedTime(folder);
  other = fork(join(__dirname, 'support/clock-process.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, LOCAL_CLOCK: settings },
  });
  endWithUs(other);
  await once(other, 'message');
  // Time that runs beyond what is granted now was let run by somebody who knows of the new heart.
  await untilAfter(now() + 2 * grantMs * speed);
});

afterEach(() => {
  other.kill('SIGKILL');
  stopKeeping();
  rmSync(folder, { recursive: true, force: true });
});

describe('local/shared-time', () => {
  it('runs the slower the later the hearts beat, and never stops for good (hazard: requests take ten times as long, deadlines do not)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 100_000 }), (one, another) => {
        const [early, late] = [Math.min(one, another), Math.max(one, another)];
        expect(grantAfter(late)).toBeLessThanOrEqual(grantAfter(early));
        expect(grantAfter(early)).toBeLessThanOrEqual(grantMs);
        expect(grantAfter(late)).toBeGreaterThanOrEqual(1);
      }),
    );
    // Of 100 ms that the hearts took, time ran for less than 4; on an idle machine it does not stand still in between.
    expect(grantAfter(100)).toBeLessThan(4);
    expect(grantAfter(15)).toBeGreaterThan(15);
  });

  it('runs while every process gets its turn', async () => {
    await untilAfter(now() + 60_000 / speed);
  });

  it('is the same in all of them', async () => {
    const before = now();
    const told = await ask(0);
    expect(told.before).toBeGreaterThanOrEqual(before);
    expect(told.after).toBeLessThanOrEqual(now());
  });

  it('stands still while one of them computes (hazard: a deadline passes before the process had its turn)', async () => {
    const before = now();
    const told = await ask(computeMs);
    // It may run on to the end of what was granted when the computing began, and be let run once more for a beat before it.
    expect(told.after - told.before).toBeLessThanOrEqual(2 * grantMs * speed);
    expect(told.before).toBeGreaterThanOrEqual(before);
    await untilAfter(told.after + computeMs);
  });

  it('does not wait for one that somebody holds still on purpose, and waits for it again when it goes on', async () => {
    other.kill('SIGSTOP');
    await untilAfter(now() + 10_000);
    other.kill('SIGCONT');
    const told = await ask(computeMs);
    expect(told.after - told.before).toBeLessThanOrEqual(2 * grantMs * speed);
  });

  it('does not wait for one that is dead', async () => {
    const gone = once(other, 'exit');
    other.kill('SIGKILL');
    await gone;
    await untilAfter(now() + 10_000);
  });
});

/** Local ms since the Unix epoch, rounded down as `now` of local/clock does. */
function now(): number {
  return Math.floor(clock.origin + time.elapsed() * speed);
}

async function untilAfter(localMs: number): Promise<void> {
  while (now() <= localMs) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function ask(milliseconds: number): Promise<{ before: number; after: number }> {
  const answer = once(other, 'message');
  other.send(milliseconds);
  const [told] = (await answer) as [{ before: number; after: number }];
  return told;
}
