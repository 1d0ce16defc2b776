import { deniedActions, missingActions } from '../../../src/azure/permissions';
import { exhaustedQuota } from '../../../src/azure/sizes';
import { until } from './support/azure-process';
import { location, rejectedWith, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';
import { actionsOfRole } from './support/role-files';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(async () => {
  await here.azure.control('DELETE', '/locks');
  await here.azure.control('DELETE', '/deny-assignments');
  await here.azure.control('DELETE', '/roles');
  await here.azure.control('PATCH', '/capacity', {
    regionalLimit: 100,
    familyLimits: {},
    restricted: {},
    exhausted: [],
  });
});

const vm = 'vm-linux';
const production = () => here.groupScope(here.azure.resourceGroup);
const lock = (scope: string, level: string) => here.azure.control('POST', '/locks', { scope, level, name: 'keep' });

describe('local/azure/recovery-preflight: locks', () => {
  it('are told for a VM from its group, its subscription and itself, and not from its neighbours', async () => {
    expect(valueOf(await here.recovery.getLocks(here.vmId(vm)))).toEqual([]);
    await lock(production(), 'CanNotDelete');
    await lock(here.vmId('vm-healthy'), 'ReadOnly');
    expect(valueOf(await here.recovery.getLocks(here.vmId(vm)))).toEqual([{ name: 'keep', level: 'CanNotDelete' }]);
    expect(valueOf(await here.recovery.getLocks(production()))).toEqual([{ name: 'keep', level: 'CanNotDelete' }]);
    await lock(`/subscriptions/${here.azure.subscriptionId}`, 'ReadOnly');
    expect(valueOf(await here.recovery.getLocks(here.vmId(vm)))).toHaveLength(2);
  });

  it('of ReadOnly keep the power from being changed', async () => {
    await lock(production(), 'ReadOnly');
    expect(await here.recovery.beginPowerOff(here.vmId(vm), { skipShutdown: false })).toEqual({
      ok: false,
      failure: {
        kind: 'rejected',
        code: 'ScopeLocked',
        status: 409,
        message: `The scope '${here.vmId(vm)}' cannot perform write operation because following scope(s) are locked: '${production()}'. Please remove the lock and try again.`,
      },
    });
    expect((await here.vm(vm)).powerState).toBe('running');
  });

  it('of CanNotDelete let everything be done but deleting', async () => {
    const original = await here.disk(await here.osDiskOf(vm));
    const tags = { ours: 'yes' };
    await lock(production(), 'CanNotDelete');
    const diskId = here.diskId('copy-locked');
    expect(valueOf(await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like: original, tags }))).toBe(
      'begun',
    );
    expect(await here.recovery.beginDeleteDisk(diskId, tags)).toMatchObject(
      rejectedWith('ScopeLocked', { message: expect.stringContaining('cannot perform delete operation') as string }),
    );
  });

  it('cannot be read without the right to', async () => {
    await here.azure.control('POST', '/roles/remove-action', { action: 'Microsoft.Authorization/locks/read' });
    expect(await here.recovery.getLocks(here.vmId(vm))).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action: 'Microsoft.Authorization/locks/read' },
    });
  });

  it('are asked for groups, VMs and disks only', async () => {
    await expect(here.recovery.getLocks('/subscriptions/x')).rejects.toThrow('Not a resource group');
    await expect(here.recovery.getLocks(`${here.vmId(vm)}?x=`)).rejects.toThrow('Not a resource group');
  });
});

