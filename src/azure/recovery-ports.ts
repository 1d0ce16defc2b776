import type { DenyAssignment, Lock, Permission } from './permissions';
import type { Answer, ManagedDisk } from './ports';
import type { ComputeQuota, SizeAvailability } from './sizes';

/**
 * What the recovery by another VM asks of Azure Resource Manager, beyond `Arm`: power, disks, the recovery VM, what stands in
 * the way, and what was left behind. Each call begins something or looks; none waits. Each may be repeated: it looks first
 * whether it was done already. Whether it has ended is seen in the resource itself (`getVirtualMachine`, `getDisk`, …).
 */

/** Tags of a resource. */
export type Tags = Record<string, string>;

/** A copy of a disk to begin. */
export interface DiskCopyRequest {
  diskId: string;
  /** A snapshot or a disk, in the same region. */
  sourceId: string;
  /** The disk that the copy must be able to stand in for; everything of it is carried over. */
  like: ManagedDisk;
  tags: Tags;
}

/** An exchange of a VM's OS disk. */
export interface OsDiskSwap {
  /** The disk that the VM must have now; if it has another, nothing is done. */
  from: string;
  /** The disk that it shall have. */
  to: string;
}

/** A Windows VM to begin, on which a disk is to be worked on. */
export interface RecoveryMachineRequest {
  vmId: string;
  location: string;
  zone?: string;
  size: string;
  image: { publisher: string; offer: string; sku: string; version: string };
  /** Of the image: Azure refuses some properties for generation 1. */
  generation: 'V1' | 'V2';
  /** At most 15 letters, digits and hyphens. */
  computerName: string;
  /** Goes when the VM goes. */
  networkInterfaceId: string;
  /** Goes when the VM goes. */
  osDiskName: string;
  /** e.g. `StandardSSD_LRS`. */
  osDiskSku: string;
  /** e.g. `TrustedLaunch`; Azure's default if not given. */
  securityType?: string;
  tags: Tags;
}

/** A network interface, as far as a recovery VM's is looked at. */
export interface NetworkInterface {
  id: string;
  tags: Tags;
  /** `Succeeded`: it can be used. */
  provisioningState: string;
  /** The VM that uses it. */
  virtualMachineId?: string;
  privateIpAddress?: string;
  subnetId?: string;
}

/** Something that carries a tag of ours. */
export interface Leftover {
  kind: 'disk' | 'snapshot' | 'virtual-machine' | 'network-interface';
  id: string;
  tags: Tags;
  /** The VM that has it. */
  usedBy?: string;
  createdAt?: string;
}

/** What was found in a resource group. */
export interface Leftovers {
  resources: Leftover[];
  /**
   * Ids of all disks that VMs of this group refer to, in lower case; also those that are just being attached, which look free
   * otherwise. A disk may be used by a VM of another group.
   */
  disksOfMachines: string[];
}

