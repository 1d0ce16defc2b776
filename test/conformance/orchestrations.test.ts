import * as df from 'durable-functions';
import { gate, orchestration, testHost, type Gate, type TestHost } from './support/test-host';

let host: TestHost;
let slow: Gate;
const seen: unknown[] = [];
const finishedActivities: string[] = [];

beforeAll(async () => {
  host = await testHost(() => {
    df.app.activity('echo', { handler: (input) => input as unknown });
    df.app.activity('note', { handler: (input) => void seen.push(input) });
    df.app.activity('boom', {
      handler: () => {
        throw new Error('boom');
      },
    });
    df.app.activity('slow', {
      handler: async (name: string) => {
        await slow.opened;
        finishedActivities.push(name);
        return name;
      },
    });
    orchestration('chain', function* (context) {
      const results: unknown[] = [];
      for (const value of ['text', '{"a":1}', 7, 1.5, true, null, { b: [1, 'ä'] }, [1, 2]]) {
        results.push(yield context.df.callActivity('echo', value));
      }
      return results;
    });
    orchestration('withoutInput', function* (context) {
      yield context.df.callActivity('note');
      return context.df.getInput() ?? 'nothing';
    });
    orchestration('echoInput', function* (context) {
      return yield context.df.callActivity('echo', context.df.getInput());
    });
    orchestration('catches', function* (context) {
      try {
        yield context.df.callActivity('boom');
      } catch (error) {
        return (error as Error).message;
      }
      return 'no error';
    });
    orchestration('fails', function* (context) {
      yield context.df.callActivity('boom');
    });
    // eslint-disable-next-line require-yield
    orchestration('throwsAtOnce', function* () {
      throw new Error('at once');
    });
    orchestration('callsUnknown', function* (context) {
      yield context.df.callActivity('noSuchActivity');
    });
    orchestration('parent', function* (context) {
      return yield context.df.callSubOrchestrator('echoInput', 'from parent', context.df.getInput());
    });
    orchestration('parentOfFailure', function* (context) {
      try {
        yield context.df.callSubOrchestrator('fails');
      } catch (error) {
        return (error as Error).message;
      }
      return 'no error';
    });
    orchestration('fanOut', function* (context) {
      const tasks = Array.from({ length: 25 }, (_, index) => context.df.callActivity('echo', index));
      return yield context.df.Task.all(tasks);
    });
    orchestration('allWithFailure', function* (context) {
      try {
        yield context.df.Task.all([context.df.callActivity('boom'), context.df.callActivity('slow', 'sibling')]);
      } catch {
        yield context.df.callActivity('slow', 'rollback');
        return 'rolled back';
      }
      return 'no error';
    });
    orchestration('anyWithLoser', function* (context) {
      const fast = context.df.callActivity('echo', 'fast');
      const winner = yield context.df.Task.any([fast, context.df.callActivity('slow', 'loser')]);
      return winner === fast ? 'fast' : 'slow';
    });
    orchestration('reports', function* (context) {
      context.df.setCustomStatus({ step: 1 });
      yield context.df.waitForExternalEvent('go');
      context.df.setCustomStatus('second');
      return 'done';
    });
    orchestration('reportsTooMuch', function* (context) {
      context.df.setCustomStatus('x'.repeat(9000));
      yield context.df.waitForExternalEvent('go');
    });
    orchestration('replays', function* (context) {
      const first = [context.df.newGuid(context.df.instanceId), context.df.currentUtcDateTime.toISOString()];
      if (!context.df.isReplaying) seen.push('first time');
      const stored = (yield context.df.callActivity('echo', first)) as string[];
      const now = context.df.currentUtcDateTime.toISOString();
      return { same: JSON.stringify(stored) === JSON.stringify(first), later: now >= (stored[1] ?? '') };
    });
    orchestration('knowsItsParent', function* (context) {
      yield context.df.callActivity('echo');
      return context.df.parentInstanceId ?? 'none';
    });
    orchestration('parentOfKnowing', function* (context) {
      return yield context.df.callSubOrchestrator('knowsItsParent');
    });
    orchestration('usesHttp', function* (context) {
      yield context.df.callHttp({ method: 'GET', url: 'http://127.0.0.1/' });
    });
    orchestration('usesEntity', function* (context) {
      yield context.df.callEntity(new df.EntityId('counter', 'a'), 'get');
    });
    orchestration('yieldsNoTask', function* () {
      yield 5 as unknown as df.Task;
    });
  });
});

beforeEach(() => {
  slow = gate();
  seen.length = 0;
  finishedActivities.length = 0;
});

async function outputOf(name: string, input?: unknown): Promise<unknown> {
  return (await host.ended(await host.start(name, input))).output;
}

