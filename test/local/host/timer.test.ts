import { app, type Timer } from '@azure/functions';
import { openStore } from '../../../local/host/durable/store';
import { createTimerTrigger } from '../../../local/host/triggers/timer';
import { temporaryFolder, testHost } from '../../conformance/support/test-host';

interface Fired {
  isPastDue: boolean;
  last: string;
  next: string;
}

/** A timer trigger on its own, with what it fired. */
function trigger(stateFolder: string, binding: { schedule: string; runOnStartup?: boolean; useMonitor?: boolean }) {
  const store = openStore(stateFolder);
  const fired: Fired[] = [];
  let announce: (() => void) | undefined;
  const timer = createTimerTrigger({
    functionName: 'timed',
    binding,
    store,
    log: () => undefined,
    fire: (payload) => {
      const { IsPastDue, ScheduleStatus } = JSON.parse(payload) as {
        IsPastDue: boolean;
        ScheduleStatus: { Last: string; Next: string };
      };
      fired.push({ isPastDue: IsPastDue, last: ScheduleStatus.Last, next: ScheduleStatus.Next });
      announce?.();
      return Promise.resolve();
    },
  });
  const times = (count: number) =>
    new Promise<void>((resolve) => {
      announce = () => fired.length >= count && resolve();
      announce();
    });
  const end = () => {
    timer.stop();
    store.close();
  };
  return { timer, store, fired, times, end };
}

const yearly = '0 0 0 1 1 *';

describe('local/host/timer: timer triggers', () => {
  it('fire by their schedule, again and again', async () => {
    const { timer, fired, times, end } = trigger(temporaryFolder(), { schedule: '* * * * * *' });
    timer.start();
    await times(2);
    end();
    expect(fired.map(({ isPastDue }) => isPastDue)).toEqual([false, false]);
  });

  it('fire at the start when they are to, and not otherwise', async () => {
    const onStart = trigger(temporaryFolder(), { schedule: yearly, runOnStartup: true });
    onStart.timer.start();
    await onStart.times(1);
    onStart.end();
    const otherwise = trigger(temporaryFolder(), { schedule: yearly });
    otherwise.timer.start();
    otherwise.end();
    expect(onStart.fired).toHaveLength(1);
    expect(otherwise.fired).toEqual([]);
  });

  it('make up for a run that was missed while the host was down, and say so', async () => {
    const folder = temporaryFolder();
    const before = openStore(folder);
    const last = '2020-01-01T00:00:00.000Z';
    before.putSchedule('timed', { last, next: '2021-01-01T00:00:00.000Z', lastUpdated: last });
    before.close();
    const { timer, store, fired, times, end } = trigger(folder, { schedule: yearly });
    timer.start();
    await times(1);
    expect(fired).toEqual([{ isPastDue: true, last, next: '2021-01-01T00:00:00.000Z' }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(Date.parse(store.schedule('timed')?.next ?? '')).toBeGreaterThan(Date.now());
    end();
  });

  it('forget what was missed when they are not monitored', () => {
    const folder = temporaryFolder();
    const before = openStore(folder);
    before.putSchedule('timed', { last: '2020-01-01', next: '2021-01-01', lastUpdated: '2020-01-01' });
    before.close();
    const { timer, fired, end } = trigger(folder, { schedule: yearly, useMonitor: false });
    timer.start();
    end();
    expect(fired).toEqual([]);
  });

  it('can be fired by hand, whatever their schedule, with the payload that the library expects', async () => {
    let received: Timer | undefined;
    let announce = (): void => undefined;
    const fired = new Promise<void>((resolve) => (announce = resolve));
    const host = await testHost(() => {
      app.timer('timed', {
        schedule: yearly,
        handler: (timer) => {
          received = timer;
          announce();
        },
      });
    });
    const response = await fetch(`${host.url}/admin/functions/timed?code=${host.keys.master}`, { method: 'POST' });
    expect(response.status).toBe(202);
    await fired;
    expect(received).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
    expect(Date.parse(received?.scheduleStatus.next ?? '')).toBeGreaterThan(Date.now());
  });

  it('with a schedule that is not understood keep the host from starting', async () => {
    const register = () => app.timer('timed', { schedule: 'every day', handler: () => undefined });
    await expect(testHost(register)).rejects.toThrow(/'every day' has 2 fields/);
  });
});
