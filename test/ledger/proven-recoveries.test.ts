import { freshLedger, startAzurite, type Azurite } from './support/azurite';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const pair = { recoveryVm: 'publisher:offer:sku/#?', generation: 'V2' } as const;

describe('ledger/proven-recoveries', () => {
  it('keep the first repair of a pair, whatever comes later and in whatever case it is asked for', async () => {
    const ledger = await freshLedger(azurite);
    const first = { ...pair, repairId: 'first', at: '2026-01-02T03:04:05.000Z' };
    expect(await ledger.getProvenRecovery(pair)).toBeUndefined();
    await ledger.recordProvenRecovery(first);
    await ledger.recordProvenRecovery({ ...first, repairId: 'second' });
    expect(await ledger.getProvenRecovery({ ...pair, recoveryVm: pair.recoveryVm.toUpperCase() })).toEqual(first);
  });

  it('are of one pair only: neither another generation nor another image has worked by it', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.recordProvenRecovery({ ...pair, repairId: 'first', at: '2026-01-02T03:04:05.000Z' });
    expect(await ledger.getProvenRecovery({ ...pair, generation: 'V1' })).toBeUndefined();
    expect(await ledger.getProvenRecovery({ ...pair, recoveryVm: 'publisher:offer:other' })).toBeUndefined();
  });
});
