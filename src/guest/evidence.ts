/**
 * What can be known of a guest, as data. A signature names what it needs; a source answers with evidence that says
 * where and when it was read, or why it could not be read.
 */

/** Ways to see a guest (design: "source"), freshest first: where two say different things, the first is believed. */
export const sources = ['run-command', 'recovery-vm', 'snapshot-disk'] as const;
export type Source = (typeof sources)[number];

/**
 * Registry keys below HKEY_LOCAL_MACHINE whose permissions may be asked for. A closed list: their names become part of a
 * command line that PowerShell reads.
 */
export const securedKeys = [
  'SYSTEM\\CurrentControlSet\\Services\\Dhcp',
  'SYSTEM\\CurrentControlSet\\Services\\Dhcp\\Parameters',
  'SYSTEM\\CurrentControlSet\\Services\\Dhcp\\Configurations',
  'SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters',
  'SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces',
] as const;
export type SecuredKey = (typeof securedKeys)[number];

/** One fact that a signature or the report may ask for. */
export type Need =
  | { kind: 'service-configuration'; service: string }
  | { kind: 'service-status'; service: string }
  | { kind: 'service-events'; service: string }
  | { kind: 'service-security'; service: string }
  | { kind: 'service-group'; group: string }
  | { kind: 'key-security'; key: SecuredKey }
  | { kind: 'rdp-listener' }
  | { kind: 'boot-configuration' }
  | { kind: 'boot-mode' }
  | { kind: 'boot-object'; object: string }
  | { kind: 'control-sets' }
  | { kind: 'network-addressing' }
  | { kind: 'remote-desktop' }
  | { kind: 'pending-servicing' }
  | { kind: 'windows-installation' }
  | { kind: 'volume-state' };

/** Why something that a disk tells is not believed: one table. */
export const disbeliefs = {
  'log-elsewhere': 'the registry says that the event log lies elsewhere',
  'log-off': 'the registry says that the event log is not written',
  'log-full': 'the event log is full, and the registry says that nothing is written over',
  'older-than-shutdown': 'Windows was shut down after it',
  'older-than-boot': 'Windows was booted after it',
  'clock-ahead': 'its time lies after the moment at which the disk was copied',
  differs: 'another fact of the same disk, which is no older, says otherwise',
  'not-followed': 'the place that it names can’t be one',
} as const;
export type DisbeliefCode = keyof typeof disbeliefs;

/** One fact of a disk, as far as its age is weighed against another's. */
export interface WeighedFact {
  /** For people. */
  says: string;
  place: string;
  /** ISO 8601; undefined if it has no time of its own. */
  at?: string;
}

/** A fact that was not believed, and the one of the same disk that stands against it. */
export interface Disbelief {
  code: DisbeliefCode;
  told: WeighedFact;
  by: WeighedFact;
}

/** Where and when evidence was read, and how fresh it can be. */
export interface Provenance {
  source: Source;
  /** The command line, or the file and the key in it: `C:\Windows\System32\config\SYSTEM › ControlSet001\Services\Dhcp`. */
  place: string;
  /** When it was read (ISO 8601, the guest's own clock for guest sources). */
  readAt: string;
  /** The moment whose state it shows, where that is not the moment of reading: the snapshot's (ISO 8601). */
  asOf?: string;
  /** When the place says that it was last written (ISO 8601): a registry key's own time. */
  lastWritten?: string;
  /** Why it may be older than `asOf` says, or incomplete: for people. */
  caution?: string;
  /** What the same place told and was not believed, or what may be missing because of it. */
  disbelieved?: Disbelief[];
}

/** How a service is configured. Numbers as in SERVICE_START and SERVICE_TYPE. */
export interface ServiceConfiguration {
  kind: 'service-configuration';
  service: string;
  /** 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled. */
  startType: number;
  /** SERVICE_* type bits; undefined if the value is not there. */
  type?: number;
  /** The account it runs as; undefined if the value is not there. */
  account?: string;
  /** Its program with arguments, as the registry has it; undefined if the value is not there. */
  imagePath?: string;
  /** The services that it needs, as the registry lists them; `+` before a name means a load-order group. */
  dependsOn?: string[];
}

/** Who may do what with a service, and as whom it can be given rights. */
export interface ServiceSecurity {
  kind: 'service-security';
  service: string;
  /** Its own security descriptor: https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format */
  descriptor: string;
  /** The SID of `NT SERVICE\\<service>`. */
  sid: string;
}

/** The services that are meant for one process, `svchost.exe -k <group>`; not all of them need be installed. */
export interface ServiceGroup {
  kind: 'service-group';
  group: string;
  services: string[];
}

