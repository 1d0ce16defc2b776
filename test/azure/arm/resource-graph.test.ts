import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { connectArm } from '../../../src/azure/arm';
import { subscriptionId, vmId } from '../support/machine';

const endpoint = 'https://arm.example';
const credential = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };

interface Query {
  subscriptions: string[];
  query: string;
}

describe('azure/arm/resource-graph: looking for a virtual machine by its name', () => {
  it('asks Resource Graph once, in the given subscriptions only, by name and by computer', async () => {
    const { arm, asked } = connect(200, { data: [{ id: vmId, name: 'VM-1' }] });
    expect(await arm.findVirtualMachines(['vm-1'], [subscriptionId])).toEqual({
      ok: true,
      value: new Map([['vm-1', [vmId]]]),
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST' });
    expect(asked[0]?.url).toMatch(
      /^https:\/\/arm\.example\/providers\/Microsoft\.ResourceGraph\/resources\?api-version=/,
    );
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer t');
    const { subscriptions, query } = queryOf(asked[0]);
    expect(subscriptions).toEqual([subscriptionId]);
    expect(query).toContain("name =~ 'vm-1'");
  });

  it('leaves a computer’s domain away, and keeps it for machines that have dots in their names', async () => {
    const { arm, asked } = connect(200, { data: [] });
    expect(await arm.findVirtualMachines(['vm-1.contoso.com'], [subscriptionId])).toEqual({
      ok: true,
      value: new Map([['vm-1.contoso.com', []]]),
    });
    const { query } = queryOf(asked[0]);
    expect(query).toContain("name =~ 'vm-1.contoso.com' or name =~ 'vm-1' or tostring(");
  });

  it('never asks without a list of subscriptions: that would be everywhere', async () => {
    const { arm, asked } = connect(200, { data: [{ id: vmId, name: 'VM-1' }] });
    expect(await arm.findVirtualMachines(['vm-1'], [])).toEqual({ ok: true, value: new Map() });
    expect(asked).toEqual([]);
  });

  it('asks once for many names, and tells each its own machines, by name, computer and agent', async () => {
    const machine = (name: string, computerName: string, agentComputerName: string) => ({
      ...{ id: vmId.replace('vm-1', name), name, computerName, agentComputerName },
    });
    const data = [machine('a', 'x', 'x'), machine('b', 'A', ''), machine('c', '', 'a'), machine('d', 'd', 'd')];
    const { arm, asked } = connect(200, { data });
    expect(await arm.findVirtualMachines(['A', 'd.contoso.com', 'gone'], [subscriptionId])).toEqual({
      ok: true,
      value: new Map([
        ['a', ['a', 'b', 'c'].map((name) => vmId.replace('vm-1', name))],
        ['d.contoso.com', [vmId.replace('vm-1', 'd')]],
        ['gone', []],
      ]),
    });
    expect(asked).toHaveLength(1);
  });

  it('asks for each half where an answer is full: what is missing in it is not told', async () => {
    const full = Array.from({ length: 1_000 }, () => ({ id: vmId, name: 'a' }));
    const { arm, asked } = connect(200, { data: full });
    const found = await arm.findVirtualMachines(['a', 'b', 'c'], [subscriptionId]);
    expect(asked.map((one) => queryOf(one).query.match(/(?<!\w)name =~ '.'/g)?.length)).toEqual([3, 2, 1, 1, 1]);
    expect(found.ok && found.value.get('a')).toHaveLength(1_000);
  });

  it.each(["x' or '1' =~ '1", 'a | b', '', 'x\n', '-x', 'x'.repeat(300)])('puts no %j into a query', async (name) => {
    const { arm, asked } = connect(200, { data: [] });
    await expect(arm.findVirtualMachines([name], [subscriptionId])).rejects.toThrow('No name of a machine');
    expect(asked).toEqual([]);
  });

  it('believes no id that is none', async () => {
    const { arm } = connect(200, {
      data: [
        { id: `${vmId}/../x`, name: 'vm-1' },
        { id: vmId, name: 'vm-1' },
      ],
    });
    expect(await arm.findVirtualMachines(['vm-1'], [subscriptionId])).toEqual({
      ok: true,
      value: new Map([['vm-1', [vmId]]]),
    });
  });

  it.each([
    [429, { error: { code: 'RateLimiting', message: 'Please provide below info.' } }, 'wait', 'RateLimiting'],
    [503, 'no JSON', 'wait', 'Unknown'],
    [400, { error: { code: 'BadRequest', message: 'Query is invalid.' } }, 'rejected', 'BadRequest'],
    [403, { error: { code: 'AccessDenied', message: 'No.' } }, 'rejected', 'AccessDenied'],
  ])('gives a %i as data', async (status, body, kind, code) => {
    const { arm } = connect(status, body);
    expect(await arm.findVirtualMachines(['vm-1'], [subscriptionId])).toMatchObject({
      ok: false,
      failure: { kind, code },
    });
  });
});

function connect(status: number, body: unknown) {
  const asked: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    sendRequest(request) {
      asked.push(request);
      const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
      return Promise.resolve({ request, status, headers: createHttpHeaders(), bodyAsText });
    },
  };
  const arm = connectArm({
    endpoint,
    audience: `${endpoint}/.default`,
    observe: credential,
    repair: credential,
    httpClient,
  });
  return { arm, asked };
}

function queryOf(request: PipelineRequest | undefined): Query {
  if (typeof request?.body !== 'string') throw new Error('The request has no text as its body.');
  return JSON.parse(request.body) as Query;
}
