import type { Ledger, RepairRecord } from '../../src/ledger/ports';
import { outcomeCodes } from '../../src/outcome-codes';
import { freshLedger, freshPrefix, overtakenLedger, startAzurite, type Azurite } from './support/azurite';
import { hostileTexts, repairId, repairRecord, vmId } from './support/records';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const ended = {
  ending: 'repaired',
  endingCode: 'repaired',
  endingReason: 'RDP listens again.',
  endedAt: '2026-01-02T03:30:00.000Z',
  phase: 'ended',
} as const;

describe('ledger/repairs: creating a repair', () => {
  it('keeps the first of two with the same id', async () => {
    const ledger = await freshLedger(azurite);
    const first = repairRecord({ requestedMode: 'approve' });
    expect(await ledger.createRepair(first)).toEqual(first);
    expect(await ledger.createRepair(repairRecord({ phase: 'other' }))).toEqual(first);
    expect(await ledger.getRepair(repairId)).toEqual(first);
  });

  it('refuses an id that could not be sorted by time', async () => {
    const ledger = await freshLedger(azurite);
    await expect(ledger.createRepair(repairRecord({ repairId: 'r1' }))).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('20250131t235959z-0123abcd') as string,
    });
  });
});

describe('ledger/repairs: looking for a repair', () => {
  it.each(hostileTexts.map((text) => [text.slice(0, 40), text]))(
    'finds none under the hostile id %j',
    async (_, id) => {
      const ledger = await freshLedger(azurite);
      expect(await ledger.getRepair(id)).toBeUndefined();
      expect(await ledger.getRepairDetail(id)).toBeUndefined();
      expect(await ledger.getDocument(id, 'plan')).toBeUndefined();
    },
  );
});

