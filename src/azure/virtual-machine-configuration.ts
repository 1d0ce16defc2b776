/** What a virtual machine is made of, in ARM's own words; what ARM does not tell is missing. */
export interface VirtualMachineConfiguration {
  /** e.g. `Standard_D2s_v5`. */
  size?: string;
  zones: string[];
  /** Changes with every change of the VM's model, not with its power (assumed; Azure does not say). */
  etag?: string;
  /** `SCSI` or `NVMe`. */
  diskControllerType?: string;
  osDisk?: OsDiskReference;
  dataDisks: DataDiskReference[];
  /** The primary one first. */
  networkInterfaceIds: string[];
  /** e.g. `TrustedLaunch`, `ConfidentialVM`. */
  securityType?: string;
  secureBoot?: boolean;
  vTpm?: boolean;
  encryptionAtHost?: boolean;
  plan?: { name?: string; publisher?: string; product?: string };
  imageReference?: { publisher?: string; offer?: string; sku?: string; id?: string };
  licenseType?: string;
  hibernationEnabled?: boolean;
  /** `Regular`, `Low` or `Spot`. */
  priority?: string;
  evictionPolicy?: string;
  hostId?: string;
  hostGroupId?: string;
  availabilitySetId?: string;
  proximityPlacementGroupId?: string;
  capacityReservationGroupId?: string;
  /** Something else that this VM belongs to: its changes may be taken back by whoever manages it. */
  managedBy?: string;
  /** e.g. `SystemAssigned`. */
  identityType?: string;
  /** As the VM lists them. Azure seems to leave the list out of a VM that has none, which says nothing either way. */
  extensions?: ExtensionReference[];
  /** When the last operation on it ended (ISO 8601): another value than before says that somebody did something meanwhile. */
  changedAt?: string;
  /** Why its last operation failed. */
  provisioningFailure?: { code: string; message: string };
}

/** An extension of a VM: a service that works in its guest. */
export interface ExtensionReference {
  name?: string;
  publisher?: string;
  type?: string;
}

/** The OS disk as the VM refers to it. */
export interface OsDiskReference {
  name?: string;
  createOption?: string;
  caching?: string;
  writeAcceleratorEnabled?: boolean;
  /** `Delete`: the disk goes when the VM is deleted. */
  deleteOption?: string;
  storageAccountType?: string;
  diskEncryptionSetId?: string;
  /** Of a confidential VM. */
  securityEncryptionType?: string;
  sizeGiB?: number;
}

/** A data disk as the VM refers to it. */
export interface DataDiskReference {
  lun: number;
  diskId?: string;
  name?: string;
  caching?: string;
  deleteOption?: string;
  /** It is on its way out. */
  toBeDetached: boolean;
}
