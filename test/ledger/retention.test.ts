import type { ContainerClient } from '@azure/storage-blob' with { 'resolution-mode': 'import' };
import type { TableClient } from '@azure/data-tables' with { 'resolution-mode': 'import' };
import type { Ledger } from '../../src/ledger/ports';
import { createTableLedger } from '../../src/ledger/table-ledger';
import { freshLedger, freshPrefix, rawContainer, rawTable, startAzurite, type Azurite } from './support/azurite';
import { changeRecord, repairId, repairRecord, resourceRecord, signalRecord } from './support/records';

let azurite: Azurite;
let ledger: Ledger;
let prefix: string;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(async () => {
  prefix = freshPrefix();
  ledger = await freshLedger(azurite, prefix);
});
afterAll(() => azurite.stop());

const otherRepair = '20260103t030405z-0123abcd';

/** A repair that has ended, with one of everything on record. */
async function recordAll(id = repairId): Promise<void> {
  await ledger.createRepair(repairRecord({ repairId: id }));
  await ledger.addSignalToRepair(id, signalRecord());
  await ledger.recordChange(id, changeRecord());
  await ledger.recordResource(id, resourceRecord({ deletedAt: '2026-01-03T03:05:00.000Z' }));
  await ledger.beginStep(id, { step: 'snapshot', title: 'Snapshot', startedAt: '2026-01-02T03:05:00.000Z' });
  await ledger.acquireWriteLock(id, { activity: 'a', version: 0 }, '2026-01-02T03:05:00.000Z');
  await ledger.putDocument(id, 'plan', { text: 'hidden \u202e exact' });
  await ledger.putDocument(id, 'guest-raw', { raw: true });
  await ledger.updateRepair(id, { ending: 'repaired', endedAt: '2026-01-02T04:00:00.000Z', phase: 'Ended' });
}

async function blobsIn(name: string): Promise<string[]> {
  const names: string[] = [];
  for await (const blob of (await rawContainer(azurite, `${prefix}-${name}`)).listBlobsFlat()) names.push(blob.name);
  return names;
}

async function rowsOf(name: Parameters<typeof rawTable>[2]): Promise<string[]> {
  const keys: string[] = [];
  for await (const row of (await rawTable(azurite, prefix, name)).listEntities()) {
    keys.push(`${row.partitionKey ?? ''} ${row.rowKey ?? ''}`);
  }
  return keys;
}

/** The ledger as a process sees it that dies (each call fails from then on) at its nth write or deletion. */
function dyingLedger(dieAt: number): { ledger: Ledger; writes: () => number } {
  let writes = 0;
  const mortal = <T extends object>(client: T, names: readonly string[]): T =>
    new Proxy(client, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          if (names.includes(String(name))) writes += 1;
          if (writes > dieAt) throw new Error('The process is dead.');
          const answer = (member as (...given: unknown[]) => unknown).apply(target, given);
          return /^get\w*BlobClient$/.test(String(name)) ? mortal(answer as object, names) : answer;
        };
      },
    });
  const container = async (name: string): Promise<ContainerClient> =>
    mortal(await rawContainer(azurite, `${prefix}-${name}`), ['upload', 'deleteIfExists']);
  return {
    writes: () => writes,
    ledger: createTableLedger({
      tablePrefix: prefix,
      openContainer: () => container('documents'),
      openArchive: () => container('archive'),
      openTable: async (name): Promise<TableClient> => {
        const sdk = await import('@azure/data-tables');
        const options = { allowInsecureConnection: true };
        const client = sdk.TableClient.fromConnectionString(azurite.connectionString, name, options);
        return mortal(client, ['createEntity', 'updateEntity', 'deleteEntity', 'upsertEntity']);
      },
    }),
  };
}

