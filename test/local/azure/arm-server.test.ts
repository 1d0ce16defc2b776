import { startAzureProcess, until, type AzureProcess } from './support/azure-process';

let azure: AzureProcess;
let observeToken: string;
const versioned = 'api-version=2026-03-01';

beforeAll(async () => {
  azure = await startAzureProcess({ speed: 100, isThrottled: true });
  observeToken = await tokenOf('observe');
});

afterAll(() => {
  azure.stop();
});

async function tokenOf(identity: string, scope = 'https://management.azure.com/.default'): Promise<string> {
  const token = await azure.credential(identity).getToken(scope);
  return token.token;
}

function groupPath(group = azure.resourceGroup): string {
  return `/subscriptions/${azure.subscriptionId}/resourceGroups/${group}`;
}

function vmPath(name: string, group?: string): string {
  return `${groupPath(group)}/providers/Microsoft.Compute/virtualMachines/${name}`;
}

function bodyOf(response: { bodyAsText?: string | null }): { error?: { code: string; message: string } } {
  return JSON.parse(response.bodyAsText ?? '{}') as { error?: { code: string; message: string } };
}

describe('local/azure/arm-server: TLS', () => {
  it('is refused by a client that does not trust the authority', async () => {
    await expect(fetch(`${azure.armEndpoint}/`)).rejects.toThrow('fetch failed');
  });
});

