/**
 * What a record looks like in a row, both ways. One schema per kind serves the write (a record that could not be read
 * again must not be written) and the read (a row that does not parse is a fault; lists skip and name it, readable-rows.ts).
 *
 * Rows live for years. A new column must be optional; a column's name or meaning must never change; a word must never
 * be taken out of a union.
 */
import { z } from 'zod';
import { LedgerFault, LedgerInputError } from './errors';
import { parseDiskId, parseSnapshotId, parseVirtualMachineId } from '../azure/resource-id';
import type { ProgramCall } from '../guest/command';
import type { Undo } from '../guest/undo';
import { hashOf } from './keys';
import {
  endings,
  rounds,
  type BrakeRecord,
  type ChangeRecord,
  type DeclaredWait,
  type LeaseRecord,
  type FollowUp,
  type ProvenRecovery,
  type Ledger,
  type Mode,
  type PendingSignal,
  type RepairRecord,
  type ResourceDetails,
  type ResourceKind,
  type ResourceRecord,
  type SignalOutcome,
  type SignalRecord,
  type SignalWord,
  type StepRecord,
  type WriteLock,
} from './ports';
import { outcomeCode } from '../outcome-codes';
import { signalCode } from '../signal-codes';
import type { Shape } from '../schema-shape';
import { boundLine, boundText, boundValue, maxTextLength } from './texts';
import { plainJson } from '../plain-characters';

/** What a row may hold. An absent or undefined column is not stored, and left as it is by a merge. */
export type Columns = Record<string, string | boolean | number | undefined>;

/** A row as the store gave it. */
export interface StoredRow {
  partitionKey: string;
  rowKey: string;
  etag: string;
  [column: string]: unknown;
}

/** How records of one kind are written to rows and read from them. */
export interface RowKind<T> {
  /** Throws a LedgerInputError that names the field if the record is malformed. Bounds long texts. */
  write(record: T): Columns;
  /** Throws a LedgerFault that names the row if it does not parse. */
  read(row: StoredRow): T;
}

function text(maxLength: number = maxTextLength) {
  return z.string().transform((value) => boundText(value, maxLength));
}

/** A schema of exactly these words: one that is added to a union and forgotten here does not compile. */
function words<W extends string>(allowed: { [K in W]: K }) {
  return z.enum(allowed);
}

const time = z.iso.datetime({ offset: true });
// The store's Int32, in which a number is a number again when it is read.
const count = z.number().int().min(0).max(2_147_483_647);
/** One line for people. */
const shortText = z.string().transform((value) => boundLine(value, 1_000));
/** A value as it was read in a guest. */
const readValue = z.string().transform((value) => boundValue(value));
/** Ids and keys too: Azure's have no character that is replaced, and nobody's may look like another one. */
const nonEmptyText = z
  .string()
  .min(1)
  .transform((value) => boundText(value));

/** A short text that code compares: one that would have to be cut is refused. */
const exactText = z.string().min(1).max(1_000);

const mode = words<Mode>({
  off: 'off',
  observe: 'observe',
  diagnose: 'diagnose',
  approve: 'approve',
  repair: 'repair',
});

const leaseSchema = z.object({
  vmKey: nonEmptyText,
  repairId: nonEmptyText,
  vmId: text(),
  acquiredAt: time,
  requestedMode: mode.optional(),
  rollsBack: nonEmptyText.optional(),
  acknowledgedLossSince: time.optional(),
} satisfies Shape<LeaseRecord>);

const loanSchema = z.object({ vmId: nonEmptyText, repairId: nonEmptyText });

const provenRecoverySchema = z.object({
  recoveryVm: nonEmptyText,
  generation: words<ProvenRecovery['generation']>({ V1: 'V1', V2: 'V2' }),
  repairId: nonEmptyText,
  at: time,
} satisfies Shape<ProvenRecovery>);

const slotSchema = z.object({ repairId: nonEmptyText });

