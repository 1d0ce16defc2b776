import { freshLedger, freshPrefix, startAzurite, type Azurite } from './support/azurite';
import { hostileTexts, repairId, repairRecord, signalRecord, vmId } from './support/records';
import type { SignalQuery, SignalRecord } from '../../src/ledger/ports';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

describe('ledger/signals: recording a signal', () => {
  it('records it once under ten redeliveries at the same instant, and tells all the same outcome', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    const deliveries = Array.from({ length: 10 }, (_, index) =>
      signalRecord({
        receivedAt: `2026-01-02T03:04:0${index}.000Z`,
        outcome: { kind: 'started', repairId: `repair-${index}` },
      }),
    );

    const answers = await Promise.all(deliveries.map((delivery, index) => ledgers[index % 2]!.recordSignal(delivery)));

    const winners = answers.filter((answer) => answer.isNew);
    expect(winners).toHaveLength(1);
    for (const answer of answers) expect(answer.signal).toEqual(winners[0]?.signal);
    expect(await ledgers[0]!.listSignals({ pageSize: 100 })).toEqual({ signals: [winners[0]?.signal], unreadable: [] });
  });

  it.each([
    { kind: 'started', repairId },
    { kind: 'joined', repairId },
    { kind: 'ignored', code: 'no-virtual-machine', reason: 'The alert is about a disk.' },
  ] as const)('keeps the outcome $kind', async (outcome) => {
    const ledger = await freshLedger(azurite);
    const signal = signalRecord({ outcome, vmId: undefined });
    await ledger.recordSignal(signal);
    expect(await ledger.getSignal(signal.key)).toEqual(signal);
  });

  it('keeps that it says the machine is well again', async () => {
    const ledger = await freshLedger(azurite);
    const signal = signalRecord({ says: 'recovered' });
    await ledger.recordSignal(signal);
    await ledger.addSignalToRepair(repairId, signal);
    expect(await ledger.getSignal(signal.key)).toEqual(signal);
    expect((await ledger.getTimeline(repairId)).signals).toEqual([signal]);
  });

  it('does not know a signal that never came', async () => {
    const ledger = await freshLedger(azurite);
    expect(await ledger.getSignal('never')).toBeUndefined();
  });

  it('keeps signals with hostile keys, titles and facts apart and readable', async () => {
    const ledger = await freshLedger(azurite);
    const signals = hostileTexts.map((text) =>
      signalRecord({ key: text, title: text, vmId: text, facts: { [text]: text } }),
    );
    for (const signal of signals) expect(await ledger.recordSignal(signal)).toMatchObject({ isNew: true });
    for (const signal of signals) {
      expect(await ledger.recordSignal(signal)).toMatchObject({ isNew: false, signal: { key: signal.key } });
    }
    expect((await ledger.listSignals({ pageSize: 100 })).signals).toHaveLength(hostileTexts.length);
  });

  it('keeps only a bounded part of a payload that is passed as facts', async () => {
    const ledger = await freshLedger(azurite);
    const facts = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`f${index}`, '\u2028"'.repeat(9_000)]),
    );
    await ledger.recordSignal(signalRecord({ facts, title: 'x'.repeat(1_000_000) }));

    const kept = await ledger.getSignal('alert-1');

    expect(Object.keys(kept?.facts ?? {}).length).toBeGreaterThan(0);
    expect(JSON.stringify(kept).length).toBeLessThan(60_000);
    expect(kept?.title).toMatch(/\[cut, was 1,000,000 characters\]$/);
  });

  it('refuses a time that is none, before anything is written', async () => {
    const ledger = await freshLedger(azurite);
    await expect(ledger.recordSignal(signalRecord({ receivedAt: 'now' }))).rejects.toMatchObject({
      name: 'LedgerInputError',
      message: expect.stringContaining('receivedAt') as string,
    });
    expect(await ledger.getSignal('alert-1')).toBeUndefined();
  });
});

