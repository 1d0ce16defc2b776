import { differencesOf } from '../../../src/azure/disk-copy';
import { networkInterfaceIdOf } from '../../../src/azure/network-id';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';
import { actionsOfRole } from './support/role-files';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

const patient = 'vm-dhcp-rebooted';
const tags = { 'rdp-lifeline-repair': 'r-1' };

describe('local/azure/recovery-route: the whole way of a recovery, call by call', () => {
  it('changes the patient’s disk and leaves nothing behind', async () => {
    const { recovery, arm } = here;
    const { subscriptionId, workbenchResourceGroup } = here.azure;
    const group = here.groupScope(workbenchResourceGroup);
    const rescue = `${group}/providers/Microsoft.Compute/virtualMachines/rescue`;
    const networkInterfaceId = networkInterfaceIdOf(subscriptionId, workbenchResourceGroup, 'rescue-nic');
    const subnetId = `${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default`;
    const scope = `/subscriptions/${subscriptionId}`;
    await here.azure.control('POST', '/roles/assign', { identity: 'observe', role: 'observe', scope });

    // Nothing in the way.
    valueOf(await recovery.getLocks(here.vmId(patient)));
    valueOf(await recovery.getDenyAssignments(here.vmId(patient)));
    valueOf(await recovery.getPermissions(here.vmId(patient)));
    const sizes = valueOf(await recovery.findSizes({ subscriptionId, location, sizes: ['Standard_D2s_v5'] }));
    valueOf(await recovery.getComputeQuota({ subscriptionId, location, families: sizes.map(({ family }) => family) }));

    // The recovery VM, of the other generation than the patient.
    const nic = { networkInterfaceId, location, subnetId, tags };
    valueOf(await recovery.beginCreateNetworkInterface(nic));
    await until(
      async () => valueOf(await recovery.getNetworkInterface(networkInterfaceId)),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
    valueOf(
      await recovery.beginCreateRecoveryMachine({
        vmId: rescue,
        location,
        size: 'Standard_D2s_v5',
        image: {
          publisher: 'MicrosoftWindowsServer',
          offer: 'WindowsServer',
          sku: '2022-datacenter-g2',
          version: 'latest',
        },
        generation: 'V2',
        computerName: 'RESCUE',
        networkInterfaceId,
        osDiskName: 'rescue-os',
        osDiskSku: 'StandardSSD_LRS',
        tags,
      }),
    );
    await here.settled(rescue);

    // The copy of the stopped disk.
    const original = await here.disk(await here.osDiskOf(patient));
    await here.stop(patient);
    const stoppedAt = (await here.vm(patient)).configuration?.changedAt;
    const snapshotId = snapshotIdOf(subscriptionId, workbenchResourceGroup, 'stopped');
    valueOf(await arm.beginSnapshot({ snapshotId, sourceDiskId: original.id, location, tags }));
    await until(
      async () => valueOf(await arm.getSnapshot(snapshotId)),
      ({ state }) => state === 'ready',
    );
    const copy = here.diskId('copy');
    valueOf(await recovery.beginCopyDisk({ diskId: copy, sourceId: snapshotId, like: original, tags }));
    const made = await until(
      () => here.disk(copy),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
    expect(differencesOf(original, made)).toEqual([]);

    // In and out of the recovery VM.
    valueOf(await recovery.beginAttachDataDisk(rescue, { diskId: copy, lun: 2 }));
    await until(
      () => here.disk(copy),
      ({ managedBy }) => managedBy === rescue,
    );
    valueOf(await recovery.beginDetachDataDisk(rescue, { diskId: copy }));
    await until(
      () => here.disk(copy),
      ({ managedBy }) => managedBy === undefined,
    );

    // Under the patient, which nobody started meanwhile.
    expect((await here.vm(patient)).configuration?.changedAt).toBe(stoppedAt);
    valueOf(await recovery.beginSwapOsDisk(here.vmId(patient), { from: original.id, to: copy }));
    await here.settled(patient);
    valueOf(await recovery.beginTagDisk(copy, {}));
    valueOf(await recovery.beginStart(here.vmId(patient)));
    await until(
      () => here.vm(patient),
      ({ powerState, provisioningState }) => powerState === 'running' && provisioningState === 'Succeeded',
    );
    expect(await here.osDiskOf(patient)).toBe(copy);

    // Cleaned up: the VM with its disk and interface, the snapshot; the copy is the patient's now.
    valueOf(await recovery.beginDeleteMachine(rescue, tags));
    valueOf(await recovery.beginDeleteSnapshot(snapshotId, tags));
    await until(
      () => arm.getVirtualMachine(rescue),
      (answer) => !answer.ok,
    );
    expect(await recovery.beginDeleteDisk(copy, tags)).toMatchObject({ ok: false, failure: { code: 'TagsDiffer' } });
    const { resources } = (await here.azure.control('GET', '/resources')) as { resources?: { id: string }[] };
    expect((resources ?? []).filter(({ id }) => id.startsWith(group))).toEqual([]);
  });

  it('can be taken back from a discarded copy and a lonely interface too', async () => {
    // By a key of the customer's, so that the set is asked for, too.
    const original = await here.disk(await here.osDiskOf('vm-cmk'));
    const diskId = here.diskId('discarded');
    valueOf(await here.recovery.beginCopyDisk({ diskId, sourceId: original.id, like: original, tags }));
    valueOf(await here.recovery.beginDeleteDisk(diskId, tags));
    const { subscriptionId, workbenchResourceGroup } = here.azure;
    const networkInterfaceId = networkInterfaceIdOf(subscriptionId, workbenchResourceGroup, 'lonely');
    const subnetId = `${here.groupScope(workbenchResourceGroup)}/providers/Microsoft.Network/virtualNetworks/v/subnets/s`;
    valueOf(await here.recovery.beginCreateNetworkInterface({ networkInterfaceId, location, subnetId, tags }));
    valueOf(await here.recovery.beginDeleteNetworkInterface(networkInterfaceId, tags));
    await until(
      async () => [await here.arm.getDisk(diskId), await here.recovery.getNetworkInterface(networkInterfaceId)],
      (answers) => answers.every(({ ok }) => !ok),
    );
  });

  it('asked for every action of the optional roles', async () => {
    const { calls = [] } = (await here.azure.control('GET', '/calls')) as { calls?: { actions: string[] }[] };
    const asked = new Set(calls.flatMap(({ actions }) => actions));
    const unasked = [...actionsOfRole('recovery'), ...actionsOfRole('helper')].filter((action) => !asked.has(action));

    expect(unasked).toEqual([]);
  });

  it('let each identity do only its own', async () => {
    const { calls = [] } = (await here.azure.control('GET', '/calls')) as {
      calls?: { method: string; identity?: string; path: string }[];
    };
    const byObserve = calls.filter(({ identity }) => identity === 'observe');

    expect(byObserve.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(calls.filter(({ identity }) => identity !== 'observe' && identity !== 'repair')).toEqual([]);
    expect(calls.filter(({ path }) => /\/locations\/.*operations\//i.test(path))).toEqual([]);
  });
});
