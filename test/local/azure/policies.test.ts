import { guestRunName } from '../../../src/guest/routes/run-command';
import { networkInterfaceIdOf } from '../../../src/azure/network-id';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import type { Answer } from '../../../src/azure/ports';
import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(() => here.azure.control('DELETE', '/policies'));

const vm = 'vm-healthy';
const subscription = () => `/subscriptions/${here.azure.subscriptionId}`;
const workbench = () => here.groupScope(here.azure.workbenchResourceGroup);
const subnetId = () => `${workbench()}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/recovery`;
const assign = (policy: object) => here.azure.control('POST', '/policies', { scope: subscription(), ...policy });
const disallowed = { ok: false, failure: { kind: 'rejected', code: 'RequestDisallowedByPolicy', status: 403 } };

type Make = (tags: Record<string, string>) => Promise<Answer<unknown>>;
let count = 0;
const next = (what: string) => `${what}-${(count += 1)}`;

/** Everything that we create, by the production adapters. */
const makes: Record<string, Make> = {
  'a snapshot': async (tags) => {
    const snapshotId = snapshotIdOf(here.azure.subscriptionId, here.azure.workbenchResourceGroup, next('snapshot'));
    return here.arm.beginSnapshot({ snapshotId, sourceDiskId: await here.osDiskOf(vm), location, tags });
  },
  'a disk': async (tags) => {
    const like = await here.disk(await here.osDiskOf(vm));
    return here.recovery.beginCopyDisk({ diskId: here.diskId(next('disk')), sourceId: like.id, like, tags });
  },
  'a network interface': (tags) => {
    const { subscriptionId, workbenchResourceGroup } = here.azure;
    const networkInterfaceId = networkInterfaceIdOf(subscriptionId, workbenchResourceGroup, next('nic'));
    return here.recovery.beginCreateNetworkInterface({ networkInterfaceId, location, subnetId: subnetId(), tags });
  },
  'a run command': (tags) =>
    here.arm.beginGuestRun(here.vmId(vm), {
      ...{ name: guestRunName({ repairId: next('r'), name: 'x', part: 1 }), location, script: 'exit 0' },
      ...{ parameters: {}, timeoutSeconds: 60, tags },
    }),
};

async function makeMachine(tags: Record<string, string>): Promise<Answer<unknown>> {
  const name = next('rescue');
  const { subscriptionId, workbenchResourceGroup } = here.azure;
  const networkInterfaceId = networkInterfaceIdOf(subscriptionId, workbenchResourceGroup, `${name}-nic`);
  const nic = { networkInterfaceId, location, subnetId: subnetId(), tags: { ...tags, owner: 'shop' } };
  valueOf(await here.recovery.beginCreateNetworkInterface(nic));
  await until(
    async () => valueOf(await here.recovery.getNetworkInterface(networkInterfaceId)),
    ({ provisioningState }) => provisioningState === 'Succeeded',
  );
  return here.recovery.beginCreateRecoveryMachine({
    vmId: `${workbench()}/providers/Microsoft.Compute/virtualMachines/${name}`,
    ...{ location, size: 'Standard_D2s_v5', generation: 'V1', computerName: 'RESCUE', networkInterfaceId },
    image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter', version: 'latest' },
    ...{ osDiskName: `${name}-os`, osDiskSku: 'StandardSSD_LRS', tags },
  });
}

