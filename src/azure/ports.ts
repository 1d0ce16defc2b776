import type { FetchRange } from '../disk/block-source';
import type { PolicyAssignment } from './policy-refusal';
import type { VirtualMachineConfiguration } from './virtual-machine-configuration';
import type { OutsideArm } from './outside';

/**
 * What the repair asks of Azure Resource Manager, in our own words; `arm/` answers it with the SDK.
 * No method sleeps or polls: an operation is begun by one call and looked at by another (docs/decisions). The two that
 * handle a SAS are the exception: a secret must not outlive the call that asked for it, so they wait within a limit.
 */

/** A call that did not work, as data, so that a story can decide. */
export type ArmFailure =
  /** Busy, throttled or briefly broken (408, 429, 5xx, no connection): ask again, after `retryAfterMs` if given. */
  | { kind: 'wait'; code: string; message: string; retryAfterMs?: number }
  /** A role is missing (403). `action` is the ARM action that no role grants, when ARM names it. */
  | { kind: 'forbidden'; code: string; message: string; action: string; scope: string }
  /** The resource, its group or its subscription is not there (404). */
  | { kind: 'not-found'; code: string; message: string }
  /** ARM understood and said no (other 4xx). Asking again gives the same answer. `deniedBy`: of Azure Policy, where ARM names it. */
  | { kind: 'rejected'; code: string; message: string; status: number; deniedBy?: PolicyAssignment[] };

/** An answer of ARM. */
export type Answer<T> = { ok: true; value: T } | { ok: false; failure: ArmFailure };

/**
 * States of a VM's power, as its instance view has them: https://learn.microsoft.com/azure/virtual-machines/states-billing.
 * Azure has `PowerState/unknown` too, which says as much as no state at all.
 */
export const powerStates = ['starting', 'running', 'stopping', 'stopped', 'deallocating', 'deallocated'] as const;
export type PowerState = (typeof powerStates)[number];

/** The guest agent as the instance view tells it. */
export interface GuestAgent {
  /** True if it is Ready and its report is fresh: only then is Run Command worth a try. */
  usable: boolean;
  /** The instance view says nothing of it, not even that it is Not Ready: it may be well, so ask again. */
  missing?: true;
  /** Why it is usable or not, for people. */
  reason: string;
  /** Time of its last report (ISO 8601); while Not Ready it is the time of the question and says nothing. */
  reportedAt?: string;
}

/** Traits without which ARM refuses to put a disk under a VM (`PropertyChangeNotAllowed`) or makes a slower one. */
export interface DiskTraits {
  location: string;
  zone?: string;
  sku?: string;
  hyperVGeneration?: string;
  securityType?: string;
}

/** What we need to know of a VM before anything is done to it. */
export interface VirtualMachine {
  id: string;
  /** ARM's own id of this very VM: changes when a VM of the same name is made anew. */
  vmId: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  /** `unknown`: Azure does not say. */
  osType: 'Windows' | 'Linux' | 'unknown';
  /** Undefined where Azure does not say, which is neither "runs" nor "is off": ask again. */
  powerState: PowerState | undefined;
  /** Undefined where Azure does not say; see `isSettled`. */
  provisioningState: string | undefined;
  /** Undefined where Azure does not say, or where the disk is not a managed one (`osDiskUnmanaged`). */
  osDiskId?: string;
  /** Its OS disk is a blob in a storage account. */
  osDiskUnmanaged?: boolean;
  osDiskEphemeral: boolean;
  /** What a disk that takes the OS disk's place must have alike, as far as ARM says it. */
  osDiskTraits?: DiskTraits;
  diskEncryption: boolean;
  scaleSetId?: string;
  agent: GuestAgent;
  osName?: string;
  computerName?: string;
  /** ARM id of the primary network interface, and how many there are. */
  networkInterfaceId?: string;
  networkInterfaces?: number;
  /** Whether boot diagnostics are on, without which nobody can use the serial console. */
  bootDiagnostics?: boolean;
  /** What it is made of. */
  configuration?: VirtualMachineConfiguration;
}

