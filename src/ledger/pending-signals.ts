/** Alerts that wait until it can be found out which machine they are about: a row each until then. */
import { encodeKey } from './keys';
import type { Ledger, PendingSignal } from './ports';
import { readRows } from './readable-rows';
import { pendingRow } from './rows';
import type { RowAddress, Table } from './table';

const pendingPartition = 'pending';

/** More than this are not looked at in one call; what is done is dropped, so the rest has its turn. */
const maxPending = 1_000;

type PendingSignals = Pick<Ledger, 'keepPendingSignal' | 'listPendingSignals' | 'dropPendingSignal'>;

/** Pending signals in `table`. */
export function createPendingSignals(table: Table): PendingSignals {
  return {
    async keepPendingSignal(signal) {
      await table.insert(addressOf(signal.key), pendingRow.write(signal));
    },
    async listPendingSignals() {
      const rows = await table.query({ partitionKey: pendingPartition, limit: maxPending });
      const { rows: pending, unreadable } = readRows<PendingSignal>(rows, pendingRow);
      pending.sort((one, other) => Date.parse(one.receivedAt) - Date.parse(other.receivedAt));
      return { rows: pending, unreadable };
    },
    dropPendingSignal: (key) => table.removeIf(addressOf(key), () => true),
  };
}

function addressOf(key: string): RowAddress {
  return { partitionKey: pendingPartition, rowKey: encodeKey(key) };
}