describe('ledger/signals: the list of signals', () => {
  it('begins with the newest and ends at the limit', async () => {
    const ledger = await freshLedger(azurite);
    for (const minute of ['02', '04', '01', '05', '03']) {
      await ledger.recordSignal(signalRecord({ key: `key-${minute}`, receivedAt: `2026-01-02T03:${minute}:00.000Z` }));
    }
    const newest = await ledger.listSignals({ pageSize: 3 });
    expect(newest.signals.map((signal) => signal.key)).toEqual(['key-05', 'key-04', 'key-03']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses the page size %p', async (pageSize) => {
    const ledger = await freshLedger(azurite);
    await expect(ledger.listSignals({ pageSize })).rejects.toMatchObject({ name: 'LedgerInputError' });
  });
});

describe('ledger/signals: pages and filters', () => {
  it('gives every signal once in pages, by VM and by what became of it', async () => {
    const ledger = await freshLedger(azurite);
    const other = vmId.replace('vm-1', 'vm-2');
    for (let index = 0; index < 9; index += 1) {
      const outcome =
        index % 3 === 0
          ? ({ kind: 'ignored', code: 'no-change', reason: 'x' } as const)
          : ({ kind: 'started', repairId } as const);
      const receivedAt = `2026-01-02T03:0${index}:00.000Z`;
      await ledger.recordSignal(
        signalRecord({ key: `k${index}`, receivedAt, outcome, vmId: index % 2 === 0 ? vmId : other }),
      );
    }
    const keysOf = async (query: Omit<SignalQuery, 'pageSize' | 'continuationToken'>) => {
      const keys: string[] = [];
      let continuationToken: string | undefined;
      do {
        const page = await ledger.listSignals({ ...query, pageSize: 2, continuationToken });
        keys.push(...page.signals.map(({ key }) => key));
        continuationToken = page.continuationToken;
      } while (continuationToken !== undefined);
      return keys.join(' ');
    };
    expect(await keysOf({})).toBe('k8 k7 k6 k5 k4 k3 k2 k1 k0');
    expect(await keysOf({ vmId: vmId.toUpperCase() })).toBe('k8 k6 k4 k2 k0');
    expect(await keysOf({ outcome: 'ignored' })).toBe('k6 k3 k0');
    expect(await keysOf({ vmId, code: 'no-change' })).toBe('k6 k0');
  });

  it('takes no token of another list', async () => {
    const ledger = await freshLedger(azurite);
    for (const key of ['a', 'b']) await ledger.recordSignal(signalRecord({ key }));
    const { continuationToken } = await ledger.listSignals({ pageSize: 1 });
    for (const query of [{ vmId }, { outcome: 'started' as const }]) {
      await expect(ledger.listSignals({ ...query, pageSize: 1, continuationToken })).rejects.toThrow('another filter');
    }
  });

  it('gives the words about a VM by when they happened, and only those', async () => {
    const ledger = await freshLedger(azurite);
    const word = (key: string, minute: number, fields: Partial<SignalRecord> = {}) =>
      ledger.recordSignal(
        signalRecord({ key, says: 'recovered', occurredAt: `2026-01-02T03:0${minute}:00.500Z`, ...fields }),
      );
    await word('early', 1, { receivedAt: '2026-01-02T05:00:00.000Z' });
    await word('at', 2, { says: 'asked-for' });
    await word('late', 3, { says: 'cancelled' });
    await word('other', 3, { vmId: `${vmId}2` });
    await word('none', 3, { says: undefined });
    const keys = async (since: string) => (await ledger.listWords(vmId.toUpperCase(), since)).map(({ key }) => key);
    expect(await keys('2026-01-02T03:02:00.500Z')).toEqual(['late', 'at']);
    expect(await keys('2026-01-02T03:02:00.501Z')).toEqual(['late']);
    expect(await keys('2026-01-02T03:00:00.000Z')).toEqual(['late', 'at', 'early']);
  });

  it('says of a signal that had joined a repair that it began one of its own, in every list', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.recordSignal(signalRecord({ outcome: { kind: 'joined', repairId } }));
    const outcome = { kind: 'started', repairId: `${repairId}99` } as const;
    for (let count = 0; count < 2; count += 1) await ledger.settleSignal('alert-1', outcome);
    await ledger.settleSignal('never', outcome);
    expect(await ledger.getSignal('alert-1')).toMatchObject({ outcome });
    expect((await ledger.listSignals({ vmId, pageSize: 5 })).signals).toMatchObject([{ outcome }]);
    expect((await ledger.listSignals({ outcome: 'started', pageSize: 5 })).signals).toHaveLength(1);
  });
});

describe('ledger/signals: the signals of a repair', () => {
  it('hold each signal once, in the order they came', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.createRepair(repairRecord());
    const [late, early] = [
      signalRecord({ key: 'late', receivedAt: '2026-01-02T04:00:00.000Z' }),
      signalRecord({ key: 'early', receivedAt: '2026-01-02T03:00:00.000Z' }),
    ];
    await Promise.all([late, early, late, early].map((signal) => ledger.addSignalToRepair(repairId, signal)));
    expect((await ledger.getRepairDetail(repairId))?.signals).toEqual([early, late]);
  });
});
