/**
 * Leases ("one repair per VM"), loans ("a standing recovery VM works for one repair") and slots ("at most so many repairs change something at once"). Whoever inserts the row
 * first has it; the store refuses the second insert, also across processes.
 */
import { LedgerFault, LedgerInputError } from './errors';
import { encodeKey } from './keys';
import type { Ledger, LeaseAnswer, LeaseRecord, SlotAnswer } from './ports';
import { readRow, readRows } from './readable-rows';
import { leaseRow, loanRow, queuedRow, slotRow, type QueuedRecord, type StoredRow } from './rows';
import type { RowAddress, Table } from './table';

const leasePartition = 'lease';
/** Not among the leases: upkeep takes each of those for a repair of that VM. */
const loanPartition = 'loan';
const slotPartition = 'slot';
/** The repairs that wait for a slot. */
const queuePartition = 'slot-queue';

/** More leases or slots than this are not a fleet's size but a leak. */
const maxHolders = 10_000;

/**
 * A queued repair that has not asked for this long (ms) is passed over, by one that has been asking for as long: whoever comes back from
 * a silence of all (the app was stopped) lets the others come back, too. The pauses of those that wait are far shorter
 * (src/activities/place.ts).
 */
export const queueSilenceMs = 5 * 60_000;

/** How often a row may be taken and freed again between our insert and our read before we give up. */
const maxAttempts = 50;

type Leases = Pick<
  Ledger,
  | 'acquireLease'
  | 'releaseLease'
  | 'listLeases'
  | 'getLease'
  | 'lendRecoveryVm'
  | 'getBorrower'
  | 'takeRecoveryVmBack'
  | 'acquireSlot'
  | 'releaseSlot'
  | 'listSlots'
>;

/** Leases, loans and slots in `table`. */
export function createLeases(table: Table): Leases {
  async function acquireLease(lease: LeaseRecord): Promise<LeaseAnswer> {
    const address = leaseAddress(lease.vmKey);
    const columns = leaseRow.write(lease);
    for (let count = 0; count < maxAttempts; count += 1) {
      if (await table.insert(address, columns)) return { kind: 'acquired', lease };
      const row = await table.read(address);
      if (row === undefined) continue; // Freed in between.
      const holder = leaseRow.read(row);
      return { kind: holder.repairId === lease.repairId ? 'acquired' : 'held', lease: holder };
    }
    throw contention(`The lease of ${address.rowKey}`);
  }

  async function getBorrower(vmId: string): Promise<string | undefined> {
    const row = await table.read(loanAddress(vmId));
    return row && loanRow.read(row).repairId;
  }

  async function lendRecoveryVm(
    vmId: string,
    repairId: string,
  ): Promise<{ kind: 'lent' } | { kind: 'held'; repairId: string }> {
    const columns = loanRow.write({ vmId, repairId });
    for (let count = 0; count < maxAttempts; count += 1) {
      if (await table.insert(loanAddress(vmId), columns)) return { kind: 'lent' };
      const borrower = await getBorrower(vmId);
      if (borrower === undefined) continue; // Given back in between.
      return borrower === repairId ? { kind: 'lent' } : { kind: 'held', repairId: borrower };
    }
    throw contention(`The loan of ${vmId}`);
  }

  async function heldSlots() {
    const rows = await table.query({ partitionKey: slotPartition, limit: maxHolders });
    // One that cannot be read is taken, nobody knows by whom: nobody takes it, and nobody frees it.
    return rows.map((row) => ({ rowKey: row.rowKey, repairId: holderOf(row) }));
  }

  /** Puts the repair into the queue, or says that it asks again; gives its own row as it is then. */
  async function queue(repairId: string, at: string): Promise<QueuedRecord> {
    const address = queueAddress(repairId);
    const first: QueuedRecord = { repairId, since: at, askedAt: at, watchesSince: at };
    for (let count = 0; count < maxAttempts; count += 1) {
      if (await table.insert(address, queuedRow.write(first))) return first;
      let own = first;
      const isThere = await table.change(address, (row) => {
        own = askedAgain(queuedRow.read(row), at);
        return queuedRow.write(own);
      });
      if (isThere) return own;
    }
    throw contention('The queue for a slot');
  }

  async function listQueue(): Promise<QueuedRecord[]> {
    const rows = await table.query({ partitionKey: queuePartition, limit: maxHolders });
    // One that cannot be read keeps nobody waiting but its own repair, which is told when it asks.
    return readRows(rows, queuedRow).rows;
  }

  async function leaveQueue(repairId: string): Promise<void> {
    await table.removeIf(queueAddress(repairId), () => true);
  }

  /**
   * Everybody tries the lowest free slot and looks again after losing it. So slot i is taken only when all below it
   * were seen taken: with h holders at or above the cap (left from a higher one) only the slots below cap − h can be
   * taken, and holders never grow beyond the cap. Only those try whose rank in the queue is within the free slots. The queue is read
   * before the slots: one that is called up meanwhile is seen in both, and never in neither.
   */
  async function acquireSlot(repairId: string, { cap, at }: Parameters<Ledger['acquireSlot']>[1]): Promise<SlotAnswer> {
    if (!Number.isInteger(cap) || cap < 0) {
      throw new LedgerInputError(`The cap of slots must be a whole number of 0 or more, not ${cap}.`);
    }
    const columns = slotRow.write({ repairId });
    let own: QueuedRecord | undefined;
    for (let count = 0; count < maxAttempts; count += 1) {
      const queued = own === undefined ? [] : await listQueue();
      const held = await heldSlots();
      const holders = new Set(held.map((slot) => slot.repairId));
      if (holders.has(repairId)) {
        await leaveQueue(repairId);
        return { kind: 'held' };
      }
      if (own === undefined) {
        own = await queue(repairId, at);
        continue;
      }
      const ahead = comingBefore(own, queued).filter((other) => !holders.has(other.repairId)).length;
      if (ahead >= cap - held.length) return { kind: 'queued', since: own.since, ahead };
      const taken = new Set(held.map((slot) => slot.rowKey));
      if (await table.insert(slotAddress(lowestFree(taken)), columns)) {
        await leaveQueue(repairId);
        return { kind: 'held' };
      }
    }
    throw contention('The slots');
  }

  async function releaseSlot(repairId: string): Promise<void> {
    await leaveQueue(repairId);
    // Two calls of the same repair at the same instant may have taken a slot each, so all of its slots are freed.
    const ours = (await heldSlots()).filter((slot) => slot.repairId === repairId);
    for (const { rowKey } of ours) {
      await table.removeIf({ partitionKey: slotPartition, rowKey }, (row) => slotRow.read(row).repairId === repairId);
    }
  }

  async function listSlots(): Promise<string[]> {
    const queued = await listQueue();
    const ids = [...queued, ...(await heldSlots())].map(({ repairId }) => repairId);
    return [...new Set(ids)].filter((id) => id !== undefined);
  }

  return {
    acquireLease,
    releaseLease: (vmKey, repairId) =>
      table.removeIf(leaseAddress(vmKey), (row) => leaseRow.read(row).repairId === repairId),
    listLeases: async () => readRows(await table.query({ partitionKey: leasePartition, limit: maxHolders }), leaseRow),
    async getLease(vmKey) {
      const row = await table.read(leaseAddress(vmKey));
      return row && leaseRow.read(row);
    },
    lendRecoveryVm,
    getBorrower,
    takeRecoveryVmBack: (vmId, repairId) =>
      table.removeIf(loanAddress(vmId), (row) => loanRow.read(row).repairId === repairId),
    acquireSlot,
    releaseSlot,
    listSlots,
  };
}

