import http from 'node:http';
import { app, HttpResponse } from '@azure/functions';
import * as df from 'durable-functions';
import { testHost, type TestHost } from '../../conformance/support/test-host';

let host: TestHost;

beforeAll(async () => {
  process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT = '100000';
  process.env.SETTING_FOR_ROUTE = 'from-setting';
  host = await testHost(() => {
    app.http('mirror', {
      route: 'mirror/{first}/{second?}',
      methods: ['GET', 'POST', 'PUT'],
      authLevel: 'anonymous',
      handler: async (request) => ({
        status: 203,
        headers: { 'X-Method': request.method, 'content-type': 'application/octet-stream' },
        cookies: [{ name: 'a', value: 'b c', httpOnly: true, sameSite: 'Strict' }],
        body: Buffer.concat([
          Buffer.from(
            JSON.stringify({
              params: request.params,
              query: Object.fromEntries(request.query),
              header: request.headers.get('x-given'),
              path: new URL(request.url).pathname,
            }),
          ),
          Buffer.from(await request.arrayBuffer()),
        ]),
      }),
    });
    app.http('plainName', { authLevel: 'anonymous', handler: () => ({ jsonBody: { plain: true } }) });
    app.http('nothing', { authLevel: 'anonymous', handler: () => undefined as never });
    app.http('empty', { authLevel: 'anonymous', handler: () => new HttpResponse({ status: 304 }) });
    app.http('throws', {
      authLevel: 'anonymous',
      handler: () => {
        throw new Error('a secret detail');
      },
    });
    app.http('secured', { authLevel: 'function', handler: () => ({ status: 200 }) });
    app.http('securedMore', { authLevel: 'admin', handler: () => ({ status: 200 }) });
    app.http('literal', { route: 'mirror/literal', authLevel: 'anonymous', handler: () => ({ body: 'literal' }) });
    app.http('configured', { route: '%SETTING_FOR_ROUTE%', authLevel: 'anonymous', handler: () => ({ status: 200 }) });
    df.app.activity('byHand', { handler: () => undefined });
  });
});

afterAll(() => {
  delete process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT;
  delete process.env.SETTING_FOR_ROUTE;
});

async function get(target: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(`${host.url}${target}`, init)).status;
}

describe('local/host/http: an HTTP function', () => {
  it('sees method, path, parameters, query, headers and bytes as they were sent', async () => {
    const bytes = Buffer.from([0, 255, 128, 13, 10]);
    const response = await fetch(`${host.url}/api/mirror/a%2Fb%20c/D?x=1&y=a%26b&x=2`, {
      method: 'PUT',
      headers: { 'x-given': 'value' },
      body: bytes,
    });
    const body = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(body.subarray(0, -bytes.length).toString())).toEqual({
      params: { first: 'a/b c', second: 'D' },
      query: { x: '1,2', y: 'a&b' },
      header: 'value',
      path: '/api/mirror/a%2Fb%20c/D',
    });
    expect(body.subarray(-bytes.length)).toEqual(bytes);
  });

  it('answers with its own status, headers and cookies', async () => {
    const response = await fetch(`${host.url}/api/mirror/a`);
    expect(response.status).toBe(203);
    expect(response.headers.get('x-method')).toBe('GET');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=b%20c; path=/; httponly; samesite=strict']);
  });

  it('has its name for a route when it gives none, whatever the letters', async () => {
    expect(await (await fetch(`${host.url}/api/PLAINname`)).json()).toEqual({ plain: true });
  });

  it('of a literal route comes before one with parameters', async () => {
    expect(await (await fetch(`${host.url}/api/mirror/literal`)).text()).toBe('literal');
  });

  it('may take its route from an app setting', async () => {
    expect(await get('/api/from-setting')).toBe(200);
  });

  it('that answers nothing gives 204, and may answer without a body', async () => {
    expect(await get('/api/nothing')).toBe(204);
    expect(await get('/api/empty')).toBe(304);
  });

  it('that throws gives 500 with an empty body, and the cause stands in the log', async () => {
    const response = await fetch(`${host.url}/api/throws`);
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(host.log.join('\n')).toContain("error Function 'throws' failed: a secret detail");
  });
});

