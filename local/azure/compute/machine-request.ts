/** Reads the body of a PUT of a virtual machine; what is missing or of another type is as if not said. */
import { readObject } from '../request-body';
import type { ImageReference, MachineModel, OsDisk } from './machine-settings';

/** What a VM is to be like. */
export interface MachineRequest extends Omit<MachineModel, 'osDisk' | 'dataDisks' | 'image' | 'diskControllerType'> {
  /** undefined: none is named, which is not the same as the usual one. */
  diskControllerType: MachineModel['diskControllerType'] | undefined;
  location: string;
  /** undefined: none is named. */
  image: ImageReference | undefined;
  osDisk: Omit<OsDisk, 'diskId'>;
  osDiskName: string | undefined;
  osDiskSku: string;
  adminPassword: string;
}

export function readMachineRequest(body: unknown): MachineRequest {
  const whole = objectOf(body);
  const properties = objectOf(whole.properties);
  const storage = objectOf(properties.storageProfile);
  const osDisk = objectOf(storage.osDisk);
  const osProfile = objectOf(properties.osProfile);
  const windows = objectOf(osProfile.windowsConfiguration);
  return {
    location: textOf(whole.location) ?? '',
    zones: Array.isArray(whole.zones) ? whole.zones.filter((zone) => typeof zone === 'string') : [],
    // The default: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
    size: textOf(objectOf(properties.hardwareProfile).vmSize) ?? 'Standard_D1_v2',
    diskControllerType:
      storage.diskControllerType === 'NVMe' || storage.diskControllerType === 'SCSI'
        ? storage.diskControllerType
        : undefined,
    image: readImage(storage.imageReference),
    osDisk: {
      createOption: textOf(osDisk.createOption) ?? 'FromImage',
      caching: osDisk.caching === 'ReadOnly' || osDisk.caching === 'None' ? osDisk.caching : 'ReadWrite',
      deleteOption: osDisk.deleteOption === 'Delete' ? 'Delete' : 'Detach',
    },
    osDiskName: textOf(osDisk.name),
    osDiskSku: textOf(objectOf(osDisk.managedDisk).storageAccountType) ?? 'Premium_LRS',
    networkInterfaces: readInterfaces(objectOf(properties.networkProfile).networkInterfaces),
    computerName: textOf(osProfile.computerName) ?? '',
    adminUsername: textOf(osProfile.adminUsername) ?? '',
    adminPassword: textOf(osProfile.adminPassword) ?? '',
    securityType: textOf(objectOf(properties.securityProfile).securityType),
    licenseType: textOf(properties.licenseType),
    patchMode: textOf(objectOf(windows.patchSettings).patchMode),
    enableAutomaticUpdates: windows.enableAutomaticUpdates !== false,
  };
}

function readImage(given: unknown): ImageReference | undefined {
  const { publisher, offer, sku, version } = objectOf(given);
  const image = { publisher: textOf(publisher), offer: textOf(offer), sku: textOf(sku), version: textOf(version) };
  if (image.publisher === undefined || image.offer === undefined || image.sku === undefined) return undefined;
  return { publisher: image.publisher, offer: image.offer, sku: image.sku, version: image.version ?? 'latest' };
}

function readInterfaces(given: unknown): MachineModel['networkInterfaces'] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((one) => {
    const { id, properties } = objectOf(one);
    const { deleteOption, primary } = objectOf(properties);
    if (typeof id !== 'string') return [];
    return [{ id, deleteOption: deleteOption === 'Delete' ? 'Delete' : 'Detach', primary: primary === true }];
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  const object = readObject(value);
  return object.ok ? object.value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
