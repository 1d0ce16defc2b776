import fc from 'fast-check';
import { widerMode } from '../../src/ledger/follow-ups';
import type { FollowUp, Mode } from '../../src/ledger/ports';
import { freshLedger, freshPrefix, startAzurite, type Azurite } from './support/azurite';
import { hostileTexts, repairId, vmId } from './support/records';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

function followUp(fields: Partial<FollowUp> = {}): FollowUp {
  return {
    ...{ vmKey: 'vm-key', vmId, key: 'k', door: 'alert', title: 'rule', facts: { severity: 'Sev1' } },
    receivedAt: '2026-01-02T03:04:05.000Z',
    occurredAt: '2026-01-02T03:01:05.000Z',
    occasion: 'alert:1',
    joined: repairId,
    ...fields,
  };
}

function all(...rows: FollowUp[]) {
  return { rows, unreadable: [] };
}

describe('ledger/follow-ups: a follow-up', () => {
  it('is kept once for each VM: the newest, for the repair that holds the VM now, with the widest mode', async () => {
    const prefix = freshPrefix();
    const [one, other] = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    await one.keepFollowUp(followUp({ requestedMode: 'diagnose' }));
    await other.keepFollowUp(
      followUp({ key: 'older', occurredAt: '2026-01-02T03:00:00.000Z', requestedMode: 'repair', joined: 'next' }),
    );
    expect(await one.listFollowUps()).toEqual(all(followUp({ requestedMode: 'repair', joined: 'next' })));
    const newer = followUp({ key: 'newer', occurredAt: '2026-01-02T03:02:00.000Z', occasion: undefined });
    await one.keepFollowUp(newer);
    expect(await other.listFollowUps()).toEqual(all(newer));
    await one.keepFollowUp(followUp({ vmKey: 'other-vm' }));
    expect((await other.listFollowUps()).rows).toHaveLength(2);
  });

  it('is let go of by its own signal only', async () => {
    const ledger = await freshLedger(azurite);
    await ledger.keepFollowUp(followUp());
    await ledger.dropFollowUp({ vmKey: 'vm-key', key: 'other' });
    expect((await ledger.listFollowUps()).rows).toHaveLength(1);
    for (let count = 0; count < 2; count += 1) await ledger.dropFollowUp({ vmKey: 'vm-key', key: 'k' });
    expect(await ledger.listFollowUps()).toEqual(all());
  });

  it('is one whole follow-up of those that were kept at the same instant', async () => {
    const prefix = freshPrefix();
    const ledgers = [await freshLedger(azurite, prefix), await freshLedger(azurite, prefix)];
    const several = Array.from({ length: 8 }, (_, index) =>
      followUp({ key: `k${index}`, occurredAt: `2026-01-02T03:0${index}:00.000Z`, title: `t${index}` }),
    );
    await Promise.all(several.map((one, index) => ledgers[index % 2]!.keepFollowUp(one)));
    const [kept, ...more] = (await ledgers[0]!.listFollowUps()).rows;
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ key: 'k7', title: 't7' });
  });

  it('may have a hostile title and hostile facts', async () => {
    const ledger = await freshLedger(azurite);
    for (const text of hostileTexts.filter((one) => one.length < 300)) {
      await ledger.keepFollowUp(followUp({ vmKey: `key ${text}`, title: text, facts: { fact: text } }));
    }
    expect((await ledger.listFollowUps()).rows.length).toBeGreaterThan(3);
  });
});

describe('ledger/follow-ups: the wider mode', () => {
  const mode = fc.option(fc.constantFrom<Mode>('off', 'observe', 'diagnose', 'approve', 'repair'), { nil: undefined });

  it('is one of the two, whichever comes first, and none where one leaves it to the tag', () => {
    fc.assert(
      fc.property(mode, mode, (one, other) => {
        const wider = widerMode(one, other);
        expect(wider).toBe(widerMode(other, one));
        if (one === undefined || other === undefined) expect(wider).toBeUndefined();
        else expect([one, other]).toContain(wider);
      }),
    );
    expect(widerMode('diagnose', 'repair')).toBe('repair');
  });
});
