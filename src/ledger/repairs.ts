/** The rows of repairs, newest first. */
import { LedgerFault, LedgerInputError } from './errors';
import { checkRepairId, descendingTimeKey, isRepairId, quote, repairRowKey } from './keys';
import { readPageToken, writePageToken } from './page-token';
import type { Ledger, RepairPage, RepairRecord } from './ports';
import { readRows } from './readable-rows';
import { asWritten, generationColumns, repairFieldsColumns, repairRow, vmHashOf, type RepairFields } from './rows';
import type { RowAddress, Table } from './table';

const partitionKey = 'repair';

/** Below the store's 1,000 rows in one answer, with one to spare: it tells whether a further page exists. */
const maxPageSize = 500;

type Repairs = Pick<Ledger, 'createRepair' | 'updateRepair' | 'takeUpRepair' | 'getRepair' | 'listRepairs'>;

/** Repairs in `table`. */
export function createRepairs(table: Table): Repairs {
  async function getRepair(repairId: string): Promise<RepairRecord | undefined> {
    if (!isRepairId(repairId)) return undefined;
    const row = await table.read(repairAddress(repairId));
    return row === undefined ? undefined : repairRow.read(row);
  }

  async function createRepair(repair: RepairRecord): Promise<RepairRecord> {
    const columns = repairRow.write(repair);
    if (await table.insert(repairAddress(repair.repairId), columns)) return asWritten(repairRow, columns);
    const recorded = await getRepair(repair.repairId);
    if (recorded === undefined) throw new LedgerFault('A repair vanished right after it was recorded.');
    return recorded;
  }

  async function updateRepair(repairId: string, fields: RepairFields): Promise<void> {
    checkRepairId(repairId);
    repairFieldsColumns(fields); // Malformed fields are refused whatever the row holds.
    const found = await table.change(repairAddress(repairId), (row) =>
      repairFieldsColumns(stillAllowed(repairRow.read(row), fields)),
    );
    if (!found) throw new LedgerInputError(`There is no repair ${quote(repairId)} to update. Create it first.`);
  }

  async function takeUpRepair(repairId: string, orchestrationStartedAt: string): Promise<number | undefined> {
    checkRepairId(repairId);
    let generation: number | undefined;
    const found = await table.change(repairAddress(repairId), (row) => {
      const recorded = repairRow.read(row);
      const isLater = laterThan(orchestrationStartedAt, recorded.orchestrationStartedAt);
      const isSame = Date.parse(orchestrationStartedAt) === Date.parse(recorded.orchestrationStartedAt ?? '');
      generation = isLater ? (recorded.generation ?? 0) + 1 : isSame ? recorded.generation : undefined;
      return isLater ? generationColumns({ generation: generation ?? 1, orchestrationStartedAt }) : undefined;
    });
    if (!found) throw new LedgerInputError(`There is no repair ${quote(repairId)} to take up. Create it first.`);
    return generation;
  }

  async function listRepairs(query: Parameters<Ledger['listRepairs']>[0]): Promise<RepairPage> {
    const { vmId, ending, pageSize, continuationToken, acceptedUntil } = query;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
      throw new LedgerInputError(`The page size must be a whole number from 1 to ${maxPageSize}, not ${pageSize}.`);
    }
    const where = {
      ...(vmId === undefined ? {} : { vmHash: vmHashOf(vmId) }),
      ...(ending === undefined ? {} : { state: ending }),
    };
    const first = acceptedUntil === undefined ? undefined : firstKeyUntil(acceptedUntil);
    const after = continuationToken === undefined ? first : readPageToken(continuationToken, where);
    const rows = await table.query({ partitionKey, after, where, limit: pageSize + 1 });
    const shown = rows.slice(0, pageSize);
    const last = shown.at(-1);
    const { rows: repairs, unreadable } = readRows(shown, repairRow);
    return {
      repairs,
      unreadable,
      ...(last !== undefined && rows.length > pageSize && { continuationToken: writePageToken(last.rowKey, where) }),
    };
  }

  return { createRepair, updateRepair, takeUpRepair, getRepair, listRepairs };
}

/** Before the keys of all repairs that were accepted in this second or earlier. */
function firstKeyUntil(time: string): string {
  return descendingTimeKey(time).slice(0, 'YYYYMMDDHHMMSS'.length);
}

function laterThan(time: string, other: string | undefined): boolean {
  return other === undefined || Date.parse(time) > Date.parse(other);
}

function repairAddress(repairId: string): RowAddress {
  return { partitionKey, rowKey: repairRowKey(repairId) };
}

/**
 * What may still be written to a repair. Times tell when something first happened. Once there is an ending, everything
 * that tells of an ending is left as it is; an update that brings an ending of its own is late, so its phase is late too.
 */
function stillAllowed(recorded: RepairRecord, fields: RepairFields): RepairFields {
  const { ending, endingCode, endingReason, endedAt, phase, ...rest } = fields;
  const others = {
    ...rest,
    startedAt: recorded.startedAt ?? fields.startedAt,
    cancelRequestedAt: recorded.cancelRequestedAt ?? fields.cancelRequestedAt,
  };
  if (recorded.ending === undefined) return { ...others, ending, endingCode, endingReason, endedAt, phase };
  return ending === undefined ? { ...others, phase } : others;
}
