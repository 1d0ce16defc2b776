/** What a virtual machine is made of, apart from its power and its guest. */

/** Where an image is, as a request names it. */
export interface ImageReference {
  publisher: string;
  offer: string;
  sku: string;
  version: string;
  exactVersion?: string;
}

type Caching = 'None' | 'ReadOnly' | 'ReadWrite';

/** What happens to a disk or network interface when its VM is deleted. */
export type DeleteOption = 'Delete' | 'Detach';

export interface OsDisk {
  diskId: string;
  createOption: string;
  caching: Caching;
  deleteOption: DeleteOption;
  writeAcceleratorEnabled?: boolean;
}

export interface DataDisk {
  lun: number;
  diskId: string;
  caching: Caching;
  deleteOption: DeleteOption;
  /** Only an attached disk can be seen by the guest. */
  state: 'attaching' | 'attached' | 'detaching';
}

/** Whatever of a VM's model a story may look at; what is not here is the same for every VM. */
export interface MachineModel {
  size: string;
  zones: string[];
  diskControllerType: 'SCSI' | 'NVMe';
  image: ImageReference;
  osDisk: OsDisk;
  dataDisks: DataDisk[];
  networkInterfaces: { id: string; deleteOption?: DeleteOption; primary?: boolean }[];
  computerName: string;
  adminUsername: string;
  securityType?: string;
  /** Azure Disk Encryption. */
  isDiskEncrypted?: boolean;
  /** Its OS disk is on the host's own storage. */
  isEphemeral?: boolean;
  /** Its OS disk is a page blob in a storage account. */
  isUnmanaged?: boolean;
  /** The id of the scale set that it is an instance of. */
  scaleSetId?: string;
  /** `Spot` may be evicted. */
  priority?: string;
  /** The id of what manages it for somebody. */
  managedBy?: string;
  /** Extensions that somebody has installed, e.g. Site Recovery's. */
  extensions?: { name: string; publisher: string; type: string }[];
  licenseType?: string;
  plan?: { name: string; publisher: string; product: string };
  hibernationEnabled?: boolean;
  patchMode?: string;
  enableAutomaticUpdates?: boolean;
}
