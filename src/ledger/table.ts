/**
 * One table of the ledger, as little of it as the ledger needs. Expected answers of the store (exists already, changed
 * since, not there) are results; all else is a LedgerFault. The only file that composes an OData filter.
 */
import type { TableClient } from '@azure/data-tables' with { 'resolution-mode': 'import' };
import { LedgerFault } from './errors';
import { rememberRows } from './remembered-rows';
import type { Columns, StoredRow } from './rows';
import { orLedgerFault, restFailureOf } from './store-failures';

/** Where a row is. */
export interface RowAddress {
  partitionKey: string;
  rowKey: string;
}

/** Which rows of one partition are asked for, in the order of their row keys. */
interface RowQuery {
  partitionKey: string;
  /** Only rows behind this row key. */
  after?: string;
  /** Only rows up to this row key. */
  upTo?: string;
  /** Only rows whose columns have exactly these values. The names are the program's own, never a caller's. */
  where?: Record<string, string>;
  limit: number;
}

/** The verbs on a table. Each throws a LedgerFault if the store can't be reached or refuses us. */
export interface Table {
  /** Creates the table if it is missing. */
  create(): Promise<void>;
  /** Writes a row that must be new; false if there is one already. */
  insert(address: RowAddress, columns: Columns): Promise<boolean>;
  /** Writes a row, whatever was there. */
  put(address: RowAddress, columns: Columns): Promise<void>;
  read(address: RowAddress): Promise<StoredRow | undefined>;
  query(query: RowQuery): Promise<StoredRow[]>;
  /**
   * Reads a row, lets `decide` say which columns to write, and merges them if nobody wrote in between; else begins
   * again. `decide` returns undefined to leave the row as it is. False if there is no such row. A row that this process saw before
   * is not read first: the store refuses what was decided on it if it has changed since.
   */
  change(address: RowAddress, decide: (row: StoredRow) => Columns | undefined): Promise<boolean>;
  /** Deletes a row while `isOurs` says yes of what it holds at that moment; otherwise leaves it. */
  removeIf(address: RowAddress, isOurs: (row: StoredRow) => boolean): Promise<void>;
}

/** A change that loses the race this often is not contention: something is wrong. */
const maxAttempts = 50;

/** The store's limit on rows in one answer. */
const maxPageSize = 1_000;

