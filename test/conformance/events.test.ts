import * as df from 'durable-functions';
import { orchestration, testHost, type TestHost } from './support/test-host';

let host: TestHost;

beforeAll(async () => {
  host = await testHost(() => {
    df.app.activity('echo', { handler: (input) => input as unknown });
    orchestration('takesThree', function* (context) {
      const values: unknown[] = [];
      for (let index = 0; index < 3; index += 1) values.push(yield context.df.waitForExternalEvent('value'));
      return values;
    });
    orchestration('worksThenTakes', function* (context) {
      yield context.df.waitForExternalEvent('begin');
      const first = yield context.df.callActivity('echo', 1);
      return [first, yield context.df.waitForExternalEvent('early')];
    });
    orchestration('takesEither', function* (context) {
      const yes = context.df.waitForExternalEvent('yes');
      const no = context.df.waitForExternalEvent('no');
      return (yield context.df.Task.any([yes, no])) === yes ? 'yes' : 'no';
    });
  });
});

function raise(id: string, name: string, data?: unknown): Promise<Response> {
  return host.manage('POST', `instances/${id}/raiseEvent/${name}`, data);
}

describe('conformance/events: external events', () => {
  it('are taken in the order in which they were raised', async () => {
    const id = await host.start('takesThree');
    for (const value of [1, { two: 2 }, 'three']) expect((await raise(id, 'value', value)).status).toBe(202);
    expect((await host.ended(id)).output).toEqual([1, { two: 2 }, 'three']);
  });

  it('are null when they carry nothing', async () => {
    const id = await host.start('takesThree');
    for (let index = 0; index < 3; index += 1) await raise(id, 'value');
    expect((await host.ended(id)).output).toEqual([null, null, null]);
  });

  it('that come early are kept until they are waited for', async () => {
    const id = await host.start('worksThenTakes');
    await raise(id, 'early', 'kept');
    await raise(id, 'begin');
    expect((await host.ended(id)).output).toEqual([1, 'kept']);
  });

  it('of another name, or of the same in other letters, wake nobody', async () => {
    const id = await host.start('takesEither');
    await raise(id, 'other');
    await raise(id, 'YES');
    await raise(id, 'no');
    expect((await host.ended(id)).output).toBe('no');
  });

  it('must be JSON', async () => {
    const id = await host.start('takesThree');
    const key = host.keys.system.durabletask_extension;
    const target = `${host.url}/runtime/webhooks/durabletask/instances/${id}/raiseEvent/value?code=${key}`;
    expect((await fetch(target, { method: 'POST', body: 'no json' })).status).toBe(400);
  });
});
