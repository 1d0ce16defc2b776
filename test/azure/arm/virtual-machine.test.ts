import type { VirtualMachine } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import { readVirtualMachine } from '../../../src/azure/arm/virtual-machine';
import { interfaceId, vmId } from '../support/machine';

const now = Date.parse('2026-01-02T03:04:05.000Z');

describe('azure/arm/virtual-machine', () => {
  it('reads what a decision needs', () => {
    const vm: VirtualMachine = {
      id: vmId,
      vmId: '11111111-2222-3333-4444-555555555555',
      name: 'vm-1',
      location: 'westeurope',
      tags: { 'rdp-lifeline': 'repair' },
      provisioningState: 'Succeeded',
      storageProfile: { osDisk: { createOption: 'FromImage', osType: 'Windows', managedDisk: { id: '/disk' } } },
      osProfile: { computerName: 'profile-name' },
      instanceView: {
        osName: 'Windows Server 2022 Datacenter',
        computerName: 'guest-name',
        statuses: [
          { code: 'ProvisioningState/succeeded' },
          { code: 'PowerState/running', displayStatus: 'VM running' },
        ],
        vmAgent: { statuses: [{ code: 'ProvisioningState/succeeded', displayStatus: 'Ready', time: new Date(now) }] },
      },
    };
    expect(readVirtualMachine(vm, now)).toMatchObject({
      id: vmId,
      vmId: '11111111-2222-3333-4444-555555555555',
      name: 'vm-1',
      location: 'westeurope',
      tags: { 'rdp-lifeline': 'repair' },
      osType: 'Windows',
      powerState: 'running',
      provisioningState: 'Succeeded',
      osDiskId: '/disk',
      osDiskEphemeral: false,
      diskEncryption: false,
      scaleSetId: undefined,
      agent: { usable: true },
      osName: 'Windows Server 2022 Datacenter',
      computerName: 'guest-name',
    });
  });

  it('takes what ARM leaves out for unknown, never for fine', () => {
    expect(readVirtualMachine({ location: 'westeurope' }, now)).toMatchObject({
      id: '',
      osType: 'unknown',
      powerState: undefined,
      provisioningState: undefined,
      osDiskId: undefined,
      osDiskUnmanaged: false,
      tags: {},
      agent: { usable: false, missing: true },
    });
  });

  it.each(['PowerState/deallocated', 'PowerState/Deallocated'])('reads the power state %s', (code) => {
    const vm = { location: 'westeurope', instanceView: { statuses: [{ code }] } };
    expect(readVirtualMachine(vm, now).powerState).toBe('deallocated');
  });

  it.each(['PowerState/unknown', 'PowerState/', 'PowerState/hovering'])('takes %s for a state not told', (code) => {
    const vm = { location: 'westeurope', instanceView: { statuses: [{ code }] } };
    expect(readVirtualMachine(vm, now).powerState).toBeUndefined();
  });

  it('tells a disk that is a blob from one that was left out', () => {
    const vhd = { uri: 'https://x.blob.core.windows.net/vhds/x.vhd' };
    const vm = { location: 'westeurope', storageProfile: { osDisk: { createOption: 'FromImage', vhd } } };
    expect(readVirtualMachine(vm, now)).toMatchObject({ osDiskId: undefined, osDiskUnmanaged: true });
  });

  it('notices an ephemeral disk, an encrypted one and a scale set', () => {
    const osDisk = {
      createOption: 'FromImage',
      diffDiskSettings: { option: 'Local' },
      encryptionSettings: { enabled: true },
    };
    const vm = { location: 'westeurope', storageProfile: { osDisk }, virtualMachineScaleSet: { id: '/set' } };
    expect(readVirtualMachine(vm, now)).toMatchObject({
      osDiskEphemeral: true,
      diskEncryption: true,
      scaleSetId: '/set',
    });
  });

  const second = interfaceId.replace('vm-1-nic', 'vm-1-nic-2');
  it.each([
    ['the only one, marked or not', [{ id: interfaceId }], interfaceId],
    [
      'the marked one of several',
      [
        { id: second, primary: false },
        { id: interfaceId, primary: true },
      ],
      interfaceId,
    ],
    ['none of several without a mark', [{ id: second }, { id: interfaceId }], undefined],
    ['none under an id that is none', [{ id: '/subscriptions/x' }], undefined],
    ['none', [], undefined],
  ])('has as its primary network interface %s', (_what, networkInterfaces, expected) => {
    const vm = { location: 'westeurope', networkProfile: { networkInterfaces } };
    expect(readVirtualMachine(vm, now)).toMatchObject({
      networkInterfaceId: expected,
      networkInterfaces: networkInterfaces.length,
    });
  });

  it.each([true, false, undefined])('tells whether boot diagnostics are on: %p', (enabled) => {
    const vm = { location: 'westeurope', diagnosticsProfile: { bootDiagnostics: { enabled } } };
    expect(readVirtualMachine(vm, now).bootDiagnostics).toBe(enabled);
  });
});
