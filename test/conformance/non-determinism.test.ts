import * as df from 'durable-functions';
import { orchestration, testHost, type TestHost } from './support/test-host';

let host: TestHost;
/** What the orchestrators below do differently on their later runs, as code that was changed would. */
let runs = 0;
let attempts = 0;

beforeAll(async () => {
  host = await testHost(() => {
    df.app.activity('a', { handler: () => 'a' });
    df.app.activity('b', { handler: () => 'b' });
    df.app.activity('boom', {
      handler: () => {
        throw new Error('boom');
      },
    });
    df.app.activity('fails twice', {
      handler: () => {
        attempts += 1;
        if (attempts <= 2) throw new Error('again');
        return 'late';
      },
    });
    orchestration('otherActivity', function* (context) {
      runs += 1;
      yield context.df.callActivity(runs === 1 ? 'a' : 'b');
    });
    orchestration('otherKind', function* (context) {
      runs += 1;
      if (runs > 1) yield context.df.createTimer(new Date(0));
      yield context.df.callActivity('a');
    });
    orchestration('asksForLess', function* (context) {
      runs += 1;
      if (runs === 1) yield context.df.callActivity('a');
      yield context.df.waitForExternalEvent('go');
    });
    orchestration('failsWhileSiblingRetries', function* (context) {
      const retried = context.df.callActivityWithRetry('fails twice', new df.RetryOptions(1, 5));
      try {
        yield context.df.Task.all([context.df.callActivity('boom'), retried]);
      } catch {
        yield context.df.callActivity('a');
      }
      return 'done';
    });
  });
});

beforeEach(() => {
  runs = 0;
  attempts = 0;
});

describe('conformance/non-determinism: non-determinism is detected and named', () => {
  it.each([
    [
      'otherActivity',
      /history of instance '(\w+)' has activity 'a' under id 0, .* asks for activity 'b' under that id/,
    ],
    ['otherKind', /history of instance '(\w+)' has activity 'a' under id 0, .* asks for timer under that id/],
    ['asksForLess', /history of instance '(\w+)' has activity 'a' under id 0, .* asks for nothing under that id/],
  ])('in %s', async (name, message) => {
    const id = await host.start(name);
    const status = await host.ended(id);
    expect(status.runtimeStatus).toBe('Failed');
    expect(message.exec(status.output as string)?.[1]).toBe(id);
    expect(host.log.join('\n')).toContain(`Instance '${id}' (${name}) failed: Non-deterministic orchestration`);
  });

  it('where the ids of host and library part: a child of Task.all throws while another one retries', async () => {
    const id = await host.start('failsWhileSiblingRetries');
    const status = await host.ended(id);
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(/Non-deterministic orchestration: in instance '\w+' the history has outstanding/);
    expect(status.output).toContain(`'${id}'`);
  });
});
