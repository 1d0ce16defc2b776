/**
 * What the rest of the app asks of the ledger: the record of signals, repairs, leases and brakes that outlives every
 * orchestration and is the audit log. Every write may be repeated: the same call twice leaves one record.
 * Times are ISO 8601 in UTC.
 */

import type { Undo } from '../guest/undo';
import type { OutcomeCode } from '../outcome-codes';
import type { SignalCode } from '../signal-codes';
import type { ReadRows, UnreadableRow } from './readable-rows';

/** How far a repair may go, least first. Read from the VM's tag `rdp-lifeline`; a request can only lower it. */
export type Mode = 'off' | 'observe' | 'diagnose' | 'approve' | 'repair';

/** How a repair ended (design: "Endings"); the last two are those of a rollback. */
export const endings = [
  'repaired',
  'fixed-rdp-unproven',
  'healthy',
  'recovered-by-itself',
  'diagnosed',
  'not-recognised',
  'refused',
  'not-repaired',
  'cancelled',
  'rolled-back',
  'not-rolled-back',
] as const;
export type Ending = (typeof endings)[number];

/** What became of a signal at the door. */
export type SignalOutcome =
  | { kind: 'started'; repairId: string }
  | { kind: 'joined'; repairId: string }
  | { kind: 'ignored'; code: SignalCode; reason: string };

/** What a signal says that asks for no repair. */
export type SignalWord = 'recovered' | 'asked-for' | 'cancelled';

/** One thing that arrived at a door. `key` identifies it across redeliveries. */
export interface SignalRecord {
  key: string;
  door: 'alert' | 'request' | 'event';
  /** When it came: a record that waited for something still says the first time. */
  receivedAt: string;
  /** When what it tells of happened, as its sender says it; never later than it came. Signals are compared by this time. */
  occurredAt: string;
  /** A short readable name, e.g. the alert rule's. */
  title: string;
  /** Lower-cased ARM id, when one could be read. */
  vmId?: string;
  /**
   * It says that the machine is well again (an alert that was resolved), that somebody stopped or restarted it on purpose, or that a
   * person cancelled its repair. Without it, a signal asks for a repair.
   */
  says?: SignalWord;
  /** What a signal and the word that answers it have in common, e.g. the id of one alert. Without it only a person's word answers it. */
  occasion?: string;
  /** A few facts worth keeping (severity, rule id, fired time); never the whole payload, which may hold claims. */
  facts: Record<string, string>;
  outcome: SignalOutcome;
}

/** An alert whose machine could not be looked up when it came. */
export interface PendingSignal {
  key: string;
  receivedAt: string;
  /** As in `SignalRecord`. */
  occurredAt: string;
  occasion?: string;
  title: string;
  facts: Record<string, string>;
  /** As in `SignalRecord`. */
  says?: SignalWord;
  /** The machine's id, which Azure did not show just then; or the name to be looked up. */
  vmId?: string;
  vmName?: string;
  /** Why it could not be looked up. */
  reason: string;
}

/**
 * A signal that came while its VM had a repair, which it did not change. It begins a repair of its own when that one has ended, if it
 * is still needed then. A VM has one: the newest, with the widest mode that any of them asked for.
 */
export interface FollowUp {
  vmKey: string;
  vmId: string;
  /** The signal's. */
  key: string;
  door: SignalRecord['door'];
  title: string;
  facts: Record<string, string>;
  receivedAt: string;
  occurredAt: string;
  occasion?: string;
  requestedMode?: Mode;
  /** The repair that held the VM. */
  joined: string;
}

/** The row of a repair in lists: who, what, how far, how it ended. */
export interface RepairRecord {
  repairId: string;
  vmId: string;
  acceptedAt: string;
  startedAt?: string;
  endedAt?: string;
  /** The mode asked for by the signal; the VM's tag may allow less. */
  requestedMode?: Mode;
  /** Of a rollback: the repair whose exchange of the OS disk it takes back. */
  rollsBack?: string;
  /** Of a rollback: since when (ISO 8601) a person knows that what was written is on the other disk only. */
  acknowledgedLossSince?: string;
  /** The rollback that has taken back this repair's exchange of the OS disk. */
  rolledBackBy?: string;
  /** The hash of the plan that policy has permitted to carry out. From then on the VM may show our own work. */
  permittedPlan?: string;
  /** What the story is doing now, for people. */
  phase: string;
  ending?: Ending;
  /** Why, e.g. `not-opted-in`. */
  endingCode?: OutcomeCode;
  endingReason?: string;
  cancelRequestedAt?: string;
  /** Which orchestration works on it: what an older one, which was ended and begun again, still has under way must not write. */
  generation?: number;
  /** When that orchestration began (its own time): later than that of each one before it. */
  orchestrationStartedAt?: string;
  /** How often the VM is inspected and its evidence read, this time included; 1 if absent. Steps and documents are named after it. */
  reading?: number;
  /** When the present reading was begun, if it is a later one. */
  readAgainAt?: string;
  /** The last wait that was declared. While it is open, the repair is overdue only after its `until`. */
  wait?: DeclaredWait;
  /** Since when upkeep knows that it goes on for longer than it may. */
  overdueSince?: string;
  /** When upkeep last had its orchestration terminated. */
  terminatedAt?: string;
  /** Which of its VM's orchestrations works on it; 1 if absent. Those before could not be terminated. */
  singleton?: number;
  /** The version of the stories that it was begun with (`defaultVersion` in host.json): an older release leaves it alone. */
  storyVersion?: string;
}