describe('local/azure/arm-server: the managed-identity endpoint', () => {
  async function ask(query: string, header = azure.identityHeader) {
    const response = await fetch(`${azure.identityEndpoint}?${query}`, { headers: { 'X-IDENTITY-HEADER': header } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('answers an unknown client id as App Service does', async () => {
    const answer = await ask('api-version=2019-08-01&resource=https://vault.azure.net&client_id=nobody');
    expect(answer).toMatchObject({
      status: 400,
      body: {
        statusCode: 400,
        message: 'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      },
    });
  });

  it('gives no token to whoever does not know the header', async () => {
    const clientId = azure.identities.repair ?? '';
    const answer = await ask(`api-version=2019-08-01&resource=https://x&client_id=${clientId}`, 'guessed');
    expect(answer.status).toBe(401);
    expect(answer.body).not.toHaveProperty('access_token');
  });

  it('has no system-assigned identity', async () => {
    expect(await ask('api-version=2019-08-01&resource=https://management.azure.com')).toMatchObject({
      status: 400,
      body: { message: 'Unable to load the proper Managed Identity.' },
    });
  });
});

describe('local/azure/arm-server: who asks', () => {
  it('answers 401 with a challenge when the token is missing', async () => {
    const response = await azure.call('GET', `${vmPath('vm-healthy')}?${versioned}`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer authorization_uri=/);
    expect(bodyOf(response).error?.code).toBe('AuthenticationFailed');
  });

  it('answers 401 InvalidAuthenticationToken when the token was changed', async () => {
    const [header = '', payload = '', signature = ''] = observeToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const other = { ...claims, appid: azure.identities.repair };
    const token = `${header}.${Buffer.from(JSON.stringify(other)).toString('base64url')}.${signature}`;
    const response = await azure.call('GET', `${vmPath('vm-healthy')}?${versioned}`, { token });
    expect(response.status).toBe(401);
    expect(bodyOf(response).error).toEqual({
      code: 'InvalidAuthenticationToken',
      message: 'The access token is invalid.',
    });
  });

  it('answers 401 when the token is for another service', async () => {
    const token = await tokenOf('observe', 'https://storage.azure.com/.default');
    const response = await azure.call('GET', `${vmPath('vm-healthy')}?${versioned}`, { token });
    expect(response.status).toBe(401);
    expect(bodyOf(response).error?.code).toBe('InvalidAuthenticationTokenAudience');
  });
});

describe('local/azure/arm-server: what does not exist', () => {
  it.each([
    ['a VM', () => vmPath('vm-gone'), 'ResourceNotFound', /under resource group 'rg-production' was not found/],
    ['a type', () => `${groupPath()}/providers/Microsoft.Compute/galaxies/g`, 'InvalidResourceType', /galaxies/],
    ['a provider', () => `${groupPath()}/providers/Microsoft.Nothing/a/b`, 'InvalidResourceNamespace', /Nothing/],
    [
      'a subscription',
      () => vmPath('vm-healthy').replace(azure.subscriptionId, '00000000-0000-0000-0000-000000000000'),
      'SubscriptionNotFound',
      /'00000000-0000-0000-0000-000000000000' could not be found/,
    ],
  ])('answers 404 for %s', async (_what, path, code, message) => {
    const response = await azure.call('GET', `${path()}?${versioned}`, { token: observeToken });
    expect(response.status).toBe(404);
    expect(bodyOf(response).error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('answers 403, not 404, in a resource group that the caller has no role on', async () => {
    const response = await azure.call('GET', `${vmPath('vm', 'rg-elsewhere')}?${versioned}`, { token: observeToken });
    expect(response.status).toBe(403);
  });

  it.each([
    ['', 'MissingApiVersionParameter'],
    ['api-version=banana', 'InvalidApiVersionParameter'],
    ['api-version=2011-01-01', 'NoRegisteredProviderFound'],
  ])('answers 400 for the api-version "%s"', async (query, code) => {
    const response = await azure.call('GET', `${vmPath('vm-healthy')}?${query}`, { token: observeToken });
    expect(response.status).toBe(400);
    expect(bodyOf(response).error?.code).toBe(code);
  });
});

describe('local/azure/arm-server: answers', () => {
  it('finds a resource whatever the case of its id, and names the request', async () => {
    const path = vmPath('VM-HEALTHY').replace('/resourceGroups/', '/RESOURCEGROUPS/');
    const response = await azure.call('GET', `${path}?${versioned}`, { token: observeToken });
    expect(response.status).toBe(200);
    expect(JSON.parse(response.bodyAsText ?? '{}')).toMatchObject({ name: 'vm-healthy', location: 'westeurope' });
    expect(response.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-ms-correlation-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-ms-ratelimit-remaining-resource')).toMatch(
      /^Microsoft\.Compute\/LowCostGetSubscriptionMaximum;\d+,Microsoft\.Compute\/LowCostGetResource;\d+$/,
    );
  });

  it('tells a Linux VM from a Windows one', async () => {
    const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-linux');
    expect(vm.storageProfile?.osDisk?.osType).toBe('Linux');
  });

  it('answers 405 to a method that the resource does not have', async () => {
    const response = await azure.call('POST', `${vmPath('vm-healthy')}?${versioned}`, { token: observeToken });
    expect(response.status).toBe(405);
  });
});

describe('local/azure/arm-server: throttling', () => {
  interface Throttled {
    status: number;
    code: string | undefined;
    retryAfter: number;
  }

  async function ask(method: 'GET', path: string, token: string): Promise<Throttled> {
    const response = await azure.call(method, `${path}?${versioned}`, { token });
    const body = JSON.parse(response.bodyAsText ?? '{}') as { error?: { details?: { target?: string }[] } };
    const code = body.error?.details?.[0]?.target;
    return { status: response.status, code, retryAfter: Number(response.headers.get('retry-after')) };
  }

  it('refuses what a VM has no tokens for, says when to ask again, and leaves other VMs alone', async () => {
    const name = 'vm-dhcp-untagged';
    // Tokens come back each minute, which is less than a second here: it is emptied until a call meets that.
    const whenEmpty = (path: string) =>
      until(
        async () => {
          await azure.control('PATCH', `/vms/${name}/tokens`, { reads: 0 });
          return ask('GET', path, observeToken);
        },
        ({ status }) => status === 429,
      );
    const refused = await whenEmpty(vmPath(name));
    expect(refused).toMatchObject({ status: 429, code: 'LowCostGetResource' });
    expect(refused.retryAfter).toBeGreaterThan(0);
    expect(refused.retryAfter).toBeLessThanOrEqual(60);
    expect(await ask('GET', vmPath('vm-healthy'), observeToken)).toMatchObject({ status: 200 });
    expect(await azure.control('GET', `/vms/${name}/tokens`)).toMatchObject({ updates: 12, deletions: 12 });
  });
});

describe('local/azure/arm-server: planted faults', () => {
  afterEach(async () => {
    await azure.control('DELETE', '/faults');
  });

  function readVm() {
    return azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-healthy');
  }

  it('throttle with 429 and Retry-After, once, and the SDK does not hide it', async () => {
    const fault = {
      match: { pathContains: 'vm-healthy' },
      times: 1,
      when: 'before',
      status: 429,
      retryAfterSeconds: 7,
    };
    await azure.control('POST', '/faults', fault);
    const error = (await readVm().catch((thrown: unknown) => thrown)) as {
      statusCode: number;
      code: string;
      response: { headers: { get: (name: string) => string } };
    };
    expect(error).toMatchObject({ statusCode: 429, code: 'OperationNotAllowed' });
    expect(error.response.headers.get('retry-after')).toBe('7');
    await expect(readVm()).resolves.toMatchObject({ name: 'vm-healthy' });
  });

  it('strike from the n-th call on', async () => {
    const match = { method: 'GET', pathContains: '/virtualmachines/', nth: 2 };
    await azure.control('POST', '/faults', {
      match,
      times: 1,
      when: 'before',
      status: 503,
      code: 'ServerBusy',
      message: 'Busy.',
    });
    await expect(readVm()).resolves.toBeDefined();
    await expect(readVm()).rejects.toMatchObject({ statusCode: 503, code: 'ServerBusy' });
  });

  it('can drop the connection', async () => {
    await azure.control('POST', '/faults', {
      match: { pathContains: 'vm-healthy' },
      times: 1,
      when: 'before',
      dropConnection: true,
    });
    await expect(readVm()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('are refused with the reason when they make no sense', async () => {
    const answer = await azure.control('POST', '/faults', {
      match: { pathContains: 'x' },
      times: 0,
      when: 'before',
      status: 500,
    });
    expect(answer).toEqual({ status: 400, message: 'times must be a whole number above 0.' });
  });
});

describe('local/azure/arm-server: the control API', () => {
  it('logs who called what, and the actions that the call demanded', async () => {
    const before = (await azure.control('GET', '/calls')).calls as { sequence: number }[];
    await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-healthy');
    const since = before.at(-1)?.sequence ?? 0;
    const calls = (await azure.control('GET', `/calls?since=${since}`)).calls;
    expect(calls).toEqual([
      expect.objectContaining({
        method: 'GET',
        path: vmPath('vm-healthy'),
        status: 200,
        identity: 'observe',
        actions: ['Microsoft.Compute/virtualMachines/read'],
      }),
    ]);
  });

  it('tells of the next call about something once there is one, and only of calls about it', async () => {
    const before = (await azure.control('GET', '/calls')).calls as { sequence: number }[];
    const since = before.at(-1)?.sequence ?? 0;
    const awaited = azure.control('GET', `/calls?since=${since}&path=vm-linux&wait=true`);
    await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-healthy');
    await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-linux');
    expect((await awaited).calls).toEqual([expect.objectContaining({ path: vmPath('vm-linux') })]);
    // One that is there already is told at once.
    const { calls } = await azure.control('GET', `/calls?since=${since}&path=vm-healthy&wait=true`);
    expect(calls).toEqual([expect.objectContaining({ path: vmPath('vm-healthy') })]);
  });

  it('changes tags that ARM then shows', async () => {
    await azure.control('PATCH', '/vms/vm-linux/tags', { tags: { 'rdp-lifeline': null, owner: 'ann' } });
    const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-linux');
    expect(vm.tags).toEqual({ owner: 'ann' });
  });

  it('adds a VM like one of the fleet, and takes it away with its disk, snapshots and network interface', async () => {
    const idsOf = async () => {
      const { resources } = await azure.control('GET', '/resources');
      return (resources as { id: string }[]).map(({ id }) => id).sort();
    };
    const before = await idsOf();
    const added = await azure.control('POST', '/vms', { name: 'vm-more', like: 'vm-dhcp-disabled' });
    const dhcp = (added.services as { name: string; startType: number }[]).find(({ name }) => name === 'Dhcp');
    expect(dhcp?.startType).toBe(4);
    const vm = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, 'vm-more');
    const snapshot = {
      location: 'westeurope',
      creationData: { createOption: 'Copy', sourceResourceId: vm.storageProfile?.osDisk?.managedDisk?.id },
    };
    await azure.compute('repair').snapshots.createOrUpdate(azure.workbenchResourceGroup, 'of-it', snapshot).submitted();
    // The VM, its disk, the snapshot of it, its network interface and the security group of that.
    expect((await idsOf()).length).toBe(before.length + 5);

    await azure.control('DELETE', '/vms/vm-more');
    expect(await idsOf()).toEqual(before);
    const again = { name: 'vm-healthy', like: 'vm-linux' };
    expect(await azure.control('POST', '/vms', again)).toEqual({ status: 409, message: 'The name is taken.' });
  });

  it('says what is wrong with a call that it does not know', async () => {
    expect(await azure.control('GET', '/nothing')).toMatchObject({ status: 404 });
    expect(await azure.control('GET', '/vms/vm-gone')).toEqual({ status: 404, message: 'There is no VM "vm-gone".' });
  });
});
