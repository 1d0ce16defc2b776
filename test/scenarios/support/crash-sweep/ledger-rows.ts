import { readFileSync } from 'node:fs';
import { TableClient } from '@azure/data-tables';
import type { Storage } from '../../../../local/storage/start-storage';

const nobodyTakes = ['brake', 'proven-recovery'];

/**
 * What is still taken in a ledger: the rows of its table of leases, read with the account's key and without the app's own
 * code. The switch that stops everything has its row there too, and recoveries that have worked: they are left out.
 */
export async function takenRows(storage: Pick<Storage, 'connectionStringOf'>, account: string, caFile: string) {
  const options = { tlsOptions: { ca: readFileSync(caFile, 'utf8') } };
  const table = TableClient.fromConnectionString(storage.connectionStringOf(account), 'rdplifelineLeases', options);
  const taken: string[] = [];
  for await (const { partitionKey, rowKey } of table.listEntities()) {
    if (partitionKey !== undefined && !nobodyTakes.includes(partitionKey)) taken.push(`${partitionKey} ${rowKey}`);
  }
  return taken;
}
