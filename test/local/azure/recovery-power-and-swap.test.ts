import { until } from './support/azure-process';
import { rejectedWith, startRecoveryAzure, type RecoveryAzure } from './support/recovery-azure';

let here: RecoveryAzure;

beforeAll(async () => {
  here = await startRecoveryAzure();
});

afterAll(() => {
  here.azure.stop();
});

afterEach(async () => {
  await here.azure.control('DELETE', '/faults');
});

const begun = { ok: true, value: 'begun' };

interface Truth {
  powerState: string;
  bootedAt: string | null;
  bootFailure: string | null;
  agentAlive: boolean;
  services: { name: string; startType: number; state: string }[];
  events: { eventId: number; time: string }[];
}

async function truth(vm: string): Promise<Truth> {
  return (await here.azure.control('GET', `/vms/${vm}`)) as unknown as Truth;
}

async function dhcpStartType(vm: string): Promise<number | undefined> {
  return (await truth(vm)).services.find(({ name }) => name === 'Dhcp')?.startType;
}

/** One more VM, like one of the fleet, for one test alone: running and up. */
async function freshVm(name: string, like: string): Promise<string> {
  await here.azure.control('POST', '/vms', { name, like });
  await power(name, 'running');
  await until(
    () => truth(name),
    ({ bootedAt }) => bootedAt !== null,
  );
  return name;
}

async function power(vm: string, state: string): Promise<void> {
  await until(
    () => here.vm(vm),
    ({ powerState, provisioningState }) => powerState === state && provisioningState === 'Succeeded',
  );
}

describe('local/azure/recovery-power-and-swap: power', () => {
  it('is taken off with a clean shutdown, keeping the host, and given again', async () => {
    expect(await here.recovery.beginPowerOff(here.vmId('vm-healthy'), { skipShutdown: false })).toEqual(begun);
    await power('vm-healthy', 'stopped');
    const events = (await truth('vm-healthy')).events.slice(-4).map(({ eventId }) => eventId);
    expect(events).toContain(6006); // the event log was stopped: a clean shutdown
    expect((await here.disk(await here.osDiskOf('vm-healthy'))).diskState).toBe('Attached');

    expect(await here.recovery.beginStart(here.vmId('vm-healthy'))).toEqual(begun);
    await power('vm-healthy', 'running');
    expect((await truth('vm-healthy')).bootedAt).not.toBeNull();
  });

  it('is cut off on request, and Windows remembers nothing of a shutdown', async () => {
    const before = (await truth('vm-dhcp-account')).powerState;
    expect(before).toBe('running');
    const shutdowns = async () =>
      (await truth('vm-dhcp-account')).events.filter(({ eventId }) => eventId === 6006).length;
    const count = await shutdowns();
    expect(await here.recovery.beginPowerOff(here.vmId('vm-dhcp-account'), { skipShutdown: true })).toEqual(begun);
    await power('vm-dhcp-account', 'stopped');
    expect(await shutdowns()).toBe(count);
  });

  it('may be asked for again, and says that it is busy meanwhile', async () => {
    await here.recovery.beginPowerOff(here.vmId('vm-dhcp-rebooted'), { skipShutdown: false });
    expect(await here.recovery.beginPowerOff(here.vmId('vm-dhcp-rebooted'), { skipShutdown: false })).toMatchObject({
      ok: false,
      failure: { kind: 'wait', code: 'Conflict' },
    });
    await power('vm-dhcp-rebooted', 'stopped');
    expect(await here.recovery.beginPowerOff(here.vmId('vm-dhcp-rebooted'), { skipShutdown: false })).toEqual(begun);
    await power('vm-dhcp-rebooted', 'stopped');
  });

  it('shows in the disk only when the host was given up', async () => {
    const owned = async () => (await here.disk(await here.osDiskOf('vm-linux'))).ownershipChangedAt;
    const before = await owned();
    expect(before).toBeDefined();
    await here.stop('vm-linux');
    expect(await owned()).toBe(before);
    await here.azure.control('POST', '/vms/vm-linux/deallocate');
    await power('vm-linux', 'deallocated');
    expect((await here.disk(await here.osDiskOf('vm-linux'))).diskState).toBe('Reserved');
    expect(await owned()).not.toBe(before);
    expect(await here.recovery.beginPowerOff(here.vmId('vm-linux'), { skipShutdown: false })).toEqual(begun);
    expect((await here.vm('vm-linux')).powerState).toBe('deallocated');
  });

  it('shows when an operation of somebody else was in between', async () => {
    const changedAt = async () => (await here.vm('vm-dhcp-untagged')).configuration?.changedAt;
    await here.stop('vm-dhcp-untagged');
    const before = await changedAt();
    expect(await changedAt()).toBe(before);
    await here.azure.control('POST', '/vms/vm-dhcp-untagged/start');
    await here.azure.control('POST', '/vms/vm-dhcp-untagged/power-off');
    expect(await changedAt()).not.toBe(before);
  });

  it('shows why an operation failed, and can be tried again', async () => {
    await here.stop('vm-safe-mode');
    await here.plant({
      match: { method: 'POST', pathContains: 'vm-safe-mode/start' },
      operation: 'fails',
      code: 'AllocationFailed',
    });
    expect(await here.recovery.beginStart(here.vmId('vm-safe-mode'))).toEqual(begun);
    expect(await here.settled('vm-safe-mode')).toMatchObject({
      provisioningState: 'Failed',
      powerState: 'stopped',
      configuration: { provisioningFailure: { code: 'AllocationFailed' } },
    });
    expect(await here.recovery.beginStart(here.vmId('vm-safe-mode'))).toEqual(begun);
    await power('vm-safe-mode', 'running');
    expect((await here.vm('vm-safe-mode')).configuration?.provisioningFailure).toBeUndefined();
  });

  it('may never come to an end', async () => {
    await here.plant({ match: { pathContains: 'vm-bitlocker/powerOff' }, operation: 'never-ends' });
    expect(await here.recovery.beginPowerOff(here.vmId('vm-bitlocker'), { skipShutdown: false })).toEqual(begun);
    await here.azure.control('GET', '/vms');
    expect(await here.vm('vm-bitlocker')).toMatchObject({ powerState: 'stopping', provisioningState: 'Updating' });
  });

  it('of a VM that is not there is not found', async () => {
    expect(await here.recovery.beginStart(here.vmId('vm-gone'))).toMatchObject({
      ok: false,
      failure: { kind: 'not-found', code: 'ResourceNotFound' },
    });
  });
});

