import * as df from 'durable-functions';
import { gate, orchestration, testHost, type Gate, type TestHost } from './support/test-host';

let host: TestHost;
let slow: Gate;
let slowRuns = 0;

beforeAll(async () => {
  host = await testHost(
    () => {
      df.app.activity('slow', {
        handler: async () => {
          slowRuns += 1;
          await slow.opened;
          return 'slow';
        },
      });
      orchestration('waits', function* (context) {
        const value = yield context.df.waitForExternalEvent('go');
        return { value, input: context.df.getInput() };
      });
      orchestration('parent', function* (context) {
        try {
          return yield context.df.callSubOrchestrator('waits', null, 'child-of-parent');
        } catch (error) {
          return (error as Error).message.split(' \n')[0];
        }
      });
      orchestration('callsSlow', function* (context) {
        return yield context.df.Task.all([1, 2, 3].map(() => context.df.callActivity('slow')));
      });
      orchestration('counts', function* (context) {
        const { count, values } = context.df.getInput<{ count: number; values: unknown[] }>();
        if (count === 3) return values;
        const value = yield context.df.waitForExternalEvent('value');
        context.df.continueAsNew({ count: count + 1, values: [...values, value] });
        return undefined;
      });
      // eslint-disable-next-line require-yield
      orchestration('continuesWithText', function* (context) {
        const input = context.df.getInput();
        if (input === 'text') return input;
        context.df.continueAsNew('text');
        return undefined;
      });
    },
    { hostJson: { extensions: { durableTask: { maxConcurrentActivityFunctions: 1 } } } },
  );
});

beforeEach(() => {
  slow = gate();
  slowRuns = 0;
});

const isRunning = ({ runtimeStatus }: { runtimeStatus: string }) => runtimeStatus === 'Running';

async function post(id: string, operation: string, body?: unknown): Promise<number> {
  return (await host.manage('POST', `instances/${id}/${operation}`, body)).status;
}

async function eventTypes(id: string): Promise<string[]> {
  return ((await host.status(id, 'showHistory=true'))?.historyEvents ?? []).map(({ EventType }) => EventType);
}