describe('ledger/repairs: updating a repair', () => {
  it('keeps the last declared wait as a whole, and tells that it is over', async () => {
    const ledger = await freshLedger(azurite);
    const wait = {
      kind: 'place' as const,
      since: '2026-01-02T03:10:00.000Z',
      until: '2026-01-07T03:10:00.000Z',
      ahead: 44,
    };
    await ledger.createRepair(repairRecord());
    await ledger.updateRepair(repairId, { wait });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord({ wait }));
    await ledger.updateRepair(repairId, { phase: 'waiting' });
    const over = { ...wait, ahead: 0, endedAt: '2026-01-02T09:00:00.000Z' };
    await ledger.updateRepair(repairId, { wait: over });
    expect((await ledger.listRepairs({ pageSize: 1 })).repairs).toEqual([
      repairRecord({ phase: 'waiting', wait: over }),
    ]);
    // The next one does not take over that the one before has ended.
    await ledger.updateRepair(repairId, { wait });
    expect((await ledger.getRepair(repairId))?.wait).toEqual(wait);
    await expect(ledger.updateRepair(repairId, { wait: { ...wait, until: 'soon' } })).rejects.toMatchObject({
      name: 'LedgerInputError',
    });
  });

  it('merges fields that different activities write at the same instant', async () => {
    const prefix = freshPrefix();
    const [one, other] = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    await one.createRepair(repairRecord());
    await Promise.all([
      one.updateRepair(repairId, { startedAt: '2026-01-02T03:05:00.000Z' }),
      other.updateRepair(repairId, { cancelRequestedAt: '2026-01-02T03:06:00.000Z' }),
      one.updateRepair(repairId, { requestedMode: 'diagnose' }),
      other.updateRepair(repairId, { phase: 'diagnosing' }),
    ]);
    expect(await one.getRepair(repairId)).toEqual(
      repairRecord({
        startedAt: '2026-01-02T03:05:00.000Z',
        cancelRequestedAt: '2026-01-02T03:06:00.000Z',
        requestedMode: 'diagnose',
        phase: 'diagnosing',
      }),
    );
  });

  it('never overwrites an ending, nor what belongs to it, by a later one', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    await ledger.updateRepair(repairId, ended);
    await ledger.updateRepair(repairId, {
      ending: 'not-repaired',
      endingCode: 'cancelled',
      endingReason: 'late',
      endedAt: '2026-01-02T09:00:00.000Z',
      phase: 'late',
    });
    await ledger.updateRepair(repairId, { endingCode: 'cancelled', endingReason: 'late' });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord(ended));
    expect((await ledger.listRepairs({ ending: 'not-repaired', pageSize: 5 })).repairs).toEqual([]);
  });

  it('lets exactly one of ten endings at the same instant stand, with its own reason', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    const codes = outcomeCodes.slice(0, 10);
    const seen = await Promise.all(
      codes.map(async (code, index) => {
        await ledger.updateRepair(repairId, {
          ending: index % 2 ? 'cancelled' : 'repaired',
          endingCode: code,
          endingReason: `reason of ${code}`,
        });
        return ledger.getRepair(repairId);
      }),
    );
    const stands = await ledger.getRepair(repairId);
    // Whoever has written sees the ending that stands, so nobody's ending stood in between.
    for (const repair of seen) expect(repair).toEqual(stands);
    expect(stands?.endingReason).toBe(`reason of ${stands?.endingCode}`);
    expect(stands?.ending).toBe(codes.findIndex((code) => code === stands?.endingCode) % 2 ? 'cancelled' : 'repaired');
  });

  it('leaves the ending that was written between its read and its write', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await ledger.createRepair(repairRecord());
    const late = overtakenLedger(azurite, prefix, 'updateEntity', () => ledger.updateRepair(repairId, ended));
    await late.updateRepair(repairId, { ending: 'cancelled', endingCode: 'cancelled', phase: 'late' });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord(ended));
  });

  it('keeps the times at which it first started and was first asked to stop', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    const first = { startedAt: '2026-01-02T03:05:00.000Z', cancelRequestedAt: '2026-01-02T03:06:00.000Z' };
    await ledger.updateRepair(repairId, first);
    await ledger.updateRepair(repairId, {
      startedAt: '2026-01-02T09:05:00.000Z',
      cancelRequestedAt: '2026-01-02T09:06:00.000Z',
    });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord(first));
  });

  it('still takes the phase of the clean-up after the ending', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    await ledger.updateRepair(repairId, ended);
    await ledger.updateRepair(repairId, { phase: 'cleaned up' });
    expect(await ledger.getRepair(repairId)).toEqual(repairRecord({ ...ended, phase: 'cleaned up' }));
  });

  it('says so when there is no such repair', async () => {
    const ledger = await freshLedger(azurite);
    await expect(ledger.updateRepair(repairId, { phase: 'lost' })).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('Create it first') as string,
    });
  });

  it('cuts a reason of a million characters visibly', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    await ledger.updateRepair(repairId, { endingReason: 'é'.repeat(1_000_000) });
    expect((await ledger.getRepair(repairId))?.endingReason).toMatch(/é …\[cut, was 1,000,000 characters\]$/);
  });
});