describe('conformance/orchestrations: activities', () => {
  it('hands every kind of value to the activity and back unchanged', async () => {
    expect(await outputOf('chain')).toEqual(['text', '{"a":1}', 7, 1.5, true, null, { b: [1, 'ä'] }, [1, 2]]);
  });

  it('gives undefined to an activity that is called without input, and null to an orchestration', async () => {
    expect(await outputOf('withoutInput')).toBe('nothing');
    expect(seen).toEqual([undefined]);
  });

  it("throws an activity's error into the orchestrator, with the extension's words before it and .NET JSON after it", async () => {
    expect(await outputOf('catches')).toMatch(
      /^Activity function 'boom' failed: {2}boom \n \{"\$type":"System\.Exception/,
    );
  });

  it('fails the instance when the orchestrator does not catch', async () => {
    const status = await host.ended(await host.start('fails'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/^Orchestrator function 'fails' failed: Activity function 'boom' failed:/);
  });

  it('fails the instance when the orchestrator throws before it yields', async () => {
    const status = await host.ended(await host.start('throwsAtOnce'));
    expect(status).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'throwsAtOnce' failed: at once",
    });
  });

  it('fails the instance when the activity is not registered, and names what is', async () => {
    const status = await host.ended(await host.start('callsUnknown'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/'noSuchActivity' doesn't exist.*'echo'/);
  });

  it('accepts the start of an unknown orchestrator and fails the instance', async () => {
    const status = await host.ended(await host.start('noSuchOrchestrator'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/'noSuchOrchestrator' doesn't exist/);
  });

  it('runs each activity once and writes each answer once', async () => {
    const id = await host.start('fanOut');
    const { output } = await host.ended(id);
    expect(output).toEqual(Array.from({ length: 25 }, (_, index) => index));
    const events = (await host.status(id, 'showHistory=true'))?.historyEvents ?? [];
    expect(events.filter(({ EventType }) => EventType === 'TaskCompleted')).toHaveLength(25);
  });
});

describe('conformance/orchestrations: sub-orchestrations', () => {
  it('run under the given id and hand their output to the parent', async () => {
    expect(await outputOf('parent', 'child-1')).toBe('from parent');
    expect(await host.status('child-1')).toMatchObject({ name: 'echoInput', runtimeStatus: 'Completed' });
  });

  it('know their parent', async () => {
    const id = await host.start('parentOfKnowing');
    expect((await host.ended(id)).output).toBe(id);
  });

  it('throw their failure into the parent', async () => {
    expect(await outputOf('parentOfFailure')).toMatch(
      /^Orchestrator function 'fails' failed: Activity function 'boom'/,
    );
  });

  it('fail at once when an instance of their id is running', async () => {
    await host.start('reports', undefined, 'taken');
    const status = await host.ended(await host.start('parent', 'taken'));
    expect(status.output).toMatch(/status (Pending|Running) already exists: 'taken'/);
    expect(await host.status('taken')).toMatchObject({ name: 'reports' });
  });
});

describe('conformance/orchestrations: Task.all and Task.any', () => {
  it('begins a rollback after a failed Task.all only when the slow sibling has ended, as Azure does', async () => {
    const id = await host.start('allWithFailure');
    await host.reached(id, ({ runtimeStatus }) => runtimeStatus === 'Running');
    for (;;) {
      const events = (await host.status(id, 'showHistory=true'))?.historyEvents ?? [];
      if (!events.some(({ EventType }) => EventType === 'TaskFailed')) continue;
      // The failure is known; the rollback is nevertheless not scheduled.
      expect(events.filter(({ EventType }) => EventType === 'TaskScheduled')).toHaveLength(1);
      break;
    }
    expect(finishedActivities).toEqual([]);
    slow.open();
    expect(await host.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'rolled back' });
    expect(finishedActivities).toEqual(['sibling', 'rollback']);
  });

  it('keeps an instance running until the loser of a Task.any has ended', async () => {
    const id = await host.start('anyWithLoser');
    for (;;) {
      const events = (await host.status(id, 'showHistory=true'))?.historyEvents ?? [];
      if (events.some(({ EventType }) => EventType === 'TaskCompleted')) break;
    }
    expect((await host.status(id))?.runtimeStatus).toBe('Running');
    slow.open();
    expect(await host.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'fast' });
  });
});

describe('conformance/orchestrations: what an orchestrator sees', () => {
  it('is the same on every replay: ids, time, and what was replayed', async () => {
    expect(await outputOf('replays')).toEqual({ same: true, later: true });
    expect(seen).toEqual(['first time']);
  });

  it('shows its custom status while it runs and after it', async () => {
    const id = await host.start('reports');
    await host.reached(id, ({ customStatus }) => JSON.stringify(customStatus) === '{"step":1}');
    await host.manage('POST', `instances/${id}/raiseEvent/go`);
    expect(await host.ended(id)).toMatchObject({ customStatus: 'second', output: 'done' });
  });

  it('may not set a custom status of more than 16 KB', async () => {
    expect(await outputOf('reportsTooMuch')).toMatch(/custom status .* larger than 16 KB/);
  });
});

describe('conformance/orchestrations: what is not supported', () => {
  it.each([
    ['usesHttp', /uses callHttp, which the embedded host does not support/],
    ['usesEntity', /uses callEntity, which the embedded host does not support/],
  ])('fails %s with a message that names it', async (name, message) => {
    const status = await host.ended(await host.start(name));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(message);
  });

  it('fails an orchestrator that yields no task', async () => {
    expect(await outputOf('yieldsNoTask')).toMatch(/Only Task types can be yielded/);
  });
});