describe('conformance/lifecycle: a suspended instance', () => {
  it('keeps its messages waiting and takes them when it is resumed', async () => {
    const id = await host.start('waits', 'in');
    await host.reached(id, isRunning);
    expect(await post(id, 'suspend?reason=lunch')).toBe(202);
    await host.reached(id, ({ runtimeStatus, output }) => runtimeStatus === 'Suspended' && output === 'lunch');
    expect(await post(id, 'raiseEvent/go', 'kept')).toBe(202);
    // Another instance does the same and ends, so the engine has had its chance to take the event.
    const other = await host.start('waits');
    await post(other, 'raiseEvent/go');
    await host.ended(other);
    expect(await host.status(id)).toMatchObject({ runtimeStatus: 'Suspended', output: 'lunch' });
    expect(await post(id, 'resume?reason=back')).toBe(202);
    expect(await host.ended(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { value: 'kept', input: 'in' },
    });
  });

  it('does not change when it is suspended twice, or resumed twice', async () => {
    const id = await host.start('waits');
    await host.reached(id, isRunning);
    expect(await post(id, 'suspend?reason=first')).toBe(202);
    await host.reached(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    expect(await post(id, 'suspend?reason=second')).toBe(202);
    expect(await post(id, 'resume?reason=third')).toBe(202);
    await host.reached(id, isRunning);
    expect(await post(id, 'resume?reason=fourth')).toBe(202);
    await post(id, 'raiseEvent/go');
    await host.ended(id);
    const control = ((await host.status(id, 'showHistory=true'))?.historyEvents ?? [])
      .filter(({ EventType }) => EventType === 'ExecutionSuspended' || EventType === 'ExecutionResumed')
      .map(({ Reason }) => Reason);
    expect(control).toEqual(['first', 'third']);
  });

  it('can be terminated', async () => {
    const id = await host.start('waits');
    await post(id, 'suspend?reason=a');
    await host.reached(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    await post(id, 'terminate?reason=enough');
    expect(await host.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });
});

describe('conformance/lifecycle: a terminated instance', () => {
  it('has ended at once, with the reason as its output, whatever it was waiting for', async () => {
    const id = await host.start('callsSlow');
    await host.reached(id, isRunning);
    expect(await post(id, 'terminate?reason=stop%20it')).toBe(202);
    expect(await host.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'stop it' });
    slow.open();
  });

  it('takes no notice of answers that come later', async () => {
    const id = await host.start('callsSlow');
    await host.reached(id, isRunning);
    await post(id, 'terminate?reason=now');
    await host.ended(id);
    const before = await eventTypes(id);
    slow.open();
    const next = await host.start('callsSlow');
    await host.ended(next);
    expect(await eventTypes(id)).toEqual(before);
  });

  it('fails the parent that waits for it', async () => {
    const id = await host.start('parent');
    await host.reached('child-of-parent', isRunning);
    await post('child-of-parent', 'terminate?reason=no');
    expect((await host.ended(id)).output).toBe('no');
  });
});

describe('conformance/lifecycle: purging', () => {
  it('removes the instance and its history', async () => {
    const id = await host.start('continuesWithText', 'text');
    await host.ended(id);
    const answer = await host.manage('DELETE', `instances/${id}`);
    expect([answer.status, await answer.json()]).toEqual([200, { instancesDeleted: 1 }]);
    expect(await host.status(id)).toBeUndefined();
    expect((await host.manage('DELETE', `instances/${id}`)).status).toBe(404);
  });

  it('clears queued activities, which are then never run', async () => {
    const id = await host.start('callsSlow');
    while (slowRuns === 0) await host.status(id);
    await post(id, 'terminate?reason=x');
    await host.ended(id);
    await host.manage('DELETE', `instances/${id}`);
    slow.open();
    const next = await host.start('callsSlow');
    await host.ended(next);
    // One activity was running when the instance was purged; of its other two nothing is left.
    expect(slowRuns).toBe(4);
  });

  it('is refused while the instance has not ended', async () => {
    const id = await host.start('waits');
    expect((await host.manage('DELETE', `instances/${id}`)).status).toBe(412);
    expect(await host.status(id)).toBeDefined();
  });

  it('by filter removes what has ended and was created in the given time', async () => {
    const ended = await host.start('continuesWithText', 'text');
    const running = await host.start('waits');
    await host.ended(ended);
    expect((await host.manage('DELETE', 'instances/')).status).toBe(400);
    const future = await host.manage('DELETE', 'instances/?createdTimeFrom=2999-01-01T00:00:00Z');
    expect(future.status).toBe(404);
    const all = await host.manage('DELETE', 'instances/?createdTimeFrom=2000-01-01T00:00:00Z&runtimeStatus=Completed');
    expect(all.status).toBe(200);
    expect(await host.status(ended)).toBeUndefined();
    expect(await host.status(running)).toBeDefined();
  });
});

describe('conformance/lifecycle: an id that is used again', () => {
  it('is refused while its instance has not ended, and the instance is not disturbed', async () => {
    await host.start('waits', 'first', 'same-id');
    const again = await host.manage('POST', 'orchestrators/waits/same-id', 'second');
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({
      Message: expect.stringMatching(/instance with the status (Pending|Running) already exists/) as string,
    });
    await post('same-id', 'raiseEvent/go', 1);
    expect((await host.ended('same-id')).output).toEqual({ value: 1, input: 'first' });
  });

  it('replaces an instance that has ended, with nothing of its history left', async () => {
    await host.start('continuesWithText', 'text', 'used-id');
    await host.ended('used-id');
    await host.start('waits', 'second', 'used-id');
    await host.reached('used-id', isRunning);
    expect(await host.status('used-id', 'showHistory=true')).toMatchObject({
      name: 'waits',
      input: 'second',
      output: null,
      historyEvents: [{ EventType: 'ExecutionStarted', FunctionName: 'waits' }],
    });
  });

  it.each(['a%5Cb', 'a%23b', 'a%3Fb', '%40entity', 'x'.repeat(257)])('is refused when malformed: %s', async (id) => {
    expect((await host.manage('POST', `orchestrators/waits/${id}`)).status).toBe(400);
  });

  it('is given to only one of many starts at the same time', async () => {
    const starts = Array.from({ length: 8 }, () => host.manage('POST', 'orchestrators/waits/contested'));
    const statuses = (await Promise.all(starts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(7);
  });
});

describe('conformance/lifecycle: continue-as-new', () => {
  it('keeps events that were raised before the next generation waits for them', async () => {
    const id = await host.start('counts', { count: 0, values: [] });
    for (const value of ['a', 'b', 'c']) await post(id, 'raiseEvent/value', value);
    expect((await host.ended(id)).output).toEqual(['a', 'b', 'c']);
  });

  it('delivers kept events after the start of the generation', async () => {
    const id = await host.start('counts', { count: 1, values: [] });
    await post(id, 'suspend?reason=collect');
    await host.reached(id, ({ runtimeStatus }) => runtimeStatus === 'Suspended');
    for (const value of ['a', 'b']) await post(id, 'raiseEvent/value', value);
    await post(id, 'resume?reason=go');
    await host.ended(id);
    expect(await eventTypes(id)).toEqual(['ExecutionStarted', 'ExecutionCompleted']);
    expect(await host.status(id)).toMatchObject({ output: ['a', 'b'], runtimeStatus: 'Completed' });
  });

  it('gives a text as it was given', async () => {
    expect((await host.ended(await host.start('continuesWithText'))).output).toBe('text');
  });
});

describe('conformance/lifecycle: concurrency limits of host.json', () => {
  it('run no more activities at once than allowed', async () => {
    const id = await host.start('callsSlow');
    while (slowRuns === 0) await host.status(id);
    const other = await host.start('waits');
    await post(other, 'raiseEvent/go');
    await host.ended(other);
    expect(slowRuns).toBe(1);
    slow.open();
    expect((await host.ended(id)).output).toEqual(['slow', 'slow', 'slow']);
  });
});