/** A wait that may last for days, and that its activity has put on record; `endedAt` is absent while it lasts. Times are ISO 8601. */
export interface DeclaredWait {
  /** What is waited for: `place`, one of the places for repairs that change something. */
  kind: 'place';
  since: string;
  until: string;
  endedAt?: string;
  /** How many have to get theirs before. */
  ahead: number;
}

/** What asking for a place gives: it is held, or how many in the queue come first. */
export type SlotAnswer = { kind: 'held' } | { kind: 'queued'; since: string; ahead: number };

/** One step of the story, with its times; `outcome` is absent while it runs. */
export interface StepRecord {
  /** Stable within the repair, e.g. `snapshot`, `evidence`, `apply-1`. */
  step: string;
  title: string;
  startedAt: string;
  endedAt?: string;
  outcome?: 'done' | 'nothing-to-do' | 'failed' | 'refused';
  /** One readable sentence. May quote guest output: hostile, show escaped. */
  detail?: string;
}

/** The rounds of a repair by a recovery VM: a person may start the VM meanwhile, and then its copy is begun anew. */
export const rounds = [1, 2] as const;
export type Round = (typeof rounds)[number];

/** Where a change was made: in the running guest, or on the copy of a round. */
export type ChangePlace = { kind: 'guest' } | { kind: 'copy'; round: Round };

/** One write inside the guest, with the value before; `after` is absent until it was read again. */
export interface ChangeRecord {
  /** The key of the record: one change may be made in the guest and on each copy. Nobody parses it. */
  change: string;
  place: ChangePlace;
  title: string;
  before: string;
  after?: string;
  at: string;
  /** What puts the value before back, to be run in the guest. */
  undo: Undo;
  /** Whether the guest was written to; absent while that is not known. */
  written?: boolean;
}

/**
 * What code reads back of a resource, by its kind. Written by whoever makes it, never parsed out of an id, a name or a sentence:
 * which disk goes back, what may be deleted and what has to be undone rest on this.
 */
export interface ResourceDetails {
  /** `first`: before anything was done; `reading`: the same, when the evidence was read again; `stopped`: of the stopped VM's disk; `before-rollback`: of the copy, before it was taken out. */
  snapshot:
    | { role: 'first' }
    | { role: 'reading'; reading: number }
    | { role: 'stopped'; round: Round }
    | { role: 'before-rollback' };
  'snapshot-access': { snapshotId: string };
  'run-command': { vmId: string; name: string };
  /**
   * `original`: the VM's own disk; `copy`: of a round, the only one that a swap takes; `inspection`: read by a recovery VM;
   * `trial-copy`: shows whether Azure would make a copy.
   */
  disk:
    | { role: 'original' }
    | { role: 'copy'; round: Round }
    | { role: 'inspection'; reading?: number }
    | { role: 'trial-copy' };
  'virtual-machine': { role: 'recovery-vm' };
  'network-interface': { role: 'recovery-vm' };
  'recovery-vm-loan': { vmId: string };
  /** What the VM was stopped for: to copy its disk in a round, to be swapped back, or to be rolled back. */
  'power-off': { occasion: 'copy'; round: Round } | { occasion: 'swap-back' } | { occasion: 'rollback' };
  /** Of `rollback` the VM gets the original in place of the copy, of `swap` the copy of the round in place of the original. */
  'os-disk-swap':
    | { direction: 'swap'; round: Round; copyId: string; originalId: string }
    | { direction: 'rollback'; copyId: string; originalId: string };
}

/** What a resource is; `power-off` and `os-disk-swap` are states of the patient, `recovery-vm-loan` is one of a standing recovery VM. */
export type ResourceKind = keyof ResourceDetails;