/** A repair that is queued for a slot. */
export interface QueuedRecord {
  repairId: string;
  /** When it first asked: its rank. */
  since: string;
  /** When it last asked, and since when it has done so without a silence. */
  askedAt: string;
  watchesSince: string;
}

const queuedSchema = z.object({
  repairId: nonEmptyText,
  since: time,
  askedAt: time,
  watchesSince: time,
} satisfies Shape<QueuedRecord>);

const brakeSchema = z.object({
  on: z.boolean(),
  reason: text(),
  by: shortText,
  at: time,
} satisfies Shape<BrakeRecord>);

const waitSchema = z.object({
  kind: words<DeclaredWait['kind']>({ place: 'place' }),
  since: time,
  until: time,
  endedAt: time.optional(),
  ahead: count,
} satisfies Shape<DeclaredWait>);

const repairSchema = z.object({
  repairId: nonEmptyText,
  vmId: nonEmptyText,
  acceptedAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  requestedMode: mode.optional(),
  rollsBack: nonEmptyText.optional(),
  acknowledgedLossSince: time.optional(),
  rolledBackBy: nonEmptyText.optional(),
  permittedPlan: nonEmptyText.optional(),
  phase: shortText,
  ending: z.enum(endings).optional(),
  endingCode: outcomeCode.optional(),
  endingReason: text().optional(),
  cancelRequestedAt: time.optional(),
  generation: count.optional(),
  orchestrationStartedAt: time.optional(),
  reading: count.optional(),
  readAgainAt: time.optional(),
  wait: waitSchema.optional(),
  overdueSince: time.optional(),
  terminatedAt: time.optional(),
  singleton: count.optional(),
  storyVersion: shortText.optional(),
} satisfies Shape<RepairRecord>);

/** The fields of a repair that change during its life. */
export type RepairFields = Parameters<Ledger['updateRepair']>[1];

const repairFieldsSchema = repairSchema
  .omit({ repairId: true, vmId: true, acceptedAt: true, generation: true, orchestrationStartedAt: true })
  .partial() satisfies z.ZodType<RepairFields>;

const generationSchema = repairSchema.pick({ generation: true, orchestrationStartedAt: true }).required();

const writeLockSchema = z.object({
  activity: nonEmptyText,
  version: count,
  heldUntil: time.optional(),
} satisfies Shape<WriteLock>);

const stepSchema = z.object({
  step: nonEmptyText,
  title: shortText,
  startedAt: time,
  endedAt: time.optional(),
  outcome: words<NonNullable<StepRecord['outcome']>>({
    done: 'done',
    'nothing-to-do': 'nothing-to-do',
    failed: 'failed',
    refused: 'refused',
  }).optional(),
  detail: text().optional(),
} satisfies Shape<StepRecord>);

const round = z.literal(rounds);

const commandLine = z.object({
  file: z.string().min(1),
  arguments: z.array(z.string()),
} satisfies Shape<ProgramCall>);

const undo: z.ZodType<Undo> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('commands'), commandLines: z.array(commandLine).min(1), except: z.string().optional() }),
  z.object({ kind: z.literal('nothing'), why: z.string() }),
  z.object({ kind: z.literal('impossible'), why: z.string() }),
]);

const changeSchema = z.object({
  change: nonEmptyText,
  place: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('guest') }),
    z.object({ kind: z.literal('copy'), round }),
  ]),
  title: shortText,
  // For people; what puts the value back is the undo, which stays exact.
  before: readValue,
  after: readValue.optional(),
  at: time,
  // A way back that is cut is no way back, so this one is refused instead: better no change than one without undo.
  undo: undo.refine((value) => exactJson(value).length <= maxTextLength, 'is too long to be kept whole'),
  written: z.boolean().optional(),
} satisfies Shape<ChangeRecord>);

/** An id that code goes by: one that is cut or none is refused, because it would name something else or nothing. */
function idBy(parse: (id: string) => unknown, what: string) {
  return z.string().refine((id) => parse(id) !== undefined, `is no id of ${what}`);
}

const vmId = idBy(parseVirtualMachineId, 'a virtual machine');
const diskId = idBy(parseDiskId, 'a managed disk');