describe('ledger/retention: a repair', () => {
  it('goes as a whole, and is answered from its export as it was; others stay', async () => {
    await recordAll();
    await recordAll(otherRepair);
    const before = await ledger.getReadableDetail(repairId);
    expect(await ledger.purgeRepair(repairId)).toBe('purged');
    const [path, ...others] = await blobsIn('archive');
    expect(path).toMatch(new RegExp(`^repairs/${repairId}/[0-9a-f]{64}\\.json$`));
    expect(others).toEqual([]);
    expect(await ledger.getReadableDetail(repairId)).toEqual({ ...before, exportedAs: path });
    expect((await rowsOf('Repairs')).length).toBe(1);
    expect((await rowsOf('Entries')).filter((key) => key.includes(repairId))).toEqual([]);
    expect((await blobsIn('documents')).filter((name) => name.includes(repairId))).toEqual([]);
    expect(await ledger.getReadableDetail(otherRepair)).toMatchObject({ documents: { plan: {} }, steps: [{}] });
    expect(await ledger.purgeRepair(repairId)).toBe('not-there');
  });

  it('has everything in its export, the raw answers and the write locks too', async () => {
    await recordAll();
    await ledger.purgeRepair(repairId);
    const [path = ''] = await blobsIn('archive');
    const bytes = await (await rawContainer(azurite, `${prefix}-archive`)).getBlobClient(path).downloadToBuffer();
    expect(bytes.toString('utf8')).not.toContain('\u202e');
    expect(JSON.parse(bytes.toString('utf8'))).toMatchObject({
      format: 1,
      repair: { repairId, ending: 'repaired' },
      entries: { length: 4 },
      writeLocks: [{ activity: 'a' }],
      documents: { plan: { text: 'hidden \u202e exact' }, 'guest-raw': { raw: true } },
    });
  });

  it('stays while it has not ended, and while something of it cannot be read', async () => {
    await ledger.createRepair(repairRecord());
    expect(await ledger.purgeRepair(repairId)).toBe('not-ended');
    await recordAll(otherRepair);
    const table = await rawTable(azurite, prefix, 'Entries');
    await table.upsertEntity({ partitionKey: otherRepair, rowKey: 'resource.x' }, 'Replace');
    await expect(ledger.purgeRepair(otherRepair)).rejects.toMatchObject({ code: 'UnreadableRow' });
    expect(await blobsIn('archive')).toEqual([]);
    expect((await rowsOf('Entries')).filter((key) => key.startsWith(otherRepair))).toHaveLength(5);
  });

  it('is whole in one of the two at every moment, and goes in the end, wherever the process dies', async () => {
    await recordAll();
    const before = await ledger.getReadableDetail(repairId);
    let deaths = 0;
    for (let dieAt = 0; dieAt < 100; dieAt += 1) {
      const { ledger: dying, writes } = dyingLedger(dieAt);
      await dying.purgeRepair(repairId).catch(() => 'died');
      const seen = await ledger.getReadableDetail(repairId);
      expect({ ...seen, exportedAs: undefined }).toEqual({ ...before, exportedAs: undefined });
      if (writes() <= dieAt) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(3);
    expect(await ledger.getRepair(repairId)).toBeUndefined();
    expect(await rowsOf('Entries')).toEqual([]);
    expect(await blobsIn('documents')).toEqual([]);
  }, 60_000);

  it('is not deleted on an export that is not what was written', async () => {
    await recordAll();
    const { ledger: dying } = dyingLedger(1);
    await dying.purgeRepair(repairId).catch(() => undefined);
    const [path = ''] = await blobsIn('archive');
    await (await rawContainer(azurite, `${prefix}-archive`)).getBlockBlobClient(path).upload('{}', 2);
    await expect(ledger.purgeRepair(repairId)).rejects.toMatchObject({ code: 'UnreadableDocument', place: path });
    expect((await rowsOf('Entries')).length).toBe(5);
  });

  it('is listed by the time at which it was accepted', async () => {
    for (const id of [repairId, otherRepair]) await ledger.createRepair(repairRecord({ repairId: id }));
    const until = async (acceptedUntil: string) =>
      (await ledger.listRepairs({ pageSize: 10, acceptedUntil })).repairs.map((repair) => repair.repairId);
    expect(await until('2026-01-02T03:04:04.999Z')).toEqual([]);
    expect(await until('2026-01-02T03:04:05.000Z')).toEqual([repairId]);
    expect(await until('2026-01-04T00:00:00.000Z')).toEqual([otherRepair, repairId]);
  });
});

describe('ledger/retention: signals', () => {
  const old = '2026-01-02T03:04:05.678Z';
  const newer = '2026-02-02T03:04:05.678Z';

  it('go by all of their rows once they are old, the unreadable ones too, and are in the archive', async () => {
    await ledger.recordSignal(signalRecord({ key: 'old', receivedAt: old, says: 'recovered' }));
    await ledger.recordSignal(signalRecord({ key: 'x'.repeat(40_000), receivedAt: old }));
    await ledger.recordSignal(signalRecord({ key: 'new', receivedAt: newer, says: 'recovered' }));
    const table = await rawTable(azurite, prefix, 'Signals');
    const spoilt = { partitionKey: 'signal-by-time', rowKey: '99999999999999999-x', written: 'by another program' };
    await table.upsertEntity(spoilt, 'Replace');
    expect(await ledger.purgeSignals('2026-01-15T00:00:00.000Z', 100)).toBe(3);
    const lists = (await rowsOf('Signals')).map((key) => key.split(' ')[0]?.replace(/-[0-9a-f]{64}$/, ''));
    expect(lists.sort()).toEqual(['signal', 'signal-by-time', 'signal-of-vm', 'word-of-vm']);
    expect(await ledger.getSignal('old')).toBeUndefined();
    expect(await ledger.getSignal('new')).toBeDefined();
    const [path = ''] = await blobsIn('archive');
    const bytes = await (await rawContainer(azurite, `${prefix}-archive`)).getBlobClient(path).downloadToBuffer();
    expect(bytes.toString('utf8')).toContain('by another program');
    expect(await ledger.purgeSignals('2026-01-15T00:00:00.000Z', 100)).toBe(0);
    expect(await blobsIn('archive')).toHaveLength(1);
  });
});