/** Which resource, of which kind, with the details of that kind and no other. */
export type Resource<Kind extends ResourceKind = ResourceKind> = {
  [K in Kind]: {
    /** ARM's id; of a state of a VM the path of the call that brings it about (`<vmId>/powerOff`). */
    resourceId: string;
    kind: K;
    details: ResourceDetails[K];
  };
}[Kind];

/**
 * Something that we create in Azure, or a state that we bring a VM into and owe it back from. Registered *before* it is
 * done, so that nothing is ever left unknown.
 */
export type ResourceRecord<Kind extends ResourceKind = ResourceKind> = Resource<Kind> & {
  /** One sentence for people; nothing is decided by it. */
  purpose: string;
  registeredAt: string;
  /** `kept` stays until `expiresAt`, or for good; `temporary` is deleted, or taken back, before the repair ends. */
  lifetime: 'kept' | 'temporary';
  expiresAt?: string;
  createdAt?: string;
  deletedAt?: string;
};

/** Everything that the ledger knows of one repair. */
export interface RepairDetail {
  repair: RepairRecord;
  signals: SignalRecord[];
  steps: StepRecord[];
  changes: ChangeRecord[];
  resources: ResourceRecord[];
  /**
   * Documents by name (`inspection`, `routes`, `evidence-<source>`, `diagnosis`, `plan`, `verification`, `conclusion`), each plain JSON. The raw
   * answers of guests (`guest-…`) are left out; `getDocument` gives them.
   */
  documents: Record<string, unknown>;
  /** What is on record and cannot be read. */
  unreadable: UnreadableRow[];
  /** Of a repair that was purged: the path of its export in the archive, from which all this was read. */
  exportedAs?: string;
}

/** What became of a purge. `changed-meanwhile`: something was written while it was at it, so the next one goes on. */
export type PurgeAnswer = 'purged' | 'not-there' | 'not-ended' | 'changed-meanwhile';

/** Which signals are asked for. */
export interface SignalQuery {
  vmId?: string;
  outcome?: SignalOutcome['kind'];
  code?: SignalCode;
  pageSize: number;
  continuationToken?: string;
}

/** A page of signals, newest first, without those that cannot be read. `continuationToken` is absent on the last page. */
export interface SignalPage {
  signals: SignalRecord[];
  unreadable: UnreadableRow[];
  continuationToken?: string;
}

/** What happened in a repair, in the order of its times. */
export type Timeline = Pick<RepairDetail, 'signals' | 'steps' | 'changes' | 'resources' | 'unreadable'>;

/** A page of repairs, newest first, without those that cannot be read. `continuationToken` is absent on the last page. */
export interface RepairPage {
  repairs: RepairRecord[];
  unreadable: UnreadableRow[];
  continuationToken?: string;
}

/** The kill switch's row. */
export interface BrakeRecord {
  on: boolean;
  reason: string;
  by: string;
  at: string;
}

/** The lease that makes "one repair per VM" true. */
export interface LeaseRecord {
  vmKey: string;
  repairId: string;
  vmId: string;
  acquiredAt: string;
  /** What was asked for: kept here too, because the lease is there before the repair's row is. */
  requestedMode?: Mode;
  rollsBack?: string;
  acknowledgedLossSince?: string;
}

/** A recovery VM (its image, or the id of a standing one; lower case) and the generation of the OS disks that it works on. */
export interface RecoveryPair {
  recoveryVm: string;
  generation: 'V1' | 'V2';
}

/** The repair that was the first in which the route `recovery-vm` worked with this pair. */
export interface ProvenRecovery extends RecoveryPair {
  repairId: string;
  at: string;
}

/** Who may write to Azure in one activity of a repair. */
export interface WriteLock {
  /** The activity's registered name. */
  activity: string;
  /** How many have held it. Whoever acquires it names the version that they saw before they looked at Azure. */
  version: number;
  /** Until when (ISO 8601) its last holder may be at it; a holder that died does not keep it for longer. */
  heldUntil?: string;
}

/** Who has the lease after asking for it. */
export type LeaseAnswer = { kind: 'acquired'; lease: LeaseRecord } | { kind: 'held'; lease: LeaseRecord };

/**
 * What a ledger can do. Every method throws a LedgerFault (an Error) if the store cannot be reached: fail closed.
 * Malformed records and ids are a LedgerInputError; reading under a malformed repair id finds nothing. Long texts come
 * back cut, with a mark that says so.
 */
export interface Ledger {
  /** Creates the tables and the container where they are missing. Safe to call at any time. */
  prepare(): Promise<void>;