describe('local/host/http: requests that no function answers', () => {
  it('get 404: unknown route, other method, missing or surplus segment', async () => {
    expect(await get('/api/unknown')).toBe(404);
    expect(await get('/api/mirror/a', { method: 'DELETE' })).toBe(404);
    expect(await get('/api/mirror')).toBe(404);
    expect(await get('/api/mirror/a/b/c')).toBe(404);
    expect(await get('/elsewhere')).toBe(404);
    expect(await get('/apiplainName')).toBe(404);
  });

  it('get 500, as from the real host, when their body is larger than the limit, with and without a known length', async () => {
    const big = Buffer.alloc(100_001);
    expect(await get('/api/mirror/a', { method: 'POST', body: big })).toBe(500);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const request = http.request(`${host.url}/api/mirror/a`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write(big.subarray(0, 60_000));
      request.write(big.subarray(0, 60_000));
      request.end();
    });
    expect(chunked).toBe(500);
    expect(await get('/api/mirror/a', { method: 'POST', body: big.subarray(1) })).toBe(203);
  });

  it('get 400 when the path is no valid encoding', async () => {
    expect(await get(`/admin/functions/%E0%A4%A?code=${host.keys.master}`)).toBe(400);
  });
});

describe('local/host/http: keys of functions', () => {
  it.each([
    ['/api/secured', () => ({ function: 200, master: 200, system: 403 })],
    ['/api/securedMore', () => ({ function: 403, master: 200, system: 403 })],
  ])('of %s', async (target, expected) => {
    const keys = { function: host.keys.function.default, master: host.keys.master };
    const system = host.keys.system.eventgrid_extension;
    for (const [name, key] of Object.entries({ ...keys, system })) {
      const status = expected()[name as 'function' | 'master' | 'system'];
      expect(await get(`${target}?code=${key}`)).toBe(status);
      expect(await get(target, { headers: { 'x-functions-key': key } })).toBe(status);
    }
    const without = await fetch(`${host.url}${target}`);
    expect([without.status, await without.text()]).toEqual([401, '']);
    expect(without.headers.get('www-authenticate')).toBe('Bearer');
    expect(await get(`${target}?code=wrong`)).toBe(401);
  });
});

describe('local/host/http: the admin API', () => {
  const master = () => ({ headers: { 'x-functions-key': host.keys.master } });

  it('needs the master key', async () => {
    expect(await get('/admin/host/status')).toBe(401);
    expect(await get(`/admin/host/status?code=${host.keys.function.default}`)).toBe(403);
  });

  it('tells the state of the host and its functions', async () => {
    const state = await fetch(`${host.url}/admin/host/status`, master());
    expect(await state.json()).toMatchObject({ state: 'Running' });
    const functions = (await (await fetch(`${host.url}/admin/functions`, master())).json()) as { name: string }[];
    expect(functions.map(({ name }) => name)).toEqual(host.functions);
  });

  it('runs functions by hand, but none that is triggered by HTTP', async () => {
    const post = { method: 'POST', ...master() };
    expect(await get('/admin/functions/byHand', post)).toBe(202);
    expect(await get('/admin/functions/byHand', { ...post, body: '{"input":"x"}' })).toBe(202);
    expect(await get('/admin/functions/byHand', { ...post, body: 'no json' })).toBe(400);
    expect(await get('/admin/functions/plainName', post)).toBe(404);
    expect(await get('/admin/functions/unknown', post)).toBe(404);
  });
});

describe('local/host/http: the route prefix of host.json', () => {
  const register = () => app.http('here', { authLevel: 'anonymous', handler: () => ({ status: 200 }) });

  it.each(['v1/', ''])('may be other than api: %j', async (routePrefix) => {
    const hostJson = { extensions: { http: { routePrefix } } };
    const { url } = await testHost(register, { hostJson, routePrefix });
    expect((await fetch(`${url}/${routePrefix}here`)).status).toBe(200);
    expect((await fetch(`${url}/api/here`)).status).toBe(404);
  });
});