/** The table behind `open`, which is called once, when the first verb is used. */
export function openLedgerTable(name: string, open: (name: string) => Promise<TableClient>): Table {
  let client: Promise<TableClient> | undefined;
  const remembered = rememberRows();

  function run<T>(doing: string, act: (client: TableClient) => Promise<T>): Promise<T> {
    return orLedgerFault(`${doing} (table ${name})`, async () => act(await (client ??= open(name))));
  }

  function read(address: RowAddress): Promise<StoredRow | undefined> {
    return run(`read row ${label(address)}`, async (table) => {
      try {
        return remembered.keep(asStoredRow(await table.getEntity(address.partitionKey, address.rowKey)));
      } catch (error) {
        // A missing *table* is 404 too, and must never look like "nobody holds the lease".
        if (restFailureOf(error).code === 'ResourceNotFound') return undefined;
        throw error;
      }
    });
  }

  /** Merges into the row as it was seen what `decide` says. */
  async function mergeInto(
    row: StoredRow,
    decide: (row: StoredRow) => Columns | undefined,
  ): Promise<'merged' | 'nothing-to-write' | 'row-changed'> {
    const columns = differing(row, decide(row) ?? {});
    if (Object.keys(columns).length === 0) return 'nothing-to-write';
    const { partitionKey, rowKey } = row;
    const isMerged = await writeIfUnchanged('merge', row, async (table) => {
      const { etag } = await table.updateEntity({ ...columns, partitionKey, rowKey }, 'Merge', { etag: row.etag });
      if (etag !== undefined) remembered.keep({ ...row, ...columns, etag });
    });
    return isMerged ? 'merged' : 'row-changed';
  }

  /** Runs a conditional write; false if the row was changed or deleted since `row` was read. */
  function writeIfUnchanged(doing: string, row: StoredRow, act: (client: TableClient) => Promise<unknown>) {
    return run(`${doing} row ${label(row)}`, async (table) => {
      try {
        await act(table);
        return true;
      } catch (error) {
        const { code } = restFailureOf(error);
        if (code === 'UpdateConditionNotSatisfied' || code === 'ResourceNotFound') return false;
        throw error;
      }
    });
  }

  /** Does `attempt` on the newest state of the row until it succeeds. False if there is no such row. */
  async function untilUnchanged(address: RowAddress, attempt: (row: StoredRow) => Promise<boolean>): Promise<boolean> {
    for (let count = 0; count < maxAttempts; count += 1) {
      const row = await read(address);
      if (row === undefined) return false;
      if (await attempt(row)) return true;
    }
    throw new LedgerFault(`Row ${label(address)} of table ${name} kept changing under ${maxAttempts} attempts.`, {
      code: 'TooMuchContention',
    });
  }

  return {
    create: () => run('create the table', (table) => table.createTable()),

    insert: (address, columns) =>
      run(`insert row ${label(address)}`, async (table) => {
        try {
          const { etag } = await table.createEntity({ ...columns, ...address });
          if (etag !== undefined) remembered.keep({ ...columns, ...address, etag });
          return true;
        } catch (error) {
          if (restFailureOf(error).code === 'EntityAlreadyExists') return false;
          throw error;
        }
      }),

    put: (address, columns) =>
      run(`write row ${label(address)}`, async (table) => {
        await table.upsertEntity({ ...columns, ...address }, 'Replace');
      }),

    read,

    query: (query) =>
      run(`list rows of ${query.partitionKey}`, async (table) => {
        const filter = await filterOf(query);
        const pages = table
          .listEntities({ queryOptions: { filter } })
          .byPage({ maxPageSize: Math.min(query.limit, maxPageSize) });
        const rows: StoredRow[] = [];
        // A page may come back short or empty although more rows follow, so only the iterator knows the end
        // (https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination).
        for await (const page of pages) {
          rows.push(...page.map(asStoredRow));
          if (rows.length >= query.limit) break;
        }
        return rows.slice(0, query.limit);
      }),

    change: async (address, decide) => {
      const known = remembered.take(address);
      // That there is nothing to write is believed of the row as it is now only.
      if (known !== undefined && (await mergeInto(known, decide)) === 'merged') return true;
      return untilUnchanged(address, async (row) => (await mergeInto(row, decide)) !== 'row-changed');
    },

    removeIf: async (address, isOurs) => {
      await untilUnchanged(address, async (row) => {
        if (!isOurs(row)) return true;
        return writeIfUnchanged('delete', row, (table) =>
          table.deleteEntity(address.partitionKey, address.rowKey, { etag: row.etag }),
        );
      });
    },
  };
}

async function filterOf({ partitionKey, after, upTo, where = {} }: RowQuery): Promise<string> {
  const { odata } = await import('@azure/data-tables');
  // The tag quotes and escapes a value only if text precedes it in the template.
  const conditions = [odata`PartitionKey eq ${partitionKey}`];
  if (after !== undefined) conditions.push(odata`RowKey gt ${after}`);
  if (upTo !== undefined) conditions.push(odata`RowKey le ${upTo}`);
  for (const [column, value] of Object.entries(where)) conditions.push(`${column} ${odata`eq ${value}`}`);
  return conditions.join(' and ');
}

/** The columns whose values are not in the row already: what is said again costs no write. */
function differing(row: StoredRow, columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).filter(([column, value]) => value !== undefined && value !== row[column]),
  );
}

function asStoredRow(entity: Record<string, unknown>): StoredRow {
  const { partitionKey, rowKey, etag } = entity;
  if (typeof partitionKey !== 'string' || typeof rowKey !== 'string' || typeof etag !== 'string') {
    throw new LedgerFault('The store gave a row without keys or ETag.', { code: 'UnreadableRow' });
  }
  return { ...entity, partitionKey, rowKey, etag };
}

function label({ partitionKey, rowKey }: RowAddress): string {
  return `${partitionKey} / ${rowKey}`;
}
