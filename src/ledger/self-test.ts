/** Whether the store takes and gives what a repair needs: a row of its own in every table, and a blob of its own. */
import { LedgerFault } from './errors';
import type { Ledger } from './ports';
import type { RowAddress, Table } from './table';

/** Beside the rows of repairs, in a partition that no list reads. */
const address: RowAddress = { partitionKey: 'self-test', rowKey: 'self-test' };

/** The checks of these stores. Instances share the row and the blob, so nothing is left but one of each. */
export function createSelfTest(
  tables: readonly Table[],
  writeAndReadBlob: () => Promise<void>,
): Pick<Ledger, 'writeAndReadRows' | 'writeAndReadBlob'> {
  return {
    writeAndReadRows: async () => {
      await Promise.all(tables.map(writeAndRead));
    },
    writeAndReadBlob,
  };
}

async function writeAndRead(table: Table): Promise<void> {
  await table.put(address, { at: new Date().toISOString() });
  const row = await table.read(address);
  if (row === undefined)
    throw new LedgerFault('A row that was just written is not there.', { code: 'WrittenRowMissing' });
}
