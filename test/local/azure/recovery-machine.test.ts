import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';
import { networkInterfaceIdOf } from '../../../src/azure/network-id';
import type { RecoveryMachineRequest } from '../../../src/azure/recovery-ports';
import { until } from './support/azure-process';
import { location, rejectedWith, startRecoveryAzure, valueOf, type RecoveryAzure } from './support/recovery-azure';

/** A recovery VM that is there before the first test. No test changes it for good. */
const standing = 'rescue-standing';
let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
  await makeMachine(standing);
});

afterAll(() => {
  here.azure.stop();
});

afterEach(async () => {
  await here.azure.control('DELETE', '/faults');
  await here.azure.control('DELETE', '/roles');
});

const begun = { ok: true, value: 'begun' };
const tags = { 'rdp-lifeline-repair': 'r-1' };
const image = {
  publisher: 'MicrosoftWindowsServer',
  offer: 'WindowsServer',
  sku: '2022-datacenter',
  version: 'latest',
};

const workbench = () => here.groupScope(here.azure.workbenchResourceGroup);
const machineId = (name: string) => `${workbench()}/providers/Microsoft.Compute/virtualMachines/${name}`;
const nicId = (name: string) =>
  networkInterfaceIdOf(here.azure.subscriptionId, here.azure.workbenchResourceGroup, name);
const subnetId = () => `${workbench()}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/recovery`;

async function makeInterface(name: string): Promise<string> {
  const networkInterfaceId = nicId(name);
  valueOf(
    await here.recovery.beginCreateNetworkInterface({ networkInterfaceId, location, subnetId: subnetId(), tags }),
  );
  await until(
    async () => valueOf(await here.recovery.getNetworkInterface(networkInterfaceId)),
    ({ provisioningState }) => provisioningState === 'Succeeded',
  );
  return networkInterfaceId;
}

function request(name: string, given: Partial<RecoveryMachineRequest> = {}): RecoveryMachineRequest {
  return {
    vmId: machineId(name),
    location,
    size: 'Standard_D2s_v5',
    image,
    generation: /-(?:g2|gensecond)$/.test((given.image ?? image).sku) ? 'V2' : 'V1',
    computerName: 'RECOVERY',
    networkInterfaceId: nicId(`${name}-nic`),
    osDiskName: `${name}-os`,
    osDiskSku: 'StandardSSD_LRS',
    tags,
    ...given,
  };
}

async function makeMachine(name: string, given: Partial<RecoveryMachineRequest> = {}): Promise<string> {
  await makeInterface(`${name}-nic`);
  valueOf(await here.recovery.beginCreateRecoveryMachine(request(name, given)));
  await here.settled(machineId(name));
  return machineId(name);
}

interface Truth {
  powerState: string;
  computerName: string;
  agentAlive: boolean;
  bootFailure: string | null;
  dataDisks: { lun: number; diskId: string; size: number }[];
}

const truth = async (name: string) => (await here.azure.control('GET', `/vms/${name}`)) as unknown as Truth;

/** An adapter that shows the bodies of what it writes. */
function watched(): { bodies: Record<string, unknown>[]; httpClient: HttpClient } {
  const bodies: Record<string, unknown>[] = [];
  const httpClient: HttpClient = {
    sendRequest(sent: PipelineRequest) {
      if (sent.method !== 'GET' && typeof sent.body === 'string')
        bodies.push(JSON.parse(sent.body) as Record<string, unknown>);
      return here.azure.httpClient.sendRequest(sent);
    },
  };
  return { bodies, httpClient };
}

