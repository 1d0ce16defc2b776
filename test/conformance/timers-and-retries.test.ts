import * as df from 'durable-functions';
import { orchestration, testHost, type TestHost } from './support/test-host';

let host: TestHost;
const attempts = new Map<string, number>();

function in1ms(context: df.OrchestrationContext): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + 1);
}
function inAnHour(context: df.OrchestrationContext): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + 3_600_000);
}

beforeAll(async () => {
  host = await testHost(() => {
    df.app.activity('failsUntil', {
      handler: ({ key, good }: { key: string; good: number }) => {
        const attempt = (attempts.get(key) ?? 0) + 1;
        attempts.set(key, attempt);
        if (attempt < good) throw new Error(`attempt ${attempt}`);
        return attempt;
      },
    });
    orchestration('waits', function* (context) {
      const due = in1ms(context);
      yield context.df.createTimer(due);
      return context.df.currentUtcDateTime.getTime() >= due.getTime() ? 'on time' : 'early';
    });
    orchestration('asksOnce', function* (context) {
      return yield context.df.callActivity('failsUntil', { key: context.df.instanceId, good: 1 });
    });
    orchestration('waitsForThePast', function* (context) {
      yield context.df.createTimer(new Date(0));
      return 'fired';
    });
    orchestration('races', function* (context) {
      const timer = context.df.createTimer(inAnHour(context));
      const event = context.df.waitForExternalEvent('event');
      const winner = yield context.df.Task.any([event, timer]);
      if (winner === event) timer.cancel();
      const after = yield context.df.callActivity('failsUntil', { key: context.df.instanceId, good: 1 });
      return { winner: winner === event ? 'event' : 'timer', after };
    });
    orchestration('forgetsToCancel', function* (context) {
      const timer = context.df.createTimer(inAnHour(context));
      yield context.df.Task.any([context.df.waitForExternalEvent('event'), timer]);
      return 'done';
    });
    orchestration('retries', function* (context) {
      const { good, max } = context.df.getInput<{ good: number; max: number }>();
      const options = new df.RetryOptions(1, max);
      options.backoffCoefficient = 2;
      const key = context.df.instanceId;
      try {
        const value = yield context.df.callActivityWithRetry('failsUntil', options, { key, good });
        return { value, next: yield context.df.callActivity('failsUntil', { key: `${key}-next`, good: 1 }) };
      } catch (error) {
        const next = yield context.df.callActivity('failsUntil', { key: `${key}-next`, good: 1 });
        return { error: (error as Error).message.split(' \n')[0], next };
      }
    });
    orchestration('failingChild', function* (context) {
      yield context.df.callActivity('failsUntil', context.df.getInput());
      return 'good';
    });
    orchestration('retriesChild', function* (context) {
      const input = { key: context.df.instanceId, good: 3 };
      return yield context.df.callSubOrchestratorWithRetry('failingChild', new df.RetryOptions(1, 5), input);
    });
    orchestration('retriesSideBySide', function* (context) {
      const tasks = [1, 2, 3].map((good) =>
        context.df.callActivityWithRetry('failsUntil', new df.RetryOptions(1, 3), {
          key: `${context.df.instanceId}-${good}`,
          good,
        }),
      );
      return yield context.df.Task.all(tasks);
    });
  });
});

async function idsOf(instanceId: string): Promise<string[]> {
  const events = (await host.status(instanceId, 'showHistory=true'))?.historyEvents ?? [];
  return events.map(({ EventType }) => EventType).filter((type) => /^Timer|^Task|^SubOrch/.test(type));
}

describe('conformance/timers-and-retries: timers', () => {
  it('fire when they are due and never before', async () => {
    expect((await host.ended(await host.start('waits'))).output).toBe('on time');
  });

  it('fire at once when they are due in the past', async () => {
    expect((await host.ended(await host.start('waitsForThePast'))).output).toBe('fired');
  });

  it('that lost a race and were cancelled do not keep the instance alive', async () => {
    const id = await host.start('races');
    await host.reached(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    await host.manage('POST', `instances/${id}/raiseEvent/event`);
    expect((await host.ended(id)).output).toEqual({ winner: 'event', after: 1 });
    expect(await idsOf(id)).toEqual(['TimerCreated', 'TaskCompleted']);
  });

  it('that lost a race and were not cancelled keep the instance running', async () => {
    const id = await host.start('forgetsToCancel');
    await host.manage('POST', `instances/${id}/raiseEvent/event`);
    for (;;) {
      const events = (await host.status(id, 'showHistory=true'))?.historyEvents ?? [];
      if (events.some(({ EventType }) => EventType === 'EventRaised')) break;
    }
    expect((await host.status(id))?.runtimeStatus).toBe('Running');
  });
});

/** The names of the functions that are being called, as V8 has them. */
function callers(): (string | null)[] {
  const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace') ?? {
    value: undefined,
    configurable: true,
  };
  let names: (string | null)[] = [];
  Error.prepareStackTrace = (_error, sites) => {
    names = sites.map((site) => site.getFunctionName());
    return '';
  };
  void new Error().stack;
  Object.defineProperty(Error, 'prepareStackTrace', before);
  return names;
}

describe('conformance/timers-and-retries: a clock that is set back', () => {
  const realNow = Date.now.bind(Date);

  afterEach(() => {
    Date.now = realNow;
  });

  it('after an activity answered delays the answer, and does not lose it', async () => {
    let answers = 0;
    // Ahead where the engine puts the answer down, and right again where it takes it up.
    Date.now = () => {
      const isAnswer = callers().includes('runActivity');
      if (isAnswer) answers += 1;
      return realNow() + (isAnswer ? 200 : 0);
    };
    const instanceId = await host.start('asksOnce');
    expect(await host.ended(instanceId)).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
    expect(answers).toBeGreaterThan(0);
  });
});

describe('conformance/timers-and-retries: retries', () => {
  it('take an id per attempt and per delay, so that what comes after has the right id', async () => {
    const id = await host.start('retries', { good: 3, max: 5 });
    expect((await host.ended(id)).output).toEqual({ value: 3, next: 1 });
    const pause = ['TimerCreated', 'TimerFired'];
    expect(await idsOf(id)).toEqual(['TaskFailed', ...pause, 'TaskFailed', ...pause, 'TaskCompleted', 'TaskCompleted']);
  });

  it('end with the last error after the last attempt and its dummy timer', async () => {
    const id = await host.start('retries', { good: 9, max: 2 });
    const error = "Activity function 'failsUntil' failed:  attempt 2";
    expect((await host.ended(id)).output).toEqual({ error, next: 1 });
    expect(attempts.get(id)).toBe(2);
    const pause = ['TimerCreated', 'TimerFired'];
    expect(await idsOf(id)).toEqual(['TaskFailed', ...pause, 'TaskFailed', ...pause, 'TaskCompleted']);
  });

  it('work for sub-orchestrations', async () => {
    expect((await host.ended(await host.start('retriesChild'))).output).toBe('good');
  });

  it('run side by side without mixing up their ids', async () => {
    expect((await host.ended(await host.start('retriesSideBySide'))).output).toEqual([1, 2, 3]);
  });
});
