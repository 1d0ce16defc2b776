/** What is purged by times: ended instances with their children, also those whose ids the engine has made, and nothing that runs. */
import { purgeHistoriesBy } from '../../src/orchestrators/durable';
import { orchestration, testHost, type TestHost } from './support/test-host';

let host: TestHost;

beforeAll(async () => {
  host = await testHost(() => {
    // eslint-disable-next-line require-yield
    orchestration('child', function* (context) {
      return context.df.getInput();
    });
    orchestration('parent', function* (context) {
      const first: unknown = yield context.df.callSubOrchestrator('child', 1);
      const named: unknown = yield context.df.callSubOrchestrator('child', 2, `${context.df.instanceId}-look`);
      if (context.df.getInput() === 'waits') yield context.df.waitForExternalEvent('go');
      return [first, named];
    });
  });
});

async function names(): Promise<string[]> {
  return (await host.client.getStatusAll()).map(({ name }) => name).sort();
}

describe('conformance/purge', () => {
  it('takes ended parents and all their children, and leaves a parent at work, which goes on without its children', async () => {
    await host.client.startNew('parent', { instanceId: 'ended' });
    await host.client.startNew('parent', { instanceId: 'waiting', input: 'waits' });
    await host.ended('ended');
    await host.reached('waiting', ({ runtimeStatus }) => runtimeStatus === 'Running');
    while ((await names()).filter((name) => name === 'child').length < 4) await host.status('waiting');
    for (const { instanceId, name } of await host.client.getStatusAll())
      if (name === 'child') await host.ended(instanceId);

    const purge = purgeHistoriesBy(host.client);
    const created = Date.parse((await host.status('ended'))?.createdTime ?? '');
    expect(await purge(new Date(0), new Date(created - 60_000))).toBe(0);
    expect(await names()).toHaveLength(6);
    expect(await purge(new Date(0), new Date(created + 60_000))).toBe(5);
    expect(await names()).toEqual(['parent']);

    await host.client.raiseEvent('waiting', 'go', null);
    expect(await host.ended('waiting')).toMatchObject({ runtimeStatus: 'Completed', output: [1, 2] });
    expect(await purge(new Date(0), new Date(created + 60_000))).toBe(1);
    expect(await names()).toEqual([]);
  });
});