/** Who may do what with a registry key. */
export interface KeySecurity {
  kind: 'key-security';
  key: SecuredKey;
  descriptor: string;
}

/** What a service is doing. */
export interface ServiceStatusEvidence {
  kind: 'service-status';
  service: string;
  /** As in SERVICE_STATUS; 0, with the exit code 1060, where there is no such service. */
  state: number;
  type: number;
  win32ExitCode: number;
}

/** One record of the Service Control Manager about a service. */
export interface ServiceEvent {
  /** 7000, 7040… https://learn.microsoft.com/windows/win32/services/service-control-manager */
  eventId: number;
  /** ISO 8601. */
  at: string;
  /** The Windows error that it names as `%%1058`, if it names one. */
  code?: number;
  /** 7040 only: the start types before and after, in the guest's own language. */
  startTypes?: { before: string; after: string };
  /** The SID of the account that caused it, where the record has one. */
  userSid?: string;
}

/** What the Service Control Manager wrote about a service within a window, oldest first. */
export interface ServiceEvents {
  kind: 'service-events';
  service: string;
  /** The window (ISO 8601). */
  since: string;
  until: string;
  events: ServiceEvent[];
  /** True if there were more than are told here. */
  isCut: boolean;
}

/** Whether the guest listens for Remote Desktop. */
export interface RdpListener {
  kind: 'rdp-listener';
  port: number;
  listening: boolean;
}

/** BCD element 25000080: https://learn.microsoft.com/previous-versions/windows/desktop/bcd/bcdlibrary-safeboot */
export const safeBootModes = ['Minimal', 'Network', 'DsRepair'] as const;
export type SafeBootMode = (typeof safeBootModes)[number];

/** One Windows boot loader of a BCD store. */
export interface BootLoader {
  /** `{guid}`, lower case; on a live system it may be `{current}` or `{default}`. */
  id: string;
  description?: string;
  path?: string;
  /** Absent: a normal boot. A value that Windows does not define is told as its number. */
  safeboot?: SafeBootMode | number;
  /** The object that the flag is set in, where the loader only inherits it. */
  safebootSetIn?: string;
  /** `safebootalternateshell`: the command prompt takes the shell's place. */
  alternateShell: boolean;
}

/** What the next boot takes, as the BCD store says it. */
export interface BootConfiguration {
  kind: 'boot-configuration';
  /** The loader that the next boot takes. */
  next: BootLoader;
  /** Why that one: a one-time `bootsequence`, the boot manager's `default`, or because there is no other. */
  chosenBy: 'bootsequence' | 'default' | 'only-loader';
  /** The store's further Windows loaders. */
  others: BootLoader[];
  /** Which store it was: on a BIOS machine's active partition or on the EFI system partition. */
  firmware?: 'bios' | 'uefi';
}

/** How Windows was booted the last time (which is how it runs, if it runs). */
export interface BootMode {
  kind: 'boot-mode';
  /** `safe`: in some safe mode, which one is not said. */
  mode: 'normal' | 'safe' | SafeBootMode;
  /** ISO 8601. */
  bootedAt?: string;
}

/** One object of the BCD store, by itself: what it inherits is not in it. */
export interface BootObject {
  kind: 'boot-object';
  /** `{guid}`, lower case. */
  object: string;
  safeboot?: SafeBootMode | number;
  alternateShell: boolean;
}

/** Which control sets there are, by number, and which the next boot takes (`Select\Default`). */
export interface ControlSets {
  kind: 'control-sets';
  next: number;
  current: number;
  failed: number;
  lastKnownGood: number;
  present: number[];
}

/** One network adapter's addressing. */
export interface AdapterAddressing {
  /** The interface's GUID. */
  id: string;
  dhcp: boolean;
  /** Static addresses, where DHCP is off. */
  addresses: string[];
  /** The last lease's address, where DHCP is on. */
  leasedAddress?: string;
}

/** How the guest's adapters get their addresses. */
export interface NetworkAddressing {
  kind: 'network-addressing';
  adapters: AdapterAddressing[];
}

/** Remote Desktop's own switches. */
export interface RemoteDesktop {
  kind: 'remote-desktop';
  /** `fDenyTSConnections` is 0, or a policy says so. */
  enabled: boolean;
  /** Whether a group policy decides it. */
  byPolicy: boolean;
  port: number;
  /** `fEnableWinStation` of the listener `RDP-Tcp`. */
  listenerEnabled: boolean;
}

/** Servicing (updates, features) that waits for a boot, or is stuck in one. */
export interface PendingServicing {
  kind: 'pending-servicing';
  pendingXml: boolean;
  packagesPending: boolean;
  rebootPending: boolean;
  rebootInProgress: boolean;
}

