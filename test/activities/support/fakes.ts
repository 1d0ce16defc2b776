import type { Tools } from '../../../src/activities/toolbox';
import type {
  Answer,
  Arm,
  ArmFailure,
  AzureAlert,
  GuestRun,
  GuestRunRequest,
  ManagedDisk,
  NetworkAccess,
  Snapshot,
  SnapshotReadFailure,
  VirtualMachine,
} from '../../../src/azure/ports';
import type {
  BrakeRecord,
  ChangeRecord,
  FollowUp,
  LeaseRecord,
  Ledger,
  PendingSignal,
  ProvenRecovery,
  RepairDetail,
  RepairRecord,
  ResourceRecord,
  SignalRecord,
  StepRecord,
  WriteLock,
} from '../../../src/ledger/ports';
import { fakeRecovery, recoveryContent, type RecoveryContent } from './fake-recovery';
import { LedgerFault, LedgerInputError } from '../../../src/ledger/errors';
import { widerMode } from '../../../src/ledger/follow-ups';
import type { UnreadableRow } from '../../../src/ledger/readable-rows';
import { parseSettings, type Settings } from '../../../src/settings';
import type { LogEvent } from '../../../src/telemetry/log';
import { subscriptionId, virtualMachine } from '../../azure/support/machine';
import { fakeOutside, fakeProbe, outsideContent, type OutsideContent } from './fake-outside';

/**
 * Both ports in memory, with the promises that their contracts make, and one list of all writes in the order in which
 * they happened. Nothing here knows what an activity expects.
 */

/** A thing that an activity or a door did: `arm.beginSnapshot …`, `ledger.recordResource …`. */
export type Deed = string;

/** What a fake world holds, to be looked at and changed by a test. */
export interface FakeWorld {
  tools: Tools;
  deeds: Deed[];
  logged: { event: LogEvent; fields: Record<string, unknown> }[];
  vms: Map<string, VirtualMachine>;
  /** Azure's own record of alerts. */
  alerts: AzureAlert[];
  snapshots: Map<string, Snapshot>;
  /** Who may fetch the bytes of every disk. */
  diskNetwork: NetworkAccess;
  /** What a snapshot's VHD holds, and why it cannot be had or given back. */
  snapshotBytes: Buffer;
  readFailure?: SnapshotReadFailure;
  revokeFailure?: ArmFailure;
  /** By lower-cased id; `respond` decides what a run answers, at each look. */
  runs: Map<string, { request: GuestRunRequest; looks: number }>;
  respond: (request: GuestRunRequest, looks: number) => GuestRun;
  /** A failure that a call gives instead of its answer, as long as it stands here. */
  failures: Partial<Record<keyof Arm, ArmFailure>>;
  /** What surrounds the VM. */
  outside: OutsideContent;
  /** Set to make every call of the ledger fail, as when the storage cannot be reached. */
  ledgerFault?: Error;
  ledger: LedgerContent;
  /** Disks and what else the route `recovery-vm` meets. */
  recoveryContent: RecoveryContent;
}

/** The rows of the fake ledger. */
export interface LedgerContent {
  signals: Map<string, SignalRecord>;
  pending: Map<string, PendingSignal>;
  followUps: Map<string, FollowUp>;
  leases: Map<string, LeaseRecord>;
  /** Borrowers by the lower-cased id of a recovery VM. */
  loans: Map<string, string>;
  /** By generation and recovery VM. */
  provenRecoveries: Map<string, ProvenRecovery>;
  slots: Set<string>;
  /** By repair, when it first asked for a slot. */
  queue: Map<string, string>;
  /** By repair and activity. */
  writeLocks: Map<string, WriteLock>;
  repairs: Map<string, RepairRecord>;
  signalsOf: Map<string, SignalRecord[]>;
  steps: Map<string, StepRecord[]>;
  changes: Map<string, ChangeRecord[]>;
  resources: Map<string, ResourceRecord[]>;
  documents: Map<string, string>;
  killSwitch?: BrakeRecord;
  /** Repairs that were purged. */
  exported: Map<string, RepairDetail>;
  /** Rows that cannot be read, beside those above. */
  unreadable: UnreadableRow[];
}

/** Settings that allow the tests' subscription; a test overrides what it is about. */
export function settingsWith(fields: Partial<Settings> = {}): Settings {
  const settings = parseSettings({
    LEDGER_CONNECTION_STRING: 'UseDevelopmentStorage=true',
    ALLOWED_SUBSCRIPTIONS: subscriptionId,
    WORKBENCH_RESOURCE_GROUP: 'rg-workbench',
  });
  return { ...settings, ...fields };
}

