import type { Ledger } from '../../src/ledger/ports';
import { readRows } from '../../src/ledger/readable-rows';
import { slotRow } from '../../src/ledger/rows';
import { freshLedger, freshPrefix, rawContainer, rawTable, startAzurite, type Azurite } from './support/azurite';
import { changeRecord, repairId, repairRecord, resourceRecord, signalRecord, vmId } from './support/records';

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

/** Writes what cannot be read over a row, or beside the others. */
async function spoil(name: Parameters<typeof rawTable>[2], partitionKey: string, rowKey: string): Promise<void> {
  const table = await rawTable(azurite, prefix, name);
  await table.upsertEntity({ partitionKey, rowKey, written: 'by another program' }, 'Replace');
}

const unreadable = expect.objectContaining({ code: 'UnreadableRow' }) as unknown;

function lease(repair: string, vmKey: string) {
  return { vmKey, repairId: repair, vmId, acquiredAt: '2026-01-02T03:04:05.000Z' };
}

describe('ledger/readable-rows: leases', () => {
  it('lists those that can be read, and names the other one by its place and never by what it holds', async () => {
    await ledger.acquireLease(lease('r1', 'aa'));
    await spoil('Leases', 'lease', 'bb');
    const { rows, unreadable: skipped } = await ledger.listLeases();
    expect(rows.map((row) => row.repairId)).toEqual(['r1']);
    expect(skipped).toEqual([
      { place: 'lease / bb', rowKey: 'bb', problem: expect.stringContaining('lease / bb') as string },
    ]);
    expect(JSON.stringify(skipped)).not.toContain('by another program');
  });

  it('keeps a VM whose lease cannot be read from everybody, and no other one', async () => {
    await spoil('Leases', 'lease', 'bb');
    await expect(ledger.acquireLease(lease('r1', 'bb'))).rejects.toEqual(unreadable);
    await expect(ledger.getLease('bb')).rejects.toEqual(unreadable);
    expect(await ledger.acquireLease(lease('r2', 'aa'))).toMatchObject({ kind: 'acquired' });
    expect(await ledger.getLease('aa')).toMatchObject({ repairId: 'r2' });
  });

  it('counts a slot that cannot be read as taken, and lets others have and free theirs', async () => {
    await spoil('Leases', 'slot', 'slot-0');
    const asked = { cap: 2, at: '2026-01-02T03:04:05.000Z' };
    const [first, second] = ['20260102t030405z-0000000001', '20260102t030405z-0000000002'] as const;
    expect(await ledger.acquireSlot(first, asked)).toEqual({ kind: 'held' });
    expect(await ledger.acquireSlot(second, asked)).toMatchObject({ kind: 'queued' });
    await ledger.releaseSlot(first);
    expect(await ledger.acquireSlot(second, asked)).toEqual({ kind: 'held' });
  });
});

describe('ledger/readable-rows: repairs', () => {
  it('lists pages without the one that cannot be read, and goes on behind a row that has no key of ours', async () => {
    const ids = ['20260102t030405z-00000001', '20260103t030405z-00000002', '20260104t030405z-00000003'];
    for (const id of ids) await ledger.createRepair(repairRecord({ repairId: id }));
    // One sorts behind all others, one before them.
    await spoil('Repairs', 'repair', 'a key of nobody');
    await spoil('Repairs', 'repair', '!foreign');
    const seen: string[] = [];
    const skipped: string[] = [];
    let continuationToken: string | undefined;
    do {
      const page = await ledger.listRepairs({ pageSize: 1, continuationToken });
      seen.push(...page.repairs.map((repair) => repair.repairId));
      skipped.push(...page.unreadable.map(({ place }) => place));
      ({ continuationToken } = page);
    } while (continuationToken !== undefined);
    expect(seen).toEqual(ids.toReversed());
    expect(skipped).toEqual(['repair / !foreign', 'repair / a key of nobody']);
  });

  it('does not give the one whose row cannot be read', async () => {
    await ledger.createRepair(repairRecord());
    const table = await rawTable(azurite, prefix, 'Repairs');
    for await (const row of table.listEntities()) {
      await spoil('Repairs', String(row.partitionKey), String(row.rowKey));
    }
    await expect(ledger.getRepair(repairId)).rejects.toEqual(unreadable);
    await expect(ledger.getReadableDetail(repairId)).rejects.toEqual(unreadable);
  });
});

describe('ledger/readable-rows: what happened in a repair', () => {
  beforeEach(async () => {
    await ledger.createRepair(repairRecord());
    await ledger.addSignalToRepair(repairId, signalRecord());
    await ledger.recordChange(repairId, changeRecord());
    await ledger.recordResource(repairId, resourceRecord());
    await ledger.beginStep(repairId, { step: 'snapshot', title: 'Snapshot', startedAt: '2026-01-02T03:05:00.000Z' });
    await ledger.putDocument(repairId, 'plan', { title: 'plan' });
  });

  it.each(['step.x', 'change.x', 'resource.x'])(
    'stops whoever decides by it at an unreadable %s, and shows people the rest with its name',
    async (rowKey) => {
      await spoil('Entries', repairId, rowKey);
      await expect(ledger.getTimeline(repairId)).rejects.toEqual(unreadable);
      await expect(ledger.getRepairDetail(repairId)).rejects.toEqual(unreadable);
      const shown = await ledger.getReadableDetail(repairId);
      expect(shown).toMatchObject({
        ...{ steps: [{ step: 'snapshot' }], changes: [changeRecord()], resources: [resourceRecord()] },
        ...{ signals: [signalRecord()], documents: { plan: { title: 'plan' } } },
        unreadable: [{ place: `${repairId} / ${rowKey}` }],
      });
    },
  );

  it('names a signal that cannot be read to whoever decides, and stops nobody', async () => {
    await spoil('Entries', repairId, 'signal.x');
    expect(await ledger.getTimeline(repairId)).toMatchObject({
      signals: [signalRecord()],
      unreadable: [{ place: `${repairId} / signal.x` }],
    });
  });

  it('shows people the rest beside a document that cannot be read', async () => {
    const container = await rawContainer(azurite, `${prefix}-documents`);
    await container.getBlockBlobClient(`repairs/${repairId}/diagnosis.json`).upload('{', 1);
    await expect(ledger.getRepairDetail(repairId)).rejects.toMatchObject({ code: 'UnreadableDocument' });
    expect(await ledger.getReadableDetail(repairId)).toMatchObject({
      documents: { plan: { title: 'plan' } },
      unreadable: [{ place: `repairs/${repairId}/diagnosis.json` }],
    });
  });

  it('says nothing where all can be read', async () => {
    expect((await ledger.getReadableDetail(repairId))?.unreadable).toEqual([]);
    expect((await ledger.getTimeline(repairId)).unreadable).toEqual([]);
  });
});

describe('ledger/readable-rows: a fault that is none of a row', () => {
  it('is thrown on', () => {
    const fault = new TypeError('a bug');
    const row = { partitionKey: 'p', rowKey: 'r', etag: 'e' };
    const read = () => {
      throw fault;
    };
    expect(() => readRows([row], { read })).toThrow(fault);
    expect(readRows([row], slotRow).unreadable).toHaveLength(1);
  });
});
