import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startAzureProcess, until, type AzureProcess } from './support/azure-process';

const script = readFileSync(join(__dirname, '../../../src/guest/scripts/run-commands.ps1'), 'utf8');
const location = 'westeurope';
let azure: AzureProcess;

interface Truth {
  powerState: string;
  bootedAt: string | null;
  addresses: string[];
  agentAlive: boolean;
  rdpListening: boolean;
  rdpReachable: boolean;
  services: { name: string; startType: number; state: string }[];
}

interface ScriptAnswer {
  nonce: string;
  bootedAt: string;
  computerName: string;
  results: { id: string; exitCode?: number; output?: string; skipped?: boolean; notStarted?: string }[];
}

beforeAll(async () => {
  azure = await startAzureProcess({ speed: 100 });
});

afterAll(() => {
  azure.stop();
});

async function truth(vm: string): Promise<Truth> {
  return (await azure.control('GET', `/vms/${vm}`)) as unknown as Truth;
}

async function dhcpOf(vm: string) {
  return (await truth(vm)).services.find((service) => service.name === 'Dhcp');
}

async function osDiskOf(vm: string): Promise<string> {
  const found = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, vm);
  return found.storageProfile?.osDisk?.managedDisk?.id ?? '';
}

function snapshotOf(disk: string, tags: Record<string, string> = {}, where = location) {
  return { location: where, tags, incremental: true, creationData: { createOption: 'Copy', sourceResourceId: disk } };
}

async function agentStatus(vm: string) {
  const view = await azure.compute('observe').virtualMachines.get(azure.resourceGroup, vm, { expand: 'instanceView' });
  return view.instanceView?.vmAgent?.statuses?.[0];
}

const query = { id: 'config', file: 'sc.exe', arguments: ['qc', 'Dhcp'], timeoutSeconds: 20 };

/** Runs native commands by managed Run Command, as the app does, and fetches every part of the answer. */
async function runInGuest(vm: string, commands: object[]): Promise<ScriptAnswer> {
  const nonce = randomBytes(16).toString('hex');
  const encoded = Buffer.from(JSON.stringify(commands)).toString('base64');
  let body = '';
  let parts = 1;
  for (let part = 1; part <= parts; part += 1) {
    const parameters: Record<string, string> =
      part === 1 ? { Nonce: nonce, Commands: encoded } : { Nonce: nonce, Part: String(part) };
    const { output } = await runScript(vm, `rc-${nonce.slice(0, 8)}-${part}`, script, parameters);
    const frame = /^##RDPL1 (\S+) (\d+)\/(\d+) (\d+) (\S+)##(.*)##END (\S+)##$/m.exec(output.trim());
    expect(frame?.[1]).toBe(nonce);
    parts = Number(frame?.[3]);
    body += frame?.[6] ?? '';
    if (part === parts) expect(createHash('sha256').update(body).digest('hex')).toBe(frame?.[5]);
  }
  return JSON.parse(gunzipSync(Buffer.from(body, 'base64')).toString('utf8')) as ScriptAnswer;
}

async function runScript(
  vm: string,
  name: string,
  text: string,
  parameters: Record<string, string>,
  timeoutInSeconds = 120,
) {
  const client = azure.compute('repair').virtualMachineRunCommands;
  const named = Object.entries(parameters).map(([key, value]) => ({ name: key, value }));
  const command = {
    location,
    source: { script: text },
    parameters: named,
    asyncExecution: true,
    timeoutInSeconds,
  };
  await client.createOrUpdate(azure.resourceGroup, vm, name, command).submitted();
  const ended = await until(
    () => client.getByVirtualMachine(azure.resourceGroup, vm, name, { expand: 'instanceView' }),
    (run) => !['Pending', 'Running'].includes(run.instanceView?.executionState ?? ''),
  );
  const view = ended.instanceView;
  return {
    state: view?.executionState,
    exitCode: view?.exitCode,
    output: view?.output ?? '',
    error: view?.error ?? '',
  };
}