describe('local/azure/recovery-machine: a network interface', () => {
  it('is made in a subnet without a public address, once, and deleted', async () => {
    const { bodies, httpClient } = watched();
    const recovery = here.connect({ httpClient });
    const networkInterfaceId = nicId('nic-1');
    const asked = { networkInterfaceId, location, subnetId: subnetId(), tags };
    expect(await recovery.beginCreateNetworkInterface(asked)).toEqual(begun);
    expect(await recovery.beginCreateNetworkInterface(asked)).toEqual(begun);

    expect(bodies).toHaveLength(1);
    expect(JSON.stringify(bodies)).not.toMatch(/publicIPAddress/i);
    const made = await until(
      async () => valueOf(await recovery.getNetworkInterface(networkInterfaceId)),
      ({ provisioningState }) => provisioningState === 'Succeeded',
    );
    expect(made).toMatchObject({ tags, subnetId: subnetId(), virtualMachineId: undefined });
    expect(await recovery.beginCreateNetworkInterface({ ...asked, tags: { of: 'others' } })).toMatchObject(
      rejectedWith('NameTaken'),
    );
    expect(await recovery.beginDeleteNetworkInterface(networkInterfaceId, { of: 'others' })).toMatchObject(
      rejectedWith('TagsDiffer'),
    );
    expect(await recovery.beginDeleteNetworkInterface(networkInterfaceId, tags)).toEqual(begun);
    await until(
      () => recovery.getNetworkInterface(networkInterfaceId),
      (answer) => !answer.ok,
    );
    expect(await recovery.beginDeleteNetworkInterface(networkInterfaceId, tags)).toEqual(begun);
  });

  it('needs the right to join the subnet', async () => {
    const action = 'Microsoft.Network/virtualNetworks/subnets/join/action';
    await here.azure.control('POST', '/roles/remove-action', { action });
    const asked = { networkInterfaceId: nicId('nic-2'), location, subnetId: subnetId(), tags };
    expect(await here.recovery.beginCreateNetworkInterface(asked)).toMatchObject({
      ok: false,
      failure: { kind: 'forbidden', action, scope: subnetId() },
    });
  });
});

