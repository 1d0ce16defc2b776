import * as df from 'durable-functions';
import { inexactTimers } from '../../local/host/durable/timer-due';
import { parseHostJson } from '../../local/host/host-json';
import { temporaryFolder, testHost, type TestHost } from './support/test-host';

let runs = 0;
let onRun: () => Promise<void> = () => Promise.resolve();

function register(): void {
  df.app.activity('held', {
    handler: async () => {
      runs += 1;
      await onRun();
      return 'done';
    },
  });
  df.app.orchestration('story', function* (context) {
    return (yield context.df.callActivity('held', 1)) as string;
  });
}

/** A host in the middle of the activity. */
async function inActivity(stateFolder: string, hostJson?: unknown): Promise<{ host: TestHost; finish: () => void }> {
  runs = 0;
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const begun = new Promise<void>((resolve) => {
    onRun = () => {
      resolve();
      return held;
    };
  });
  const host = await testHost(register, { stateFolder, hostJson });
  await host.start('story', undefined, 'story');
  await begun;
  onRun = () => Promise.resolve();
  return { host, finish };
}

const graceful = { extensions: { durableTask: { useGracefulShutdown: true } } };
const storageProvider = (settings: object) => ({ extensions: { durableTask: { storageProvider: settings } } });

describe('conformance/visibility: what a host has taken when it dies', () => {
  it('is not seen by the next one until its visibility ends, and then is done again', async () => {
    const stateFolder = temporaryFolder();
    const { host } = await inActivity(stateFolder);
    host.crash();
    const next = await testHost(register, { stateFolder, isAtOnce: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await next.status('story'))?.runtimeStatus).toBe('Running');
    expect(runs).toBe(1);
    // What nobody had taken is done at once.
    await next.start('story', undefined, 'another');
    expect((await next.ended('another')).output).toBe('done');
    next.crash();

    const later = await testHost(register, { stateFolder });
    expect((await later.ended('story')).output).toBe('done');
    expect(runs).toBe(3);
  });

  it('is finished, or there for the next one at once, where the host ends gracefully', async () => {
    const stateFolder = temporaryFolder();
    const { host, finish } = await inActivity(stateFolder, graceful);
    const stopped = host.stop();
    finish();
    await stopped;
    const next = await testHost(register, { stateFolder, hostJson: graceful, isAtOnce: true });
    expect((await next.ended('story')).output).toBe('done');
    expect(runs).toBe(1);

    const other = temporaryFolder();
    const unfinished = await inActivity(other, graceful);
    await unfinished.host.stop();
    const after = await testHost(register, { stateFolder: other, hostJson: graceful, isAtOnce: true });
    expect((await after.ended('story')).output).toBe('done');
    expect(runs).toBe(2);
  });

  it('is not seen for as long where it ends without that', async () => {
    const stateFolder = temporaryFolder();
    const { host } = await inActivity(stateFolder);
    await host.stop();
    const next = await testHost(register, { stateFolder, isAtOnce: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await next.status('story'))?.runtimeStatus).toBe('Running');
  });
});

describe('conformance/visibility: host.json', () => {
  const names = ['controlQueueVisibilityTimeout', 'workItemQueueVisibilityTimeout'] as const;

  it.each(names)('takes a %s of 1 to 60 minutes', (name) => {
    for (const [text, ms] of [
      ['00:01:00', 60_000],
      ['01:00:00', 3_600_000],
    ] as const) {
      expect(parseHostJson(storageProvider({ [name]: text })).durable.storageProvider[name]).toBe(ms);
    }
    expect(parseHostJson({}).durable.storageProvider[name]).toBe(300_000);
  });

  it.each(names)('with any other %s is refused by name', (name) => {
    for (const text of ['00:00:59', '01:00:01', '00:00:00']) {
      expect(() => parseHostJson(storageProvider({ [name]: text }))).toThrow(
        new RegExp(`must be between 1 and 60 minutes[^]*${name}`),
      );
    }
  });
});

describe('conformance/visibility: inexact timers', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `instance/${index}`);
  const off = (seed: number) =>
    names.map((name) => inexactTimers(seed, 5_000)(name, { fireAt: 60_000, now: 0 }) - 60_000);

  it('are half of them up to 1 s early, and some late by the polling interval', () => {
    const offs = off(1);
    const early = offs.filter((ms) => ms < 0);
    expect(early.length / offs.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...early)).toBeGreaterThanOrEqual(-1_000);
    expect(Math.min(...early)).toBeLessThan(-900);
    const late = offs.filter((ms) => ms > 0);
    expect(new Set(late)).toEqual(new Set([5_000]));
    expect(late.length / offs.length).toBeCloseTo(0.1, 1);
  });

  it('are the same ones for the same seed, others for another, and never before they are set', () => {
    expect(off(1)).toEqual(off(1));
    expect(off(1)).not.toEqual(off(2));
    for (const name of names) expect(inexactTimers(1, 5_000)(name, { fireAt: 10, now: 0 })).toBeGreaterThanOrEqual(0);
  });
});
