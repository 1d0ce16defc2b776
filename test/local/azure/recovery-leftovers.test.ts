import { networkInterfaceIdOf } from '../../../src/azure/network-id';
import { snapshotIdOf } from '../../../src/azure/resource-id';
import { until } from './support/azure-process';
import { location, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

const tag = 'rdp-lifeline-repair';
const tags = { [tag]: 'r-1' };
const workbench = () => here.azure.workbenchResourceGroup;
const everything = ['disk', 'snapshot', 'virtual-machine', 'network-interface'] as const;
const subscriptionId = () => here.azure.subscriptionId;

/** Snapshots and interfaces are made in the workbench only, so nobody may look for them beside the patients. */
async function look(resourceGroup: string) {
  const kinds = resourceGroup === workbench() ? everything : (['disk'] as const);
  const found = await here.recovery.listLeftovers({ subscriptionId: subscriptionId(), resourceGroup, tag, kinds });
  return valueOf(found);
}

describe('local/azure/recovery-leftovers: what a recovery leaves behind', () => {
  const vmId = () => `${here.groupScope(workbench())}/providers/Microsoft.Compute/virtualMachines/rescue`;
  const nicId = () => networkInterfaceIdOf(here.azure.subscriptionId, workbench(), 'rescue-nic');

  it('is nothing at first', async () => {
    const production = await look(here.azure.resourceGroup);
    expect(production.resources).toEqual([]);
    const { vms = [] } = (await here.azure.control('GET', '/vms')) as { vms?: unknown[] };
    expect(production.disksOfMachines).toHaveLength(vms.length);
    expect(production.disksOfMachines).toContain((await here.osDiskOf('vm-healthy')).toLowerCase());
  });

  it('is found by its tag, with who uses it, also a disk that is just being attached', async () => {
    const copy = await here.copyOf('vm-healthy', 'copy');
    valueOf(await here.recovery.beginTagDisk(copy, tags));
    const subnetId = `${here.groupScope(workbench())}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default`;
    valueOf(await here.recovery.beginCreateNetworkInterface({ networkInterfaceId: nicId(), location, subnetId, tags }));
    await until(
      async () => valueOf(await here.recovery.getNetworkInterface(nicId())),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
    const sourceDiskId = await here.osDiskOf('vm-healthy');
    const snapshotId = snapshotIdOf(here.azure.subscriptionId, workbench(), 'ours');
    valueOf(await here.arm.beginSnapshot({ snapshotId, sourceDiskId, location, tags }));
    valueOf(
      await here.recovery.beginCreateRecoveryMachine({
        vmId: vmId(),
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
        networkInterfaceId: nicId(),
        osDiskName: 'rescue-os',
        osDiskSku: 'StandardSSD_LRS',
        tags,
      }),
    );
    await here.settled(vmId());
    await until(
      () => here.disk(copy),
      ({ tags: carried }) => carried?.[tag] === 'r-1',
    );
    valueOf(await here.recovery.beginAttachDataDisk(vmId(), { diskId: copy, lun: 2 }));

    const [inProduction, inWorkbench] = [await look(here.azure.resourceGroup), await look(workbench())];

    expect(inProduction.resources).toEqual([
      { kind: 'disk', id: copy, tags, usedBy: undefined, createdAt: expect.stringMatching(/^\d{4}-/) as string },
    ]);
    // Azure gives the disk that it makes with a VM the VM's tags.
    const rescueDisk = `${here.groupScope(workbench())}/providers/Microsoft.Compute/disks/rescue-os`;
    expect(inWorkbench.resources.map(({ kind, id, usedBy }) => ({ kind, id, usedBy }))).toEqual([
      { kind: 'disk', id: rescueDisk, usedBy: vmId() },
      { kind: 'snapshot', id: snapshotId, usedBy: undefined },
      { kind: 'virtual-machine', id: vmId(), usedBy: undefined },
      { kind: 'network-interface', id: nicId(), usedBy: vmId() },
    ]);
    expect(inWorkbench.disksOfMachines).toEqual(expect.arrayContaining([copy.toLowerCase()]));
  });

  it('cannot be looked for without the right to, and the right is named', async () => {
    for (const action of [
      'Microsoft.Compute/disks/read',
      'Microsoft.Compute/snapshots/read',
      'Microsoft.Compute/virtualMachines/read',
      'Microsoft.Network/networkInterfaces/read',
    ]) {
      await here.azure.control('POST', '/roles/remove-action', { action });
      const answer = await here.recovery.listLeftovers({
        subscriptionId: subscriptionId(),
        resourceGroup: workbench(),
        tag,
        kinds: everything,
      });
      expect(answer).toMatchObject({ ok: false, failure: { kind: 'forbidden', action } });
      await here.azure.control('DELETE', '/roles');
    }
  });
});
