/** The kill switch: one row. No row means that it was never touched; a table that is missing is a fault, not "off". */
import type { Ledger } from './ports';
import { brakeRow } from './rows';
import type { RowAddress, Table } from './table';

const address: RowAddress = { partitionKey: 'brake', rowKey: 'kill-switch' };

/** The kill switch in `table`. */
export function createKillSwitch(table: Table): Pick<Ledger, 'getKillSwitch' | 'setKillSwitch'> {
  return {
    getKillSwitch: async () => {
      const row = await table.read(address);
      return row === undefined ? undefined : brakeRow.read(row);
    },
    setKillSwitch: (brake) => table.put(address, brakeRow.write(brake)),
  };
}