function holderOf(row: StoredRow): string | undefined {
  const read = readRow(row, slotRow);
  return read.ok ? read.record.repairId : undefined;
}

/** ARM's ids are compared without case. */
function loanAddress(vmId: string): RowAddress {
  return { partitionKey: loanPartition, rowKey: encodeKey(vmId.toLowerCase()) };
}

function leaseAddress(vmKey: string): RowAddress {
  return { partitionKey: leasePartition, rowKey: encodeKey(vmKey) };
}

function slotAddress(index: number): RowAddress {
  return { partitionKey: slotPartition, rowKey: `slot-${index}` };
}

function queueAddress(repairId: string): RowAddress {
  return { partitionKey: queuePartition, rowKey: encodeKey(repairId) };
}

/** Two calls of one repair may come in the wrong order, so its times only go up. */
function askedAgain(queued: QueuedRecord, at: string): QueuedRecord {
  const silence = Date.parse(at) - Date.parse(queued.askedAt);
  const askedAt = silence > 0 ? at : queued.askedAt;
  return { ...queued, askedAt, watchesSince: silence > queueSilenceMs ? at : queued.watchesSince };
}

/** Those that asked first before this one did, but for those whose silence it has seen itself. */
function comingBefore(own: QueuedRecord, queued: QueuedRecord[]): QueuedRecord[] {
  const silentSince = Date.parse(own.askedAt) - queueSilenceMs;
  const mayPassOver = Date.parse(own.watchesSince) <= silentSince;
  return queued.filter((other) => isBefore(other, own) && !(mayPassOver && Date.parse(other.askedAt) < silentSince));
}

function isBefore(one: QueuedRecord, other: QueuedRecord): boolean {
  const difference = Date.parse(one.since) - Date.parse(other.since);
  return difference < 0 || (difference === 0 && one.repairId < other.repairId);
}

function lowestFree(taken: Set<string>): number {
  let index = 0;
  while (taken.has(slotAddress(index).rowKey)) index += 1;
  return index;
}

function contention(what: string): LedgerFault {
  return new LedgerFault(`${what} kept changing under ${maxAttempts} attempts.`, { code: 'TooMuchContention' });
}
