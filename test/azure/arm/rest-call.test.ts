import {
  createEmptyPipeline,
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import { connectRecoveryArm } from '../../../src/azure/arm/recovery';
import { callArm } from '../../../src/azure/arm/rest-call';
import { subscriptionId, vmId } from '../support/machine';

const endpoint = 'https://arm.example';

function http(...answers: { status: number; body?: unknown }[]): { asked: PipelineRequest[]; client: HttpClient } {
  const asked: PipelineRequest[] = [];
  return {
    asked,
    client: {
      sendRequest(request) {
        const { status, body } = answers[Math.min(asked.length, answers.length - 1)] ?? { status: 500 };
        asked.push(request);
        const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
        return Promise.resolve({ request, status, headers: createHttpHeaders(), bodyAsText });
      },
    },
  };
}

const call = { method: 'GET', path: '/subscriptions/s/resourceGroups/größe 1', apiVersion: '2024-05-01' } as const;

describe('azure/arm/rest-call: a call to ARM without a library', () => {
  it('asks once, with version and filter, and gives the body', async () => {
    const { asked, client } = http({ status: 200, body: { a: 1 } });
    const pipeline = createEmptyPipeline();
    expect(await callArm({ endpoint, pipeline, http: client }, { ...call, filter: 'atScope()' })).toEqual({ a: 1 });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe(
      'https://arm.example/subscriptions/s/resourceGroups/gr%C3%B6%C3%9Fe%201?api-version=2024-05-01&$filter=atScope()',
    );
  });

  it.each([
    [
      { status: 404, body: { error: { code: 'ResourceNotFound', message: 'Not there.' } } },
      'ResourceNotFound',
      'Not there.',
    ],
    [{ status: 502, body: '<html>' }, 'Unknown', 'Azure gave no reason for its answer 502.'],
  ])('throws what ARM said against it: %j', async (answer, code, message) => {
    const { client } = http(answer);
    await expect(callArm({ endpoint, pipeline: createEmptyPipeline(), http: client }, call)).rejects.toMatchObject({
      name: 'RestError',
      statusCode: answer.status,
      code,
      message,
    });
  });

  it.each(['https://elsewhere.example/x', 'https://arm.example.evil/x', 'http://arm.example/x', '/x'])(
    'takes our token to no next page at %s',
    async (nextLink) => {
      const { asked, client } = http({ status: 200, body: {} });
      const connection = { endpoint, pipeline: createEmptyPipeline(), http: client };
      await expect(callArm(connection, { ...call, nextLink })).rejects.toThrow('lies elsewhere');
      expect(asked).toEqual([]);
    },
  );
});

describe('azure/arm/rest-call: lists of Azure', () => {
  const token = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const group = vmId.replace(/\/providers.*/, '');

  function connect(client: HttpClient) {
    return connectRecoveryArm({
      endpoint,
      audience: `${endpoint}/.default`,
      observe: token,
      repair: token,
      httpClient: client,
    });
  }

  it('of what is in the way are never taken for whole when they go on', async () => {
    const { client } = http({ status: 200, body: { value: [], nextLink: `${endpoint}/more` } });
    await expect(connect(client).getLocks(vmId)).rejects.toThrow('longer than a page');
  });

  it('of what was left behind are read to their end', async () => {
    const nic = (name: string) => ({
      id: `${group}/providers/Microsoft.Network/networkInterfaces/${name}`,
      tags: { ours: name },
      properties: {},
    });
    const client: HttpClient = {
      sendRequest(request) {
        const isMore = request.url === `${endpoint}/more`;
        const isInterfaces = request.url.includes('/networkInterfaces');
        const nextLink = isInterfaces ? `${endpoint}/more` : undefined;
        const value = isMore ? [nic('nic-2')] : isInterfaces ? [nic('nic-1')] : [];
        const bodyAsText = JSON.stringify({ value, nextLink });
        return Promise.resolve({ request, status: 200, headers: createHttpHeaders(), bodyAsText });
      },
    };
    const found = await connect(client).listLeftovers({
      subscriptionId,
      resourceGroup: 'rg-app',
      tag: 'OURS',
      kinds: ['network-interface'],
    });
    expect(found).toMatchObject({
      ok: true,
      value: { resources: [{ tags: { ours: 'nic-1' } }, { tags: { ours: 'nic-2' } }] },
    });
  });
});
