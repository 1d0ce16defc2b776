/**
 * Leases ("one repair per VM"), loans ("a standing recovery VM works for one repair") and slots ("at most so many repairs change something at once"). Whoever inserts the row
 * first has it; the store refuses the second insert, also across processes.
 */
import { LedgerFault, LedgerInputError } from './errors';
import { encodeKey } from './keys';
import type { Ledger, LeaseAnswer, LeaseRecord } from './ports';
import { leaseRow, loanRow, slotRow, type StoredRow } from './rows';
import { readRow, readRows } from './readable-rows';
import type { RowAddress, Table } from './table';

const leasePartition = 'lease';
/** Not among the leases: upkeep takes each of those for a repair of that VM. */
const loanPartition = 'loan';
const slotPartition = 'slot';

/** More leases or slots than this are not a fleet's size but a leak. */
const maxHolders = 10_000;

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

  async function listSlots() {
    const rows = await table.query({ partitionKey: slotPartition, limit: maxHolders });
    // One that cannot be read is taken, nobody knows by whom: nobody takes it, and nobody frees it.
    return rows.map((row) => ({ rowKey: row.rowKey, repairId: holderOf(row) }));
  }

  /**
   * Everybody tries the lowest free slot and looks again after losing it. So slot i is taken only when all below it
   * were seen taken: with h holders at or above the cap (left from a higher one) only the slots below cap − h can be
   * taken, and holders never grow beyond the cap.
   */
  async function acquireSlot(repairId: string, cap: number): Promise<boolean> {
    if (!Number.isInteger(cap) || cap < 0) {
      throw new LedgerInputError(`The cap of slots must be a whole number of 0 or more, not ${cap}.`);
    }
    const columns = slotRow.write({ repairId });
    for (let count = 0; count < maxAttempts; count += 1) {
      const held = await listSlots();
      if (held.some((slot) => slot.repairId === repairId)) return true;
      if (held.length >= cap) return false;
      const taken = new Set(held.map((slot) => slot.rowKey));
      if (await table.insert(slotAddress(lowestFree(taken)), columns)) return true;
    }
    throw contention('The slots');
  }

  async function releaseSlot(repairId: string): Promise<void> {
    // Two calls of the same repair at the same instant may have taken a slot each, so all of its slots are freed.
    const ours = (await listSlots()).filter((slot) => slot.repairId === repairId);
    for (const { rowKey } of ours) {
      await table.removeIf({ partitionKey: slotPartition, rowKey }, (row) => slotRow.read(row).repairId === repairId);
    }
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

function lowestFree(taken: Set<string>): number {
  let index = 0;
  while (taken.has(slotAddress(index).rowKey)) index += 1;
  return index;
}

function contention(what: string): LedgerFault {
  return new LedgerFault(`${what} kept changing under ${maxAttempts} attempts.`, { code: 'TooMuchContention' });
}
