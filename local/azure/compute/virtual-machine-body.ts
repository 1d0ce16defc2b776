/** A virtual machine as ARM shows it. */
import { idKey } from '../arm-id';
import { azureTime } from '../long-running-operations';
import type { World } from '../world';
import type { Disk } from './disk-record';
import { instanceView } from './instance-view';
import type { Machine } from './machine';
import type { DataDisk } from './machine-settings';

const type = 'Microsoft.Compute/virtualMachines';

/** The etag of the machine's model as it is now. */
export function etagOf(machine: Machine): string {
  return `"${machine.revision}"`;
}

/** The body of a machine; `expanded` with its instance view. */
export function virtualMachineBody(world: World, machine: Machine, expanded: boolean): object {
  const { model } = machine;
  const disk = world.disks.get(idKey(model.osDisk.diskId));
  return {
    name: machine.name,
    id: machine.id,
    type,
    location: machine.location,
    tags: machine.tags,
    etag: etagOf(machine),
    ...(model.zones.length > 0 ? { zones: model.zones } : {}),
    ...(model.plan ? { plan: model.plan } : {}),
    ...(model.managedBy ? { managedBy: model.managedBy } : {}),
    ...extensionsOf(machine),
    properties: {
      vmId: machine.vmId,
      hardwareProfile: { vmSize: model.size },
      ...(model.priority ? { priority: model.priority } : {}),
      ...(model.scaleSetId ? { virtualMachineScaleSet: { id: model.scaleSetId } } : {}),
      ...(model.licenseType ? { licenseType: model.licenseType } : {}),
      ...(model.hibernationEnabled ? { additionalCapabilities: { hibernationEnabled: true } } : {}),
      provisioningState: machine.provisioningState,
      storageProfile: storageProfile(world, machine),
      osProfile: osProfile(machine),
      ...(model.securityType
        ? {
            securityProfile: {
              securityType: model.securityType,
              uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            },
          }
        : {}),
      networkProfile: {
        networkInterfaces: model.networkInterfaces.map(({ id, deleteOption, primary }) => ({
          id,
          ...(deleteOption || primary ? { properties: { deleteOption, primary } } : {}),
        })),
      },
      diagnosticsProfile: { bootDiagnostics: { enabled: machine.bootDiagnostics } },
      timeCreated: azureTime(machine.createdAt),
      ...(expanded ? { instanceView: instanceView(machine, disk, Date.now()) } : {}),
    },
  };
}

/** assumed: the list is left out of a VM that has none. */
function extensionsOf({ id, location, model: { extensions = [] } }: Machine): object {
  if (extensions.length === 0) return {};
  const resources = extensions.map(({ name, publisher, type: kind }) => ({
    ...{ name, id: `${id}/extensions/${name}`, type: `${type}/extensions`, location },
    properties: { provisioningState: 'Succeeded', publisher, type: kind, typeHandlerVersion: '1.0', settings: {} },
  }));
  return { resources };
}

/** The storage profile alone; it is also the answer to attachDetachDataDisks. */
export function storageProfile(world: World, machine: Machine): object {
  const { image, osDisk, dataDisks, diskControllerType, isDiskEncrypted, isEphemeral, isUnmanaged } = machine.model;
  const disk = world.disks.get(idKey(osDisk.diskId));
  return {
    imageReference: image,
    osDisk: {
      osType: machine.osType,
      name: disk?.name,
      createOption: osDisk.createOption,
      caching: osDisk.caching,
      ...(osDisk.writeAcceleratorEnabled === undefined
        ? {}
        : { writeAcceleratorEnabled: osDisk.writeAcceleratorEnabled }),
      ...(isDiskEncrypted ? { encryptionSettings: { enabled: true } } : {}),
      // https://learn.microsoft.com/rest/api/compute/virtual-machines/get#osdisk
      ...(isUnmanaged
        ? { vhd: { uri: `https://account.blob.core.windows.net/vhds/${machine.name}.vhd` } }
        : { managedDisk: managedDiskBody(disk, osDisk.diskId) }),
      ...(isEphemeral ? { diffDiskSettings: { option: 'Local', placement: 'CacheDisk' } } : {}),
      deleteOption: osDisk.deleteOption,
      diskSizeGB: disk?.sizeGiB,
    },
    dataDisks: dataDisks.map((dataDisk) => dataDiskBody(world, dataDisk)),
    diskControllerType,
  };
}

function managedDiskBody(disk: Disk | undefined, id: string): object {
  const setId = disk?.encryption.diskEncryptionSetId;
  const diskEncryptionSet = setId === undefined ? {} : { diskEncryptionSet: { id: setId } };
  return { storageAccountType: disk?.sku, ...diskEncryptionSet, id };
}

function dataDiskBody(world: World, { lun, diskId, caching, deleteOption, state }: DataDisk): object {
  const disk = world.disks.get(idKey(diskId));
  return {
    lun,
    name: disk?.name ?? diskId.split('/').at(-1),
    createOption: 'Attach',
    caching,
    managedDisk: managedDiskBody(disk, diskId),
    deleteOption,
    diskSizeGB: disk?.sizeGiB,
    toBeDetached: state === 'detaching',
  };
}

function osProfile({ model, osType }: Machine): object {
  const { enableAutomaticUpdates = true, patchMode = 'AutomaticByOS' } = model;
  const patchSettings = { patchMode, assessmentMode: 'ImageDefault' };
  return {
    computerName: model.computerName,
    adminUsername: model.adminUsername,
    ...(osType === 'Windows'
      ? { windowsConfiguration: { provisionVMAgent: true, enableAutomaticUpdates, patchSettings } }
      : { linuxConfiguration: { disablePasswordAuthentication: true, provisionVMAgent: true } }),
    secrets: [],
    allowExtensionOperations: true,
    requireGuestProvisionSignal: true,
  };
}