/** What code reads back, by kind: one that is added and forgotten here does not compile. */
const detailsSchemas = {
  snapshot: z.discriminatedUnion('role', [
    z.object({ role: z.literal('first') }),
    z.object({ role: z.literal('reading'), reading: count }),
    z.object({ role: z.literal('stopped'), round }),
    z.object({ role: z.literal('before-rollback') }),
  ]),
  'snapshot-access': z.object({ snapshotId: idBy(parseSnapshotId, 'a snapshot') }),
  'run-command': z.object({ vmId, name: z.string().min(1).max(80) }),
  disk: z.discriminatedUnion('role', [
    z.object({ role: z.literal('original') }),
    z.object({ role: z.literal('copy'), round }),
    z.object({ role: z.literal('inspection'), reading: count.optional() }),
    z.object({ role: z.literal('trial-copy') }),
  ]),
  'virtual-machine': z.object({ role: z.literal('recovery-vm') }),
  'network-interface': z.object({ role: z.literal('recovery-vm') }),
  'recovery-vm-loan': z.object({ vmId }),
  'power-off': z.discriminatedUnion('occasion', [
    z.object({ occasion: z.literal('copy'), round }),
    z.object({ occasion: z.literal('swap-back') }),
    z.object({ occasion: z.literal('rollback') }),
  ]),
  'os-disk-swap': z.discriminatedUnion('direction', [
    z.object({ direction: z.literal('swap'), round, copyId: diskId, originalId: diskId }),
    z.object({ direction: z.literal('rollback'), copyId: diskId, originalId: diskId }),
  ]),
} satisfies { [Kind in ResourceKind]: z.ZodType<ResourceDetails[Kind]> };

/** What records of every kind have. */
const resourceFields = {
  resourceId: nonEmptyText,
  purpose: shortText,
  registeredAt: time,
  lifetime: words<ResourceRecord['lifetime']>({ kept: 'kept', temporary: 'temporary' }),
  expiresAt: time.optional(),
  createdAt: time.optional(),
  deletedAt: time.optional(),
} satisfies Shape<Omit<ResourceRecord, 'kind' | 'details'>>;

function resourceOf<Kind extends ResourceKind>(kind: Kind) {
  return z.object({ kind: z.literal(kind), details: detailsSchemas[kind], ...resourceFields });
}

const resourceSchema: z.ZodType<ResourceRecord> = z.discriminatedUnion('kind', [
  resourceOf('snapshot'),
  resourceOf('snapshot-access'),
  resourceOf('run-command'),
  resourceOf('disk'),
  resourceOf('virtual-machine'),
  resourceOf('network-interface'),
  resourceOf('recovery-vm-loan'),
  resourceOf('power-off'),
  resourceOf('os-disk-swap'),
]);

const signalWord = words<SignalWord>({ recovered: 'recovered', 'asked-for': 'asked-for', cancelled: 'cancelled' });

const signalSchema = z.object({
  key: nonEmptyText,
  door: words<SignalRecord['door']>({ alert: 'alert', request: 'request', event: 'event' }),
  receivedAt: time,
  occurredAt: time,
  title: shortText,
  vmId: text().optional(),
  says: signalWord.optional(),
  occasion: exactText.optional(),
  facts: z.record(z.string(), z.string()).transform(boundFacts),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('started'), repairId: nonEmptyText }),
    z.object({ kind: z.literal('joined'), repairId: nonEmptyText }),
    z.object({ kind: z.literal('ignored'), code: signalCode, reason: text() }),
  ]),
} satisfies Shape<SignalRecord>);

const pendingSchema = z.object({
  key: nonEmptyText,
  receivedAt: time,
  occurredAt: time,
  occasion: exactText.optional(),
  title: shortText,
  facts: z.record(z.string(), z.string()).transform(boundFacts),
  says: signalWord.optional(),
  vmId: nonEmptyText.optional(),
  vmName: nonEmptyText.optional(),
  reason: text(),
} satisfies Shape<PendingSignal>);