/** What the image of an OS disk can do, in ARM's own words; without them ARM refuses to put the disk under some VMs. */
export interface DiskCapabilities {
  /** e.g. `SCSI, NVMe`. */
  diskControllerTypes?: string;
  acceleratedNetwork?: boolean;
  architecture?: string;
  supportedSecurityOption?: string;
}

/** The marketplace offer that an image belongs to. */
export interface PurchasePlan {
  name: string;
  publisher: string;
  product: string;
  promotionCode?: string;
}

/**
 * Who may fetch the bytes of a disk or snapshot, in ARM's own words, so that a copy can carry them on. Each disk and
 * each snapshot has its own: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview
 */
export interface NetworkAccess {
  /** `AllowAll`, `AllowPrivate` (by the private endpoints of `diskAccessId`) or `DenyAll`. */
  networkAccessPolicy?: string;
  diskAccessId?: string;
  /** `Disabled`: not from the internet, even if the policy is `AllowAll`. */
  publicNetworkAccess?: string;
  /** `AzureActiveDirectory`: a SAS alone is not enough, a token with a data action is asked for too. */
  dataAccessAuthMode?: string;
}

/** A managed disk: what a copy of it must have alike, and whose it is now. */
export interface ManagedDisk {
  id: string;
  location: string;
  tags?: Record<string, string>;
  provisioningState?: string;
  /** e.g. `Attached`, `Reserved` (its VM is deallocated), `Unattached` (also while it is just being attached). */
  diskState?: string;
  /** The VM that has it. */
  managedBy?: string;
  /** When it was last attached, detached, or its VM deallocated or started after that (ISO 8601). */
  ownershipChangedAt?: string;
  createdAt?: string;
  /** What it was made from. */
  sourceId?: string;
  uniqueId?: string;
  /** How much of it is there, where Azure tells it (Premium SSD v2 and Ultra disks). */
  completionPercent?: number;
  osType?: string;
  capabilities?: DiskCapabilities;
  purchasePlan?: PurchasePlan;
  /** Of a confidential VM. */
  secureVMDiskEncryptionSetId?: string;
  tier?: string;
  burstingEnabled?: boolean;
  maxShares?: number;
  optimizedForFrequentAttach?: boolean;
  supportsHibernation?: boolean;
  logicalSectorSize?: number;
  diskIopsReadWrite?: number;
  diskMBpsReadWrite?: number;
  /** Azure Disk Encryption has put its settings on it. */
  diskEncryption?: boolean;
  sizeBytes?: number;
  sku?: string;
  zones: string[];
  hyperVGeneration?: string;
  securityType?: string;
  /** e.g. `EncryptionAtRestWithCustomerKey`. */
  encryptionType?: string;
  diskEncryptionSetId?: string;
  network: NetworkAccess;
}

/** A snapshot of an OS disk, made or being made. */
export interface Snapshot {
  id: string;
  state: 'creating' | 'ready' | 'failed';
  sourceDiskId: string;
  tags: Record<string, string>;
  createdAt?: string;
  /** True while somebody may hold a SAS to its bytes (ARM's `diskState` is `ActiveSAS`). */
  accessOpen: boolean;
  network: NetworkAccess;
}

/** A snapshot's bytes while access lasts: a fixed VHD, footer included. */
export interface SnapshotBytes {
  /** Bytes of the VHD: those of the disk and 512 of the footer. */
  size: number;
  /** When the snapshot was taken (ISO 8601), where ARM says it. */
  takenAt?: string;
  /** Rejects with an UnreadableError: `access-denied` (final) or `not-available` (may be tried again). */
  fetchRange: FetchRange;
}

/** Why a snapshot's bytes could not be had. */
export type SnapshotReadFailure =
  | ArmFailure
  /** The snapshot's own `setting` keeps its bytes from us. Asking again gives the same answer. */
  | {
      kind: 'export-denied';
      code: 'export-denied';
      setting: 'networkAccessPolicy' | 'publicNetworkAccess' | 'dataAccessAuthMode';
      message: string;
    }
  /** Access was granted, and the storage did not give the bytes, or is at an address that we do not fetch from. */
  | { kind: 'not-fetched'; code: 'access-denied' | 'unknown-blob-host'; message: string }
  /** The limit was over before `read` had ended. */
  | { kind: 'out-of-time'; code: 'out-of-time'; message: string };