describe('local/azure/recovery-machine: a recovery VM', () => {
  it('is made with nothing that it does not need, and a password that nobody gets to know', async () => {
    await makeInterface('rescue-1-nic');
    const { bodies, httpClient } = watched();
    const recovery = here.connect({ httpClient });
    expect(await recovery.beginCreateRecoveryMachine(request('rescue-1'))).toEqual(begun);
    const [body] = bodies as [{ properties: { osProfile: { adminPassword: string } } }];
    // Its image is of generation 1, for which Azure refuses a disk controller.
    expect(body).not.toHaveProperty('properties.storageProfile.diskControllerType');

    expect(body).toMatchObject({
      location,
      tags,
      properties: {
        hardwareProfile: { vmSize: 'Standard_D2s_v5' },
        storageProfile: {
          imageReference: image,
          osDisk: {
            name: 'rescue-1-os',
            createOption: 'FromImage',
            deleteOption: 'Delete',
            managedDisk: { storageAccountType: 'StandardSSD_LRS' },
          },
        },
        osProfile: {
          computerName: 'RECOVERY',
          windowsConfiguration: { enableAutomaticUpdates: false, patchSettings: { patchMode: 'Manual' } },
        },
        networkProfile: { networkInterfaces: [{ id: nicId('rescue-1-nic'), properties: { deleteOption: 'Delete' } }] },
        diagnosticsProfile: { bootDiagnostics: { enabled: true } },
      },
    });
    expect(body).not.toHaveProperty('identity');
    expect(body).not.toHaveProperty('properties.diagnosticsProfile.bootDiagnostics.storageUri');
    const { adminPassword } = body.properties.osProfile;
    expect(adminPassword).toMatch(/^aA1-[\w-]{43}$/);
    const { calls } = await here.azure.control('GET', '/calls');
    const seen = JSON.stringify([calls, await here.vm(machineId('rescue-1'))]);
    expect(seen).not.toContain(adminPassword);

    expect((await here.vm(machineId('rescue-1'))).provisioningState).toBe('Creating');
    const made = await here.settled(machineId('rescue-1'));
    expect(made).toMatchObject({
      provisioningState: 'Succeeded',
      powerState: 'running',
      tags,
      osDiskTraits: { hyperVGeneration: 'V1' },
      configuration: { diskControllerType: 'SCSI', networkInterfaceIds: [nicId('rescue-1-nic')], dataDisks: [] },
    });
    const ready = await until(
      () => here.vm(machineId('rescue-1')),
      ({ agent }) => agent.usable,
    );
    expect(ready.computerName).toBe('RECOVERY');
    expect(await truth('rescue-1')).toMatchObject({ powerState: 'running', agentAlive: true, bootFailure: null });
    expect(valueOf(await here.recovery.getNetworkInterface(nicId('rescue-1-nic'))).virtualMachineId).toBe(
      machineId('rescue-1'),
    );
  });

  it('is made once, and never in place of another', async () => {
    const { vmId } = await here.vm(machineId(standing));
    expect(await here.recovery.beginCreateRecoveryMachine(request(standing))).toEqual(begun);
    expect((await here.vm(machineId(standing))).vmId).toBe(vmId);
    expect(await here.recovery.beginCreateRecoveryMachine(request(standing, { tags: { of: 'others' } }))).toMatchObject(
      rejectedWith('NameTaken'),
    );
  });

  it('that came into being after we looked is found, not changed', async () => {
    await makeInterface('rescue-2-nic');
    let isFirst = true;
    const raced = here.connect({
      httpClient: {
        async sendRequest(sent) {
          if (sent.method === 'PUT' && isFirst) {
            isFirst = false;
            valueOf(await here.recovery.beginCreateRecoveryMachine(request('rescue-2')));
          }
          return here.azure.httpClient.sendRequest(sent);
        },
      },
    });
    expect(await raced.beginCreateRecoveryMachine(request('rescue-2', { size: 'Standard_B2s' }))).toEqual(begun);
    expect((await here.vm(machineId('rescue-2'))).configuration?.size).toBe('Standard_D2s_v5');
  });

  it('is of the image’s generation, and of another disk identity than its patient’s where the image is another', async () => {
    await makeMachine('rescue-gen2', { image: { ...image, sku: '2019-datacenter-gensecond' } });
    expect((await here.vm(machineId('rescue-gen2'))).osDiskTraits?.hyperVGeneration).toBe('V2');
    expect(await truth('rescue-gen2')).toMatchObject({ powerState: 'running', bootFailure: null });
  });

  it('has a SCSI controller where its size knows NVMe, too: the copy is found by its LUN there', async () => {
    const generation2 = { ...image, sku: '2022-datacenter-g2' };
    await makeMachine('rescue-both', { size: 'Standard_E2bds_v5', image: generation2 });
    expect((await here.vm(machineId('rescue-both'))).configuration?.diskControllerType).toBe('SCSI');
  });

  it('goes with its disk and its interface, if it is ours', async () => {
    const id = await makeMachine('rescue-3');
    const osDisk = (await here.vm(id)).osDiskId ?? '';
    expect(await here.recovery.beginDeleteMachine(id, { of: 'others' })).toMatchObject(rejectedWith('TagsDiffer'));
    expect(await here.recovery.beginDeleteMachine(id, tags)).toEqual(begun);
    expect(await here.recovery.beginDeleteMachine(id, tags)).toEqual(begun);
    await until(
      () => here.arm.getVirtualMachine(id),
      (answer) => !answer.ok,
    );

    expect(await here.recovery.beginDeleteMachine(id, tags)).toEqual(begun);
    expect(await here.arm.getDisk(osDisk)).toMatchObject({ ok: false, failure: { kind: 'not-found' } });
    expect(await here.recovery.getNetworkInterface(nicId('rescue-3-nic'))).toMatchObject({
      ok: false,
      failure: { kind: 'not-found' },
    });
  });

  it('that Azure has no room for fails later, and says why', async () => {
    await makeInterface('rescue-full-nic');
    await here.plant({ match: { method: 'PUT', pathContains: 'virtualMachines/rescue-full' }, operation: 'fails' });
    expect(await here.recovery.beginCreateRecoveryMachine(request('rescue-full'))).toEqual(begun);
    expect(await here.settled(machineId('rescue-full'))).toMatchObject({
      provisioningState: 'Failed',
      configuration: { provisioningFailure: { code: 'AllocationFailed' } },
    });
    expect(await here.recovery.beginDeleteMachine(machineId('rescue-full'), tags)).toEqual(begun);
  });

  it.each<[string, Partial<RecoveryMachineRequest>, string, string]>([
    [
      'an unknown image',
      { image: { ...image, sku: '2022-nothing' } },
      'PlatformImageNotFound',
      "The platform image 'MicrosoftWindowsServer:WindowsServer:2022-nothing:latest' is not available.",
    ],
    [
      'a computer name of 16 letters',
      { computerName: 'A'.repeat(16) },
      'InvalidParameter',
      'Windows computer name cannot be more than 15',
    ],
    [
      'a generation that its size cannot boot',
      { size: 'Standard_D2s_v6' },
      'BadRequest',
      "The selected VM size 'Standard_D2s_v6' cannot boot Hypervisor Generation '1'.",
    ],
    [
      'a size that knows NVMe only',
      { size: 'Standard_D2s_v6', image: { ...image, sku: '2022-datacenter-g2' } },
      'InvalidParameter',
      "Disk Controller Type property 'SCSI' is not supported by the VM size 'Standard_D2s_v6'.",
    ],
    [
      'a disk controller that is named for generation 1',
      { generation: 'V2' },
      'InvalidParameter',
      'Disk Controller Type is only supported for VMs that are created from a Generation 2 Image or OS disk',
    ],
    [
      'trusted launch on generation 1',
      { securityType: 'TrustedLaunch' },
      'InvalidParameter',
      "SecurityType 'TrustedLaunch' is not supported by given image.",
    ],
  ])('is refused with %s', async (_case, given, code, words) => {
    await makeInterface('refused-nic');
    const answer = await here.recovery.beginCreateRecoveryMachine(request('refused', given));
    expect(answer).toMatchObject({ ok: false, failure: { code, message: expect.stringContaining(words) as string } });
  });

  it('that was refused keeps its network interface for three minutes', async () => {
    await makeInterface('kept-nic');
    await here.recovery.beginCreateRecoveryMachine(request('kept', { size: 'Standard_D2s_v6' }));
    expect(await here.recovery.beginDeleteNetworkInterface(nicId('kept-nic'), tags)).toMatchObject({
      ok: false,
      failure: {
        kind: 'wait',
        code: 'NicReservedForAnotherVm',
        retryAfterMs: 180_000,
        message: `Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or retry after 180 seconds. Reserved VM: ${machineId('kept')}`,
      },
    });
    expect(await here.recovery.beginCreateRecoveryMachine(request('kept'))).toEqual(begun);
  });

  it('cannot have an interface that is not there or that another VM has', async () => {
    const missing = request('lonely', { networkInterfaceId: nicId('no-such-nic') });
    expect(await here.recovery.beginCreateRecoveryMachine(missing)).toMatchObject(
      rejectedWith('InvalidResourceReference', {
        message: `Resource ${nicId('no-such-nic')} referenced by resource ${machineId('lonely')} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
      }),
    );
    const taken = request('lonely', { networkInterfaceId: nicId(`${standing}-nic`) });
    expect(await here.recovery.beginCreateRecoveryMachine(taken)).toMatchObject(rejectedWith('NicInUse'));
    expect(await here.recovery.beginDeleteNetworkInterface(nicId(`${standing}-nic`), tags)).toMatchObject(
      rejectedWith('InUse'),
    );
  });
});

describe('local/azure/recovery-machine: a data disk', () => {
  let made = 0;
  let vm: string;
  let id: string;
  let copyName: string;
  let copy: string;

  beforeEach(async () => {
    made += 1;
    vm = await machineOfOperator(`rescue-disks-${made}`);
    id = machineId(vm);
    copyName = `copy-for-${vm}`;
    copy = await here.copyOf('vm-dhcp-disabled', copyName);
  });

  /** A recovery VM of the operator's own, which is up at once: disks come and go there as in one that we made. */
  async function machineOfOperator(name: string): Promise<string> {
    await here.azure.control('POST', '/vms', { name, like: 'vm-healthy', isInWorkbench: true });
    await here.settled(machineId(name));
    return name;
  }

  const attached = () =>
    until(
      () => here.disk(copy),
      ({ managedBy }) => managedBy === id,
    );
  const attach = async (lun: number) => {
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun })).toEqual(begun);
    await attached();
  };
  const detached = () =>
    until(
      async () => [await here.vm(id), await here.disk(copy)] as const,
      ([{ configuration }, { managedBy }]) => configuration?.dataDisks.length === 0 && managedBy === undefined,
    );

  it('is attached at its LUN, seen by the guest, and looks free to Azure until then', async () => {
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 3 })).toEqual(begun);
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 3 })).toEqual(begun);
    expect(await here.disk(copy)).toMatchObject({ managedBy: undefined, diskState: 'Unattached' });
    expect((await truth(vm)).dataDisks).toEqual([]);
    expect((await here.vm(id)).provisioningState).toBe('Updating');

    await attached();

    expect((await truth(vm)).dataDisks).toEqual([{ lun: 3, diskId: copy, size: 127 * 1024 ** 3 }]);
    expect((await here.vm(id)).configuration?.dataDisks).toEqual([
      { lun: 3, diskId: copy, name: copyName, caching: 'None', deleteOption: 'Detach', toBeDetached: false },
    ]);
    expect((await here.disk(copy)).diskState).toBe('Attached');
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 3 })).toEqual(begun);
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 4 })).toMatchObject(
      rejectedWith('LunDiffers'),
    );
  });

  it('cannot have a LUN that is taken, nor one that there is not', async () => {
    await attach(3);
    const second = await here.copyOf('vm-healthy', 'second-copy');
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: second, lun: 3 })).toMatchObject(
      rejectedWith('InvalidParameter', { message: 'A disk at LUN 3 already exists.' }),
    );
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: second, lun: 64 })).toMatchObject(
      rejectedWith('InvalidParameter'),
    );
  });

  it('cannot be attached while another VM has it', async () => {
    const other = await here.osDiskOf('vm-healthy');
    expect(await here.recovery.beginAttachDataDisk(id, { diskId: other, lun: 5 })).toMatchObject(
      rejectedWith('ConflictingUserInput', {
        message: `Disk '${other}' cannot be attached as the disk is already owned by VM '${here.vmId('vm-healthy')}'.`,
      }),
    );
  });

  it('leaves the VM on request; meanwhile nobody else can have it, and it may be asked for again', async () => {
    const other = await machineOfOperator('rescue-other');
    await attach(3);
    const before = (await here.disk(copy)).ownershipChangedAt;
    expect(await here.recovery.beginDetachDataDisk(id, { diskId: copy })).toEqual(begun);
    expect((await here.vm(id)).configuration?.dataDisks).toMatchObject([{ toBeDetached: true }]);
    expect(await here.recovery.beginDetachDataDisk(id, { diskId: copy })).toEqual(begun);
    expect(await here.recovery.beginAttachDataDisk(machineId(other), { diskId: copy, lun: 2 })).toMatchObject({
      ok: false,
      failure: {
        kind: 'wait',
        code: 'AttachDiskWhileBeingDetached',
        message: `Cannot attach data disk '${copyName}' to virtual machine '${other}' because the disk is currently being detached or the last detach operation failed. Please wait until the disk is completely detached and then try again or delete/detach the disk explicitly again.`,
      },
    });

    await detached();

    expect((await truth(vm)).dataDisks).toEqual([]);
    expect((await here.disk(copy)).ownershipChangedAt).not.toBe(before);
    expect(await here.recovery.beginDetachDataDisk(id, { diskId: copy })).toEqual(begun);
  });

  it('that could not be detached stays on its way out, until it is asked for again', async () => {
    await attach(3);
    await here.plant({
      match: { pathContains: `${vm}/attachDetachDataDisks` },
      operation: 'fails',
      code: 'DetachFailed',
    });
    await here.recovery.beginDetachDataDisk(id, { diskId: copy });
    expect(await here.settled(id)).toMatchObject({
      provisioningState: 'Failed',
      configuration: { dataDisks: [{ toBeDetached: true }], provisioningFailure: { code: 'DetachFailed' } },
    });

    expect(await here.recovery.beginDetachDataDisk(id, { diskId: copy, force: true })).toEqual(begun);
    await detached();
  });

  it('can be deleted while it is being attached: the VM is left with a disk that is not there', async () => {
    await here.recovery.beginTagDisk(copy, tags);
    await until(
      () => here.disk(copy),
      ({ tags: carried }) => carried?.['rdp-lifeline-repair'] === 'r-1',
    );
    await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 7 });
    expect(await here.recovery.beginDeleteDisk(copy, tags)).toEqual(begun);
    await here.settled(id);

    expect((await here.vm(id)).configuration?.dataDisks).toMatchObject([{ lun: 7, diskId: copy }]);
    expect((await truth(vm)).dataDisks).toEqual([]);
  });

  it('needs the right to attach, and the right to write the disk', async () => {
    for (const action of [
      'Microsoft.Compute/virtualMachines/attachDetachDataDisks/action',
      'Microsoft.Compute/disks/write',
    ]) {
      await here.azure.control('POST', '/roles/remove-action', { action });
      expect(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 9 })).toMatchObject({
        ok: false,
        failure: { kind: 'forbidden', action },
      });
      await here.azure.control('DELETE', '/roles');
    }
  });
});

describe('local/azure/recovery-machine: a patient whose copy was worked on in a recovery VM', () => {
  it('boots from what was written there', async () => {
    const vm = 'vm-dhcp-diagnose';
    const copy = await here.copyOf(vm, 'worked-on');
    const id = machineId(standing);
    valueOf(await here.recovery.beginAttachDataDisk(id, { diskId: copy, lun: 2 }));
    await until(
      () => here.disk(copy),
      ({ managedBy }) => managedBy === id,
    );
    // A person at the recovery VM wipes the disk's first sector.
    await here.azure.control('POST', `/vms/${standing}/overwrite`, { lun: 2, offset: 512, length: 512 });
    valueOf(await here.recovery.beginDetachDataDisk(id, { diskId: copy }));
    await until(
      () => here.disk(copy),
      ({ managedBy }) => managedBy === undefined,
    );
    const original = await here.osDiskOf(vm);
    await here.stop(vm);
    valueOf(await here.recovery.beginSwapOsDisk(here.vmId(vm), { from: original, to: copy }));
    await here.settled(vm);
    valueOf(await here.recovery.beginStart(here.vmId(vm)));
    await here.settled(vm);

    expect((await truth(vm)).bootFailure).toMatchObject({ code: 0xc000000f });
    expect((await here.vm(vm)).agent.usable).toBe(false);
  });
});