const followUpSchema = z.object({
  vmKey: nonEmptyText,
  vmId: nonEmptyText,
  key: nonEmptyText,
  door: words<SignalRecord['door']>({ alert: 'alert', request: 'request', event: 'event' }),
  title: shortText,
  facts: z.record(z.string(), z.string()).transform(boundFacts),
  receivedAt: time,
  occurredAt: time,
  occasion: exactText.optional(),
  requestedMode: mode.optional(),
  joined: nonEmptyText,
} satisfies Shape<FollowUp>);

const maxFacts = 32;

/** A few facts, not a payload: at most 32 of at most 1,000 characters, and together at most one column. */
function boundFacts(facts: Record<string, string>): Record<string, string> {
  const kept: [string, string][] = [];
  let length = 2;
  for (const [name, value] of Object.entries(facts).slice(0, maxFacts)) {
    const fact: [string, string] = [boundLine(name, 100), boundText(value, 1_000)];
    length += JSON.stringify(fact).length;
    if (length > maxTextLength) break;
    kept.push(fact);
  }
  return Object.fromEntries(kept);
}

/** The record that a row with these columns gives: what was asked to be written, with its long texts bounded. */
export function asWritten<T>(kind: RowKind<T>, columns: Columns): T {
  return kind.read({ ...columns, partitionKey: '', rowKey: '', etag: '' });
}

/** A kind whose columns are its fields. */
function flatRow<T extends { [K in keyof T]: string | boolean | number | undefined }>(
  what: string,
  schema: z.ZodType<T>,
): RowKind<T> {
  return {
    write: (record) => ({ ...parseInput(what, schema, record) }),
    read: (row) => parseRow(what, schema, row),
  };
}

export const leaseRow = flatRow<LeaseRecord>('lease', leaseSchema);
export const loanRow = flatRow<{ vmId: string; repairId: string }>('loan of a recovery VM', loanSchema);
export const provenRecoveryRow = flatRow<ProvenRecovery>('proven recovery', provenRecoverySchema);
export const writeLockRow = flatRow<WriteLock>('write lock', writeLockSchema);
export const slotRow = flatRow<{ repairId: string }>('slot', slotSchema);
export const queuedRow = flatRow<QueuedRecord>('place in the queue', queuedSchema);
export const brakeRow = flatRow<BrakeRecord>('kill switch', brakeSchema);
export const stepRow = flatRow<StepRecord>('step', stepSchema);

/** Where a change was made is in one column, and how it is undone in another. */
export const changeRow = {
  write(record) {
    const { place, undo: how, ...rest } = parseInput('change', changeSchema, record);
    return { ...rest, place: JSON.stringify(place), undo: exactJson(how) };
  },
  read: (row) => parseRow('change', changeSchema, { ...row, place: parseJson(row.place), undo: parseJson(row.undo) }),
} satisfies RowKind<ChangeRecord>;

/** A resource's details are in one column. */
export const resourceRow = {
  write(record) {
    const { details, ...rest } = parseInput('resource', resourceSchema, record);
    return { ...rest, details: exactJson(details) };
  },
  read: (row) => parseRow('resource', resourceSchema, { ...row, details: parseJson(row.details) }),
} satisfies RowKind<ResourceRecord>;

/**
 * A repair's row has two more columns to filter by: absent columns can't be asked for, and an id may be hostile. Its wait is in one
 * column.
 */
export const repairRow = {
  write: (record) => ({
    ...inColumns(parseInput('repair', repairSchema, record)),
    ...(record.ending ? {} : { state: 'running' }),
    ...stateColumn(record),
    vmHash: vmHashOf(record.vmId),
  }),
  read: (row) =>
    parseRow('repair', repairSchema, row.wait === undefined ? row : { ...row, wait: parseJson(row.wait) ?? null }),
} satisfies RowKind<RepairRecord>;

/** The columns that change when these fields of a repair change. */
export function repairFieldsColumns(fields: RepairFields): Columns {
  return { ...inColumns(parseInput('repair', repairFieldsSchema, fields)), ...stateColumn(fields) };
}

