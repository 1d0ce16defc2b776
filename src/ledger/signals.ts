/**
 * Signals as they arrived, whatever became of them: a row to find a signal by its key, and others to list them: all by when they came, those
 * of a VM, and the words about a VM by when they happened.
 */
import { LedgerFault, LedgerInputError } from './errors';
import { descendingTimeKey, encodeKey, hashOf } from './keys';
import { readPageToken, writePageToken } from './page-token';
import type { Ledger, SignalPage, SignalQuery, SignalRecord } from './ports';
import { readRows } from './readable-rows';
import { asWritten, outcomeColumns, signalRow, vmHashOf, type StoredRow } from './rows';
import type { RowAddress, Table } from './table';

const byKeyPartition = 'signal';
const byTimePartition = 'signal-by-time';

/** Below the store's 1,000 rows in one answer, with one to spare: it tells whether a further page exists. */
const maxPageSize = 500;

/** Words about one VM since a moment; more than this come from no machine. */
const maxWords = 200;

type Signals = Pick<Ledger, 'recordSignal' | 'getSignal' | 'settleSignal' | 'listSignals' | 'listWords'>;

/** Signals in `table`. */
export function createSignals(table: Table): Signals {
  async function getSignal(key: string): Promise<SignalRecord | undefined> {
    const row = await table.read(byKeyAddress(key));
    // The column may be cut; who asks knows the whole key.
    return row === undefined ? undefined : { ...signalRow.read(row), key };
  }

  /**
   * The row by key decides who is first. The rows of the lists follow it, and are written by redeliveries too: they heal
   * what a process that died between the writes left behind.
   */
  async function recordSignal(signal: SignalRecord): Promise<{ signal: SignalRecord; isNew: boolean }> {
    const columns = signalRow.write(signal);
    const isNew = await table.insert(byKeyAddress(signal.key), columns);
    const recorded = isNew ? { ...asWritten(signalRow, columns), key: signal.key } : await getSignal(signal.key);
    if (recorded === undefined) throw new LedgerFault('A signal vanished right after it was recorded.');
    const listed = signalRow.write(recorded);
    await Promise.all(listAddresses(recorded).map((address) => table.insert(address, listed)));
    return { signal: recorded, isNew };
  }

  /** The row by key is the last, so that a repetition finds the others. */
  async function settleSignal(key: string, outcome: Parameters<Ledger['settleSignal']>[1]): Promise<void> {
    const recorded = await getSignal(key);
    if (recorded === undefined) return;
    const columns = outcomeColumns(outcome);
    for (const address of [...listAddresses(recorded), byKeyAddress(key)]) await table.change(address, () => columns);
  }

  async function listSignals(query: SignalQuery): Promise<SignalPage> {
    const { vmId, outcome, code, pageSize, continuationToken } = query;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
      throw new LedgerInputError(`The page size must be a whole number from 1 to ${maxPageSize}, not ${pageSize}.`);
    }
    const partitionKey = vmId === undefined ? byTimePartition : ofVmPartition(vmId);
    const where = {
      ...(outcome === undefined ? {} : { outcomeKind: outcome }),
      ...(code === undefined ? {} : { outcomeCode: code }),
    };
    const filters = { ...where, partitionKey };
    const after = continuationToken === undefined ? undefined : readPageToken(continuationToken, filters);
    const rows = await table.query({ partitionKey, after, where, limit: pageSize + 1 });
    const shown = rows.slice(0, pageSize);
    const last = shown.at(-1);
    const { rows: signals, unreadable } = readRows(shown, signalRow);
    return {
      signals,
      unreadable,
      ...(last !== undefined && rows.length > pageSize && { continuationToken: writePageToken(last.rowKey, filters) }),
    };
  }

  async function listWords(vmId: string, since: string): Promise<SignalRecord[]> {
    // Later times sort first, and `~` behind every digit of the hash: all rows of that very moment are in.
    const upTo = `${descendingTimeKey(since)}-~`;
    const rows = await table.query({ partitionKey: wordsPartition(vmId), upTo, limit: maxWords });
    // A word that cannot be read answers nothing: the worst is a repair that looks for itself.
    return readRows(rows, signalRow).rows;
  }

  return { recordSignal, getSignal, settleSignal, listSignals, listWords };
}

function byKeyAddress(key: string): RowAddress {
  return { partitionKey: byKeyPartition, rowKey: encodeKey(key) };
}

function ofVmPartition(vmId: string): string {
  return `signal-of-vm-${vmHashOf(vmId)}`;
}

function wordsPartition(vmId: string): string {
  return `word-of-vm-${vmHashOf(vmId)}`;
}

/** Where the lists have the signal. */
function listAddresses({ key, vmId, says, receivedAt, occurredAt }: SignalRecord): RowAddress[] {
  const hash = hashOf(key);
  return [
    { partitionKey: byTimePartition, rowKey: rowKeyAt(receivedAt, hash) },
    ...ofVm({ vmId, says, receivedAt, occurredAt }, hash),
  ];
}

/** Where the lists of its VM have the signal of this row of the list by time. */
export function addressesOfVm(row: StoredRow): RowAddress[] {
  const { vmId, says, receivedAt, occurredAt = receivedAt, rowKey } = row;
  if (typeof vmId !== 'string' || typeof receivedAt !== 'string' || typeof occurredAt !== 'string') return [];
  return ofVm({ vmId, says, receivedAt, occurredAt }, rowKey.slice(rowKey.lastIndexOf('-') + 1));
}

function ofVm(
  { vmId, says, receivedAt, occurredAt }: { vmId?: string; says?: unknown; receivedAt: string; occurredAt: string },
  hash: string,
): RowAddress[] {
  if (vmId === undefined) return [];
  const all = { partitionKey: ofVmPartition(vmId), rowKey: rowKeyAt(receivedAt, hash) };
  return says === undefined ? [all] : [all, { partitionKey: wordsPartition(vmId), rowKey: rowKeyAt(occurredAt, hash) }];
}

function rowKeyAt(time: string, hash: string): string {
  return `${descendingTimeKey(time)}-${hash}`;
}