/** The calls. */
export interface RecoveryArm {
  /** Begins a power-off that keeps host and address. With `skipShutdown` the plug is pulled. */
  beginPowerOff(vmId: string, options: { skipShutdown: boolean }): Promise<Answer<'begun'>>;
  beginStart(vmId: string): Promise<Answer<'begun'>>;
  /**
   * Begins exchanging the OS disk of a VM that has no power, and keeps its caching, write accelerator and delete option. Done
   * already: `begun` (the VM's `provisioningState` says whether it has ended). `rejected` with code `OsDiskChanged` if the VM
   * has neither disk, `NotStopped` if it has power, and `PreconditionFailed` if somebody changed the VM since we looked.
   * Power is not part of what Azure compares: whoever starts the VM within this call is not noticed.
   */
  beginSwapOsDisk(vmId: string, swap: OsDiskSwap): Promise<Answer<'begun'>>;
  /**
   * Begins a copy. A disk of that name that was made from the same source: `begun`; from another: `rejected` with code
   * `NameTaken`. Azure takes the security type from the source itself; compare copy and original with `differencesOf`.
   */
  beginCopyDisk(request: DiskCopyRequest): Promise<Answer<'begun'>>;
  /** Begins replacing all tags of a disk. */
  beginTagDisk(diskId: string, tags: Tags): Promise<Answer<'begun'>>;
  /**
   * Begins deleting a disk, if it carries these tags (read again just before) and no VM has it; one that is not there is fine.
   * `rejected` with code `TagsDiffer` or `InUse` otherwise. A disk that is just being attached looks free to Azure too
   * (kubernetes/kubernetes#82714): the caller must know that no attachment of it is under way.
   */
  beginDeleteDisk(diskId: string, mustCarry: Tags): Promise<Answer<'begun'>>;
  /** Begins deleting a snapshot, if it carries these tags; one that is not there is fine. */
  beginDeleteSnapshot(snapshotId: string, mustCarry: Tags): Promise<Answer<'begun'>>;
  /**
   * Begins a VM without identity and public address, whose password nobody knows. A VM of that name with these tags: `begun`;
   * with others: `rejected` with code `NameTaken`. Never changes a VM that is there.
   */
  beginCreateRecoveryMachine(request: RecoveryMachineRequest): Promise<Answer<'begun'>>;
  /** Begins deleting a VM, if it carries these tags, with what it was made with; one that is not there is fine. */
  beginDeleteMachine(vmId: string, mustCarry: Tags): Promise<Answer<'begun'>>;
  /**
   * Begins attaching a disk at a LUN, without caching. `rejected` with code `LunDiffers` if the VM has it at another one. It has
   * ended when the VM's `provisioningState` is Succeeded and the disk's `managedBy` is the VM.
   */
  beginAttachDataDisk(vmId: string, disk: { diskId: string; lun: number }): Promise<Answer<'begun'>>;
  /**
   * Begins detaching a disk; one that is not attached is fine. `force` is the last resort: what Windows has not written yet may
   * be lost. It has ended when the VM has the disk no more and the disk's `managedBy` is gone.
   */
  beginDetachDataDisk(vmId: string, disk: { diskId: string; force?: boolean }): Promise<Answer<'begun'>>;
  /** Begins a network interface in a subnet, without public address. Found again by its tags, as the VM is. */
  beginCreateNetworkInterface(request: {
    networkInterfaceId: string;
    location: string;
    subnetId: string;
    tags: Tags;
  }): Promise<Answer<'begun'>>;
  getNetworkInterface(networkInterfaceId: string): Promise<Answer<NetworkInterface>>;
  /**
   * Begins deleting a network interface, if it carries these tags and no VM uses it; one that is not there is fine. After a VM
   * that could not be made Azure keeps it for three minutes: `wait`.
   */
  beginDeleteNetworkInterface(networkInterfaceId: string, mustCarry: Tags): Promise<Answer<'begun'>>;
  /**
   * Resources of a group that carry a tag of this name, whatever its value; only of these kinds, because not every right is
   * granted everywhere. VMs are read in any case.
   */
  listLeftovers(where: {
    subscriptionId: string;
    resourceGroup: string;
    tag: string;
    kinds: readonly Leftover['kind'][];
  }): Promise<Answer<Leftovers>>;
  /** Locks that hold at a resource group, a VM or a disk, set there or above. */
  getLocks(scope: string): Promise<Answer<Lock[]>>;
  /** Deny assignments that hold there; see `deniedActions`. */
  getDenyAssignments(scope: string): Promise<Answer<DenyAssignment[]>>;
  /** What the repairing identity may do there; see `missingActions`. Deny assignments are not in it. */
  getPermissions(scope: string): Promise<Answer<Permission[]>>;
  /**
   * Whether these sizes can be had in a region (and zone), in the order asked. Needs a right on the subscription, which a role
   * on a resource group does not give: `forbidden` then.
   */
  findSizes(wanted: {
    subscriptionId: string;
    location: string;
    zone?: string;
    sizes: readonly string[];
  }): Promise<Answer<SizeAvailability[]>>;
  /** How much of a region's quota is used; see `exhaustedQuota`. Needs a right on the subscription, as `findSizes` does. */
  getComputeQuota(wanted: {
    subscriptionId: string;
    location: string;
    families: readonly string[];
  }): Promise<Answer<ComputeQuota>>;
}
