/** What a DurableClient gets, line by line as it was measured against the real host. */
import { app, HttpRequest } from '@azure/functions';
import * as df from 'durable-functions';
import { saysUnknown } from '../../src/orchestrators/durable';
import { orchestration, testHost, type Status, type TestHost } from './support/test-host';

let host: TestHost;

beforeAll(async () => {
  host = await testHost(() => {
    df.app.activity('boom', {
      handler: () => {
        throw new Error('boom');
      },
    });
    orchestration('waits', function* (context) {
      return yield context.df.waitForExternalEvent('go');
    });
    // eslint-disable-next-line require-yield
    orchestration('quick', function* (context) {
      return context.df.getInput();
    });
    orchestration('fails', function* (context) {
      yield context.df.callActivity('boom');
    });
    orchestration('version', function* (context) {
      yield context.df.waitForExternalEvent('go');
      return context.df.version ?? 'none';
    });
    app.http('check', {
      route: 'check/{id}',
      extraInputs: [df.input.durableClient()],
      authLevel: 'anonymous',
      handler: (request, context) =>
        df.getClient(context).waitForCompletionOrCreateCheckStatusResponse(request, request.params.id ?? '', {
          timeoutInMilliseconds: 2,
          retryIntervalInMilliseconds: 1,
        }),
    });
  });
});

const isRunning = ({ runtimeStatus }: Status) => runtimeStatus === 'Running';

async function endedQuick(input: unknown, instanceId?: string): Promise<string> {
  const id = await host.client.startNew('quick', { input, instanceId });
  await host.ended(id);
  return id;
}