/** A world with one VM that may be repaired. */
export function fakeWorld(settings: Partial<Settings> = {}): FakeWorld {
  const deeds: Deed[] = [];
  const logged: FakeWorld['logged'] = [];
  const vm = virtualMachine();
  const content: LedgerContent = {
    signals: new Map(),
    pending: new Map(),
    followUps: new Map(),
    leases: new Map(),
    loans: new Map(),
    provenRecoveries: new Map(),
    slots: new Set(),
    queue: new Map(),
    writeLocks: new Map(),
    repairs: new Map(),
    signalsOf: new Map(),
    steps: new Map(),
    changes: new Map(),
    resources: new Map(),
    documents: new Map(),
    exported: new Map(),
    unreadable: [],
  };
  const state = {
    deeds,
    logged,
    vms: new Map([[vm.id.toLowerCase(), vm]]),
    alerts: [],
    snapshots: new Map<string, Snapshot>(),
    diskNetwork: { networkAccessPolicy: 'AllowAll' },
    snapshotBytes: Buffer.alloc(0),
    runs: new Map<string, { request: GuestRunRequest; looks: number }>(),
    respond: (): GuestRun => ({ state: 'running' }),
    failures: {},
    outside: outsideContent(),
    ledger: content,
    recoveryContent: recoveryContent(),
  } satisfies Omit<FakeWorld, 'tools'>;
  const world: FakeWorld = {
    ...state,
    tools: {
      arm: fakeArm(() => world),
      recovery: fakeRecovery(() => world),
      probe: fakeProbe(() => world.outside),
      ledger: guarded(fakeLedger(content, deeds), () => world.ledgerFault),
      settings: settingsWith(settings),
      log: (event, fields = {}) => {
        logged.push({ event, fields });
      },
    },
  };
  return world;
}

/** A row that cannot be read, beside the others of the world. */
export function spoil(world: FakeWorld, partition: string, rowKey: string): void {
  const place = `${partition} / ${rowKey}`;
  world.ledger.unreadable.push({ place, rowKey, problem: `The ledger's row ${place} is not readable.` });
}

/** The rows of a repair, as the ledger's timeline gives them. */
function rowsOf<T>(map: Map<string, T[]>, repairId: string): T[] {
  const rows = map.get(repairId) ?? [];
  map.set(repairId, rows);
  return rows;
}

/** A disk about which nothing is to be said. */
const settledDisk = { location: 'westeurope', zones: [], provisioningState: 'Succeeded' };