describe('local/azure/compute: a snapshot of an OS disk', () => {
  it('is made with its tags by an operation of Microsoft.Compute', async () => {
    const snapshots = azure.compute('repair').snapshots;
    const disk = await osDiskOf('vm-healthy');
    const poller = snapshots.createOrUpdate(azure.workbenchResourceGroup, 'snap-1', snapshotOf(disk, { repair: 'r1' }));
    await expect(poller).resolves.toMatchObject({ provisioningState: 'Succeeded', tags: { repair: 'r1' } });
    await expect(snapshots.get(azure.workbenchResourceGroup, 'SNAP-1')).resolves.toMatchObject({
      name: 'snap-1',
      incremental: true,
      completionPercent: 100,
      diskSizeGB: 127,
      creationData: { sourceResourceId: disk },
    });
    expect((await azure.control('GET', '/resources')).resources).toContainEqual(
      expect.objectContaining({ type: 'Microsoft.Compute/snapshots', tags: { repair: 'r1' } }),
    );
  });

  it('may be asked for twice: the second changes nothing', async () => {
    const snapshots = azure.compute('repair').snapshots;
    const disk = await osDiskOf('vm-healthy');
    const first = await snapshots.createOrUpdate(azure.workbenchResourceGroup, 'snap-2', snapshotOf(disk));
    const second = await snapshots.createOrUpdate(azure.workbenchResourceGroup, 'snap-2', snapshotOf(disk));
    expect(second.timeCreated).toEqual(first.timeCreated);
    const other = snapshotOf(await osDiskOf('vm-linux'));
    await expect(
      snapshots.createOrUpdate(azure.workbenchResourceGroup, 'snap-2', other).submitted(),
    ).rejects.toMatchObject({ statusCode: 409, code: 'PropertyChangeNotAllowed' });
  });

  it('is begun with both headers of a long-running operation', async () => {
    const disk = await osDiskOf('vm-healthy');
    const { token } = await azure.credential('repair').getToken('https://management.azure.com/.default');
    const path = `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.workbenchResourceGroup}/providers/Microsoft.Compute/snapshots/snap-3?api-version=2025-01-02`;
    const body = {
      location,
      properties: { incremental: true, creationData: { createOption: 'Copy', sourceResourceId: disk } },
    };
    const response = await azure.call('PUT', path, { token, body });
    expect(response.status).toBe(202);
    const asyncOperation = response.headers.get('azure-asyncoperation') ?? '';
    expect(asyncOperation).toMatch(
      /\/providers\/Microsoft\.Compute\/locations\/westeurope\/DiskOperations\/[0-9a-f-]{36}\?/,
    );
    expect(response.headers.get('location')).toContain('monitor=true');
    const looked = () => azure.call('GET', asyncOperation.replace(azure.armEndpoint, ''), { token });
    const ended = await until(looked, ({ bodyAsText }) => (bodyAsText ?? '').includes('Succeeded'));
    expect(JSON.parse(ended.bodyAsText ?? '{}')).toMatchObject({ properties: { output: { name: 'snap-3' } } });
  });

  it.each([
    ['in another location than its disk', 'northeurope', 'vm-healthy'],
    ['of a disk that is not there', location, undefined],
  ])('is not made %s, and Azure calls the disk missing', async (_case, where, vm) => {
    const gone = (await osDiskOf('vm-healthy')).replace(/[^/]+$/, 'no-such-disk');
    const disk = vm === undefined ? gone : await osDiskOf(vm);
    const asked = azure
      .compute('repair')
      .snapshots.createOrUpdate(azure.workbenchResourceGroup, 'snap-4', snapshotOf(disk, {}, where));
    await expect(asked.submitted()).rejects.toMatchObject({
      statusCode: 404,
      code: 'NotFound',
      message: `Resource ${disk.split('/').at(-1)} is not found.`,
    });
  });

  it('was made although its answer was lost, and the name finds it again', async () => {
    const fault = { match: { method: 'PUT', pathContains: 'snap-5' }, times: 1, when: 'after', dropConnection: true };
    await azure.control('POST', '/faults', fault);
    const snapshots = azure.compute('repair').snapshots;
    const asked = snapshots.createOrUpdate(
      azure.workbenchResourceGroup,
      'snap-5',
      snapshotOf(await osDiskOf('vm-healthy')),
    );
    await expect(asked.submitted()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(snapshots.get(azure.workbenchResourceGroup, 'snap-5')).resolves.toMatchObject({ name: 'snap-5' });
  });
});

describe('local/azure/compute: managed Run Command', () => {
  it('repairs a disabled DHCP Client by native commands, and the truth says so', async () => {
    const vm = 'vm-dhcp-disabled';
    expect(await dhcpOf(vm)).toMatchObject({ startType: 4, state: 'STOPPED' });
    const start = { id: 'start', file: 'sc.exe', arguments: ['start', 'Dhcp'], timeoutSeconds: 20 };
    const answer = await runInGuest(vm, [
      query,
      { ...start, id: 'start-too-early' },
      { id: 'configure', file: 'sc.exe', arguments: ['config', 'Dhcp', 'start=', 'auto'], timeoutSeconds: 20 },
      start,
      { ...query, id: 'config-after' },
      { ...start, id: 'left-out', unless: { id: 'config-after', matches: '^\\s+START_TYPE\\s+: 2\\b' } },
      { id: 'missing', file: 'nothing.exe', arguments: [], timeoutSeconds: 20 },
    ]);
    expect(answer.computerName).toBe('VM-DHCP-DISABLE');
    const byId = Object.fromEntries(answer.results.map((result) => [result.id, result]));
    const textOf = (id: string) => byId[id]?.output ?? '';
    expect(textOf('config')).toMatch(/START_TYPE {9}: 4 {3}DISABLED\r\n/);
    expect(byId['start-too-early']?.exitCode).toBe(1058);
    expect(textOf('start-too-early')).toContain('[SC] StartService FAILED 1058:');
    expect(byId.configure?.exitCode).toBe(0);
    expect(textOf('start')).toMatch(/STATE {14}: 2 {2}START_PENDING/);
    expect(textOf('config-after')).toMatch(/START_TYPE {9}: 2 {3}AUTO_START\r\n/);
    expect(byId['left-out']).toEqual({ id: 'left-out', skipped: true });
    expect(byId.missing?.notStarted).toContain('cannot find the file');
    const after = await until(
      () => dhcpOf(vm),
      (service) => service?.state === 'RUNNING',
    );
    expect(after).toMatchObject({ startType: 2 });
  });

  it('gives a long answer in parts, and keeps nothing in the guest afterwards', async () => {
    const everything = { id: 'all', file: 'reg.exe', arguments: ['query', 'HKLM\\SYSTEM', '/s'], timeoutSeconds: 60 };
    const answer = await runInGuest('vm-healthy', [everything]);
    expect(answer.results[0]?.output ?? '').toContain('RDP-Tcp');
    const late = await runScript('vm-healthy', 'late', script, { Nonce: answer.nonce, Part: '2' });
    expect(late).toMatchObject({ state: 'Failed', exitCode: 1, output: '' });
  });

  it('is created with the one header that Azure sends, and says "Succeeded" before the script has ended', async () => {
    const { token } = await azure.credential('repair').getToken('https://management.azure.com/.default');
    const path = `/subscriptions/${azure.subscriptionId}/resourceGroups/${azure.resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm-linux/runCommands/plain?api-version=2026-03-01`;
    const response = await azure.call('PUT', path, {
      token,
      body: { location, properties: { source: { script: 'ls' } } },
    });
    expect(response.status).toBe(201);
    expect(JSON.parse(response.bodyAsText ?? '{}')).toMatchObject({ properties: { provisioningState: 'Creating' } });
    expect(response.headers.get('azure-asyncoperation')).toContain('/operations/');
    expect(response.headers.has('location')).toBe(false);
  });

  it('ends as failed for a script that the simulated guest does not know', async () => {
    const run = await runScript('vm-healthy', 'foreign', 'Get-Service', {});
    expect(run).toMatchObject({ state: 'Failed', exitCode: 1, output: '' });
    expect(run.error).toContain('src/guest/scripts/');
  });

  it('is cut off at its time limit, and its output is lost', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...query, id: String(index) }));
    const parameters = { Nonce: 'b'.repeat(32), Commands: Buffer.from(JSON.stringify(many)).toString('base64') };
    const run = await runScript('vm-healthy', 'too-long', script, parameters, 5);
    expect(run).toMatchObject({ state: 'TimedOut', output: '' });
  });

  it('can be deleted, twice, and is gone', async () => {
    const client = azure.compute('repair').virtualMachineRunCommands;
    await runScript('vm-healthy', 'to-delete', 'x', {});
    await client.delete(azure.resourceGroup, 'vm-healthy', 'to-delete');
    await expect(client.getByVirtualMachine(azure.resourceGroup, 'vm-healthy', 'to-delete')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
    await expect(client.delete(azure.resourceGroup, 'vm-healthy', 'to-delete')).resolves.toBeUndefined();
  });

  it('refuses a second PUT while the first is being carried out', async () => {
    const client = azure.compute('repair').virtualMachineRunCommands;
    const command = { location, source: { script: 'x' } };
    await client.createOrUpdate(azure.resourceGroup, 'vm-linux', 'twice', command).submitted();
    await expect(
      client.createOrUpdate(azure.resourceGroup, 'vm-linux', 'twice', command).submitted(),
    ).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
  });

  it('names the parent that is missing', async () => {
    const client = azure.compute('repair').virtualMachineRunCommands;
    await expect(
      client.createOrUpdate(azure.resourceGroup, 'vm-gone', 'x', { location }).submitted(),
    ).rejects.toMatchObject({ statusCode: 404, code: 'ParentResourceNotFound' });
  });
});