describe.each(['patch', 'put'] as const)('local/azure/recovery-power-and-swap: a swap by %s', (osDiskSwap) => {
  let made = 0;
  let vm: string;
  let original: string;
  let copy: string;
  const swap = (from: string, to: string) => here.connect({ osDiskSwap }).beginSwapOsDisk(here.vmId(vm), { from, to });

  beforeAll(async () => {
    // A PUT names the network interface, so the right to join it is asked for: what a PATCH spares us.
    const assignment = { identity: 'repair', role: 'helper', scope: here.groupScope(here.azure.resourceGroup) };
    if (osDiskSwap === 'put') await here.azure.control('POST', '/roles/assign', assignment);
  });

  beforeEach(async () => {
    made += 1;
    vm = await freshVm(`vm-${osDiskSwap}-${made}`, osDiskSwap === 'patch' ? 'vm-dhcp-disabled' : 'vm-dhcp-diagnose');
    original = await here.osDiskOf(vm);
    copy = await here.copyOf(vm, `${vm}-copy`);
  });

  /** The copy is of the broken disk; the original is mended after that, so that the two differ. */
  async function mendOriginal(): Promise<void> {
    await here.azure.control('POST', `/vms/${vm}/guest-service`, { service: 'Dhcp', startType: 2 });
    expect(await dhcpStartType(vm)).toBe(2);
  }

  it('is refused while the VM has power, before Azure is asked', async () => {
    expect(await swap(original, copy)).toMatchObject(rejectedWith('NotStopped'));
    expect(await here.osDiskOf(vm)).toBe(original);
  });

  it('puts the copy under the VM, which then boots from the bytes of the copy', async () => {
    await mendOriginal();
    await here.stop(vm);
    const before = await here.vm(vm);

    expect(await swap(original, copy)).toEqual(begun);
    const after = await here.settled(vm);

    expect(after.osDiskId).toBe(copy);
    expect(after.configuration?.osDisk).toEqual({ ...before.configuration?.osDisk, name: `${vm}-copy` });
    expect({ ...after.configuration, osDisk: 0, etag: 0, changedAt: 0 }).toEqual({
      ...before.configuration,
      osDisk: 0,
      etag: 0,
      changedAt: 0,
    });
    expect(await here.disk(copy)).toMatchObject({ managedBy: here.vmId(vm), diskState: 'Attached' });
    expect(await here.disk(original)).toMatchObject({ managedBy: undefined, diskState: 'Unattached' });
    await here.recovery.beginStart(here.vmId(vm));
    await power(vm, 'running');
    expect(await dhcpStartType(vm)).toBe(4);
    expect((await truth(vm)).bootFailure).toBeNull();
  });

  it('may be repeated, and taken back', async () => {
    await mendOriginal();
    await here.stop(vm);
    expect(await swap(original, copy)).toEqual(begun);
    expect((await here.settled(vm)).osDiskId).toBe(copy);
    expect(await swap(original, copy)).toEqual(begun);
    expect((await here.vm(vm)).provisioningState).toBe('Succeeded');
    expect(await swap(copy, original)).toEqual(begun);
    expect((await here.settled(vm)).osDiskId).toBe(original);
    await here.recovery.beginStart(here.vmId(vm));
    await power(vm, 'running');
    expect(await dhcpStartType(vm)).toBe(2);
  });

  it('is not done when the VM has a third disk, or somebody changed the VM in between', async () => {
    await here.stop(vm);
    expect(await swap(copy.replace(/[^/]+$/, 'third'), copy)).toMatchObject(rejectedWith('OsDiskChanged'));
    const changed = here.connect({
      osDiskSwap,
      httpClient: {
        async sendRequest(request) {
          if (request.method !== 'GET')
            await here.azure.control('PATCH', `/vms/${vm}/model`, { licenseType: 'Windows_Server' });
          return here.azure.httpClient.sendRequest(request);
        },
      },
    });
    expect(await changed.beginSwapOsDisk(here.vmId(vm), { from: original, to: copy })).toMatchObject(
      rejectedWith('PreconditionFailed', {
        message: expect.stringMatching(/^Etag provided in if-match header "\d+" does not match/) as string,
      }),
    );
    expect(await here.osDiskOf(vm)).toBe(original);
  });

  it('was done although its answer was lost', async () => {
    await here.stop(vm);
    const method = osDiskSwap.toUpperCase();
    await here.plant({ match: { method, pathContains: here.vmId(vm) }, when: 'after', dropConnection: true });
    expect(await swap(original, copy)).toMatchObject({ ok: false, failure: { kind: 'wait' } });
    expect(await swap(original, copy)).toEqual(begun);
    expect((await here.settled(vm)).osDiskId).toBe(copy);
  });
});

