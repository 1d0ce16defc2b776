/** The ledger on Azure Table storage (rows) and Blob storage (documents). Layout: README.md. */
import type { TableClient } from '@azure/data-tables' with { 'resolution-mode': 'import' };
import type { ContainerClient } from '@azure/storage-blob' with { 'resolution-mode': 'import' };
import { openArchive } from './archive';
import { openDocuments } from './documents';
import { createEntries } from './entries';
import { LedgerFault, LedgerInputError } from './errors';
import { isRepairId } from './keys';
import { createFollowUps } from './follow-ups';
import { createKillSwitch } from './kill-switch';
import { createLeases } from './leases';
import { createPendingSignals } from './pending-signals';
import type { Ledger, RepairDetail } from './ports';
import { createProvenRecoveries } from './proven-recoveries';
import { createRepairs } from './repairs';
import { createRetention } from './retention';
import { createSelfTest } from './self-test';
import { createSignals } from './signals';
import { createWriteLocks } from './write-locks';
import { openLedgerTable } from './table';

/** Where the ledger keeps its things. Both are asked for when they are first needed: loading an SDK takes time. */
export interface LedgerStores {
  /** A client of the table of that name, which need not exist yet. */
  openTable: (tableName: string) => Promise<TableClient>;
  /** A client of the container of the documents, which need not exist yet. */
  openContainer: () => Promise<ContainerClient>;
  /** A client of the container of the archive, which need not exist yet. */
  openArchive?: () => Promise<ContainerClient>;
  /** Begins the tables' names; letters and digits. */
  tablePrefix?: string;
  /** How long one operation on a document may take, in ms. Those on tables are bounded by their client. */
  documentTimeoutMs?: number;
}

export const defaultTablePrefix = 'rdplifeline';

/** A ledger on these stores. Nothing is read, written or loaded before the first call. */
export function createTableLedger(stores: LedgerStores): Ledger {
  const { tablePrefix = defaultTablePrefix, documentTimeoutMs = 30_000 } = stores;
  if (!/^[A-Za-z][A-Za-z0-9]{0,52}$/.test(tablePrefix)) {
    throw new LedgerInputError(
      `The ledger's table prefix must be 1 to 53 letters and digits and begin with a letter, not "${tablePrefix}".`,
    );
  }
  function openTable(name: string) {
    return openLedgerTable(`${tablePrefix}${name}`, stores.openTable);
  }
  const tables = {
    signals: openTable('Signals'),
    repairs: openTable('Repairs'),
    entries: openTable('Entries'),
    leases: openTable('Leases'),
  };
  const documents = openDocuments(stores.openContainer, documentTimeoutMs);
  const archive = openArchive(stores.openArchive ?? noArchive, documentTimeoutMs);
  const retention = createRetention({ ...tables, documents, archive });
  const repairs = createRepairs(tables.repairs);
  const entries = createEntries(tables.entries);

  async function createAll(): Promise<void> {
    await Promise.all([...Object.values(tables).map((table) => table.create()), documents.create()]);
    if (stores.openArchive) await archive.create();
  }

  async function getRepairDetail(repairId: string): Promise<RepairDetail | undefined> {
    if (!isRepairId(repairId)) return undefined;
    const repair = await repairs.getRepair(repairId);
    if (repair === undefined) return undefined;
    const [recorded, found] = await Promise.all([entries.getTimeline(repairId), documents.readAll(repairId)]);
    const [spoilt] = found.unreadable;
    if (spoilt) throw new LedgerFault(spoilt.problem, { code: 'UnreadableDocument', place: spoilt.place });
    return { repair, ...recorded, documents: found.documents };
  }

  async function getReadableDetail(repairId: string): Promise<RepairDetail | undefined> {
    if (!isRepairId(repairId)) return undefined;
    const repair = await repairs.getRepair(repairId);
    const exported = stores.openArchive && (repair === undefined || repair.ending !== undefined);
    // A purge may have died half-way: what is marked as exported is read there.
    const detail = exported ? await retention.getExportedDetail(repairId) : undefined;
    if (detail || repair === undefined) return detail;
    const [recorded, found] = await Promise.all([entries.getReadableTimeline(repairId), documents.readAll(repairId)]);
    const unreadable = [...recorded.unreadable, ...found.unreadable];
    return { repair, ...recorded, documents: found.documents, unreadable };
  }

  return {
    prepare: oncePerSuccess(createAll),
    ...createSignals(tables.signals),
    ...createPendingSignals(tables.signals),
    ...createFollowUps(tables.signals),
    ...createLeases(tables.leases),
    ...createKillSwitch(tables.leases),
    ...createProvenRecoveries(tables.leases),
    ...repairs,
    getRepairDetail,
    getReadableDetail,
    ...entries,
    ...createWriteLocks(tables.entries),
    ...retention,
    ...createSelfTest(Object.values(tables), documents.writeAndReadBlob),
    putDocument: documents.putDocument,
    getDocument: documents.getDocument,
  };
}

function noArchive(): Promise<never> {
  return Promise.reject(new LedgerInputError('This ledger has no archive.'));
}

/** Calls `act` until it has succeeded once; callers at the same time share one call. */
function oncePerSuccess(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}
