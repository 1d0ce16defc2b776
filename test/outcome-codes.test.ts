import fc from 'fast-check';
import { makePlan, plan, type Obstacle } from '../src/activities/plan';
import { conclusion, end, type Conclusion } from '../src/activities/progress';
import { repairFieldsColumns, repairRow } from '../src/ledger/rows';
import type { RepairRecord } from '../src/ledger/ports';
import { outcomeCodes, outcomes, type OutcomeCode, type OutcomeSubset } from '../src/outcome-codes';

const repair: RepairRecord = {
  repairId: '20260102t030405z-0123456789',
  vmId: '/vm',
  acceptedAt: '2026-01-02T03:04:05.000Z',
  phase: 'Ended',
};

function isCode(text: string): text is OutcomeCode {
  return Object.hasOwn(outcomes, text);
}

describe('outcome-codes', () => {
  // Each line is an error of `tsc` by itself; one that compiles is an error as well (TS2578), so `npm run check:types` is the test.
  it('are closed: a code that is mistyped or renamed does not compile', () => {
    const typed = { ending: 'not-repaired', reason: 'x' } as const;
    // @ts-expect-error of a conclusion
    const told: Conclusion = { ...typed, code: 'swaped-back' };
    // @ts-expect-error of an end
    const ended = end('refused', 'kill-swich', 'x');
    // @ts-expect-error of the ledger's record
    const recorded: RepairRecord = { ...repair, endingCode: 'repared' };
    // @ts-expect-error of what stands against a plan
    const against: Obstacle = { code: 'no-rute', reason: 'x' };
    // @ts-expect-error of a list that decides: these swap a customer's disk back
    const deciding: readonly OutcomeCode[] = ['copy-does-not-boot', 'still-their'];
    // @ts-expect-error of a subset, such as policy's refusals
    type Refusals = OutcomeSubset<'kill-switch' | 'cancled'>;
    const refusal: Refusals = 'kill-switch';
    // @ts-expect-error of a comparison
    expect(told.code === 'swapped-bak').toBe(false);
    expect([told, ended, recorded, against, deciding, refusal]).toHaveLength(6);
  });

  it('are what is read back: no other code is taken from an input or a document', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...outcomeCodes), fc.string(), fc.constantFrom('toString', '')), (code) => {
        const given = { ending: 'not-repaired', code, reason: 'x' };
        expect(conclusion.safeParse(given).success).toBe(isCode(code));
      }),
    );
  });

  it('are what a plan may be closed by', () => {
    const parts = { signature: 's', title: 't', routes: [], closed: [], changes: [] };
    const closed = makePlan({ ...parts, obstacle: { code: 'no-route', reason: 'x' } });
    expect(plan.safeParse(closed)).toMatchObject({ success: true });
    const forged = makePlan({ ...parts, obstacle: { code: 'no-rute' as OutcomeCode, reason: 'x' } });
    expect(plan.safeParse(forged).error?.issues).toMatchObject([{ path: ['obstacle', 'code'] }]);
  });

  it('are what the ledger writes and reads', () => {
    for (const endingCode of outcomeCodes) {
      const row = { ...repairRow.write({ ...repair, endingCode }), partitionKey: 'p', rowKey: 'r', etag: 'e' };
      expect(repairRow.read(row)).toMatchObject({ endingCode });
    }
    const unknown = 'verified' as OutcomeCode;
    expect(() => repairFieldsColumns({ endingCode: unknown })).toThrow('endingCode');
    const row = { ...repairRow.write(repair), endingCode: unknown, partitionKey: 'p', rowKey: 'r', etag: 'e' };
    expect(() => repairRow.read(row)).toThrow('endingCode');
  });
});
