/**
 * Write locks: one row for each activity of a repair, by which two calls of it at the same time write to Azure one after the other,
 * and the second knows that its view of Azure is out of date. The row's `version` goes up with each holder: whoever looked before
 * another one wrote does not get the lock.
 */
import { checkRepairId, encodeKey } from './keys';
import type { Ledger, WriteLock } from './ports';
import { writeLockRow } from './rows';
import type { RowAddress, Table } from './table';

/** More activities than this are not registered. */
const maxLocks = 1_000;

type WriteLocks = Pick<Ledger, 'getWriteLock' | 'acquireWriteLock' | 'releaseWriteLock' | 'listWriteLocks'>;

/** Write locks in `table`. */
export function createWriteLocks(table: Table): WriteLocks {
  return {
    async getWriteLock(repairId, activity) {
      const row = await table.read(addressOf(repairId, activity));
      return row === undefined ? { activity, version: 0 } : writeLockRow.read(row);
    },

    async acquireWriteLock(repairId, { activity, version }, heldUntil) {
      const address = addressOf(repairId, activity);
      const held = writeLockRow.write({ activity, version: version + 1, heldUntil });
      if (version === 0) return table.insert(address, held);
      let isOurs = false;
      const isThere = await table.change(address, (row) => {
        isOurs = writeLockRow.read(row).version === version;
        return isOurs ? held : undefined;
      });
      return isThere && isOurs;
    },

    async releaseWriteLock(repairId, { activity, version }) {
      // A merge takes no column away: one that is over at its beginning is free.
      const free = writeLockRow.write({ activity, version, heldUntil: new Date(0).toISOString() });
      await table.change(addressOf(repairId, activity), (row) =>
        writeLockRow.read(row).version === version ? free : undefined,
      );
    },

    async listWriteLocks(repairId) {
      checkRepairId(repairId);
      const rows = await table.query({ partitionKey: lockPartitionOf(repairId), limit: maxLocks });
      return rows.map((row): WriteLock => writeLockRow.read(row));
    },
  };
}

/** Not the repair's own partition, which is read whole for its timeline. */
export function lockPartitionOf(repairId: string): string {
  return `write-lock.${repairId}`;
}

function addressOf(repairId: string, activity: string): RowAddress {
  checkRepairId(repairId);
  return { partitionKey: lockPartitionOf(repairId), rowKey: encodeKey(activity) };
}
