import { TableClient } from '@azure/data-tables';
import { rememberRows } from '../../src/ledger/remembered-rows';
import type { Ledger } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, startAzurite, watchedLedger, type Azurite } from './support/azurite';
import { repairId, repairRecord, resourceRecord } from './support/records';

let azurite: Azurite;
let other: Ledger;
let ours: ReturnType<typeof watchedLedger>;
let prefix: string;
beforeAll(async () => {
  azurite = await startAzurite();
});
beforeEach(async () => {
  prefix = freshPrefix();
  other = await freshLedger(azurite, prefix);
  await other.createRepair(repairRecord());
  ours = watchedLedger(azurite, prefix);
});
afterAll(() => azurite.stop());

const activity = 'swapOsDisk';
const heldUntil = '2026-01-02T03:05:05.000Z';
const step = { step: 'snapshot', title: 'Snapshot the OS disk', startedAt: '2026-01-02T03:05:00.000Z' };

/** What was asked of the tables for this. */
async function askedFor(act: () => Promise<unknown>): Promise<string[]> {
  const before = ours.asked.length;
  await act();
  return ours.asked.slice(before);
}

describe('ledger/remembered-rows: what a process saw before', () => {
  it('is changed by one request, and again after that', async () => {
    const { ledger } = ours;
    await ledger.getRepair(repairId);
    expect(await askedFor(() => ledger.updateRepair(repairId, { phase: 'one' }))).toEqual(['updateEntity']);
    expect(await askedFor(() => ledger.updateRepair(repairId, { phase: 'two' }))).toEqual(['updateEntity']);
    expect(await other.getRepair(repairId)).toEqual(repairRecord({ phase: 'two' }));
  });

  it('has a write lock of two requests: one to take it, one to let go of it', async () => {
    const { ledger } = ours;
    for (const version of [0, 1, 2]) {
      const seen = await ledger.getWriteLock(repairId, activity);
      const asked = await askedFor(async () => {
        expect(await ledger.acquireWriteLock(repairId, seen, heldUntil)).toBe(true);
        await ledger.releaseWriteLock(repairId, { activity, version: version + 1 });
      });
      expect(asked).toEqual([version === 0 ? 'createEntity' : 'updateEntity', 'updateEntity']);
    }
  });

  it('has a step of two requests, however often it is begun', async () => {
    const { ledger } = ours;
    const asked = await askedFor(async () => {
      for (const _time of [1, 2, 3]) await ledger.beginStep(repairId, step);
      await ledger.endStep(repairId, 'snapshot', { endedAt: heldUntil, outcome: 'done' });
      await ledger.beginStep(repairId, { ...step, title: 'again' });
    });
    expect(asked).toEqual(['createEntity', 'updateEntity']);
    expect((await other.getTimeline(repairId)).steps).toEqual([{ ...step, endedAt: heldUntil, outcome: 'done' }]);
  });

  it('has a step as another process has begun it first', async () => {
    await other.beginStep(repairId, step);
    for (const _time of [1, 2]) await ours.ledger.beginStep(repairId, { ...step, title: 'again' });
    expect((await other.getTimeline(repairId)).steps).toEqual([step]);
  });

  it('is on record again before it is made, where somebody has deleted it (hazard: nobody knows of it)', async () => {
    const resource = resourceRecord();
    await ours.ledger.recordResource(repairId, resource);
    const table = TableClient.fromConnectionString(azurite.connectionString, `${prefix}Entries`, {
      allowInsecureConnection: true,
    });
    for await (const { partitionKey = '', rowKey = '' } of table.listEntities())
      await table.deleteEntity(partitionKey, rowKey);
    await ours.ledger.recordResource(repairId, resource);
    expect((await other.getTimeline(repairId)).resources).toEqual([resource]);
  });

  it('is asked for where there seems to be nothing to write (hazard: another process has written since)', async () => {
    const { ledger } = ours;
    await ledger.updateRepair(repairId, { phase: 'ours' });
    await other.updateRepair(repairId, { phase: 'theirs' });
    await ledger.updateRepair(repairId, { phase: 'ours' });
    expect(await other.getRepair(repairId)).toEqual(repairRecord({ phase: 'ours' }));
  });

  it('never wins against what another process has written since: an ending', async () => {
    const { ledger } = ours;
    const ending = {
      ending: 'repaired',
      endingCode: 'repaired',
      endingReason: 'It works.',
      endedAt: heldUntil,
    } as const;
    await ledger.getRepair(repairId);
    await other.updateRepair(repairId, { ...ending, phase: 'repaired' });
    await ledger.updateRepair(repairId, { ending: 'cancelled', endingCode: 'cancelled', phase: 'cancelled' });
    expect(await other.getRepair(repairId)).toEqual(repairRecord({ ...ending, phase: 'repaired' }));
  });

  it('never wins against what another process has written since: a write lock that was had and let go of', async () => {
    const { ledger } = ours;
    await ledger.acquireWriteLock(repairId, { activity, version: 0 }, heldUntil);
    await ledger.releaseWriteLock(repairId, { activity, version: 1 });
    const seen = await ledger.getWriteLock(repairId, activity);
    await other.acquireWriteLock(repairId, seen, heldUntil);
    await other.releaseWriteLock(repairId, { activity, version: 2 });
    expect(await ledger.acquireWriteLock(repairId, seen, heldUntil)).toBe(false);
    expect(await ledger.acquireWriteLock(repairId, { activity, version: 2 }, heldUntil)).toBe(true);
  });

  it('never wins against what another process has written since: the time at which a resource was seen gone', async () => {
    const { ledger } = ours;
    const resource = resourceRecord();
    await ledger.recordResource(repairId, resource);
    await other.recordResource(repairId, { ...resource, deletedAt: '2026-01-02T04:00:00.000Z' });
    await ledger.recordResource(repairId, { ...resource, deletedAt: '2026-01-02T05:00:00.000Z' });
    const { resources } = await ledger.getTimeline(repairId);
    expect(resources).toEqual([{ ...resource, deletedAt: '2026-01-02T04:00:00.000Z' }]);
  });

  it('is never told to a reader', async () => {
    const { ledger } = ours;
    await ledger.getRepair(repairId);
    await other.updateRepair(repairId, { phase: 'theirs' });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord({ phase: 'theirs' }));
  });
});

describe('ledger/remembered-rows: the rows that are remembered', () => {
  const rowOf = (rowKey: string, etag = 'one') => ({ partitionKey: 'p', rowKey, etag });

  it('are given once, as they were kept last', () => {
    const rows = rememberRows();
    rows.keep(rowOf('a'));
    rows.keep(rowOf('a', 'two'));
    expect(rows.take(rowOf('a'))).toEqual(rowOf('a', 'two'));
    expect(rows.take(rowOf('a'))).toBeUndefined();
  });

  it('do not grow without end: those that were kept longest go', () => {
    const rows = rememberRows();
    for (let count = 0; count < 501; count += 1) rows.keep(rowOf(String(count)));
    expect(rows.take(rowOf('0'))).toBeUndefined();
    expect(rows.take(rowOf('1'))).toBeDefined();
  });
});