/** Which Windows it is. */
export interface WindowsInstallation {
  kind: 'windows-installation';
  computerName: string;
  productName: string;
  /** `CurrentBuildNumber` and, if there is one, `UBR`: 20348.2340. */
  build: string;
  isDomainController: boolean;
}

/** What state the disk's Windows volume was in. */
export interface VolumeState {
  kind: 'volume-state';
  partitionStyle: 'gpt' | 'mbr';
  fileSystem: string;
  /** Windows would check the volume at the next boot. */
  isMarkedDirty: boolean;
  /** Windows was hibernated: what is on the disk is not all of its state. */
  isHibernated: boolean;
  /** The file system's journal holds changes that are not in its metadata yet: normal for a running machine. */
  metadataMayBeStale: boolean;
}

/** A fact that was asked for and could not be read. */
export interface UnreadableEvidence {
  kind: 'unreadable';
  need: Need;
  reason: string;
}

/** A fact of the guest. */
export type Fact =
  | ServiceConfiguration
  | ServiceStatusEvidence
  | ServiceEvents
  | ServiceSecurity
  | ServiceGroup
  | KeySecurity
  | RdpListener
  | BootConfiguration
  | BootMode
  | BootObject
  | ControlSets
  | NetworkAddressing
  | RemoteDesktop
  | PendingServicing
  | WindowsInstallation
  | VolumeState;

/** A fact, or why there is none, with where it comes from. */
export type Evidence = (Fact | UnreadableEvidence) & { from: Provenance };

type EvidenceOf<Kind extends Evidence['kind']> = Extract<Evidence, { kind: Kind }>;

/** The configuration of a service, if it was read; of several, the freshest source's, because evidence is kept in that order. */
export function serviceConfiguration(
  evidence: Evidence[],
  service: string,
): EvidenceOf<'service-configuration'> | undefined {
  return evidence.filter((item) => item.kind === 'service-configuration').find((item) => item.service === service);
}

/** The status of a service, if it was read. */
export function serviceStatus(evidence: Evidence[], service: string): EvidenceOf<'service-status'> | undefined {
  return evidence.filter((item) => item.kind === 'service-status').find((item) => item.service === service);
}

/** What was written about a service in the event log, if it was read. */
export function serviceEvents(evidence: Evidence[], service: string): EvidenceOf<'service-events'> | undefined {
  return serviceEventsOfAll(evidence, service)[0];
}

function serviceEventsOfAll(evidence: Evidence[], service: string): EvidenceOf<'service-events'>[] {
  return evidence.filter((item) => item.kind === 'service-events').filter((item) => item.service === service);
}

/** A record about a service, with where it was read. */
export interface RecordedEvent extends ServiceEvent {
  from: Provenance;
}

/**
 * What all sources together read about a service in the event log, oldest first. What several of them read is told
 * once, as the freshest source has it.
 */
export function recordedEvents(evidence: Evidence[], service: string): RecordedEvent[] {
  const told: RecordedEvent[] = [];
  for (const { events, from } of serviceEventsOfAll(evidence, service)) {
    const known = new Set(told.map(identityOf));
    told.push(...events.filter((event) => !known.has(identityOf(event))).map((event) => ({ ...event, from })));
  }
  return told.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** By the millisecond: how many decimals a time has depends on who prints it. */
function identityOf({ eventId, at }: ServiceEvent): string {
  return `${eventId} ${Date.parse(at)}`;
}

/** An object of the boot store, if it was read. */
export function bootObject(evidence: Evidence[], object: string): EvidenceOf<'boot-object'> | undefined {
  return evidence.filter((item) => item.kind === 'boot-object').find((item) => item.object === object);
}

/** The fact of this kind, if it was read; of several, the freshest source's. For kinds of which a guest has one. */
export function factOf<Kind extends Exclude<Evidence['kind'], 'unreadable' | 'boot-object' | `service-${string}`>>(
  evidence: Evidence[],
  kind: Kind,
): EvidenceOf<Kind> | undefined {
  return evidence.find((item): item is EvidenceOf<Kind> => item.kind === kind);
}

/** Why a need could not be read, if it was tried: each source's reason. */
export function unreadableReason(evidence: Evidence[], need: Need): string | undefined {
  const wanted = JSON.stringify(need);
  const reasons = evidence
    .filter((item) => item.kind === 'unreadable')
    .filter((item) => JSON.stringify(item.need) === wanted)
    .map((item) => `${item.reason} (${item.from.source})`);
  return reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ');
}

/** Evidence of several sources as one: the freshest source first, otherwise in the order given. */
export function inOrderOfFreshness(evidence: Evidence[]): Evidence[] {
  return sources.flatMap((source) => evidence.filter(({ from }) => from.source === source));
}