describe('local/azure/compute: a VM whose DHCP Client is disabled', () => {
  const vm = 'vm-dhcp-untagged';

  it('keeps its address and its agent until it boots, then has neither, and Run Command waits in vain', async () => {
    expect(await truth(vm)).toMatchObject({ agentAlive: true, addresses: ['10.0.0.6'], rdpReachable: true });
    await expect(agentStatus(vm)).resolves.toMatchObject({ displayStatus: 'Ready' });
    const before = (await truth(vm)).bootedAt ?? '';

    await azure.control('POST', `/vms/${vm}/restart`);

    const after = await truth(vm);
    expect(after).toMatchObject({ agentAlive: false, addresses: [], rdpListening: true, rdpReachable: false });
    expect(Date.parse(after.bootedAt ?? '')).toBeGreaterThan(Date.parse(before));
    await expect(agentStatus(vm)).resolves.toMatchObject({
      code: 'ProvisioningState/Unavailable',
      displayStatus: 'Not Ready',
    });
    const client = azure.compute('repair').virtualMachineRunCommands;
    const command = { location, source: { script }, asyncExecution: true };
    await client.createOrUpdate(azure.resourceGroup, vm, 'in-vain', command).submitted();
    // While the agent is Not Ready the status carries the time of the question: it tells how much local time went by.
    const asked = (await agentStatus(vm))?.time?.getTime() ?? 0;
    await until(
      () => agentStatus(vm),
      (status) => (status?.time?.getTime() ?? 0) > asked + 60_000,
    );
    const run = await client.getByVirtualMachine(azure.resourceGroup, vm, 'in-vain', { expand: 'instanceView' });
    expect(run).toMatchObject({ provisioningState: 'Creating', instanceView: { executionState: 'Pending' } });

    // A person at the console cures it: the address comes back, the agent reports, and the waiting command runs.
    await azure.control('POST', `/vms/${vm}/guest-service`, { service: 'Dhcp', startType: 2, state: 'running' });
    await until(
      () => agentStatus(vm),
      (status) => status?.displayStatus === 'Ready',
    );
    await until(
      () => client.getByVirtualMachine(azure.resourceGroup, vm, 'in-vain', { expand: 'instanceView' }),
      (waited) => waited.instanceView?.executionState === 'Failed',
    );
  });

  it('refuses Run Command while it is powered off, and starts again', async () => {
    await azure.control('POST', `/vms/${vm}/power-off`);
    const client = azure.compute('repair').virtualMachineRunCommands;
    await expect(
      client.createOrUpdate(azure.resourceGroup, vm, 'off', { location, source: { script } }).submitted(),
    ).rejects.toMatchObject({
      statusCode: 409,
      code: 'OperationNotAllowed',
      message: 'Cannot modify extensions in the VM when the VM is not running.',
    });
    await azure.control('POST', `/vms/${vm}/start`);
    expect(await truth(vm)).toMatchObject({ powerState: 'running' });
  });
});

