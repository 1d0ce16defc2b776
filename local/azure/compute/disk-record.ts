/** A managed disk as it exists in the simulated subscription. */
import { randomUUID } from 'node:crypto';
import type { SparseDisk } from '../../disk/sparse-disk';
import type { NetworkAccess } from './network-access';

export const GIB = 1024 ** 3;

/** What an OS disk must have alike with the VM that it is put under. */
export interface DiskTraits {
  osType?: 'Windows' | 'Linux';
  /** undefined: ARM treats it as V1. */
  hyperVGeneration?: 'V1' | 'V2';
  supportedCapabilities: { diskControllerTypes?: string; acceleratedNetwork?: boolean; architecture: 'x64' | 'Arm64' };
  /** Comes from the image, and from there through every snapshot and copy. */
  securityType?: string;
  purchasePlan?: { name: string; publisher: string; product: string };
}

export interface Disk extends DiskTraits {
  id: string;
  name: string;
  location: string;
  zones: string[];
  tags: Record<string, string>;
  sku: string;
  sizeGiB: number;
  uniqueId: string;
  createdAt: number;
  provisioningState: 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
  creationData: { createOption: string; sourceResourceId?: string; sourceUniqueId?: string };
  /** The VM that it is attached to. */
  managedBy: string | undefined;
  /** When it was last attached or detached, or its VM was started or deallocated. */
  ownershipChangedAt?: number;
  tier?: string;
  burstingEnabled?: boolean;
  maxShares?: number;
  encryption: { type: string; diskEncryptionSetId?: string };
  optimizedForFrequentAttach?: boolean;
  /** Open to all if not given. */
  network?: NetworkAccess;
  /** Everything that is on it. */
  bytes: SparseDisk;
}

/** What images of Azure's say of the disks that are made from them: NVMe only of generation 2. */
function imageCapabilities(generation: DiskTraits['hyperVGeneration']): DiskTraits['supportedCapabilities'] {
  const diskControllerTypes = generation === 'V2' ? 'SCSI, NVMe' : 'SCSI';
  return { diskControllerTypes, acceleratedNetwork: true, architecture: 'x64' };
}

type Given = Pick<Disk, 'id' | 'name' | 'location' | 'sizeGiB' | 'bytes'> & Partial<Disk>;

/** A disk made from an image, now, unless more is said. */
export function newDisk(given: Given): Disk {
  return {
    zones: [],
    tags: {},
    sku: 'StandardSSD_LRS',
    uniqueId: randomUUID(),
    createdAt: Date.now(),
    provisioningState: 'Succeeded',
    creationData: { createOption: 'FromImage' },
    managedBy: undefined,
    supportedCapabilities: imageCapabilities(given.hyperVGeneration),
    encryption: { type: 'EncryptionAtRestWithPlatformKey' },
    ...given,
  };
}

/** The traits alone, as a snapshot or a copy takes them from their source. */
export function traitsOf({
  osType,
  hyperVGeneration,
  supportedCapabilities,
  securityType,
  purchasePlan,
}: DiskTraits): DiskTraits {
  return { osType, hyperVGeneration, supportedCapabilities, securityType, purchasePlan };
}
