import type { VirtualMachine as ArmVirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { VirtualMachine } from '../ports';
import { parseNetworkInterfaceId } from '../resource-id';
import { readAgent } from './agent';
import { readConfiguration } from './virtual-machine-configuration';

/** Our view of ARM's virtual machine. `now` in ms since the Unix epoch tells how fresh the agent's report is. */
export function readVirtualMachine(vm: ArmVirtualMachine, now: number): VirtualMachine {
  const osDisk = vm.storageProfile?.osDisk;
  return {
    id: vm.id ?? '',
    vmId: vm.vmId ?? '',
    name: vm.name ?? '',
    location: vm.location,
    tags: vm.tags ?? {},
    osType: osTypeOf(osDisk?.osType),
    powerState: statusOf(vm.instanceView, 'PowerState/') ?? 'unknown',
    provisioningState: vm.provisioningState ?? 'unknown',
    osDiskId: osDisk?.managedDisk?.id,
    osDiskEphemeral: osDisk?.diffDiskSettings?.option === 'Local',
    osDiskTraits: {
      location: vm.location,
      zone: vm.zones?.[0],
      sku: osDisk?.managedDisk?.storageAccountType,
      hyperVGeneration: vm.instanceView?.hyperVGeneration,
      securityType: vm.securityProfile?.securityType,
    },
    diskEncryption: osDisk?.encryptionSettings?.enabled === true,
    scaleSetId: vm.virtualMachineScaleSet?.id,
    agent: readAgent(vm.instanceView, now),
    osName: vm.instanceView?.osName,
    computerName: vm.instanceView?.computerName ?? vm.osProfile?.computerName,
    configuration: readConfiguration(vm),
    networkInterfaceId: primaryInterfaceOf(vm),
    networkInterfaces: vm.networkProfile?.networkInterfaces?.length,
    bootDiagnostics: vm.diagnosticsProfile?.bootDiagnostics?.enabled,
  };
}

/** Azure marks the primary one where there are several; a single one need not be marked. */
function primaryInterfaceOf({ networkProfile }: ArmVirtualMachine): string | undefined {
  const interfaces = networkProfile?.networkInterfaces ?? [];
  const [only] = interfaces.length === 1 ? interfaces : interfaces.filter(({ primary }) => primary);
  return only?.id !== undefined && parseNetworkInterfaceId(only.id) ? only.id : undefined;
}

function osTypeOf(osType: string | undefined): VirtualMachine['osType'] {
  if (osType === 'Windows' || osType === 'Linux') return osType;
  return 'unknown';
}

function statusOf(view: VirtualMachineInstanceView | undefined, prefix: string): string | undefined {
  const status = view?.statuses?.find(({ code }) => code?.startsWith(prefix));
  return status?.code?.slice(prefix.length).toLowerCase();
}
