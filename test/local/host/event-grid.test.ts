import { app } from '@azure/functions';
import { testHost, type TestHost } from '../../conformance/support/test-host';

let host: TestHost;
const received: unknown[] = [];

beforeAll(async () => {
  host = await testHost(() => {
    app.eventGrid('onEvent', {
      handler: (event) => {
        if (event.subject === 'bad') throw new Error('refused');
        received.push(event);
      },
    });
    app.http('noEventGrid', { handler: () => ({ status: 200 }) });
  });
});

beforeEach(() => {
  received.length = 0;
});

interface Call {
  method?: string;
  name?: string;
  key?: string;
  kind?: string;
  headers?: Record<string, string>;
  body?: string;
}

async function call({ method = 'POST', name = 'onEvent', key, kind, headers = {}, body }: Call): Promise<Response> {
  const code = key ?? host.keys.system.eventgrid_extension;
  const target = `${host.url}/runtime/webhooks/EventGrid?functionName=${name}&code=${code}`;
  return fetch(target, { method, headers: { ...(kind ? { 'aeg-event-type': kind } : {}), ...headers }, body });
}

const event = (subject: string) => ({ id: subject, subject, eventType: 'Test', data: { a: 1 }, dataVersion: '1' });

describe('local/host/event-grid: the Event Grid webhook', () => {
  it('answers the validation handshake with the code', async () => {
    const body = JSON.stringify([{ data: { validationCode: 'the-code' } }]);
    const response = await call({ kind: 'SubscriptionValidation', body });
    expect([response.status, await response.json()]).toEqual([200, { validationResponse: 'the-code' }]);
    expect(received).toEqual([]);
  });

  it('answers the handshake of the CloudEvents schema, whose data is JSON text', async () => {
    const body = JSON.stringify({ specversion: '1.0', data: JSON.stringify({ validationCode: 'cloud-code' }) });
    const response = await call({ kind: 'SubscriptionValidation', body });
    expect(await response.json()).toEqual({ validationResponse: 'cloud-code' });
  });

  it('answers the abuse protection of CloudEvents', async () => {
    const headers = { 'WebHook-Request-Origin': 'eventgrid.azure.net' };
    const response = await call({ method: 'OPTIONS', headers });
    expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  });

  it('answers a check without an origin, and allows nobody', async () => {
    const response = await call({ method: 'OPTIONS' });
    expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([200, null]);
  });

  it('runs the function once for every element', async () => {
    const response = await call({ kind: 'Notification', body: JSON.stringify([event('one'), event('two')]) });
    expect(response.status).toBe(202);
    expect(received).toEqual([event('one'), event('two')]);
  });

  it('runs the function for a single CloudEvent', async () => {
    const cloudEvent = { specversion: '1.0', id: '1', type: 'Test', source: '/s', data: {} };
    expect((await call({ kind: 'Notification', body: JSON.stringify(cloudEvent) })).status).toBe(202);
    expect(received).toEqual([cloudEvent]);
  });

  it('answers 500 when one of the runs fails, so that Event Grid delivers again', async () => {
    const body = JSON.stringify([event('bad'), event('good')]);
    expect((await call({ kind: 'Notification', body })).status).toBe(500);
    expect(received).toEqual([event('good')]);
  });

  it('needs its system key', async () => {
    expect((await call({ kind: 'Notification', key: 'wrong', body: '[]' })).status).toBe(401);
    expect((await call({ kind: 'Notification', key: host.keys.function.default, body: '[]' })).status).toBe(403);
    expect((await call({ kind: 'Notification', key: host.keys.master, body: '[]' })).status).toBe(202);
  });

  it('refuses what is none of its business', async () => {
    expect((await call({ name: 'unknown', kind: 'Notification', body: '[]' })).status).toBe(404);
    expect((await call({ name: 'noEventGrid', kind: 'Notification', body: '[]' })).status).toBe(404);
    expect((await call({ body: '[]' })).status).toBe(400);
    expect((await call({ kind: 'Notification', body: 'no json' })).status).toBe(500);
    expect((await call({ kind: 'Notification', body: '' })).status).toBe(500);
    expect((await call({ kind: 'SubscriptionValidation', body: '{"data":' })).status).toBe(500);
    expect((await call({ kind: 'Notification', body: '[1]' })).status).toBe(500);
    expect((await call({ kind: 'SubscriptionValidation', body: '[]' })).status).toBe(500);
    expect((await call({ kind: 'Unsubscribe', body: '[]' })).status).toBe(202);
  });
});
