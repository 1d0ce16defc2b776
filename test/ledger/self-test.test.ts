import { freshLedger, freshPrefix, rawContainer, rawTable, startAzurite, type Azurite } from './support/azurite';
import { repairRecord } from './support/records';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

describe('ledger/self-test', () => {
  it('writes and reads every table and a blob, again and again, and leaves one of each and no list changed', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await ledger.createRepair(repairRecord());
    for (let time = 0; time < 3; time += 1) await Promise.all([ledger.writeAndReadRows(), ledger.writeAndReadBlob()]);
    for (const name of ['Signals', 'Repairs', 'Entries', 'Leases'] as const) {
      const keys: string[] = [];
      for await (const row of (await rawTable(azurite, prefix, name)).listEntities()) keys.push(row.partitionKey ?? '');
      expect(keys.filter((key) => key === 'self-test')).toHaveLength(1);
    }
    expect((await ledger.listRepairs({ pageSize: 10 })).repairs).toHaveLength(1);
    expect(await ledger.listLeases()).toEqual({ rows: [], unreadable: [] });
  });

  it.each(['Signals', 'Repairs', 'Entries', 'Leases'] as const)('fails when the table %s is gone', async (name) => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await (await rawTable(azurite, prefix, name)).deleteTable();
    await expect(ledger.writeAndReadRows()).rejects.toMatchObject({ code: 'TableNotFound' });
    await ledger.writeAndReadBlob();
  });

  it('fails when the container is gone', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await (await rawContainer(azurite, `${prefix}-documents`)).delete();
    await expect(ledger.writeAndReadBlob()).rejects.toMatchObject({ code: 'ContainerNotFound' });
    await ledger.writeAndReadRows();
  });
});
