import { startAzureProcess, until, type AzureProcess } from './support/azure-process';

/** What a person's tools ask of ARM besides what the app asks. */

let azure: AzureProcess;

beforeAll(async () => {
  azure = await startAzureProcess({ speed: 100 });
});

afterAll(() => {
  azure.stop();
});

async function call(method: 'GET' | 'PATCH' | 'POST', path: string, body?: object, identity = 'operator') {
  const { token } = (await azure.credential(identity).getToken('https://management.azure.com/.default')) ?? {};
  const answer = await azure.call(method, path, { token, body });
  return { ...answer, json: answer.bodyAsText ? (JSON.parse(answer.bodyAsText) as Record<string, unknown>) : {} };
}

async function vmPath(name: string): Promise<string> {
  const { id } = (await azure.control('GET', `/vms/${name}`)) as { id: string };
  return id;
}

describe('local/azure/by-hand: tags', () => {
  const patch = async (operation: string, tags: Record<string, string>) => {
    const path = `${await vmPath('vm-linux')}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01`;
    const { json } = await call('PATCH', path, { operation, properties: { tags } });
    return (json.properties as { tags: Record<string, string> }).tags;
  };

  it('are deleted by pairs of name and value: a name with an empty value, as the Azure CLI sends it, deletes no other', async () => {
    await patch('Replace', { Owner: 'ann', expires: 'tomorrow' });
    expect(await patch('Delete', { expires: '' })).toEqual({ Owner: 'ann', expires: 'tomorrow' });
    expect(await patch('Delete', { expires: 'Tomorrow' })).toEqual({ Owner: 'ann', expires: 'tomorrow' });
    expect(await patch('Delete', { EXPIRES: 'tomorrow' })).toEqual({ Owner: 'ann' });
  });

  it('are named without case when they are merged', async () => {
    await patch('Replace', { Owner: 'ann' });
    expect(await patch('Merge', { owner: 'bob', more: 'x' })).toEqual({ owner: 'bob', more: 'x' });
  });
});

describe('local/azure/by-hand: the older Run Command', () => {
  const invoke = async (name: string, script: string[], identity?: string) =>
    call(
      'POST',
      `${await vmPath(name)}/runCommand?api-version=2022-08-01`,
      { commandId: 'RunPowerShellScript', script },
      identity,
    );

  it('answers with what the script printed', async () => {
    const begun = await invoke('vm-healthy', ['sc.exe qc Dhcp', 'nothing.exe x']);
    expect(begun.status).toBe(202);
    const location = new URL(begun.headers.get('location') ?? '');
    const ended = await until(
      () => call('GET', `${location.pathname}${location.search}`),
      ({ status }) => status === 200,
    );
    expect(ended.json).toMatchObject({
      value: [
        { code: 'ComponentStatus/StdOut/succeeded', message: expect.stringContaining('AUTO_START') as string },
        { code: 'ComponentStatus/StdErr/succeeded', message: expect.stringContaining('nothing.exe') as string },
      ],
    });
  });

  it('is refused to whoever has no role for it, and where the VM is off', async () => {
    expect((await invoke('vm-healthy', ['hostname.exe'], 'repair')).json).toMatchObject({
      error: { code: 'AuthorizationFailed' },
    });
    await azure.control('POST', '/vms/vm-healthy/power-off', {});
    expect((await invoke('vm-healthy', ['hostname.exe'])).status).toBe(409);
  });
});

describe('local/azure/by-hand: a contributor', () => {
  it('may do all but grant rights, whatever our own roles lack', async () => {
    const path = await vmPath('vm-linux');
    await azure.control('POST', '/roles/remove-action', { action: 'Microsoft.Compute/virtualMachines/read' });
    expect((await call('GET', `${path}?api-version=2022-08-01`)).status).toBe(200);
    expect((await call('GET', `${path}?api-version=2022-08-01`, undefined, 'observe')).status).toBe(403);
    await azure.control('DELETE', '/roles');
  });
});