function fakeArm(worldOf: () => FakeWorld): Arm {
  function answer<T>(call: keyof Arm, value: () => T | undefined, what: string): Promise<Answer<T>> {
    const failure = worldOf().failures[call];
    if (failure) return Promise.resolve({ ok: false, failure });
    const found = value();
    if (found !== undefined) return Promise.resolve({ ok: true, value: found });
    const message = `The Resource '${what}' was not found.`;
    return Promise.resolve({ ok: false, failure: { kind: 'not-found', code: 'ResourceNotFound', message } });
  }
  return {
    getVirtualMachine: (vmId) => answer('getVirtualMachine', () => worldOf().vms.get(vmId.toLowerCase()), vmId),
    findVirtualMachines: (names, subscriptionIds) =>
      answer(
        'findVirtualMachines',
        () =>
          new Map(
            names.map((name) => [
              name.toLowerCase(),
              [...worldOf().vms.values()]
                .filter(({ id }) => subscriptionIds.some((subscription) => id.toLowerCase().includes(subscription)))
                .filter(({ name: known }) => known.toLowerCase() === name.toLowerCase().split('.')[0])
                .map(({ id }) => id),
            ]),
          ),
        names.join(),
      ),
    listAlerts: () => answer('listAlerts', () => worldOf().alerts, 'alerts'),
    getSnapshot: (id) => answer('getSnapshot', () => worldOf().snapshots.get(id.toLowerCase()), id),
    getDisk: (id) =>
      answer(
        'getDisk',
        () =>
          worldOf().recoveryContent.disks.get(id.toLowerCase()) ??
          // Disks that we make are there only once they were made.
          (/-(?:copy-\d|look|trial)$/.test(id)
            ? undefined
            : ({ ...settledDisk, id, network: worldOf().diskNetwork } satisfies ManagedDisk)),
        id,
      ),
    async readSnapshot(snapshotId, _options, read) {
      const { deeds, snapshots, snapshotBytes, readFailure, revokeFailure } = worldOf();
      deeds.push(`arm.readSnapshot ${snapshotId}`);
      const revoked: Answer<'revoked'> = revokeFailure
        ? { ok: false, failure: revokeFailure }
        : { ok: true, value: 'revoked' };
      if (readFailure) return { ok: false, failure: readFailure, revoked };
      const fetchRange = (start: number, end: number) => Promise.resolve(snapshotBytes.subarray(start, end));
      return {
        ok: true,
        value: await read({
          size: snapshotBytes.length,
          takenAt: snapshots.get(snapshotId.toLowerCase())?.createdAt,
          fetchRange,
        }),
        revoked,
      };
    },
    revokeSnapshotAccess(snapshotId) {
      worldOf().deeds.push(`arm.revokeSnapshotAccess ${snapshotId}`);
      return answer('revokeSnapshotAccess', () => 'revoked' as const, snapshotId);
    },
    beginSnapshot({ snapshotId, sourceDiskId, tags, network = {} }) {
      const { deeds, snapshots } = worldOf();
      deeds.push(`arm.beginSnapshot ${snapshotId}`);
      return answer(
        'beginSnapshot',
        () => {
          snapshots.set(snapshotId.toLowerCase(), {
            id: snapshotId,
            state: 'creating',
            sourceDiskId,
            tags,
            accessOpen: false,
            network,
          });
          return 'begun' as const;
        },
        snapshotId,
      );
    },
    getGuestRun: (vmId, name) =>
      answer(
        'getGuestRun',
        () => {
          const run = worldOf().runs.get(runKey(vmId, name));
          if (!run) return undefined;
          run.looks += 1;
          return worldOf().respond(run.request, run.looks);
        },
        name,
      ),
    beginGuestRun(vmId, request) {
      const { deeds, runs } = worldOf();
      deeds.push(`arm.beginGuestRun ${request.name}`);
      return answer(
        'beginGuestRun',
        () => {
          runs.set(runKey(vmId, request.name), { request, looks: 0 });
          return 'begun' as const;
        },
        request.name,
      );
    },
    beginDeleteGuestRun(vmId, name) {
      const { deeds, runs } = worldOf();
      deeds.push(`arm.beginDeleteGuestRun ${name}`);
      return answer(
        'beginDeleteGuestRun',
        () => {
          runs.delete(runKey(vmId, name));
          return 'begun' as const;
        },
        name,
      );
    },
    ...fakeOutside(() => worldOf().outside, answer),
  };
}

function runKey(vmId: string, name: string): string {
  return `${vmId}/${name}`.toLowerCase();
}

