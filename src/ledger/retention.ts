/**
 * Purges old records: exported to the archive, read again there, marked, and only then deleted. A purge that dies anywhere goes on where it was: until
 * the repair's row is marked nothing is deleted, and once it is, what is left is deleted without another export. The row goes last.
 */
import { z } from 'zod';
import type { Archive } from './archive';
import type { openDocuments } from './documents';
import { readTimelineOf } from './entries';
import { LedgerFault } from './errors';
import { checkRepairId, descendingTimeKey, encodeKey, hashOf, isRepairId, repairRowKey } from './keys';
import type { Ledger, PurgeAnswer, RepairDetail } from './ports';
import { repairRow, type StoredRow } from './rows';
import type { RowAddress, Table } from './table';
import { addressesOfVm } from './signals';
import { lockPartitionOf } from './write-locks';

interface Stores {
  signals: Table;
  repairs: Table;
  entries: Table;
  documents: ReturnType<typeof openDocuments>;
  archive: Archive;
}

/** More rows than a repair can have. */
const maxRows = 10_000;

/** A row as it stood, without what the store adds. */
const exportedRow = z.looseObject({ partitionKey: z.string(), rowKey: z.string() });
const exportedRepair = z.object({
  format: z.literal(1),
  repair: exportedRow,
  entries: z.array(exportedRow),
  writeLocks: z.array(exportedRow),
  documents: z.record(z.string(), z.unknown()),
});
type ExportedRow = z.infer<typeof exportedRow>;
type ExportedRepair = z.infer<typeof exportedRepair>;

/** The column of a repair's row that says under which path it is exported: written once all of it is. */
const markColumn = 'exportedAs';

type Retention = Pick<Ledger, 'purgeRepair' | 'purgeSignals' | 'getExportedDetail'>;

