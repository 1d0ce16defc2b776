/**
 * Lists in which a row may stand that cannot be read: another program, a newer release or a damaged store has written it. It is skipped and
 * named, so that one row stops nobody but whom it is about. Whoever decides by a list looks at what is unreadable in it: an unreadable lease is
 * a held lease, an unreadable slot is a taken one.
 */
import { LedgerFault } from './errors';
import type { RowKind, StoredRow } from './rows';

/** A row, or a document, that is there and cannot be read. */
export interface UnreadableRow {
  /** Where it is: partition and row key, or the path of a document. Ours is what is at such a place, its content nobody's. */
  place: string;
  rowKey: string;
  /** What is wrong with it, never what it holds. */
  problem: string;
}

/** What of a list can be read, and what cannot. */
export interface ReadRows<T> {
  rows: T[];
  unreadable: UnreadableRow[];
}

/** Reads rows of one kind in their order. Throws only what is no matter of a row. */
export function readRows<T>(stored: readonly StoredRow[], kind: Pick<RowKind<T>, 'read'>): ReadRows<T> {
  const rows: T[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const row of stored) {
    const read = readRow(row, kind);
    if (read.ok) rows.push(read.record);
    else unreadable.push(read.unreadable);
  }
  return { rows, unreadable };
}

/** Reads one row. */
export function readRow<T>(
  row: StoredRow,
  kind: Pick<RowKind<T>, 'read'>,
): { ok: true; record: T } | { ok: false; unreadable: UnreadableRow } {
  try {
    return { ok: true, record: kind.read(row) };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const { partitionKey, rowKey } = row;
    return { ok: false, unreadable: { place: `${partitionKey} / ${rowKey}`, rowKey, problem: error.message } };
  }
}

/** Whether a fault says that a row, or a document, is there and cannot be read. */
export function isUnreadable(error: unknown): error is LedgerFault {
  return error instanceof LedgerFault && (error.code === 'UnreadableRow' || error.code === 'UnreadableDocument');
}
