import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { ContainerClient } from '@azure/storage-blob';
import { TableClient } from '@azure/data-tables';
import { connectLedger } from '../../src/ledger/connect';
import { repairRowKey } from '../../src/ledger/keys';
import type { Ledger } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, startAzurite, type Azurite } from './support/azurite';
import { changeRecord, repairId, repairRecord, resourceRecord, signalRecord, vmId } from './support/records';

const at = '2026-01-02T03:04:05.000Z';

/** Every call of the port, so that none of them answers when the store can't. */
const everyCall: [string, (ledger: Ledger) => Promise<unknown>][] = [
  ['prepare', (ledger) => ledger.prepare()],
  ['recordSignal', (ledger) => ledger.recordSignal(signalRecord())],
  ['getSignal', (ledger) => ledger.getSignal('key')],
  ['addSignalToRepair', (ledger) => ledger.addSignalToRepair(repairId, signalRecord())],
  ['listSignals', (ledger) => ledger.listSignals({ pageSize: 5 })],
  ['acquireLease', (ledger) => ledger.acquireLease({ vmKey: 'vm', repairId, vmId, acquiredAt: at })],
  ['releaseLease', (ledger) => ledger.releaseLease('vm', repairId)],
  ['listLeases', (ledger) => ledger.listLeases()],
  ['acquireSlot', (ledger) => ledger.acquireSlot(repairId, { cap: 2, at: '2026-01-02T03:04:05.000Z' })],
  ['listSlots', (ledger) => ledger.listSlots()],
  ['releaseSlot', (ledger) => ledger.releaseSlot(repairId)],
  ['createRepair', (ledger) => ledger.createRepair(repairRecord())],
  ['updateRepair', (ledger) => ledger.updateRepair(repairId, { phase: 'x' })],
  ['getRepair', (ledger) => ledger.getRepair(repairId)],
  ['getRepairDetail', (ledger) => ledger.getRepairDetail(repairId)],
  ['listRepairs', (ledger) => ledger.listRepairs({ pageSize: 5 })],
  ['beginStep', (ledger) => ledger.beginStep(repairId, { step: 's', title: 't', startedAt: at })],
  ['endStep', (ledger) => ledger.endStep(repairId, 's', { endedAt: at, outcome: 'done' })],
  ['recordChange', (ledger) => ledger.recordChange(repairId, changeRecord())],
  ['recordResource', (ledger) => ledger.recordResource(repairId, resourceRecord())],
  ['putDocument', (ledger) => ledger.putDocument(repairId, 'plan', {})],
  ['getDocument', (ledger) => ledger.getDocument(repairId, 'plan')],
  ['getKillSwitch', (ledger) => ledger.getKillSwitch()],
  ['setKillSwitch', (ledger) => ledger.setKillSwitch({ on: true, reason: 'r', by: 'b', at })],
];

/** A connection string whose services are at this address. */
function connectionStringAt(address: string, accountKey = Buffer.from('not a key').toString('base64')): string {
  return (
    `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${accountKey};` +
    `BlobEndpoint=${address}/devstoreaccount1;TableEndpoint=${address}/devstoreaccount1;`
  );
}

/** An address that refuses connections: its port was free a moment ago. */
async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