function fakeLedger(content: LedgerContent, deeds: Deed[]): Ledger {
  const timeline = (repairId: string) => ({
    signals: [...rowsOf(content.signalsOf, repairId)],
    steps: [...rowsOf(content.steps, repairId)],
    changes: [...rowsOf(content.changes, repairId)],
    resources: [...rowsOf(content.resources, repairId)],
    unreadable: content.unreadable.filter(({ place }) => place.startsWith(`${repairId} / `)),
  });
  const detail = (repairId: string) => {
    const repair = content.repairs.get(repairId);
    if (!repair) return undefined;
    const documents = [...content.documents]
      .filter(([path]) => path.startsWith(`${repairId}/`) && !path.includes('/guest-'))
      .map(([path, text]) => [path.slice(repairId.length + 1), JSON.parse(text) as unknown]);
    const documentsByName = Object.fromEntries(documents) as Record<string, unknown>;
    return { repair, ...timeline(repairId), documents: documentsByName };
  };
  /** As the ledger does: rejected if anything but a signal cannot be read. */
  const strict = <T extends { unreadable: UnreadableRow[] } | undefined>(found: T): Promise<T> => {
    const missing = found?.unreadable.find(({ rowKey }) => !rowKey.startsWith('signal.'));
    if (!missing) return Promise.resolve(found);
    return Promise.reject(new LedgerFault(missing.problem, { code: 'UnreadableRow', place: missing.place }));
  };
  const unreadableIn = (partition: string) =>
    content.unreadable.filter(({ place }) => place.startsWith(`${partition} / `));
  return {
    prepare: () => Promise.resolve(),
    recordSignal(signal) {
      const recorded = content.signals.get(signal.key);
      if (recorded) return Promise.resolve({ signal: recorded, isNew: false });
      deeds.push(`ledger.recordSignal ${signal.outcome.kind}`);
      content.signals.set(signal.key, signal);
      return Promise.resolve({ signal, isNew: true });
    },
    getSignal: (key) => Promise.resolve(content.signals.get(key)),
    addSignalToRepair(repairId, signal) {
      const signals = rowsOf(content.signalsOf, repairId);
      if (!signals.some(({ key }) => key === signal.key)) signals.push(signal);
      return Promise.resolve();
    },
    settleSignal(key, outcome) {
      const recorded = content.signals.get(key);
      if (recorded) content.signals.set(key, { ...recorded, outcome });
      return Promise.resolve();
    },
    listSignals: ({ vmId, outcome, code, pageSize }) =>
      Promise.resolve({
        signals: [...content.signals.values()]
          .filter((signal) => vmId === undefined || signal.vmId === vmId)
          .filter((signal) => outcome === undefined || signal.outcome.kind === outcome)
          .filter((signal) => code === undefined || ('code' in signal.outcome && signal.outcome.code === code))
          .slice(-pageSize)
          .reverse(),
        unreadable: [],
      }),
    listWords: (vmId, since) =>
      Promise.resolve(
        [...content.signals.values()].filter(
          (signal) =>
            signal.says !== undefined &&
            signal.vmId?.toLowerCase() === vmId.toLowerCase() &&
            Date.parse(signal.occurredAt) >= Date.parse(since),
        ),
      ),
    keepFollowUp(followUp) {
      const kept = content.followUps.get(followUp.vmKey);
      const isNewer = !kept || Date.parse(followUp.occurredAt) >= Date.parse(kept.occurredAt);
      const newer = isNewer ? followUp : kept;
      const requestedMode = kept ? widerMode(kept.requestedMode, followUp.requestedMode) : followUp.requestedMode;
      content.followUps.set(followUp.vmKey, { ...newer, requestedMode, joined: followUp.joined });
      return Promise.resolve();
    },
    listFollowUps: () => Promise.resolve({ rows: [...content.followUps.values()], unreadable: [] }),
    dropFollowUp({ vmKey, key }) {
      if (content.followUps.get(vmKey)?.key === key) content.followUps.delete(vmKey);
      return Promise.resolve();
    },
    keepPendingSignal(signal) {
      if (!content.pending.has(signal.key)) content.pending.set(signal.key, signal);
      return Promise.resolve();
    },
    listPendingSignals: () =>
      Promise.resolve({
        rows: [...content.pending.values()].sort((one, other) => one.receivedAt.localeCompare(other.receivedAt)),
        unreadable: [],
      }),
    dropPendingSignal(key) {
      content.pending.delete(key);
      return Promise.resolve();
    },
    acquireLease(lease) {
      const holder = content.leases.get(lease.vmKey) ?? lease;
      content.leases.set(lease.vmKey, holder);
      return Promise.resolve({ kind: holder.repairId === lease.repairId ? 'acquired' : 'held', lease: holder });
    },
    releaseLease(vmKey, repairId) {
      deeds.push(`ledger.releaseLease ${repairId}`);
      if (content.leases.get(vmKey)?.repairId === repairId) content.leases.delete(vmKey);
      return Promise.resolve();
    },
    listLeases: () => Promise.resolve({ rows: [...content.leases.values()], unreadable: unreadableIn('lease') }),
    getLease: (vmKey) => Promise.resolve(content.leases.get(vmKey)),
    getWriteLock: (repairId, activity) =>
      Promise.resolve(content.writeLocks.get(`${repairId}/${activity}`) ?? { activity, version: 0 }),
    acquireWriteLock(repairId, { activity, version }, heldUntil) {
      const key = `${repairId}/${activity}`;
      if ((content.writeLocks.get(key)?.version ?? 0) !== version) return Promise.resolve(false);
      content.writeLocks.set(key, { activity, version: version + 1, heldUntil });
      return Promise.resolve(true);
    },
    releaseWriteLock(repairId, { activity, version }) {
      const key = `${repairId}/${activity}`;
      if (content.writeLocks.get(key)?.version === version) content.writeLocks.set(key, { activity, version });
      return Promise.resolve();
    },
    listWriteLocks: (repairId) =>
      Promise.resolve([...content.writeLocks].flatMap(([key, lock]) => (key.startsWith(`${repairId}/`) ? [lock] : []))),
    lendRecoveryVm(vmId, repairId) {
      const borrower = content.loans.get(vmId.toLowerCase()) ?? repairId;
      content.loans.set(vmId.toLowerCase(), borrower);
      if (borrower === repairId) deeds.push(`ledger.lendRecoveryVm ${repairId}`);
      return Promise.resolve(borrower === repairId ? { kind: 'lent' } : { kind: 'held', repairId: borrower });
    },
    getBorrower: (vmId) => Promise.resolve(content.loans.get(vmId.toLowerCase())),
    takeRecoveryVmBack(vmId, repairId) {
      deeds.push(`ledger.takeRecoveryVmBack ${repairId}`);
      if (content.loans.get(vmId.toLowerCase()) === repairId) content.loans.delete(vmId.toLowerCase());
      return Promise.resolve();
    },
    recordProvenRecovery(proven) {
      const key = `${proven.generation} ${proven.recoveryVm}`;
      if (!content.provenRecoveries.has(key)) content.provenRecoveries.set(key, proven);
      deeds.push(`ledger.recordProvenRecovery ${key}`);
      return Promise.resolve();
    },
    getProvenRecovery: ({ generation, recoveryVm }) =>
      Promise.resolve(content.provenRecoveries.get(`${generation} ${recoveryVm}`)),
    acquireSlot(repairId, { cap, at }) {
      const { queue, slots } = content;
      const since = queue.get(repairId) ?? at;
      queue.set(repairId, since);
      const ahead = [...queue].filter(([other, asked]) => `${asked} ${other}` < `${since} ${repairId}`).length;
      const isHeld = slots.has(repairId) || ahead < cap - slots.size;
      if (!isHeld) return Promise.resolve({ kind: 'queued', since, ahead });
      slots.add(repairId);
      queue.delete(repairId);
      return Promise.resolve({ kind: 'held' });
    },
    listSlots: () => Promise.resolve([...new Set([...content.queue.keys(), ...content.slots])]),
    releaseSlot(repairId) {
      deeds.push(`ledger.releaseSlot ${repairId}`);
      content.slots.delete(repairId);
      content.queue.delete(repairId);
      return Promise.resolve();
    },
    createRepair(repair) {
      const recorded = content.repairs.get(repair.repairId) ?? repair;
      content.repairs.set(repair.repairId, recorded);
      return Promise.resolve(recorded);
    },
    updateRepair(repairId, fields) {
      const recorded = content.repairs.get(repairId);
      if (!recorded) return Promise.reject(new LedgerInputError(`There is no repair ${repairId}.`));
      if (fields.ending !== undefined) deeds.push(`ledger.updateRepair ${fields.ending}`);
      const isLate = recorded.ending !== undefined && fields.ending !== undefined;
      const { startedAt, cancelRequestedAt } = { ...fields, ...withoutUndefined(recorded) };
      content.repairs.set(repairId, {
        ...recorded,
        ...(isLate ? {} : withoutUndefined(fields)),
        startedAt,
        cancelRequestedAt,
      });
      return Promise.resolve();
    },
    takeUpRepair(repairId, orchestrationStartedAt) {
      const recorded = content.repairs.get(repairId);
      if (!recorded) return Promise.reject(new LedgerInputError(`There is no repair ${repairId}.`));
      const { orchestrationStartedAt: before, generation = 0 } = recorded;
      if (before === orchestrationStartedAt) return Promise.resolve(generation);
      if (before !== undefined && before > orchestrationStartedAt) return Promise.resolve(undefined);
      content.repairs.set(repairId, { ...recorded, orchestrationStartedAt, generation: generation + 1 });
      return Promise.resolve(generation + 1);
    },
    getRepair: async (repairId) => {
      const missing = content.unreadable.find(({ place }) => place === `repair / ${repairId}`);
      if (missing) throw new LedgerFault(missing.problem, { code: 'UnreadableRow', place: missing.place });
      return Promise.resolve(content.repairs.get(repairId));
    },
    getRepairDetail: (repairId) => strict(detail(repairId)),
    getReadableDetail: (repairId) => Promise.resolve(detail(repairId) ?? content.exported.get(repairId)),
    getTimeline: (repairId) => strict(timeline(repairId)),
    getReadableTimeline: (repairId) => Promise.resolve(timeline(repairId)),
    listRepairs({ vmId, ending, pageSize, continuationToken, acceptedUntil }) {
      if (continuationToken !== undefined && !/^\d+$/.test(continuationToken)) {
        return Promise.reject(new LedgerInputError('The continuation token is not one of ours.'));
      }
      const first = Number(continuationToken ?? 0);
      const matching = [...content.repairs.values()]
        .filter((repair) => acceptedUntil === undefined || repair.acceptedAt <= acceptedUntil)
        .filter((repair) => vmId === undefined || repair.vmId === vmId)
        .filter((repair) => ending === undefined || (repair.ending ?? 'running') === ending)
        .sort((one, other) => other.repairId.localeCompare(one.repairId));
      const next = first + pageSize;
      const repairs = matching.slice(first, next);
      const unreadable = unreadableIn('repair');
      const page = { repairs, unreadable };
      return Promise.resolve(next < matching.length ? { ...page, continuationToken: String(next) } : page);
    },
    purgeRepair(repairId) {
      const repair = content.repairs.get(repairId);
      if (!repair) return Promise.resolve('not-there');
      if (repair.ending === undefined) return Promise.resolve('not-ended');
      deeds.push(`ledger.purgeRepair ${repairId}`);
      const found = detail(repairId);
      if (found) content.exported.set(repairId, { ...found, exportedAs: `repairs/${repairId}/x.json` });
      content.repairs.delete(repairId);
      for (const rows of [content.signalsOf, content.steps, content.changes, content.resources]) rows.delete(repairId);
      return Promise.resolve('purged');
    },
    purgeSignals(before, limit) {
      const old = [...content.signals.values()].filter(({ receivedAt }) => receivedAt <= before).slice(0, limit);
      for (const { key } of old) content.signals.delete(key);
      return Promise.resolve(old.length);
    },
    getExportedDetail: (repairId) => Promise.resolve(content.exported.get(repairId)),
    beginStep(repairId, step) {
      const steps = rowsOf(content.steps, repairId);
      if (!steps.some((known) => known.step === step.step)) steps.push(step);
      return Promise.resolve();
    },
    endStep(repairId, step, end) {
      const found = rowsOf(content.steps, repairId).find((known) => known.step === step);
      if (!found) return Promise.reject(new LedgerInputError(`Step ${step} was never begun.`));
      if (found.outcome === undefined) Object.assign(found, end);
      return Promise.resolve();
    },
    recordChange(repairId, change) {
      deeds.push(`ledger.recordChange ${change.change} ${change.after ?? '(begun)'}`);
      const changes = rowsOf(content.changes, repairId);
      const found = changes.find((known) => known.change === change.change);
      if (!found) changes.push({ ...change });
      else if (change.after !== undefined) Object.assign(found, { after: change.after, written: change.written });
      return Promise.resolve();
    },
    recordResource(repairId, resource) {
      deeds.push(`ledger.recordResource ${resource.resourceId}`);
      const resources = rowsOf(content.resources, repairId);
      const index = resources.findIndex((known) => known.resourceId === resource.resourceId);
      const known = resources[index];
      if (!known) resources.push({ ...resource });
      else {
        const { expiresAt = known.expiresAt } = resource;
        const { createdAt = resource.createdAt, deletedAt = resource.deletedAt } = known;
        const { purpose, lifetime } = resource;
        resources[index] = { ...known, purpose, lifetime, expiresAt, createdAt, deletedAt };
      }
      return Promise.resolve();
    },
    putDocument(repairId, name, document) {
      content.documents.set(`${repairId}/${name}`, JSON.stringify(document));
      return Promise.resolve();
    },
    getDocument(repairId, name) {
      const text = content.documents.get(`${repairId}/${name}`);
      return Promise.resolve(text === undefined ? undefined : (JSON.parse(text) as unknown));
    },
    writeAndReadRows: () => Promise.resolve(),
    writeAndReadBlob: () => Promise.resolve(),
    getKillSwitch: () => Promise.resolve(content.killSwitch),
    setKillSwitch(brake) {
      content.killSwitch = brake;
      return Promise.resolve();
    },
  };
}

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}

/** The same ledger; while `faultOf` gives an error, every call is rejected with it. */
function guarded(ledger: Ledger, faultOf: () => Error | undefined): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      const fault = faultOf();
      return fault ? () => Promise.reject(fault) : (Reflect.get(target, name) as unknown);
    },
  });
}