describe('conformance/client: starting', () => {
  it('answers 202 with the links, Location and Retry-After 10', async () => {
    const response = await host.manage('POST', 'orchestrators/quick/with-links', 1);
    const links = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('10');
    expect(response.headers.get('location')).toBe(links.statusQueryGetUri);
    expect(links.id).toBe('with-links');
    await host.ended('with-links');
    expect((await fetch(links.statusQueryGetUri ?? '')).status).toBe(200);
  });

  it('gives the id, made up or as wanted', async () => {
    expect(await host.client.startNew('quick')).toMatch(/^[0-9a-f]{32}$/);
    expect(await host.client.startNew('quick', { instanceId: 'wanted' })).toBe('wanted');
  });

  it('is rejected while an instance of that id is running', async () => {
    await host.client.startNew('waits', { instanceId: 'busy' });
    await expect(host.client.startNew('waits', { instanceId: 'busy' })).rejects.toThrow(/status code: 409/);
  });

  it('refuses an input that is no JSON', async () => {
    const target = `${host.url}/runtime/webhooks/durabletask/orchestrators/quick?code=${host.keys.master}`;
    expect((await fetch(target, { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('passes the version on to the orchestrator', async () => {
    const id = await host.client.startNew('version', { version: '1.2' });
    await host.client.raiseEvent(id, 'go', {});
    expect((await host.ended(id)).output).toBe('1.2');
  });
});

describe('conformance/client: the status', () => {
  it('is answered with 202 and Location and Retry-After 5 while the instance is running', async () => {
    const id = await host.client.startNew('waits');
    const response = await host.manage('GET', `instances/${id}`);
    expect(response.status).toBe(202);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('location')).toContain(`/instances/${id}`);
  });

  it('is answered with 200 when it completed, failed or was terminated, and with 404 when it is unknown', async () => {
    const completed = await endedQuick(1);
    const failed = await host.client.startNew('fails');
    const terminated = await host.client.startNew('waits');
    await host.client.terminate(terminated, 'x');
    await Promise.all([failed, terminated].map((id) => host.ended(id)));
    for (const id of [completed, failed, terminated]) {
      expect((await host.manage('GET', `instances/${id}`)).status).toBe(200);
    }
    const asError = await host.manage('GET', `instances/${failed}?returnInternalServerErrorOnFailure=true`);
    expect(asError.status).toBe(500);
    expect((await host.manage('GET', 'instances/unknown')).status).toBe(404);
  });

  it('throws for an unknown id, with HTTP 404 in the message', async () => {
    await expect(host.client.getStatus('unknown')).rejects.toThrow(/HTTP 404/);
  });

  it('is known to our code by the beginning of that message alone (hazard: an id that has 404 in it)', async () => {
    const thrown: unknown = await host.client.getStatus('unknown').catch((error: unknown) => error);
    expect(saysUnknown(thrown)).toBe(true);
    const details = '{"message":"Instance vm-404e2f could not be read."}';
    const broken = `The operation failed with an unexpected status code: 500. Details: ${details}`;
    expect(saysUnknown(new Error(broken))).toBe(false);
  });

  it('shows input, output and times, and the input only when it is wanted', async () => {
    const id = await endedQuick({ a: [1] });
    const status = await host.client.getStatus(id);
    expect(status).toMatchObject({ name: 'quick', runtimeStatus: 'Completed', input: { a: [1] }, output: { a: [1] } });
    expect(status.createdTime.getTime()).toBeLessThanOrEqual(status.lastUpdatedTime.getTime());
    expect((await host.status(id, 'showInput=false'))?.input).toBeNull();
  });

  it('has the history under historyEvents with type names, only when it is wanted', async () => {
    const id = await host.client.startNew('fails');
    await host.ended(id);
    expect(await host.status(id)).not.toHaveProperty('historyEvents');
    expect((await host.status(id, 'showHistory=true'))?.historyEvents).toMatchObject([
      { EventType: 'ExecutionStarted', FunctionName: 'fails' },
      { EventType: 'TaskFailed', FunctionName: 'boom', Reason: "Activity function 'boom' failed:  boom" },
      { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Failed' },
    ]);
    // The library reads another name, so its own status has none: see the facts on DurableOrchestrationStatus.
    expect((await host.client.getStatus(id, { showHistory: true })).history).toBeUndefined();
  });

  it('shows results in the history only when they are wanted', async () => {
    const id = await endedQuick('result');
    const last = async (query: string) => (await host.status(id, query))?.historyEvents?.at(-1);
    expect(await last('showHistory=true')).not.toHaveProperty('Result');
    expect(await last('showHistory=true&showHistoryOutput=true')).toHaveProperty('Result', 'result');
  });
});

describe('conformance/client: raising events and terminating', () => {
  it('is answered with 410 when the instance has ended and 404 when it is unknown', async () => {
    const id = await endedQuick(1);
    for (const operation of ['raiseEvent/go', 'terminate', 'suspend', 'resume']) {
      expect((await host.manage('POST', `instances/${id}/${operation}`)).status).toBe(410);
      expect((await host.manage('POST', `instances/unknown/${operation}`)).status).toBe(404);
    }
  });

  it('throws for an unknown id and returns for an instance that has ended', async () => {
    const id = await endedQuick(1);
    const message = "No instance with ID 'unknown' found.";
    await expect(host.client.raiseEvent('unknown', 'go', 1)).rejects.toThrow(message);
    await expect(host.client.terminate('unknown', 'x')).rejects.toThrow(message);
    await expect(host.client.raiseEvent(id, 'go', 1)).resolves.toBeUndefined();
    await expect(host.client.terminate(id, 'x')).resolves.toBeUndefined();
  });

  it('works through the client on a running instance, as do suspend and resume', async () => {
    const id = await host.client.startNew('waits');
    await host.reached(id, isRunning);
    await host.client.suspend(id, 'a reason');
    await host.reached(id, ({ runtimeStatus, output }) => runtimeStatus === 'Suspended' && output === 'a reason');
    await host.client.resume(id, 'another');
    await host.client.raiseEvent(id, 'go', { by: 'client' });
    expect((await host.ended(id)).output).toEqual({ by: 'client' });
  });

  it('says that rewind is not supported', async () => {
    await expect(host.client.rewind(await endedQuick(1), 'x')).rejects.toThrow(/not supported/);
  });
});

describe('conformance/client: listing and purging', () => {
  it('hands out pages with a continuation token until all are listed', async () => {
    const ids = await Promise.all(['p1', 'p2', 'p3'].map((name) => endedQuick(name, `page-${name}`)));
    const seen: string[] = [];
    let token: string | null = '';
    for (let page = 0; page < 3; page += 1) {
      const target = 'instances/?top=1&instanceIdPrefix=page-';
      const response: Response = await host.manage('GET', target, undefined, { 'x-ms-continuation-token': token });
      seen.push(...((await response.json()) as Status[]).map(({ instanceId }) => instanceId));
      token = response.headers.get('x-ms-continuation-token');
      expect(token === null).toBe(page === 2);
      token ??= '';
    }
    expect(seen).toEqual(ids);
  });

  it('filters by status and time of creation', async () => {
    const running = await host.client.startNew('waits');
    const done = await endedQuick(1);
    await host.reached(running, isRunning);
    const listed = await host.client.getStatusBy({ runtimeStatus: [df.OrchestrationRuntimeStatus.Running] });
    expect(listed.map(({ instanceId }) => instanceId)).toContain(running);
    expect(listed.map(({ instanceId }) => instanceId)).not.toContain(done);
    expect(await host.client.getStatusBy({ createdTimeFrom: new Date(Date.now() + 60_000) })).toEqual([]);
    expect((await host.client.getStatusAll()).map(({ instanceId }) => instanceId)).toContain(done);
  });

  it('lists more instances than one page holds', async () => {
    const before = (await host.client.getStatusAll()).length;
    await Promise.all(Array.from({ length: 101 }, () => host.client.startNew('waits')));
    expect(await host.client.getStatusAll()).toHaveLength(before + 101);
  });

  it('purges by id and by filter', async () => {
    const id = await endedQuick(1);
    expect(await host.client.purgeInstanceHistory(id)).toMatchObject({ instancesDeleted: 1 });
    expect(await host.client.purgeInstanceHistory(id)).toMatchObject({ instancesDeleted: 0 });
    await endedQuick(2);
    const result = await host.client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), runtimeStatus: [] });
    expect(result.instancesDeleted).toBeGreaterThan(0);
  });
});

describe('conformance/client: waitForCompletionOrCreateCheckStatusResponse', () => {
  it('gives the output when completed, 500 when failed, and 202 with links when the time is over', async () => {
    const completed = await endedQuick({ out: 1 });
    const failed = await host.client.startNew('fails');
    await host.ended(failed);
    const waiting = await host.client.startNew('waits');
    const answers = await Promise.all([completed, failed, waiting].map((id) => fetch(`${host.url}/api/check/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 202]);
    expect(await answers[0]?.json()).toEqual({ out: 1 });
    expect(await answers[1]?.json()).toMatchObject({ runtimeStatus: 'Failed' });
    expect(await answers[2]?.json()).toMatchObject({ id: waiting });
  });
});

describe('conformance/client: keys of the management API', () => {
  it('answers 401 without a key or with a wrong one, and takes the master key too', async () => {
    const target = `${host.url}/runtime/webhooks/durabletask/instances/`;
    expect((await fetch(target)).status).toBe(401);
    expect((await fetch(`${target}?code=wrong`)).status).toBe(401);
    expect((await fetch(`${target}?code=${host.keys.function.default}`)).status).toBe(403);
    expect((await fetch(`${target}?code=${host.keys.master}`)).status).toBe(200);
    expect((await fetch(target, { headers: { 'x-functions-key': host.keys.master } })).status).toBe(200);
  });

  it('gives links that work as they are, rebased to the address of the request', async () => {
    const id = await host.client.startNew('waits');
    const request = new HttpRequest({ url: 'http://example.test/api/x', method: 'GET' });
    const response = host.client.createCheckStatusResponse(request, id);
    const links = (await response.json()) as Record<string, string>;
    expect(links.statusQueryGetUri).toMatch(/^http:\/\/example\.test\/runtime\/webhooks\/durabletask\/instances\//);
    const own = host.client.createHttpManagementPayload(id);
    expect((await fetch(own.statusQueryGetUri)).status).toBe(202);
    const terminate = own.terminatePostUri.replace('{text}', 'by%20link');
    expect((await fetch(terminate, { method: 'POST' })).status).toBe(202);
    expect((await host.ended(id)).output).toBe('by link');
  });
});
