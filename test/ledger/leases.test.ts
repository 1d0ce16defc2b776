import { freshLedger, freshPrefix, overtakenLedger, startAzurite, type Azurite } from './support/azurite';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const vmId = '/subscriptions/s/resourcegroups/r/providers/microsoft.compute/virtualmachines/vm';
const acquiredAt = '2026-01-02T03:04:05.000Z';

function lease(repairId: string, vmKey = 'vm-0123') {
  return { vmKey, repairId, vmId, acquiredAt };
}

function countTrue(answers: boolean[]): number {
  return answers.filter(Boolean).length;
}

describe('ledger/leases: the lease of a VM', () => {
  it('goes to exactly one of ten repairs that ask at the same instant, from two processes', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    const repairIds = Array.from({ length: 10 }, (_, index) => `repair-${index}`);

    const answers = await Promise.all(
      repairIds.map((repairId, index) => ledgers[index % 2]!.acquireLease(lease(repairId))),
    );

    const winners = answers.filter((answer) => answer.kind === 'acquired');
    expect(winners).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.lease.repairId))).toEqual(new Set([winners[0]?.lease.repairId]));
  });

  it('is acquired again by its holder, with the time of the first', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireLease(lease('first'));
    expect(await ledger.acquireLease({ ...lease('first'), acquiredAt: '2026-01-02T09:00:00.000Z' })).toEqual({
      kind: 'acquired',
      lease: lease('first'),
    });
  });

  it('keeps the mode that was asked for: it is there before the repair’s row is', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireLease({ ...lease('first'), requestedMode: 'diagnose' });
    expect(await ledger.listLeases()).toEqual({
      rows: [{ ...lease('first'), requestedMode: 'diagnose' }],
      unreadable: [],
    });
  });

  it('is free after its holder released it, and releasing again does nothing', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireLease(lease('first'));
    await ledger.releaseLease('vm-0123', 'first');
    await ledger.releaseLease('vm-0123', 'first');
    expect(await ledger.acquireLease(lease('second'))).toMatchObject({ kind: 'acquired' });
  });

  it('is not freed by a stale holder', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.acquireLease(lease('first'));
    await ledger.releaseLease('vm-0123', 'first');
    await ledger.acquireLease(lease('second'));

    await ledger.releaseLease('vm-0123', 'first');

    expect(await ledger.acquireLease(lease('third'))).toEqual({ kind: 'held', lease: lease('second') });
  });

  it('is not freed when it passed to another repair between the read and the delete', async () => {
    const prefix = freshPrefix();
    const ledger = await freshLedger(azurite, prefix);
    await ledger.acquireLease(lease('first'));
    const stale = overtakenLedger(azurite, prefix, 'deleteEntity', async () => {
      await ledger.releaseLease('vm-0123', 'first');
      await ledger.acquireLease(lease('second'));
    });
    await stale.releaseLease('vm-0123', 'first');
    expect(await ledger.listLeases()).toEqual({ rows: [lease('second')], unreadable: [] });
  });

  it('survives a storm of takers and releasers with never more than one holder', async () => {
    const ledger = await freshLedger(azurite);
    let holders = 0;
    let mostHolders = 0;
    async function takeAndFree(repairId: string): Promise<boolean> {
      const answer = await ledger.acquireLease(lease(repairId));
      if (answer.kind === 'held') return false;
      holders += 1;
      mostHolders = Math.max(mostHolders, holders);
      await ledger.listLeases();
      holders -= 1;
      await ledger.releaseLease('vm-0123', repairId);
      return true;
    }

    const rounds = Array.from({ length: 30 }, (_, index) => takeAndFree(`repair-${index}`));
    const taken = await Promise.all(rounds);

    expect(countTrue(taken)).toBeGreaterThanOrEqual(1);
    expect(mostHolders).toBe(1);
    expect(await ledger.listLeases()).toEqual({ rows: [], unreadable: [] });
  });

  it('is of one VM only, whatever the key holds', async () => {
    const ledger = await freshLedger(azurite);
    const hostileKeys = [
      'a/b',
      'a\\b',
      "a'b or 1 eq 1",
      'a#b?',
      'a\u0000b',
      'a\u0001b',
      'ä🔥',
      'a%2fb',
      'x'.repeat(10_000),
    ];
    for (const [index, vmKey] of hostileKeys.entries()) {
      expect(await ledger.acquireLease(lease(`repair-${index}`, vmKey))).toMatchObject({ kind: 'acquired' });
    }
    const { rows: held } = await ledger.listLeases();
    expect(held.map((one) => one.repairId).sort()).toEqual(hostileKeys.map((_, index) => `repair-${index}`).sort());
  });
});

describe('ledger/leases: the kill switch', () => {
  it('is unknown until it was set, then what was set last', async () => {
    const ledger = await freshLedger(azurite);
    expect(await ledger.getKillSwitch()).toBeUndefined();
    const on = { on: true, reason: 'Storm in region', by: 'operator@example.com', at: acquiredAt };
    await ledger.setKillSwitch(on);
    expect(await ledger.getKillSwitch()).toEqual(on);
    await ledger.setKillSwitch({ ...on, on: false, reason: '' });
    expect(await ledger.getKillSwitch()).toEqual({ ...on, on: false, reason: '' });
  });
});

describe('ledger/leases: the loan of a standing recovery VM', () => {
  it('goes to exactly one of ten repairs that ask at the same instant, from two processes', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => ledgers[index % 2]!.lendRecoveryVm(vmId, `repair-${index}`)),
    );
    expect(answers.filter(({ kind }) => kind === 'lent')).toHaveLength(1);
    const borrower = await ledgers[0]!.getBorrower(vmId.toUpperCase());
    expect(answers.indexOf(answers.find(({ kind }) => kind === 'lent')!)).toBe(
      Number(borrower?.replace('repair-', '')),
    );
  });

  it('is taken back from its borrower only, and lent to the borrower again as often as it asks', async () => {
    const ledger = await freshLedger(azurite);
    expect(await ledger.getBorrower(vmId)).toBeUndefined();
    expect(await ledger.lendRecoveryVm(vmId, 'first')).toEqual({ kind: 'lent' });
    expect(await ledger.lendRecoveryVm(vmId.toUpperCase(), 'first')).toEqual({ kind: 'lent' });
    await ledger.takeRecoveryVmBack(vmId, 'second');
    expect(await ledger.lendRecoveryVm(vmId, 'second')).toEqual({ kind: 'held', repairId: 'first' });
    await ledger.takeRecoveryVmBack(vmId, 'first');
    await ledger.takeRecoveryVmBack(vmId, 'first');
    expect(await ledger.lendRecoveryVm(vmId, 'second')).toEqual({ kind: 'lent' });
  });

  it('is no lease: upkeep would take it for a repair of that VM', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.lendRecoveryVm(vmId, 'first');
    expect(await ledger.listLeases()).toEqual({ rows: [], unreadable: [] });
  });
});