  /** Records a signal once: returns the record that was there first, or this one with `isNew`. */
  recordSignal(signal: SignalRecord): Promise<{ signal: SignalRecord; isNew: boolean }>;
  getSignal(key: string): Promise<SignalRecord | undefined>;
  /** Adds the signal to a repair's own list (idempotent by key). */
  addSignalToRepair(repairId: string, signal: SignalRecord): Promise<void>;
  /** What became of a signal that had joined a repair: it has begun one of its own. */
  settleSignal(key: string, outcome: Extract<SignalOutcome, { repairId: string }>): Promise<void>;
  /** Newest first by when they came. Throws LedgerInputError on a token that is not ours. */
  listSignals(query: SignalQuery): Promise<SignalPage>;
  /** What was said of a VM (`says`) that happened at this time (ISO 8601) or later, newest first. */
  listWords(vmId: string, since: string): Promise<SignalRecord[]>;

  /** Keeps a signal until its machine is known; one that is kept already stays as it is. */
  keepPendingSignal(signal: PendingSignal): Promise<void>;
  /** At most a thousand of those that are kept, the oldest first. */
  listPendingSignals(): Promise<ReadRows<PendingSignal>>;
  /** Lets go of a signal; one that is not kept is fine. */
  dropPendingSignal(key: string): Promise<void>;

  /** Keeps a follow-up of its VM, together with the one that is kept already. */
  keepFollowUp(followUp: FollowUp): Promise<void>;
  /** At most a thousand. */
  listFollowUps(): Promise<ReadRows<FollowUp>>;
  /** Lets go of it, unless another signal's has taken its place. */
  dropFollowUp(followUp: Pick<FollowUp, 'vmKey' | 'key'>): Promise<void>;

  /** Takes the VM's lease for `repairId`, or says who holds it. True across processes by ETag. Idempotent for the holder. */
  acquireLease(lease: LeaseRecord): Promise<LeaseAnswer>;
  /** Frees the lease if `repairId` still holds it; otherwise does nothing. */
  releaseLease(vmKey: string, repairId: string): Promise<void>;
  /** One that cannot be read is held all the same; its row key is that of the VM. */
  listLeases(): Promise<ReadRows<LeaseRecord>>;
  /** The VM's lease, if somebody holds it. Throws a LedgerFault if it cannot be read. */
  getLease(vmKey: string): Promise<LeaseRecord | undefined>;

  /** The write lock of an activity of this repair, as it is now; version 0 if nobody has held it. */
  getWriteLock(repairId: string, activity: string): Promise<WriteLock>;
  /** Takes the lock that was seen: false if anybody has taken it since, however long ago that one let go of it. */
  acquireWriteLock(
    repairId: string,
    seen: Pick<WriteLock, 'activity' | 'version'>,
    heldUntil: string,
  ): Promise<boolean>;
  /** Lets go of the lock if it still has this version. */
  releaseWriteLock(repairId: string, held: Pick<WriteLock, 'activity' | 'version'>): Promise<void>;
  /** All that this repair's activities have had. */
  listWriteLocks(repairId: string): Promise<WriteLock[]>;

  /**
   * Lends a VM of the operator's to one repair, to work on its disk, or says which repair has it. True across processes.
   * Idempotent for the borrower.
   */
  lendRecoveryVm(vmId: string, repairId: string): Promise<{ kind: 'lent' } | { kind: 'held'; repairId: string }>;
  /** The repair that has this VM, if one has. */
  getBorrower(vmId: string): Promise<string | undefined>;
  /** Takes the VM back if `repairId` has it; otherwise does nothing. */
  takeRecoveryVmBack(vmId: string, repairId: string): Promise<void>;

  /** Keeps that a recovery has worked; the first of a pair stays. */
  recordProvenRecovery(proven: ProvenRecovery): Promise<void>;
  /** The first that has worked with this pair, if one has. */
  getProvenRecovery(pair: RecoveryPair): Promise<ProvenRecovery | undefined>;

  /**
   * Asks, at the time `at`, for one of `cap` slots for mutating repairs: held now (also if it was held before), or queued by the time at
   * which the repair first asked. One that has not asked for `queueSilenceMs` is passed over by those that have, and keeps its rank.
   */
  acquireSlot(repairId: string, asked: { cap: number; at: string }): Promise<SlotAnswer>;
  /** Frees the slot of `repairId`, if any, and takes it out of the queue. */
  releaseSlot(repairId: string): Promise<void>;
  /** The repairs that hold a slot or are queued for one, each once. */
  listSlots(): Promise<string[]>;

