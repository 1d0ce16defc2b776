import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

/** Levers for what is missing in an answer, and for what passes by itself. */

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(async () => {
  await here.azure.control('DELETE', '/omissions');
  await here.azure.control('DELETE', '/faults');
});

const vm = 'vm-healthy';
const omit = (pathContains: string, field: string, how: object) =>
  here.azure.control('POST', '/omissions', { match: { pathContains }, field, ...how });

describe('local/azure/omissions-and-waits: a field that is missing', () => {
  it('is there again after so many answers', async () => {
    await omit(`/virtualMachines/${vm}`, 'properties.instanceView.statuses[PowerState]', { times: 2 });
    const states = [await here.vm(vm), await here.vm(vm), await here.vm(vm)].map(({ powerState }) => powerState);
    expect(states).toEqual([undefined, undefined, 'running']);
    // What else the list holds is as it was.
    expect((await here.vm(vm)).provisioningState).toBe('Succeeded');
  });

  it('is there again after so long', async () => {
    await omit(`/virtualMachines/${vm}`, 'properties.provisioningState', { forSeconds: 60 });
    expect((await here.vm(vm)).provisioningState).toBeUndefined();
    await until(
      () => here.vm(vm),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
  });

  it.each<[string, string, (one: Awaited<ReturnType<RecoveryAzure['vm']>>) => unknown, unknown]>([
    ['the agent', 'properties.instanceView.vmAgent.statuses', ({ agent }) => agent.missing, true],
    [
      'the time of the last change',
      'properties.instanceView.statuses[ProvisioningState].time',
      ({ configuration }) => configuration?.changedAt,
      undefined,
    ],
    ['the OS disk', 'properties.storageProfile.osDisk.managedDisk.id', ({ osDiskId }) => osDiskId, undefined],
    ['the operating system', 'properties.storageProfile.osDisk.osType', ({ osType }) => osType, 'unknown'],
    ['the whole instance view', 'properties.instanceView', ({ powerState }) => powerState, undefined],
  ])('may be any of a VM’s: %s', async (_what, field, read, expected) => {
    await omit(`/virtualMachines/${vm}`, field, { times: 1 });
    const without = read(await here.vm(vm));
    expect(without).toBe(expected);
    expect(read(await here.vm(vm))).not.toBe(expected);
  });

  it('may be a disk’s, of one call only, or of every element of a list', async () => {
    const disk = await here.osDiskOf(vm);
    await omit(disk, 'managedBy', { times: 1 });
    // Asking for something else does not count.
    await here.vm(vm);
    expect((await here.disk(disk)).managedBy).toBeUndefined();
    expect((await here.disk(disk)).managedBy).toBe(here.vmId(vm));
    await omit('/disks?', 'value[*].properties.timeCreated', { times: 1 });
    const list = async () => {
      const times: (Date | undefined)[] = [];
      for await (const { timeCreated } of here.azure
        .compute('observe')
        .disks.listByResourceGroup(here.azure.resourceGroup))
        times.push(timeCreated);
      return times;
    };
    expect(new Set(await list())).toEqual(new Set([undefined]));
    expect(await list()).not.toContain(undefined);
  });

  it('is planted only where it says what, and for how long', async () => {
    expect(await omit('/x', 'a..b', { times: 1 })).toMatchObject({ status: 400 });
    expect(await omit('/x', 'a', {})).toMatchObject({ status: 400 });
    expect(await omit('/x', 'a', { forSeconds: 0 })).toMatchObject({ status: 400 });
  });
});

describe('local/azure/omissions-and-waits: what passes', () => {
  it('is an operation of somebody else’s on a VM, which refuses others meanwhile', async () => {
    await here.azure.control('POST', '/operations', { id: here.vmId('vm-linux'), forSeconds: 120 });
    expect((await here.vm('vm-linux')).provisioningState).toBe('Updating');
    expect(await here.recovery.beginPowerOff(here.vmId('vm-linux'), { skipShutdown: false })).toMatchObject({
      ok: false,
      failure: { kind: 'wait', code: 'Conflict' },
    });
    const before = (await here.vm('vm-linux')).configuration?.changedAt;
    const after = await here.settled('vm-linux');
    expect(after).toMatchObject({ provisioningState: 'Succeeded', powerState: 'running' });
    // Whoever looks sees that something was done to it.
    expect(after.configuration?.changedAt).not.toBe(before);
  });

  it('is one on a disk', async () => {
    const disk = await here.osDiskOf(vm);
    await here.azure.control('POST', '/operations', { id: disk, forSeconds: 30 });
    expect((await here.disk(disk)).provisioningState).toBe('Updating');
    await until(
      () => here.disk(disk),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
  });

  it.each([
    [
      'power-off',
      'powerOff',
      () => here.recovery.beginPowerOff(here.vmId('vm-nsg-blocked'), { skipShutdown: true }),
      'stopped',
    ],
    ['start', '/start', () => here.recovery.beginStart(here.vmId('vm-nsg-blocked')), 'running'],
  ] as const)('is a %s that lasts', async (_what, pathContains, act, ends) => {
    const before = (await here.vm('vm-nsg-blocked')).powerState;
    const lasts = { operation: 'lasts', forSeconds: 300, match: { method: 'POST', pathContains } };
    await here.plant(lasts);
    valueOf(await act());
    // It takes three seconds of real time at this speed: the first answers come in less.
    expect(await here.vm('vm-nsg-blocked')).toMatchObject({ provisioningState: 'Updating', powerState: before });
    expect(await here.settled('vm-nsg-blocked')).toMatchObject({ powerState: ends });
  });

  it('is a copy that lasts, and ends well', async () => {
    const like = await here.disk(await here.osDiskOf('vm-linux'));
    await here.plant({ operation: 'lasts', forSeconds: 120, match: { method: 'PUT', pathContains: '/disks/slow' } });
    const diskId = here.diskId('slow');
    valueOf(await here.recovery.beginCopyDisk({ diskId, sourceId: like.id, like, tags: {} }));
    expect((await here.disk(diskId)).provisioningState).toBe('Updating');
    await until(
      () => here.disk(diskId),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
  });

  it('is a quota that is used up', async () => {
    await here.azure.control('POST', '/roles/assign', {
      ...{ identity: 'observe', role: 'observe', scope: `/subscriptions/${here.azure.subscriptionId}` },
    });
    const { subscriptionId } = here.azure;
    const limit = async () =>
      valueOf(await here.recovery.getComputeQuota({ subscriptionId, location, families: [] })).regional?.limit;
    await here.azure.control('PATCH', '/capacity', { regionalLimit: 1, forSeconds: 120 });
    expect(await limit()).toBe(1);
    await until(limit, (now) => now === 100);
  });

  it('is said of something that is there, and for a time', async () => {
    const begin = (body: object) => here.azure.control('POST', '/operations', body);
    expect(await begin({ id: '/subscriptions/x', forSeconds: 1 })).toMatchObject({ status: 400 });
    expect(await begin({ id: here.vmId(vm) })).toMatchObject({ status: 400 });
    expect(await here.plant({ operation: 'lasts', match: { pathContains: '/x' } })).toMatchObject({ status: 400 });
  });
});