/** What `read` gave, and whether the access that it used is over. */
export type SnapshotReading<T> = ({ ok: true; value: T } | { ok: false; failure: SnapshotReadFailure }) & {
  /** Not ok: access may still be open; call `revokeSnapshotAccess` until it works. Azure ends it too, when it expires. */
  revoked: Answer<'revoked'>;
};

/** Why a Run Command came to nothing, as far as Azure tells: each is another matter for whoever looks after it. */
export type GuestRunFailure =
  /** The agent never took it: it was dead, or another command held the agent. */
  | 'run-not-delivered'
  /** The script's own time was over. */
  | 'run-timed-out'
  /** Somebody deleted it, or Azure gave it up. */
  | 'run-cancelled'
  /** The script ended with another exit code than 0. */
  | 'run-failed'
  /** It has ended without saying how: "provisioned", and still not done. */
  | 'run-lost';

/** A managed Run Command in a VM. */
export type GuestRun =
  | { state: 'running' }
  | { state: 'succeeded'; output: string; error: string }
  | { state: 'failed'; code: GuestRunFailure; reason: string; output: string; error: string };

/** A Run Command to begin. */
export interface GuestRunRequest {
  name: string;
  location: string;
  script: string;
  parameters: Record<string, string>;
  timeoutSeconds: number;
  tags: Record<string, string>;
}

/** An alert as Azure keeps it. Its properties are another form of what is delivered, and as little to be relied on. */
export interface AzureAlert {
  id: string;
  properties: unknown;
}

/** The calls. Every one may be repeated. */
export interface Arm extends OutsideArm {
  getVirtualMachine(vmId: string): Promise<Answer<VirtualMachine>>;
  /**
   * Ids of the virtual machines with each of these names, or with a guest of that computer name (its domain may follow), in these
   * subscriptions: by the name in lower case. Asked for in one call. What was made a moment ago may be missing.
   */
  findVirtualMachines(
    names: readonly string[],
    subscriptionIds: readonly string[],
  ): Promise<Answer<ReadonlyMap<string, string[]>>>;
  /** The subscription's alerts of the last 24 hours, fired and resolved. */
  listAlerts(subscriptionId: string): Promise<Answer<AzureAlert[]>>;
  getDisk(diskId: string): Promise<Answer<ManagedDisk>>;
  getSnapshot(snapshotId: string): Promise<Answer<Snapshot>>;
  /**
   * Begins an incremental snapshot; returns once ARM has taken the request. Without `network` Azure lets its bytes be
   * fetched from anywhere, whatever the disk says: hand on the disk's own.
   */
  beginSnapshot(request: {
    snapshotId: string;
    sourceDiskId: string;
    location: string;
    tags: Record<string, string>;
    network?: NetworkAccess;
  }): Promise<Answer<'begun'>>;
  /**
   * Lets `read` read the snapshot's bytes, then takes the access back, however `read` ended; all within `limitMs`. When
   * the limit comes first, `read` is left behind with a `fetchRange` that only rejects. What `read` throws is thrown on
   * after the access was taken back (whether that worked is then not told: call `revokeSnapshotAccess` in clean-up).
   * The SAS never leaves the adapter.
   */
  readSnapshot<T>(
    snapshotId: string,
    options: { limitMs: number },
    read: (bytes: SnapshotBytes) => Promise<T>,
  ): Promise<SnapshotReading<T>>;
  /** Takes back any access to the snapshot's bytes, also one that an interrupted call left; fine if there is none. */
  revokeSnapshotAccess(snapshotId: string): Promise<Answer<'revoked'>>;
  getGuestRun(vmId: string, name: string): Promise<Answer<GuestRun>>;
  /** Begins a managed Run Command; returns once ARM has taken the request, while the script may still run. */
  beginGuestRun(vmId: string, request: GuestRunRequest): Promise<Answer<'begun'>>;
  /** Begins deleting a Run Command; one that is not there is fine. */
  beginDeleteGuestRun(vmId: string, name: string): Promise<Answer<'begun'>>;
}