describe('local/azure/policies: one that demands a tag', () => {
  it.each(Object.entries({ ...makes, 'a virtual machine': makeMachine }))(
    'denies %s without it',
    async (_what, make) => {
      await assign({ requireTag: { name: 'owner' } });
      expect(await make({ ours: 'yes' })).toMatchObject(disallowed);
      expect(await make({ ours: 'yes', OWNER: 'shop' })).toMatchObject({ ok: true });
    },
  );

  it('and its value denies another value', async () => {
    await assign({ requireTag: { name: 'owner', value: 'shop' } });
    expect(await makes['a disk']?.({ owner: 'else' })).toMatchObject(disallowed);
    expect(await makes['a disk']?.({ owner: 'Shop' })).toMatchObject({ ok: true });
  });

  it('denies that it is taken away again, and lets other tags be changed', async () => {
    const diskId = here.diskId(next('disk'));
    const like = await here.disk(await here.osDiskOf(vm));
    const tags = { owner: 'shop', ours: 'yes' };
    valueOf(await here.recovery.beginCopyDisk({ diskId, sourceId: like.id, like, tags }));
    await assign({ requireTag: { name: 'owner' } });
    expect(await here.recovery.beginTagDisk(diskId, { ours: 'yes' })).toMatchObject(disallowed);
    expect(await here.recovery.beginTagDisk(diskId, { owner: 'shop' })).toMatchObject({ ok: true });
  });

  it('denies any change of a VM that lacks it, also one that is not about tags', async () => {
    const copy = await here.copyOf('vm-linux', next('copy'));
    await here.stop('vm-linux');
    await assign({ requireTag: { name: 'owner' }, types: ['Microsoft.Compute/virtualMachines'] });
    const swap = { from: await here.osDiskOf('vm-linux'), to: copy };
    expect(await here.recovery.beginSwapOsDisk(here.vmId('vm-linux'), swap)).toMatchObject(disallowed);
    // Starting it is no change of the resource.
    expect(await here.recovery.beginStart(here.vmId('vm-linux'))).toMatchObject({ ok: true });
  });

  it('counts below its scope only', async () => {
    await assign({ scope: workbench(), requireTag: { name: 'owner' } });
    expect(await makes['a snapshot']?.({})).toMatchObject(disallowed);
    expect(await makes['a disk']?.({})).toMatchObject({ ok: true });
  });
});

describe('local/azure/policies: one that denies a kind of resource', () => {
  it('denies disks of a sku, also the one that Azure makes with a VM', async () => {
    const when = [{ field: 'sku.name', in: ['StandardSSD_LRS'] }];
    await assign({ types: ['Microsoft.Compute/disks'], when });
    expect(await makes['a disk']?.({})).toMatchObject(disallowed);
    expect(await makeMachine({})).toMatchObject(disallowed);
    expect(await makes['a snapshot']?.({})).toMatchObject({ ok: true });
  });

  it('denies by name, by a property, and by what is missing', async () => {
    const types = ['Microsoft.Compute/disks'];
    for (const when of [
      [{ field: 'name', like: 'disk-*' }],
      [{ field: 'properties.creationData.createOption', equals: 'copy' }],
      [{ field: 'properties.encryption.diskEncryptionSetId', exists: false }],
      [{ field: 'location', notIn: ['northeurope'] }],
      [{ field: 'type', equals: 'Microsoft.Compute/disks' }],
    ]) {
      await assign({ types, when });
      expect(await makes['a disk']?.({})).toMatchObject(disallowed);
      await here.azure.control('DELETE', '/policies');
    }
    await assign({
      types,
      when: [
        { field: 'name', like: 'disk' },
        { field: 'location', equals: location },
      ],
    });
    expect(await makes['a disk']?.({})).toMatchObject({ ok: true });
  });

  it('answers as Azure does, without the details that only who may read policies gets', async () => {
    await assign({ types: ['Microsoft.Compute/snapshots'], displayName: 'No snapshots' });
    const { message } = ((await makes['a snapshot']?.({})) as { failure: { message: string } }).failure;
    expect(message).toMatch(
      /^Resource 'snapshot-\d+' was disallowed by policy\. Policy identifiers: '\[\{"policyAssignment":/,
    );
    const token = await here.azure.credential('repair').getToken('https://management.azure.com/.default');
    const path = `${workbench()}/providers/Microsoft.Compute/snapshots/denied?api-version=2024-03-02`;
    const answer = await here.azure.call('PUT', path, {
      token: token.token,
      body: {
        location,
        properties: { creationData: { createOption: 'Copy', sourceResourceId: await here.osDiskOf(vm) } },
      },
    });
    const { error } = JSON.parse(answer.bodyAsText ?? '') as { error: Record<string, unknown> };
    expect(error).toMatchObject({
      code: 'RequestDisallowedByPolicy',
      target: 'denied',
      additionalInfo: [
        {
          type: 'PolicyViolation',
          info: {
            policyDefinitionDisplayName: 'No snapshots',
            policyDefinitionEffect: 'Deny',
            policyAssignmentScope: subscription(),
            policyAssignmentId: expect.stringMatching(/\/policyAssignments\/[0-9a-f-]{36}$/) as string,
          },
        },
      ],
    });
    expect(JSON.stringify(error)).not.toContain('evaluationDetails');
  });

  it('says what is wrong with a policy that is none', async () => {
    for (const policy of [{ scope: 5 }, {}, { when: [{ field: 'name' }] }, { requireTag: {} }]) {
      expect(await assign(policy)).toMatchObject({ status: 400 });
    }
  });
});