/** Retention of the records in these stores. */
export function createRetention({ signals, repairs, entries, documents, archive }: Stores): Retention {
  async function collect(repairId: string, row: StoredRow): Promise<ExportedRepair> {
    const [entryRows, lockRows, found] = await Promise.all([
      entries.query({ partitionKey: repairId, limit: maxRows }),
      entries.query({ partitionKey: lockPartitionOf(repairId), limit: maxRows }),
      documents.readWhole(repairId),
    ]);
    const unreadable = [...readTimelineOf(entryRows).unreadable, ...found.unreadable];
    const [spoilt] = unreadable;
    if (spoilt) throw new LedgerFault(spoilt.problem, { code: 'UnreadableRow', place: spoilt.place });
    return {
      format: 1,
      repair: asExported(row),
      entries: entryRows.map(asExported),
      writeLocks: lockRows.map(asExported),
      documents: found.documents,
    };
  }

  async function exportAndMark(repairId: string, row: StoredRow): Promise<string | undefined> {
    const path = await archive.keep(folderOf(repairId), await collect(repairId, row));
    // What was written meanwhile is not in it: the next round exports it anew.
    const address = addressOf(repairId);
    const newest = await repairs.read(address);
    if (newest === undefined || (await archive.keep(folderOf(repairId), await collect(repairId, newest))) !== path) {
      return undefined;
    }
    let isMarked = false;
    await repairs.change(address, (now) => {
      isMarked = isSame(asExported(now), asExported(newest));
      return isMarked ? { [markColumn]: path } : undefined;
    });
    return isMarked ? path : undefined;
  }

  async function deleteRows(repairId: string, path: string): Promise<boolean> {
    const exported = exportedRepair.parse(await archive.read(path));
    for (const row of [...exported.entries, ...exported.writeLocks]) {
      await entries.removeIf(row, (now) => isSame(asExported(now), row));
    }
    // One that has come or changed since is in no export, so the row that leads to it stays.
    const left = await entries.query({ partitionKey: repairId, limit: 1 });
    if (left.length > 0) return false;
    await documents.removeAll(repairId);
    await repairs.removeIf(addressOf(repairId), (now) => now[markColumn] === path);
    return true;
  }

  async function purgeRepair(repairId: string): Promise<PurgeAnswer> {
    checkRepairId(repairId);
    const row = await repairs.read(addressOf(repairId));
    if (row === undefined) return 'not-there';
    if (repairRow.read(row).ending === undefined) return 'not-ended';
    const path = markOf(row) ?? (await exportAndMark(repairId, row));
    if (path === undefined) return 'changed-meanwhile';
    return (await deleteRows(repairId, path)) ? 'purged' : 'changed-meanwhile';
  }

  async function purgeSignals(before: string, limit: number): Promise<number> {
    const rows = await signals.query({ partitionKey: 'signal-by-time', after: descendingTimeKey(before), limit });
    if (rows.length === 0) return 0;
    const found = await Promise.all(rows.map(async (row) => ({ row, known: await signals.read(byKeyAddress(row)) })));
    await archive.keep('signals', {
      format: 1,
      rows: found.map(({ row, known }) => ({ byTime: asExported(row), byKey: known && asExported(known) })),
    });
    for (const { row, known } of found) {
      // The list leads to the others, so it goes last.
      for (const address of addressesOfVm(row)) await signals.removeIf(address, () => true);
      if (known) await signals.removeIf(known, (now) => isSame(asExported(now), asExported(known)));
      await signals.removeIf(row, (now) => isSame(asExported(now), asExported(row)));
    }
    return rows.length;
  }

  async function getExportedDetail(repairId: string): Promise<RepairDetail | undefined> {
    if (!isRepairId(repairId)) return undefined;
    const row = await repairs.read(addressOf(repairId));
    const path = row === undefined ? await archive.newestIn(folderOf(repairId)) : markOf(row);
    if (path === undefined) return undefined;
    const parsed = exportedRepair.safeParse(await archive.read(path));
    if (!parsed.success) {
      throw new LedgerFault(`Export ${path} is not one of a repair.`, { code: 'UnreadableDocument', place: path });
    }
    const { repair, entries: rows, documents: all } = parsed.data;
    const shown = Object.entries(all).filter(([name]) => !name.startsWith('guest-'));
    return {
      repair: repairRow.read(asStored(repair)),
      ...readTimelineOf(rows.map(asStored)),
      documents: Object.fromEntries(shown),
      exportedAs: path,
    };
  }

  return { purgeRepair, purgeSignals, getExportedDetail };
}

function folderOf(repairId: string): string {
  return `repairs/${repairId}`;
}

function addressOf(repairId: string): RowAddress {
  return { partitionKey: 'repair', rowKey: repairRowKey(repairId) };
}

/** Where `recordSignal` has put the same signal by its key; of a key that was too long for its column the hash is in the row key. */
function byKeyAddress({ rowKey, key }: StoredRow): RowAddress {
  const encoded = typeof key === 'string' ? encodeKey(key) : '';
  const hash = rowKey.slice(rowKey.lastIndexOf('-') + 1);
  const isWhole = typeof key === 'string' && hashOf(key) === hash;
  return { partitionKey: 'signal', rowKey: isWhole ? encoded : `_sha256_${hash}` };
}

function markOf(row: StoredRow): string | undefined {
  const mark = row[markColumn];
  return typeof mark === 'string' ? mark : undefined;
}

/** Columns in one order, without what the store or the SDK adds, and without our mark. */
function asExported(row: StoredRow): ExportedRow {
  const columns = Object.entries(row)
    .filter(([name]) => !['etag', 'timestamp', markColumn].includes(name) && !name.includes('odata'))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const { partitionKey, rowKey } = row;
  return { ...(Object.fromEntries(columns) as Record<string, unknown>), partitionKey, rowKey };
}

function asStored(row: ExportedRow): StoredRow {
  return { ...row, etag: '' };
}

function isSame(one: ExportedRow, other: ExportedRow): boolean {
  return one.rowKey === other.rowKey && JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder(row: ExportedRow): unknown {
  return Object.entries(row).sort(([one], [other]) => (one < other ? -1 : 1));
}
