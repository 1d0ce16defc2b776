/**
 * Rows as this process saw them last. What is decided on one is only written if the store says that the row is still so (by its ETag), and so
 * most changes cost one request instead of two. Never answers a reader: whoever asks what is on record is told by the store.
 */
import type { StoredRow } from './rows';
import type { RowAddress } from './table';

/** The rows of the repairs under way: some dozens each. A text may be long, so there are not many more. */
const maxRows = 500;

interface RememberedRows {
  /** Remembers the row, and gives it back. The one that was kept longest makes room. */
  keep(row: StoredRow): StoredRow;
  /** The row that was seen last, once: whoever decides on it learns whether it still is so, and keeps what it is then. */
  take(address: RowAddress): StoredRow | undefined;
}

/** Nothing is remembered yet. */
export function rememberRows(): RememberedRows {
  const rows = new Map<string, StoredRow>();
  return {
    keep(row) {
      const key = keyOf(row);
      rows.delete(key);
      rows.set(key, row);
      const [longest] = rows.keys();
      if (rows.size > maxRows && longest !== undefined) rows.delete(longest);
      return row;
    },
    take(address) {
      const key = keyOf(address);
      const row = rows.get(key);
      rows.delete(key);
      return row;
    },
  };
}

/** Neither part of a key may hold a slash. */
function keyOf({ partitionKey, rowKey }: RowAddress): string {
  return `${partitionKey}/${rowKey}`;
}
