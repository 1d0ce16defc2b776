import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { connectArm } from '../../../src/azure/arm';
import { interfaceId, publicAddressId, securityGroupId, subscriptionId, vmId } from '../support/machine';

const endpoint = 'https://arm.example';
const credential = { getToken: () => Promise.resolve({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) };
const operation = `${endpoint}/subscriptions/${subscriptionId}/providers/Microsoft.Network/locations/westeurope/operationResults/1?api-version=2024-05-01&t=1&s=x`;

describe('azure/arm/outside: the serial console’s state', () => {
  it.each([
    [{ properties: { disabled: false } }, 'enabled'],
    [{ properties: { disabled: true } }, 'disabled'],
    // What the npm package's model says, and what Azure does not send.
    [{ disabled: false }, 'not-told'],
    [{ properties: { disabled: 'false' } }, 'not-told'],
    [{}, 'not-told'],
    ['no JSON', 'not-told'],
  ])('is read from %j', async (body, expected) => {
    const { arm, asked } = connect({ status: 200, body });
    expect(await arm.getSerialConsole(vmId)).toEqual({ ok: true, value: expected });
    expect(asked[0]?.url).toBe(
      `${endpoint}/subscriptions/${subscriptionId}/providers/Microsoft.SerialConsole/consoleServices/default?api-version=2023-01-01`,
    );
  });

  it('names the action that is missing on the subscription', async () => {
    const action = 'Microsoft.SerialConsole/consoleServices/read';
    const message = `The client 'x' with object id 'y' does not have authorization to perform action '${action}' over scope '/subscriptions/z' or the scope is invalid.`;
    const { arm } = connect({ status: 403, body: { error: { code: 'AuthorizationFailed', message } } });
    expect(await arm.getSerialConsole(vmId)).toMatchObject({ ok: false, failure: { kind: 'forbidden', action } });
  });
});

describe('azure/arm/outside: a network interface', () => {
  const version4 = (fields: object) => ({ properties: { privateIPAddressVersion: 'IPv4', ...fields } });

  it('is read by its primary IPv4 configuration', async () => {
    const ipConfigurations = [
      { properties: { privateIPAddressVersion: 'IPv6', privateIPAddress: 'fd00::4', primary: false } },
      version4({ privateIPAddress: '10.0.0.9', primary: false }),
      version4({ privateIPAddress: '10.0.0.4', primary: true, publicIPAddress: { id: publicAddressId } }),
    ];
    const { arm } = connect({ status: 200, body: { properties: { ipConfigurations } } });
    expect(await arm.getNetworkInterface(interfaceId)).toEqual({
      ok: true,
      value: { id: interfaceId, privateAddress: '10.0.0.4', publicAddressId },
    });
  });

  it('has no public address whose id is none', async () => {
    const ipConfigurations = [version4({ primary: true, publicIPAddress: { id: '/subscriptions/../x' } })];
    const { arm } = connect({ status: 200, body: { properties: { ipConfigurations } } });
    expect(await arm.getNetworkInterface(interfaceId)).toEqual({ ok: true, value: { id: interfaceId } });
  });

  it('is not guessed from an answer that is none', async () => {
    const { arm } = connect({ status: 200, body: { properties: {} } });
    expect(await arm.getNetworkInterface(interfaceId)).toMatchObject({ ok: false, failure: { kind: 'rejected' } });
  });

  it.each([vmId, `${interfaceId}/../x`, 'https://evil.example/x'])('is never asked for under %j', async (id) => {
    const { arm, asked } = connect({ status: 200, body: {} });
    await expect(arm.getNetworkInterface(id)).rejects.toThrow('Not an ARM id');
    expect(asked).toEqual([]);
  });

  it.each([
    [{ properties: { ipAddress: '203.0.113.4' } }, { address: '203.0.113.4' }],
    [
      { sku: { name: 'Basic', tier: 'Regional' }, properties: { ipAddress: '203.0.113.4' } },
      { address: '203.0.113.4', sku: 'Basic' },
    ],
    [{ sku: { name: 'Standard' }, properties: {} }, { sku: 'Standard' }],
    [{ sku: null, properties: { ipAddress: null } }, {}],
    ['no address', {}],
  ])('has the public address of %j', async (body, expected) => {
    const { arm } = connect({ status: 200, body });
    expect(await arm.getPublicAddress(publicAddressId)).toEqual({ ok: true, value: expected });
  });
});

describe('azure/arm/outside: effective security rules', () => {
  const running = { status: 202, body: '', headers: { location: operation, 'retry-after': '10' } };
  const rule = {
    name: 'securityRules/default-allow-rdp',
    access: 'Allow',
    destinationAddressPrefix: '0.0.0.0/0',
    destinationAddressPrefixes: ['0.0.0.0/0', '0.0.0.0/0'],
    destinationPortRange: '3389-3389',
    direction: 'Inbound',
    priority: 1000,
    sourceAddressPrefix: 'VirtualNetwork',
    expandedSourceAddressPrefix: ['10.0.0.0/16'],
    sourcePortRange: '0-65535',
    protocol: 'Tcp',
  };
  const rules = { value: [{ networkSecurityGroup: { id: securityGroupId }, effectiveSecurityRules: [rule] }] };

  it('are begun by one call and looked at by another, each with our token and no waiting', async () => {
    const { arm, asked } = connect(running, { ...running, headers: {} }, { status: 200, body: rules });
    const begun = await arm.beginEffectiveRules(interfaceId);
    expect(begun).toEqual({ ok: true, value: { state: 'running', operation, retryAfterMs: 10_000 } });
    expect(await arm.lookAtEffectiveRules(interfaceId, operation)).toMatchObject({
      value: { state: 'running', operation },
    });
    expect(await arm.lookAtEffectiveRules(interfaceId, operation)).toEqual({
      ok: true,
      value: {
        state: 'done',
        groups: [
          {
            id: securityGroupId,
            rules: [
              {
                name: 'securityRules/default-allow-rdp',
                direction: 'Inbound',
                access: 'Allow',
                protocol: 'Tcp',
                priority: 1000,
                sources: ['VirtualNetwork'],
                expandedSources: ['10.0.0.0/16'],
                sourcePorts: ['0-65535'],
                destinations: ['0.0.0.0/0'],
                expandedDestinations: [],
                destinationPorts: ['3389-3389'],
              },
            ],
          },
        ],
      },
    });
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST ${endpoint}${interfaceId}/effectiveNetworkSecurityGroups?api-version=2024-05-01`,
      `GET ${operation}`,
      `GET ${operation}`,
    ]);
    expect(asked.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer t', 'Bearer t', 'Bearer t']);
  });

  it('may be there at once, and may be none', async () => {
    const { arm } = connect({ status: 200, body: { value: [] }, headers: { location: operation } });
    expect(await arm.beginEffectiveRules(interfaceId)).toEqual({ ok: true, value: { state: 'done', groups: [] } });
  });

  it('are not read in part: a rule that cannot be read could be the one that counts', async () => {
    const body = { value: [{ effectiveSecurityRules: [rule, { ...rule, priority: 'high' }] }] };
    const { arm } = connect({ status: 200, body });
    expect(await arm.beginEffectiveRules(interfaceId)).toMatchObject({ failure: { code: 'UnreadableRules' } });
  });

  it.each([
    'https://evil.example/subscriptions/x',
    'https://arm.example.evil.example/subscriptions/x',
    'http://arm.example/subscriptions/x',
    `${endpoint}/elsewhere`,
    'no address',
    `${endpoint}/subscriptions/${'x'.repeat(9_000)}`,
  ])('are never looked at under %j, with our token', async (elsewhere) => {
    const { arm, asked } = connect({ status: 200, body: rules });
    expect(await arm.lookAtEffectiveRules(interfaceId, elsewhere)).toMatchObject({
      failure: { kind: 'rejected', code: 'OperationElsewhere' },
    });
    expect(asked).toEqual([]);
    const { arm: lied } = connect({ ...running, headers: { location: elsewhere } });
    expect(await lied.beginEffectiveRules(interfaceId)).toMatchObject({ failure: { code: 'OperationElsewhere' } });
  });

  it.each([
    [429, 'TooManyRequests', 'wait'],
    [503, 'ServiceUnavailable', 'wait'],
    [404, 'ResourceNotFound', 'not-found'],
    [400, 'NicMustBeAttachedToRunningVmToGetEffectiveSecurityGroups', 'rejected'],
    [409, 'ScopeLocked', 'rejected'],
  ])('give a %i (%s) as data', async (status, code, kind) => {
    const { arm } = connect({ status, body: { error: { code, message: 'x' } } });
    expect(await arm.beginEffectiveRules(interfaceId)).toMatchObject({ ok: false, failure: { kind, code } });
  });
});

interface Given {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

function connect(...answers: Given[]) {
  const asked: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    sendRequest(request) {
      const { status, body, headers } = answers[asked.length] ?? { status: 500, body: '' };
      asked.push(request);
      const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
      return Promise.resolve({ request, status, headers: createHttpHeaders(headers), bodyAsText });
    },
  };
  const arm = connectArm({
    endpoint,
    audience: `${endpoint}/.default`,
    observe: credential,
    repair: { getToken: () => Promise.reject(new Error('Looking must not use the identity that acts.')) },
    httpClient,
  });
  return { arm, asked };
}