describe('ledger/repairs: the list of repairs', () => {
  const otherVmId = "/subscriptions/s/resourcegroups/o'brien/providers/microsoft.compute/virtualmachines/VM#2";
  const count = 23;
  let ledger: Ledger;
  let newestFirst: RepairRecord[];

  /** 23 repairs, a minute apart, of two VMs; every third has ended. */
  beforeAll(async () => {
    ledger = await freshLedger(azurite);
    const repairs = Array.from({ length: count }, (_, index) => {
      const minute = String(index).padStart(2, '0');
      return repairRecord({
        repairId: `20260102t03${minute}00z-${String(index % 7).repeat(8)}`,
        acceptedAt: `2026-01-02T03:${minute}:00.000Z`,
        vmId: index % 2 ? otherVmId : vmId,
        ...(index % 3 === 0 && ended),
      });
    });
    // 7 and 23 have no common divisor: every repair is created, in an order that is not their time's.
    for (let index = 0; index < count; index += 1) await ledger.createRepair(repairs[(index * 7) % count]!);
    newestFirst = repairs.reverse();
  });

  async function readAll(query: Omit<Parameters<Ledger['listRepairs']>[0], 'continuationToken'>) {
    const pages: RepairRecord[][] = [];
    let continuationToken: string | undefined;
    do {
      const page = await ledger.listRepairs({ ...query, continuationToken });
      pages.push(page.repairs);
      continuationToken = page.continuationToken;
    } while (continuationToken !== undefined);
    return pages;
  }

  it('gives every repair once over many pages, newest first', async () => {
    const pages = await readAll({ pageSize: 5 });
    expect(pages.map((page) => page.length)).toEqual([5, 5, 5, 5, 3]);
    expect(pages.flat()).toEqual(newestFirst);
  });

  it('has no token on a last page that is exactly full', async () => {
    expect(await ledger.listRepairs({ pageSize: count })).toEqual({ repairs: newestFirst, unreadable: [] });
  });

  it('filters by VM without regard to case, quotes in the id included', async () => {
    const pages = await readAll({ pageSize: 4, vmId: otherVmId.toUpperCase() });
    expect(pages.flat()).toEqual(newestFirst.filter((repair) => repair.vmId === otherVmId));
  });

  it('filters by ending', async () => {
    expect((await readAll({ pageSize: 3, ending: 'repaired' })).flat()).toEqual(
      newestFirst.filter((repair) => repair.ending === 'repaired'),
    );
  });

  it('filters by VM and by still running', async () => {
    expect((await readAll({ pageSize: 3, ending: 'running', vmId })).flat()).toEqual(
      newestFirst.filter((repair) => repair.ending === undefined && repair.vmId === vmId),
    );
  });

  it.each(hostileTexts.map((text) => [text.slice(0, 40), text]))('is empty for the hostile VM id %j', async (_, id) => {
    expect(await ledger.listRepairs({ pageSize: 5, vmId: id })).toEqual({ repairs: [], unreadable: [] });
  });

  it('stays in place when newer repairs arrive between two pages', async () => {
    const growing = await freshLedger(azurite);
    const [oldest, middle, newest] = ['01', '02', '03'].map((minute) =>
      repairRecord({ repairId: `20260102t03${minute}00z-0123abcd` }),
    );
    await growing.createRepair(oldest!);
    await growing.createRepair(middle!);
    const first = await growing.listRepairs({ pageSize: 1 });
    await growing.createRepair(newest!);
    const second = await growing.listRepairs({ pageSize: 1, continuationToken: first.continuationToken });
    expect([first.repairs, second]).toEqual([[middle], { repairs: [oldest], unreadable: [] }]);
  });

  it.each([
    '',
    'garbage',
    '1.79739897969594-0123abcd',
    "1.79739897969594-0123abcd' or RowKey gt '.0123456789abcdef",
    Buffer.from('{"nextPartitionKey":"lease","nextRowKey":"x"}').toString('base64'),
    'x'.repeat(100_000),
  ])('refuses a continuation token that is not its own (%#)', async (continuationToken) => {
    await expect(ledger.listRepairs({ pageSize: 5, continuationToken })).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('Begin again') as string,
    });
  });

  it('refuses its own token under another filter, where it would skip repairs', async () => {
    const { continuationToken } = await ledger.listRepairs({ pageSize: 2 });
    expect(continuationToken).toBeDefined();
    await expect(ledger.listRepairs({ pageSize: 2, vmId, continuationToken })).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('another filter') as string,
    });
  });

  it.each([0, -1, 2.5, 501, Number.NaN])('refuses the page size %p', async (pageSize) => {
    await expect(ledger.listRepairs({ pageSize })).rejects.toMatchObject({ name: 'LedgerInputError' });
  });
});
