/**
 * What the repair asks of Azure Resource Manager, in our own words; `arm/` answers it with the SDK.
 * No method sleeps or polls: an operation is begun by one call and looked at by another (docs/decisions).
 */

/** A call that did not work, as data, so that a story can decide. */
export type ArmFailure =
  /** Busy, throttled or briefly broken (408, 429, 5xx, no connection): ask again, after `retryAfterMs` if given. */
  | { kind: 'wait'; code: string; message: string; retryAfterMs?: number }
  /** A role is missing (403). `action` is the ARM action that no role grants, when ARM names it. */
  | { kind: 'forbidden'; code: string; message: string; action: string; scope: string }
  /** The resource, its group or its subscription is not there (404). */
  | { kind: 'not-found'; code: string; message: string }
  /** ARM understood and said no (other 4xx). Asking again gives the same answer. */
  | { kind: 'rejected'; code: string; message: string; status: number };

/** An answer of ARM. */
export type Answer<T> = { ok: true; value: T } | { ok: false; failure: ArmFailure };

/** The guest agent as the instance view tells it. */
export interface GuestAgent {
  /** True if it is Ready and its report is fresh: only then is Run Command worth a try. */
  usable: boolean;
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
  osType: 'Windows' | 'Linux' | 'unknown';
  powerState: string;
  provisioningState: string;
  osDiskId?: string;
  osDiskEphemeral: boolean;
  /** What a disk that takes the OS disk's place must have alike, as far as ARM says it. */
  osDiskTraits?: DiskTraits;
  diskEncryption: boolean;
  scaleSetId?: string;
  agent: GuestAgent;
  osName?: string;
  computerName?: string;
}

/** A snapshot of an OS disk, made or being made. */
export interface Snapshot {
  id: string;
  state: 'creating' | 'ready' | 'failed';
  sourceDiskId: string;
  tags: Record<string, string>;
  createdAt?: string;
}

/** A managed Run Command in a VM. */
export type GuestRun =
  | { state: 'running' }
  | { state: 'succeeded'; output: string; error: string }
  | { state: 'failed'; reason: string; output: string; error: string };

/** A Run Command to begin. */
export interface GuestRunRequest {
  name: string;
  location: string;
  script: string;
  parameters: Record<string, string>;
  timeoutSeconds: number;
  tags: Record<string, string>;
}

/** The calls. Every one may be repeated. */
export interface Arm {
  getVirtualMachine(vmId: string): Promise<Answer<VirtualMachine>>;
  getSnapshot(snapshotId: string): Promise<Answer<Snapshot>>;
  /** Begins an incremental snapshot; returns once ARM has taken the request. */
  beginSnapshot(request: {
    snapshotId: string;
    sourceDiskId: string;
    location: string;
    tags: Record<string, string>;
  }): Promise<Answer<'begun'>>;
  getGuestRun(vmId: string, name: string): Promise<Answer<GuestRun>>;
  /** Begins a managed Run Command; returns once ARM has taken the request, while the script may still run. */
  beginGuestRun(vmId: string, request: GuestRunRequest): Promise<Answer<'begun'>>;
  /** Begins deleting a Run Command; one that is not there is fine. */
  beginDeleteGuestRun(vmId: string, name: string): Promise<Answer<'begun'>>;
}