describe('local/azure/recovery-preflight: deny assignments', () => {
  const write = 'Microsoft.Compute/virtualMachines/write';
  const start = 'Microsoft.Compute/virtualMachines/start/action';

  it('are told, and deny what a role allows', async () => {
    expect(valueOf(await here.recovery.getDenyAssignments(here.vmId(vm)))).toEqual([]);
    await here.azure.control('POST', '/deny-assignments', {
      scope: production(),
      actions: ['*/action'],
      name: 'stack',
    });
    const assignments = valueOf(await here.recovery.getDenyAssignments(here.vmId(vm)));

    expect(deniedActions(assignments, { scope: here.vmId(vm), actions: [write, start] })).toEqual([
      { action: start, by: 'stack' },
    ]);
    expect(await here.recovery.beginStart(here.vmId(vm))).toMatchObject({
      ok: false,
      failure: {
        kind: 'rejected',
        code: 'DenyAssignmentAuthorizationFailed',
        status: 403,
        message: expect.stringMatching(
          /has permission to perform action 'Microsoft\.Compute\/virtualMachines\/start\/action' on scope '[^']+'; however, the access is denied because of the deny assignment with name 'stack' and Id '[0-9a-f]{32}' at scope '[^']+\/rg-production'\.$/,
        ) as string,
      },
    });
  });

  it('deny a copy by what it is made of', async () => {
    const original = await here.disk(await here.osDiskOf(vm));
    await here.azure.control('POST', '/deny-assignments', { scope: original.id, actions: ['*/beginGetAccess/*'] });
    const asked = { diskId: here.diskId('copy-denied'), sourceId: original.id, like: original, tags: {} };
    expect(await here.recovery.beginCopyDisk(asked)).toMatchObject({
      ok: false,
      failure: {
        kind: 'forbidden',
        code: 'LinkedAuthorizationFailed',
        message: expect.stringContaining('blocked by deny assignments') as string,
      },
    });
  });
});

describe('local/azure/recovery-preflight: permissions', () => {
  it('tell what the repairing identity may do, before anything is done', async () => {
    const needed = actionsOfRole('recovery');
    const permissions = valueOf(await here.recovery.getPermissions(here.vmId(vm)));
    expect(missingActions(permissions, needed)).toEqual([]);
    expect(missingActions(permissions, ['Microsoft.Compute/virtualMachines/delete'])).toHaveLength(1);

    const action = 'Microsoft.Compute/disks/write';
    await here.azure.control('POST', '/roles/remove-action', { action });
    const fewer = valueOf(await here.recovery.getPermissions(production()));
    expect(missingActions(fewer, needed)).toEqual([action]);
  });
});

