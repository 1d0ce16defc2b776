import type { DataDisk, OSDisk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute' with {
  'resolution-mode': 'import',
};
import type { DataDiskReference, OsDiskReference, VirtualMachineConfiguration } from '../virtual-machine-configuration';

/** What the machine is made of; things that ARM does not tell are left out. */
export function readConfiguration(vm: VirtualMachine): VirtualMachineConfiguration {
  const { storageProfile, securityProfile, networkProfile } = vm;
  const { publisher, offer, sku, id } = storageProfile?.imageReference ?? {};
  const interfaces = networkProfile?.networkInterfaces ?? [];
  return {
    size: vm.hardwareProfile?.vmSize,
    zones: vm.zones ?? [],
    etag: vm.etag,
    diskControllerType: storageProfile?.diskControllerType,
    osDisk: storageProfile?.osDisk && readOsDisk(storageProfile.osDisk),
    dataDisks: (storageProfile?.dataDisks ?? []).map(readDataDisk),
    networkInterfaceIds: interfaces
      .toSorted((one, other) => Number(other.primary === true) - Number(one.primary === true))
      .flatMap((nic) => nic.id ?? []),
    securityType: securityProfile?.securityType,
    secureBoot: securityProfile?.uefiSettings?.secureBootEnabled,
    vTpm: securityProfile?.uefiSettings?.vTpmEnabled,
    encryptionAtHost: securityProfile?.encryptionAtHost,
    plan: vm.plan && { name: vm.plan.name, publisher: vm.plan.publisher, product: vm.plan.product },
    imageReference: storageProfile?.imageReference && { publisher, offer, sku, id },
    licenseType: vm.licenseType,
    hibernationEnabled: vm.additionalCapabilities?.hibernationEnabled,
    priority: vm.priority,
    evictionPolicy: vm.evictionPolicy,
    hostId: vm.host?.id,
    hostGroupId: vm.hostGroup?.id,
    availabilitySetId: vm.availabilitySet?.id,
    proximityPlacementGroupId: vm.proximityPlacementGroup?.id,
    capacityReservationGroupId: vm.capacityReservation?.capacityReservationGroup?.id,
    managedBy: vm.managedBy,
    identityType: vm.identity?.type,
    extensions: vm.resources?.map(({ name, publisher, typePropertiesType: kind }) => ({ name, publisher, type: kind })),
    ...readProvisioning(vm.instanceView),
  };
}

function readOsDisk(disk: OSDisk): OsDiskReference {
  return {
    name: disk.name,
    createOption: disk.createOption,
    caching: disk.caching,
    writeAcceleratorEnabled: disk.writeAcceleratorEnabled,
    deleteOption: disk.deleteOption,
    storageAccountType: disk.managedDisk?.storageAccountType,
    diskEncryptionSetId: disk.managedDisk?.diskEncryptionSet?.id,
    securityEncryptionType: disk.managedDisk?.securityProfile?.securityEncryptionType,
    sizeGiB: disk.diskSizeGB,
  };
}

function readDataDisk(disk: DataDisk): DataDiskReference {
  return {
    lun: disk.lun,
    diskId: disk.managedDisk?.id,
    name: disk.name,
    caching: disk.caching,
    deleteOption: disk.deleteOption,
    toBeDetached: disk.toBeDetached === true,
  };
}

const failedPrefix = 'ProvisioningState/failed';

/** The status of the last operation; a failure's code stands behind `ProvisioningState/failed/`. */
function readProvisioning(
  view: VirtualMachineInstanceView | undefined,
): Pick<VirtualMachineConfiguration, 'changedAt' | 'provisioningFailure'> {
  const status = view?.statuses?.find(({ code }) => code?.startsWith('ProvisioningState/'));
  const changedAt = status?.time?.toISOString();
  if (!status?.code?.toLowerCase().startsWith(failedPrefix.toLowerCase())) return { changedAt };
  const code = status.code.slice(failedPrefix.length + 1) || 'Unknown';
  return { changedAt, provisioningFailure: { code, message: (status.message ?? '').slice(0, 500) } };
}
