import { freshLedger, freshPrefix, startAzurite, type Azurite } from './support/azurite';
import { repairId, repairRecord } from './support/records';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const activity = 'swapOsDisk';
const heldUntil = '2026-01-02T03:05:05.000Z';

describe('ledger/write-locks: the write lock of an activity', () => {
  it('is free of version 0 before anybody had it', async () => {
    const ledger = await freshLedger(azurite);
    expect(await ledger.getWriteLock(repairId, activity)).toEqual({ activity, version: 0 });
    expect(await ledger.listWriteLocks(repairId)).toEqual([]);
  });

  it('goes to one of ten that saw the same version at the same instant, from two processes', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    for (const version of [0, 1, 2]) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          ledgers[index % 2]!.acquireWriteLock(repairId, { activity, version }, heldUntil),
        ),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await ledgers[0]!.getWriteLock(repairId, activity)).toEqual({ activity, version: version + 1, heldUntil });
    }
  });

  it('is not had by whoever looked before another one had it, although that one let go of it (hazard: a second write)', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireWriteLock(repairId, { activity, version: 0 }, heldUntil);
    await ledger.releaseWriteLock(repairId, { activity, version: 1 });
    expect(await ledger.acquireWriteLock(repairId, { activity, version: 0 }, heldUntil)).toBe(false);
    expect(await ledger.acquireWriteLock(repairId, { activity, version: 1 }, heldUntil)).toBe(true);
  });

  it('is over once it is released, and a stale holder releases nothing', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireWriteLock(repairId, { activity, version: 0 }, heldUntil);
    await ledger.acquireWriteLock(repairId, { activity, version: 1 }, heldUntil);
    await ledger.releaseWriteLock(repairId, { activity, version: 1 });
    expect(await ledger.getWriteLock(repairId, activity)).toEqual({ activity, version: 2, heldUntil });
    await ledger.releaseWriteLock(repairId, { activity, version: 2 });
    expect(Date.parse((await ledger.getWriteLock(repairId, activity)).heldUntil ?? '')).toBe(0);
  });

  it('is one for each activity and each repair', async () => {
    const ledger = await freshLedger(azurite);
    const other = '20260102t030405z-00000000';
    expect(await ledger.acquireWriteLock(repairId, { activity, version: 0 }, heldUntil)).toBe(true);
    expect(await ledger.acquireWriteLock(repairId, { activity: 'other', version: 0 }, heldUntil)).toBe(true);
    expect(await ledger.acquireWriteLock(other, { activity, version: 0 }, heldUntil)).toBe(true);
    expect((await ledger.listWriteLocks(repairId)).map((lock) => lock.activity).sort()).toEqual(['other', activity]);
    await ledger.createRepair(repairRecord());
    const detail = await ledger.getRepairDetail(repairId);
    expect(detail?.resources).toEqual([]);
  });
});

describe('ledger/write-locks: which orchestration works on a repair', () => {
  const first = '2026-01-02T03:04:05.000Z';
  const second = '2026-01-02T04:00:00.000Z';

  it('is a number that goes up with each orchestration that begins later, and stays for one that asks again', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    expect(await ledger.takeUpRepair(repairId, first)).toBe(1);
    expect(await ledger.takeUpRepair(repairId, first)).toBe(1);
    expect(await ledger.takeUpRepair(repairId, second)).toBe(2);
    expect(await ledger.getRepair(repairId)).toMatchObject({ generation: 2, orchestrationStartedAt: second });
  });

  it('is never an earlier one again (hazard: its first activity is delivered late)', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    await ledger.takeUpRepair(repairId, second);
    expect(await ledger.takeUpRepair(repairId, first)).toBeUndefined();
    expect(await ledger.getRepair(repairId)).toMatchObject({ generation: 1, orchestrationStartedAt: second });
  });

  it('is the same for ten calls of one at the same instant', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    const answers = await Promise.all(Array.from({ length: 10 }, () => ledger.takeUpRepair(repairId, first)));
    expect(new Set(answers)).toEqual(new Set([1]));
  });

  it('cannot be said of a repair that is not on record', async () => {
    const ledger = await freshLedger(azurite);
    await expect(ledger.takeUpRepair(repairId, first)).rejects.toThrow('There is no repair');
  });
});