describe('ledger/store-faults: a store that is down', () => {
  const outcomes = new Map<string, unknown>();

  /** All calls side by side: each takes the time of its client's retries. */
  beforeAll(async () => {
    const connectionString = connectionStringAt(await deadAddress());
    const ledger = connectLedger({ kind: 'connection-string', connectionString });
    await Promise.all(
      everyCall.map(async ([name, call]) => {
        outcomes.set(name, await call(ledger).catch((error: unknown) => error));
      }),
    );
  });

  it.each(everyCall)('is a fault for %s, never an answer', (name) => {
    expect(outcomes.get(name)).toMatchObject({
      name: 'LedgerFault',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});

describe('ledger/store-faults: a store that takes connections and never answers', () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket));
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it.each(everyCall.filter(([name]) => ['acquireLease', 'getKillSwitch', 'getDocument'].includes(name)))(
    'is a fault for %s',
    async (_name, call) => {
      const { port } = server.address() as AddressInfo;
      const connectionString = connectionStringAt(`http://127.0.0.1:${port}`);
      const ledger = connectLedger({ kind: 'connection-string', connectionString }, { timeoutMs: 50 });
      await expect(call(ledger)).rejects.toMatchObject({
        name: 'LedgerFault',
        message: expect.stringContaining('did not answer in time') as string,
      });
    },
  );
});

describe('ledger/store-faults: a store that answers', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  it.each(everyCall.filter(([name]) => name !== 'prepare'))(
    'is a fault for %s while tables and container are missing, with what to do',
    async (_name, call) => {
      const ledger = connectLedger(
        { kind: 'connection-string', connectionString: azurite.connectionString },
        { tablePrefix: freshPrefix() },
      );
      await expect(call(ledger)).rejects.toMatchObject({
        name: 'LedgerFault',
        message: expect.stringContaining('Call prepare() before anything else') as string,
      });
    },
  );

  it('is a fault when it refuses our key, and no secret is in what we log of it', async () => {
    const wrongKey = Buffer.from('a wrong key of the account').toString('base64');
    const connectionString = azurite.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`);
    const ledger = connectLedger({ kind: 'connection-string', connectionString });
    const fault: unknown = await ledger.getKillSwitch().catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'LedgerFault', message: expect.stringContaining('403') as string });
    expect(inspect(fault, { depth: 10 })).not.toContain(wrongKey);
    expect(inspect(fault, { depth: 10 })).not.toMatch(/SharedKey devstoreaccount1:/);
  });

  it('may be prepared many times, at once and by several processes', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await Promise.all([ledger.prepare(), ledger.prepare(), freshLedger(azurite, prefix)]);
    await ledger.createRepair(repairRecord());
    await freshLedger(azurite, prefix);
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord());
  });

  it('is a fault that names the row when a row does not parse, and in lists one that is skipped and named', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await ledger.createRepair(repairRecord());
    await ledger.createRepair(repairRecord({ repairId: '20260102t030406z-0123abcd' }));
    const table = TableClient.fromConnectionString(azurite.connectionString, `${prefix}Repairs`, {
      allowInsecureConnection: true,
    });
    const rowKey = repairRowKey(repairId);
    await table.updateEntity({ partitionKey: 'repair', rowKey, ending: 'gone-fishing' }, 'Merge');

    const fault = { name: 'LedgerFault', message: expect.stringContaining(`repair / ${rowKey}`) as string };
    await expect(ledger.getRepair(repairId)).rejects.toMatchObject(fault);
    expect(await ledger.listRepairs({ pageSize: 5 })).toMatchObject({
      repairs: [{ repairId: '20260102t030406z-0123abcd' }],
      unreadable: [{ place: `repair / ${rowKey}` }],
    });
  });

  it('reads rows that have columns it does not know', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await ledger.createRepair(repairRecord());
    const table = TableClient.fromConnectionString(azurite.connectionString, `${prefix}Repairs`, {
      allowInsecureConnection: true,
    });
    await table.updateEntity({ partitionKey: 'repair', rowKey: repairRowKey(repairId), newer: 'column' }, 'Merge');
    await ledger.updateRepair(repairId, { phase: 'next' });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord({ phase: 'next' }));
  });

  it('is a fault that names the document when it is not JSON or too large', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    const container = new ContainerClient(azurite.connectionString, `${prefix}-documents`);
    const blob = container.getBlockBlobClient(`repairs/${repairId}/plan.json`);
    const fault = { name: 'LedgerFault', message: expect.stringContaining(`${repairId}/plan.json`) as string };

    await blob.upload('{"half":', 8);
    await expect(ledger.getDocument(repairId, 'plan')).rejects.toMatchObject(fault);
    await blob.upload(Buffer.alloc(4 * 1024 * 1024 + 1, ' '), 4 * 1024 * 1024 + 1);
    await expect(ledger.getDocument(repairId, 'plan')).rejects.toMatchObject(fault);
  });

  it('is prepared by a later call when it was down at the first', async () => {
    const doomed = await startAzurite();
    const { connectionString } = doomed;
    const ledger = connectLedger({ kind: 'connection-string', connectionString });
    await doomed.stop();
    await expect(ledger.prepare()).rejects.toMatchObject({ name: 'LedgerFault' });

    const again = await startAzurite(connectionString);
    try {
      await ledger.prepare();
      expect(await ledger.listLeases()).toEqual({ rows: [], unreadable: [] });
    } finally {
      await again.stop();
    }
  });
});

describe('ledger/store-faults: settings that can not be right', () => {
  const credential = { getToken: () => Promise.resolve(null) };
  it.each([
    ['a plain HTTP endpoint', 'http://account.table.core.windows.net/'],
    ['an endpoint with a SAS', 'https://account.table.core.windows.net/?sv=1&sig=secret'],
    ['no endpoint', ''],
  ])('are refused: %s', (_name, tableServiceUri) => {
    const blobServiceUri = 'https://account.blob.core.windows.net/';
    expect(() => connectLedger({ kind: 'identity', tableServiceUri, blobServiceUri, credential })).toThrow(
      /table service URI must be like https/,
    );
  });

  it('are refused without repeating a connection string that may hold a key', () => {
    let message = '';
    try {
      connectLedger({ kind: 'connection-string', connectionString: 'Endpoint=x;Key=secret' });
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(/^LedgerInputError: The connection string of the ledger/);
    expect(message).not.toContain('secret');
  });

  it('are refused when the table prefix could not name a table', () => {
    expect(() =>
      connectLedger(
        { kind: 'connection-string', connectionString: 'UseDevelopmentStorage=true' },
        { tablePrefix: 'a-b' },
      ),
    ).toThrow(/table prefix/);
  });
});
