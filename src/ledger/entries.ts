/** What happened in a repair: its signals, steps, changes and resources, all in one partition, so one query tells all. */
import { LedgerFault, LedgerInputError } from './errors';
import { checkRepairId, encodeKey, quote } from './keys';
import type { Ledger, ResourceRecord, Timeline } from './ports';
import { readRows, type ReadRows, type UnreadableRow } from './readable-rows';
import { changeRow, resourceRow, signalRow, stepRow, type Columns, type RowKind, type StoredRow } from './rows';
import type { RowAddress, Table } from './table';

type EntryKind = 'signal' | 'step' | 'change' | 'resource';

/** A repair has some dozens of entries; this many are read at most. */
const maxEntries = 10_000;

/** Entries of the repairs under way, of which this process knows that they are there. */
const maxKnown = 2_000;

type Entries = Pick<
  Ledger,
  | 'addSignalToRepair'
  | 'beginStep'
  | 'endStep'
  | 'recordChange'
  | 'recordResource'
  | 'getTimeline'
  | 'getReadableTimeline'
>;

/** The entries of repairs in `table`. */
export function createEntries(table: Table): Entries {
  const known = new Set<string>();

  /** As `insert`, but asks the store once only: entries stay, so one that is there is there the next time. */
  async function insertOnce(address: RowAddress, columns: Columns): Promise<boolean> {
    const key = `${address.partitionKey}/${address.rowKey}`;
    if (known.has(key)) return false;
    const isNew = await table.insert(address, columns);
    const [longest] = known;
    if (known.size >= maxKnown && longest !== undefined) known.delete(longest);
    known.add(key);
    return isNew;
  }

  async function getReadableTimeline(repairId: string): Promise<Timeline> {
    checkRepairId(repairId);
    return readTimelineOf(await table.query({ partitionKey: repairId, limit: maxEntries }));
  }

  return {
    addSignalToRepair: async (repairId, signal) => {
      await insertOnce(entryAddress(repairId, 'signal', signal.key), signalRow.write(signal));
    },

    beginStep: async (repairId, { step, title, startedAt }) => {
      await insertOnce(entryAddress(repairId, 'step', step), stepRow.write({ step, title, startedAt }));
    },

    endStep: async (repairId, step, { endedAt, outcome, detail }) => {
      const found = await table.change(entryAddress(repairId, 'step', step), (row) => {
        const begun = stepRow.read(row);
        return begun.outcome === undefined ? stepRow.write({ ...begun, endedAt, outcome, detail }) : undefined;
      });
      if (!found) {
        throw new LedgerInputError(`Step ${quote(step)} of repair ${repairId} can't end: it was never begun.`);
      }
    },

    recordChange: async (repairId, change) => {
      const address = entryAddress(repairId, 'change', change.change);
      const columns = changeRow.write(change);
      if (await table.insert(address, columns)) return;
      if (columns.after === undefined) return;
      await table.change(address, () => ({ after: columns.after, written: columns.written }));
    },

    recordResource: async (repairId, resource) => {
      const address = entryAddress(repairId, 'resource', resource.resourceId.toLowerCase());
      const columns = resourceRow.write(resource);
      if (await insertOnce(address, columns)) return;
      const merge = (row: StoredRow) => resourceRow.write(mergeResource(resourceRow.read(row), resource));
      // What we make must be on record before it is made, also where somebody has deleted a repair's rows meanwhile.
      if (!(await table.change(address, merge))) await table.insert(address, columns);
    },

    getReadableTimeline,

    getTimeline: async (repairId) => {
      const timeline = await getReadableTimeline(repairId);
      requireReadable(timeline.unreadable);
      return timeline;
    },
  };
}

/** What rows of one repair's partition say, in the order of its times, and which of them cannot be read. */
export function readTimelineOf(rows: StoredRow[]): Timeline {
  const signals = readKind(rows, 'signal', signalRow, (signal) => signal.receivedAt);
  const steps = readKind(rows, 'step', stepRow, (step) => step.startedAt);
  const changes = readKind(rows, 'change', changeRow, (change) => change.at);
  const resources = readKind(rows, 'resource', resourceRow, (resource) => resource.registeredAt);
  return {
    signals: signals.rows,
    steps: steps.rows,
    changes: changes.rows,
    resources: resources.rows,
    unreadable: [signals, steps, changes, resources].flatMap(({ unreadable }) => unreadable),
  };
}

function entryAddress(repairId: string, kind: EntryKind, name: string): RowAddress {
  checkRepairId(repairId);
  return { partitionKey: repairId, rowKey: `${kind}.${encodeKey(name)}` };
}

/** What is new is added; what was known stays known. The times at which something first happened stay too. */
function mergeResource(recorded: ResourceRecord, resource: ResourceRecord): ResourceRecord {
  return {
    ...recorded,
    purpose: resource.purpose,
    lifetime: resource.lifetime,
    expiresAt: resource.expiresAt ?? recorded.expiresAt,
    createdAt: recorded.createdAt ?? resource.createdAt,
    deletedAt: recorded.deletedAt ?? resource.deletedAt,
  };
}

function readKind<T>(rows: StoredRow[], kind: EntryKind, row: RowKind<T>, timeOf: (record: T) => string): ReadRows<T> {
  const read = readRows(
    rows.filter(({ rowKey }) => rowKey.startsWith(`${kind}.`)),
    row,
  );
  const inOrder = read.rows.toSorted((one, other) => Date.parse(timeOf(one)) - Date.parse(timeOf(other)));
  return { ...read, rows: inOrder };
}

/** Signals are witnesses: who decides by them sees that one is unreadable. All else that code goes by must be there. */
function requireReadable(unreadable: readonly UnreadableRow[]): void {
  const missing = unreadable.find(({ rowKey }) => !rowKey.startsWith('signal.'));
  if (missing) throw new LedgerFault(missing.problem, { code: 'UnreadableRow', place: missing.place });
}
