/** Signals as they arrived, whatever became of them: one row to find a signal by its key, one to list the newest. */
import { LedgerFault, LedgerInputError } from './errors';
import { descendingTimeKey, encodeKey, hashOf } from './keys';
import type { Ledger, SignalRecord } from './ports';
import { asWritten, signalRow } from './rows';
import type { RowAddress, Table } from './table';

const byKeyPartition = 'signal';
const byTimePartition = 'signal-by-time';

type Signals = Pick<Ledger, 'recordSignal' | 'getSignal' | 'listSignals'>;

/** Signals in `table`. */
export function createSignals(table: Table): Signals {
  async function getSignal(key: string): Promise<SignalRecord | undefined> {
    const row = await table.read(byKeyAddress(key));
    // The column may be cut; who asks knows the whole key.
    return row === undefined ? undefined : { ...signalRow.read(row), key };
  }

  /**
   * The row by key decides who is first. The row by time follows it, and is written by redeliveries too: they heal
   * what a process that died between the two writes left behind.
   */
  async function recordSignal(signal: SignalRecord): Promise<{ signal: SignalRecord; isNew: boolean }> {
    const columns = signalRow.write(signal);
    const isNew = await table.insert(byKeyAddress(signal.key), columns);
    const recorded = isNew ? { ...asWritten(signalRow, columns), key: signal.key } : await getSignal(signal.key);
    if (recorded === undefined) throw new LedgerFault('A signal vanished right after it was recorded.');
    await table.insert(byTimeAddress(recorded), signalRow.write(recorded));
    return { signal: recorded, isNew };
  }

  async function listSignals(limit: number): Promise<SignalRecord[]> {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new LedgerInputError(`The number of signals must be a whole number of 1 or more, not ${limit}.`);
    }
    return (await table.query({ partitionKey: byTimePartition, limit })).map((row) => signalRow.read(row));
  }

  return { recordSignal, getSignal, listSignals };
}

function byKeyAddress(key: string): RowAddress {
  return { partitionKey: byKeyPartition, rowKey: encodeKey(key) };
}

function byTimeAddress({ receivedAt, key }: SignalRecord): RowAddress {
  return { partitionKey: byTimePartition, rowKey: `${descendingTimeKey(receivedAt)}-${hashOf(key)}` };
}