  /** Creates the repair's row; a repair that exists already is left alone and returned. */
  createRepair(repair: RepairRecord): Promise<RepairRecord>;
  /**
   * Merges fields into the row. The first `startedAt` and `cancelRequestedAt` stay. An ending once written is never
   * overwritten by another, nor are its code, reason and time; an update with a late ending loses its phase too. Throws
   * a LedgerInputError if there is no such repair.
   */
  updateRepair(
    repairId: string,
    fields: Partial<Omit<RepairRecord, 'repairId' | 'vmId' | 'acceptedAt' | 'generation' | 'orchestrationStartedAt'>>,
  ): Promise<void>;
  /**
   * Says that the orchestration that began at this time works on the repair from now on, and gives its generation: 1 for the first, one
   * more for each that is begun later. The same one asking again gets its own. Undefined for one that began before the one that is
   * recorded: it was ended. Throws a LedgerInputError if there is no such repair.
   */
  takeUpRepair(repairId: string, orchestrationStartedAt: string): Promise<number | undefined>;
  getRepair(repairId: string): Promise<RepairRecord | undefined>;
  /** For decisions: throws a LedgerFault if a row or a document cannot be read, but for signals, which are named. */
  getRepairDetail(repairId: string): Promise<RepairDetail | undefined>;
  /** For people, and for what must go on: all that can be read, of a purged repair from its export. Throws a LedgerFault if the repair's own row cannot be read. */
  getReadableDetail(repairId: string): Promise<RepairDetail | undefined>;
  /**
   * What is recorded of a repair without its row and documents: one query. Empty for an unknown repair. For decisions: throws a LedgerFault if
   * a step, a change or a resource cannot be read; a signal that cannot is named.
   */
  getTimeline(repairId: string): Promise<Timeline>;
  /** As `getTimeline`, for people and for what must go on: all that can be read, and the names of what cannot. */
  getReadableTimeline(repairId: string): Promise<Timeline>;
  /** Newest first. `ending: 'running'` means no ending yet. Throws LedgerInputError on a token that is not ours. */
  listRepairs(query: {
    vmId?: string;
    ending?: Ending | 'running';
    pageSize: number;
    continuationToken?: string;
    /** Only those that were accepted until this time (ISO 8601). */
    acceptedUntil?: string;
  }): Promise<RepairPage>;

  /**
   * Exports everything that is on record of a repair that has ended to the archive, reads it again there, and deletes it here. Goes on where an earlier
   * one died. Throws a LedgerFault if something of it cannot be read: it stays then. Whether it may go is for the caller to know.
   */
  purgeRepair(repairId: string): Promise<PurgeAnswer>;
  /** The same with at most so many signals that arrived until this time (ISO 8601), read or not; gives how many have gone. */
  purgeSignals(before: string, limit: number): Promise<number>;
  /** A purged repair, from the archive; undefined for one that was not purged. */
  getExportedDetail(repairId: string): Promise<RepairDetail | undefined>;

  /** Opens a step; one that is open or closed already keeps its start time. */
  beginStep(repairId: string, step: Pick<StepRecord, 'step' | 'title' | 'startedAt'>): Promise<void>;
  /** Closes a step. Repeated, the first outcome stays. Throws a LedgerInputError if the step was never begun. */
  endStep(
    repairId: string,
    step: string,
    end: { endedAt: string; outcome: NonNullable<StepRecord['outcome']>; detail?: string },
  ): Promise<void>;
  /**
   * Records a change by its `change` name; the first `before` and `undo` stay, `after` is what was read last. Throws a
   * LedgerInputError if `undo` is too long to be kept whole (32,000 characters).
   */
  recordChange(repairId: string, change: ChangeRecord): Promise<void>;
  /** Registers or updates (merges) a resource by its id; its kind and details stay as they were registered. */
  recordResource(repairId: string, resource: ResourceRecord): Promise<void>;
  /**
   * Stores a JSON document of the repair in the blob container, replacing one of the same name. Throws a
   * LedgerInputError if the name is not of lower-case letters, digits and hyphens, or the document exceeds 4 MiB.
   */
  putDocument(repairId: string, name: string, document: unknown): Promise<void>;
  /** The document, or undefined if it was never written. */
  getDocument(repairId: string, name: string): Promise<unknown>;

  /** Writes a row of no meaning to every table and reads it again. Throws a LedgerFault where that does not work. */
  writeAndReadRows(): Promise<void>;
  /** The same with a blob. */
  writeAndReadBlob(): Promise<void>;

  getKillSwitch(): Promise<BrakeRecord | undefined>;
  setKillSwitch(brake: BrakeRecord): Promise<void>;
}
