import type { VirtualMachine as ArmVirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import { powerStates, type PowerState, type VirtualMachine } from '../ports';
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
    powerState: powerStateOf(vm.instanceView),
    provisioningState: vm.provisioningState,
    osDiskId: osDisk?.managedDisk?.id,
    // https://learn.microsoft.com/rest/api/compute/virtual-machines/get#osdisk (vhd)
    osDiskUnmanaged: osDisk?.vhd !== undefined,
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

/** Undefined for a word that is none of the known states, too: what it means for us is not known. */
function powerStateOf(view: VirtualMachineInstanceView | undefined): PowerState | undefined {
  const prefix = 'PowerState/';
  const code = view?.statuses?.find((status) => status.code?.startsWith(prefix))?.code;
  const said = code?.slice(prefix.length).toLowerCase();
  return powerStates.find((state) => state === said);
}