function inColumns({ wait, ...rest }: RepairFields): Columns {
  return { ...rest, ...(wait ? { wait: JSON.stringify(wait) } : {}) };
}

/** The columns that say which orchestration works on a repair. */
export function generationColumns(
  fields: Required<Pick<RepairRecord, 'generation' | 'orchestrationStartedAt'>>,
): Columns {
  return parseInput('generation of a repair', generationSchema, fields);
}

function stateColumn(fields: RepairFields): Columns {
  return fields.ending === undefined ? {} : { state: fields.ending };
}

/** What a repair's `vmHash` holds. ARM ids are compared without case. */
export function vmHashOf(vmId: string): string {
  return hashOf(vmId.toLowerCase());
}

/** What a signal's row says of what became of it. */
export function outcomeColumns(outcome: SignalOutcome): Columns {
  const { kind: outcomeKind } = outcome;
  return 'repairId' in outcome
    ? { outcomeKind, outcomeRepairId: outcome.repairId }
    : { outcomeKind, outcomeCode: outcome.code, outcomeReason: outcome.reason };
}

/** A signal's union and facts are spread over columns of their own. */
export const signalRow = {
  write(record) {
    const { outcome, facts, ...rest } = parseInput('signal', signalSchema, record);
    return { ...rest, facts: JSON.stringify(facts), ...outcomeColumns(outcome) };
  },
  read(row) {
    const outcome = {
      kind: row.outcomeKind,
      repairId: row.outcomeRepairId,
      code: row.outcomeCode,
      reason: row.outcomeReason,
    };
    return parseRow('signal', signalSchema, { ...whenItCame(row), facts: parseJson(row.facts), outcome });
  },
} satisfies RowKind<SignalRecord>;

/** A pending signal's facts are in one column. */
export const pendingRow = {
  write(record) {
    const { facts, ...rest } = parseInput('pending signal', pendingSchema, record);
    return { ...rest, facts: JSON.stringify(facts) };
  },
  read: (row) => parseRow('pending signal', pendingSchema, { ...whenItCame(row), facts: parseJson(row.facts) }),
} satisfies RowKind<PendingSignal>;

/** A follow-up's facts are in one column. What it does not have is an empty column: a merge leaves an absent one as it was. */
export const followUpRow = {
  write(record) {
    const { facts, requestedMode = '', occasion = '', ...rest } = parseInput('follow-up', followUpSchema, record);
    return { ...rest, requestedMode, occasion, facts: JSON.stringify(facts) };
  },
  read: (row) =>
    parseRow('follow-up', followUpSchema, {
      ...row,
      requestedMode: row.requestedMode === '' ? undefined : row.requestedMode,
      occasion: row.occasion === '' ? undefined : row.occasion,
      facts: parseJson(row.facts),
    }),
} satisfies RowKind<FollowUp>;

/** Rows of an older release do not say when it happened: when it came is next to that. */
function whenItCame(row: StoredRow): StoredRow {
  return row.occurredAt === undefined ? { ...row, occurredAt: row.receivedAt } : row;
}

/** Values that code goes by: the same once they are parsed, and harmless to whoever prints the column. */
function exactJson(value: unknown): string {
  return plainJson(value) ?? 'null';
}

function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function parseInput<T>(what: string, schema: z.ZodType<T>, record: unknown): T {
  const result = schema.safeParse(record);
  if (result.success) return result.data;
  throw new LedgerInputError(`The ledger can't take this ${what}: ${describeIssues(result.error)}.`);
}

function parseRow<T>(what: string, schema: z.ZodType<T>, row: StoredRow): T {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  throw new LedgerFault(
    `The ledger's row ${row.partitionKey} / ${row.rowKey} is not a readable ${what}: ${describeIssues(result.error)}. ` +
      'Another program or a newer release may have written it.',
    { code: 'UnreadableRow', place: `${row.partitionKey} / ${row.rowKey}` },
  );
}

/** Paths and rules only: the values may be hostile or long. */
function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`).join('; ');
}