describe('local/azure/recovery-preflight: sizes', () => {
  const subscriptionScope = () => `/subscriptions/${here.azure.subscriptionId}`;
  const asked = (zone?: string) => ({
    subscriptionId: here.azure.subscriptionId,
    location,
    zone,
    sizes: ['standard_d2s_V5', 'Standard_D2s_v6', 'Standard_Nothing'],
  });
  const quota = () =>
    here.recovery.getComputeQuota({
      subscriptionId: here.azure.subscriptionId,
      location,
      families: ['standardDSv5Family', 'standardNothingFamily'],
    });

  /** Each VM of the fleet has two. */
  const vCpusInUse = async () => {
    const { vms = [] } = (await here.azure.control('GET', '/vms')) as { vms?: unknown[] };
    return vms.length * 2;
  };

  beforeEach(async () => {
    const assignment = { identity: 'observe', role: 'observe', scope: subscriptionScope() };
    await here.azure.control('POST', '/roles/assign', assignment);
  });

  it('are not told to who has rights in resource groups only', async () => {
    await here.azure.control('DELETE', '/roles');
    expect(await here.recovery.findSizes(asked())).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action: 'Microsoft.Compute/skus/read' },
    });
    expect(await quota()).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action: 'Microsoft.Compute/locations/usages/read' },
    });
  });

  it('are told in the order asked, with what they can hold', async () => {
    const [d2v5, d2v6, nothing] = valueOf(await here.recovery.findSizes(asked()));
    expect(d2v5).toMatchObject({
      size: 'Standard_D2s_v5',
      unusable: undefined,
      vCpus: 2,
      generations: ['V1', 'V2'],
      diskControllerTypes: ['SCSI'],
    });
    expect(d2v6).toMatchObject({ generations: ['V2'], diskControllerTypes: ['NVMe'], maxDataDisks: 8 });
    expect(nothing).toMatchObject({ size: 'Standard_Nothing', unusable: 'not-offered' });
  });

  it('are told to be restricted, in the region or in a zone', async () => {
    await here.azure.control('PATCH', '/capacity', {
      restricted: { Standard_D2s_v5: ['1'], Standard_D2s_v6: 'everywhere' },
    });
    const unusable = async (zone?: string) =>
      valueOf(await here.recovery.findSizes(asked(zone))).map((one) => one.unusable);
    expect(await unusable()).toEqual([undefined, 'restricted', 'not-offered']);
    expect(await unusable('1')).toEqual(['restricted', 'restricted', 'not-offered']);
    expect(await unusable('2')).toEqual([undefined, 'restricted', 'not-offered']);
    expect(await unusable('9')).toEqual(['not-in-zone', 'restricted', 'not-offered']);
  });

  it('have a quota, of which VMs without power take their part', async () => {
    const before = valueOf(await quota());
    const used = await vCpusInUse();
    expect(before).toEqual({
      regional: { used, limit: 100 },
      families: { standarddsv5family: { used, limit: 100 } },
    });
    await here.azure.control('POST', '/vms/vm-healthy/deallocate');
    expect(valueOf(await quota())).toEqual(before);

    const [size] = valueOf(await here.recovery.findSizes(asked()));
    if (!size) throw new Error('no size');
    expect(exhaustedQuota(size, before)).toBeUndefined();
    await here.azure.control('PATCH', '/capacity', { familyLimits: { standardDSv5Family: (await vCpusInUse()) + 1 } });
    expect(exhaustedQuota(size, valueOf(await quota()))).toBe('family');
  });

  it('that are not to be had, or beyond the quota, are refused in Azure’s words', async () => {
    const networkInterfaceId = `${here.groupScope(here.azure.workbenchResourceGroup)}/providers/Microsoft.Network/networkInterfaces/nic`;
    const subnetId = `${production()}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default`;
    await here.azure.control('POST', '/roles/assign', { identity: 'repair', role: 'helper', scope: production() });
    valueOf(
      await here.recovery.beginCreateNetworkInterface({ networkInterfaceId, location, subnetId, tags: { a: 'b' } }),
    );
    const vmId = `${here.groupScope(here.azure.workbenchResourceGroup)}/providers/Microsoft.Compute/virtualMachines/rescue`;
    const create = async (given: { size?: string; zone?: string } = {}) => {
      const answer = await here.recovery.beginCreateRecoveryMachine({
        vmId,
        location,
        size: 'Standard_D2s_v5',
        image: {
          publisher: 'MicrosoftWindowsServer',
          offer: 'WindowsServer',
          sku: '2022-datacenter',
          version: 'latest',
        },
        generation: 'V1',
        computerName: 'RESCUE',
        networkInterfaceId,
        osDiskName: 'rescue-os',
        osDiskSku: 'StandardSSD_LRS',
        tags: { a: 'b' },
        ...given,
      });
      return answer.ok ? answer : answer.failure;
    };
    await until(
      async () => valueOf(await here.recovery.getNetworkInterface(networkInterfaceId)),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );

    const used = await vCpusInUse();
    await here.azure.control('PATCH', '/capacity', { exhausted: ['Standard_D2s_v5'] });
    expect(await create({ zone: '2' })).toEqual({
      kind: 'rejected',
      code: 'SkuNotAvailable',
      status: 409,
      message: `The requested size for resource '${vmId}' is currently not available in location 'westeurope' zones '2' for subscription '${here.azure.subscriptionId}'. Please try another size or deploy to a different location or zones. See https://aka.ms/azureskunotavailable for details.`,
    });
    await here.azure.control('PATCH', '/capacity', { exhausted: [], regionalLimit: used + 1 });
    expect(await create()).toEqual({
      kind: 'rejected',
      code: 'OperationNotAllowed',
      status: 409,
      message: `Operation could not be completed as it results in exceeding approved Total Regional Cores quota. Additional details - Deployment Model: Resource Manager, Location: westeurope, Current Limit: ${used + 1}, Current Usage: ${used}, Additional Required: 2, (Minimum) New Limit Required: ${used + 2}.`,
    });
    await here.azure.control('PATCH', '/capacity', { regionalLimit: 100, familyLimits: { standardDSv5Family: used } });
    expect(await create()).toMatchObject({
      code: 'OperationNotAllowed',
      message: expect.stringContaining('exceeding approved standardDSv5Family Cores quota.') as string,
    });
  });
});
