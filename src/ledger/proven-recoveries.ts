/** Recoveries that have worked: one row for each pair of recovery VM and generation, written once. */
import { encodeKey } from './keys';
import type { Ledger, RecoveryPair } from './ports';
import { provenRecoveryRow } from './rows';
import type { RowAddress, Table } from './table';

const partitionKey = 'proven-recovery';

/** Those in `table`. */
export function createProvenRecoveries(table: Table): Pick<Ledger, 'recordProvenRecovery' | 'getProvenRecovery'> {
  return {
    async recordProvenRecovery(proven) {
      await table.insert(addressOf(proven), provenRecoveryRow.write(proven));
    },
    async getProvenRecovery(pair) {
      const row = await table.read(addressOf(pair));
      return row && provenRecoveryRow.read(row);
    },
  };
}

function addressOf({ recoveryVm, generation }: RecoveryPair): RowAddress {
  return { partitionKey, rowKey: `${generation}.${encodeKey(recoveryVm.toLowerCase())}` };
}