describe('local/azure/compute: a guest that was told to go down from inside', () => {
  const shutdown = (...rest: string[]) => ({ id: 'down', file: 'shutdown.exe', arguments: rest, timeoutSeconds: 20 });

  it('restarts without any operation of Azure’s, and stays shown as running', async () => {
    const before = await truth('vm-healthy');
    await runInGuest('vm-healthy', [shutdown('/r', '/t', '30')]);
    const after = await until(
      () => truth('vm-healthy'),
      ({ bootedAt }) => bootedAt !== null && bootedAt !== before.bootedAt,
    );
    expect(after.powerState).toBe('running');
    await until(
      () => truth('vm-healthy'),
      ({ agentAlive, rdpListening }) => agentAlive && rdpListening,
    );
  });

  it('is stopped after a shutdown, and Azure can start it', async () => {
    await runInGuest('vm-healthy', [shutdown('/s', '/t', '30')]);
    await until(
      () => truth('vm-healthy'),
      ({ powerState, bootedAt }) => powerState === 'stopped' && bootedAt === null,
    );
    await azure.control('POST', '/vms/vm-healthy/start');
    expect(await truth('vm-healthy')).toMatchObject({ powerState: 'running' });
  });
});

describe('local/azure/compute: an agent that was killed', () => {
  it('turns from Ready to unresponsive some time later', async () => {
    await azure.control('POST', '/vms/vm-dhcp-diagnose/agent', { alive: false });
    const status = await until(
      () => agentStatus('vm-dhcp-diagnose'),
      (answer) => answer?.displayStatus === 'Not Ready',
    );
    expect(status?.message).toBe('VM Agent is unresponsive.');
  });
});