describe('local/azure/recovery-power-and-swap: a swap that Azure refuses', () => {
  const vm = 'vm-export-denied';
  let original: string;

  beforeAll(async () => {
    original = await here.osDiskOf(vm);
    await here.stop(vm);
  });

  afterEach(async () => {
    expect(await here.osDiskOf(vm)).toBe(original);
    await here.azure.control('PATCH', `/vms/${vm}/model`, {
      diskControllerType: 'SCSI',
      size: 'Standard_D2s_v5',
      zones: [],
      isDiskEncrypted: false,
    });
  });

  const swapTo = (to: string) => here.recovery.beginSwapOsDisk(here.vmId(vm), { from: original, to });

  it('a copy that lost its generation', async () => {
    const copy = await here.copyOf(vm, 'no-generation', { hyperVGeneration: undefined });
    expect(await swapTo(copy)).toMatchObject(
      rejectedWith('PropertyChangeNotAllowed', {
        message:
          "Swapping OS Disk is not supported since HyperVisor property on the OSDisk and VM do not match. Please make sure the HyperVisor property on the OSDisk is HyperVisor Generation 'V2'.",
      }),
    );
  });

  it('a copy that knows SCSI only, under a VM with NVMe', async () => {
    const copy = await here.copyOf(vm, 'scsi-only', { capabilities: { architecture: 'x64' } });
    await here.azure.control('PATCH', `/vms/${vm}/model`, { diskControllerType: 'NVMe', size: 'Standard_E2bds_v5' });
    expect(await swapTo(copy)).toMatchObject(
      rejectedWith('PropertyChangeNotAllowed', {
        message: expect.stringContaining(
          "Swapping OS Disk is not allowed since Disk Controller Type property 'NVMe' is not supported by the OS Disk",
        ) as string,
      }),
    );
  });

  it('a disk for another processor', async () => {
    const copy = await here.copyOf(vm, 'other-processor');
    await here.azure.control('PATCH', `/vms/${vm}/model`, { size: 'Standard_D2ps_v5' });
    expect(await swapTo(copy)).toMatchObject(
      rejectedWith('PropertyChangeNotAllowed', {
        message: expect.stringContaining(
          "CPU Architecture property 'Arm64' for the VM size 'Standard_D2ps_v5'",
        ) as string,
      }),
    );
  });

  it('a disk in another zone, or in none', async () => {
    const elsewhere = await here.copyOf(vm, 'zone-2', { zones: ['2'] });
    const nowhere = await here.copyOf(vm, 'zone-none');
    await here.azure.control('PATCH', `/vms/${vm}/model`, { zones: ['1'] });
    expect(await swapTo(elsewhere)).toMatchObject(
      rejectedWith('BadRequest', {
        message: `Disk ${elsewhere} cannot be attached to the VM because it is not in the same zone as the VM. VM zone: '1'. Disk zone: '2'.`,
      }),
    );
    expect(await swapTo(nowhere)).toMatchObject(
      rejectedWith('BadRequest', {
        message: `Disk ${nowhere} cannot be attached to the VM because it is not in zone '1'.`,
      }),
    );
  });

  it('a premium disk under a size that has none', async () => {
    const copy = await here.copyOf(vm, 'premium', { sku: 'Premium_LRS' });
    await here.azure.control('PATCH', `/vms/${vm}/model`, { size: 'Standard_D2_v3' });
    expect(await swapTo(copy)).toMatchObject(
      rejectedWith('InvalidParameter', {
        message:
          "Requested operation cannot be performed because the VM size Standard_D2_v3 does not support the storage account type Premium_LRS of disk 'premium'. Consider updating the VM to a size that supports Premium storage.",
      }),
    );
  });

  it('a disk that another VM has', async () => {
    const other = await here.osDiskOf('vm-healthy');
    expect(await swapTo(other)).toMatchObject(
      rejectedWith('ConflictingUserInput', {
        message: `Disk '${other}' cannot be attached as the disk is already owned by VM '${here.vmId('vm-healthy')}'.`,
      }),
    );
  });

  it('any disk under a VM with Azure Disk Encryption', async () => {
    const copy = await here.copyOf(vm, 'for-encrypted');
    await here.azure.control('PATCH', `/vms/${vm}/model`, { isDiskEncrypted: true });
    expect(await swapTo(copy)).toMatchObject(rejectedWith('OSDiskSwapNotSupportedForVMsUsingDiskEncryption'));
    expect(await here.vm(vm)).toMatchObject({ diskEncryption: true });
  });

  it('a disk that is not there', async () => {
    expect(await swapTo(here.diskId('no-such-disk'))).toMatchObject({ ok: false, failure: { kind: 'not-found' } });
  });

  it('anything but the disk’s own name and way of creation', async () => {
    const copy = await here.copyOf(vm, 'misnamed');
    const update = (osDisk: object) =>
      here.azure
        .compute('repair')
        .virtualMachines.update(here.azure.resourceGroup, vm, {
          storageProfile: { osDisk: { createOption: 'FromImage', managedDisk: { id: copy }, ...osDisk } },
        })
        .submitted();
    await expect(update({ createOption: 'Attach' })).rejects.toMatchObject({
      statusCode: 409,
      code: 'PropertyChangeNotAllowed',
      message: "Changing property 'osDisk.createOption' is not allowed.",
    });
    // Of the M series alone.
    await expect(update({ name: 'misnamed', writeAcceleratorEnabled: true })).rejects.toMatchObject({
      statusCode: 400,
      code: 'InvalidParameter',
    });
    await expect(update({ name: 'another' })).rejects.toMatchObject({
      code: 'PropertyChangeNotAllowed',
      message: "Changing property 'osDisk.name' is not allowed.",
    });
  });
});

describe('local/azure/recovery-power-and-swap: a swap whose operation fails', () => {
  it('leaves the VM failed, with the new disk in its model', async () => {
    const vm = 'vm-safe-mode-waiting';
    const original = await here.osDiskOf(vm);
    const copy = await here.copyOf(vm, 'swap-fails');
    await here.stop(vm);
    await here.plant({
      match: { method: 'PATCH', pathContains: here.vmId(vm) },
      operation: 'fails',
      code: 'InternalError',
    });

    expect(await here.recovery.beginSwapOsDisk(here.vmId(vm), { from: original, to: copy })).toEqual(begun);

    expect(await here.settled(vm)).toMatchObject({
      provisioningState: 'Failed',
      osDiskId: copy,
      configuration: { provisioningFailure: { code: 'InternalError' } },
    });
    expect((await here.disk(original)).managedBy).toBe(here.vmId(vm));
  });
});
