import type { PendingSignal } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, startAzurite, type Azurite } from './support/azurite';
import { hostileTexts } from './support/records';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

function pendingSignal(fields: Partial<PendingSignal> = {}): PendingSignal {
  return {
    key: 'key',
    receivedAt: '2026-01-02T03:04:05.000Z',
    occurredAt: '2026-01-02T03:01:05.000Z',
    title: 'heartbeat',
    facts: { alertId: 'alert-1' },
    vmName: 'vm-1',
    reason: 'Resource Graph was busy.',
    ...fields,
  };
}

describe('ledger/pending-signals: a pending signal', () => {
  it('is kept once however often it is delivered, seen by another process, and let go of once', async () => {
    const prefix = freshPrefix();
    const [one, other] = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    await Promise.all([one.keepPendingSignal(pendingSignal()), other.keepPendingSignal(pendingSignal())]);
    await one.keepPendingSignal(pendingSignal({ reason: 'Later.', receivedAt: '2026-01-02T03:14:05.000Z' }));
    expect(await other.listPendingSignals()).toEqual({ rows: [pendingSignal()], unreadable: [] });
    await one.dropPendingSignal('key');
    await other.dropPendingSignal('key');
    expect(await one.listPendingSignals()).toEqual({ rows: [], unreadable: [] });
  });

  it('is in no list of signals, and hinders none of the same key', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.keepPendingSignal(pendingSignal());
    expect(await ledger.listSignals({ pageSize: 10 })).toEqual({ signals: [], unreadable: [] });
    expect(await ledger.getSignal('key')).toBeUndefined();
  });

  it('comes back whole and in the order of arrival', async () => {
    const ledger = await freshLedger(azurite);
    const signals = [
      pendingSignal({ key: 'b', receivedAt: '2026-01-02T03:04:06.000Z', says: 'recovered' }),
      pendingSignal({ key: 'a', receivedAt: '2026-01-02T03:04:07.000Z' }),
      pendingSignal({ key: 'c', receivedAt: '2026-01-02T03:04:05.000Z' }),
    ];
    for (const signal of signals) await ledger.keepPendingSignal(signal);
    expect((await ledger.listPendingSignals()).rows.map(({ key }) => key)).toEqual(['c', 'b', 'a']);
    expect((await ledger.listPendingSignals()).rows).toEqual(expect.arrayContaining(signals));
  });

  it('may have a hostile key and hostile facts', async () => {
    const ledger = await freshLedger(azurite);
    const named = hostileTexts.filter((text) => text.length > 0 && text.length < 300);
    for (const text of named) {
      await ledger.keepPendingSignal(pendingSignal({ key: text, facts: { fact: text } }));
      await ledger.dropPendingSignal(text);
    }
    expect(await ledger.listPendingSignals()).toEqual({ rows: [], unreadable: [] });
  });
});
