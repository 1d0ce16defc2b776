import fc from 'fast-check';
import type { Leftover } from '../../src/azure/recovery-ports';
import { resourceOf } from '../ledger/support/resources';
import { judge, type Owner, type SweepFacts } from '../../src/policy/sweep';

const repairId = '20260102t030405z-0123abcd45';
const now = Date.parse('2026-02-01T00:00:00.000Z');
const past = '2026-01-16T03:04:05.000Z';
const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-app/providers/Microsoft.Compute';
const copyId = `${group}/disks/rdp-lifeline-${repairId}-copy-1`;
const tags = { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-expires': past };

function facts(
  fields: Partial<SweepFacts> = {},
  found: Partial<Leftover> = {},
  owner: Partial<Owner> = {},
): SweepFacts {
  return {
    found: { kind: 'disk', id: copyId, tags, ...found },
    owner: {
      ...{ repairId, vmId: 'vm', isRunning: false, isRecordWhole: true, swapped: [] },
      resources: [resourceOf('disk', copyId)],
      ...owner,
    },
    referenced: new Set(),
    isEveryGroupSeen: true,
    now,
    ...fields,
  };
}

describe('policy/sweep', () => {
  it('lets go what is ours, expired and unused, if it still carries exactly both tags', () => {
    expect(judge(facts())).toEqual({ kind: 'delete', mustCarry: tags });
  });

  it('lets the OS disk of a recovery VM go by the record of that VM, which it was made with', () => {
    const id = `${group}/disks/rdp-lifeline-${repairId}-os`;
    const made = {
      resources: [resourceOf('virtual-machine', `${group}/virtualMachines/rdp-lifeline-${repairId}`)],
    };
    expect(judge(facts({}, { id }, made))).toEqual({ kind: 'delete', mustCarry: tags });
    expect(judge(facts({}, { id }))).toMatchObject({ kind: 'keep', why: 'unknown-owner' });
    expect(judge(facts({}, { id, usedBy: 'rescue' }, made))).toMatchObject({ kind: 'keep', why: 'in-use' });
  });

  it.each<[string, SweepFacts]>([
    ['unknown-owner', facts({ owner: undefined })],
    ['unknown-owner', facts({}, {}, { resources: [] })],
    ['unknown-owner', facts({}, { tags: { ...tags, 'rdp-lifeline-repair': 'another' } })],
    // The original of the repair is on its record too.
    [
      'unknown-owner',
      facts(
        {},
        { id: `${group}/disks/vm-1_OsDisk` },
        { resources: [resourceOf('disk', `${group}/disks/vm-1_OsDisk`)] },
      ),
    ],
    // Not even if it has one of our names: what it is stands in the record.
    [
      'unknown-owner',
      facts({}, {}, { resources: [{ resourceId: copyId, kind: 'disk', details: { role: 'original' } }] }),
    ],
    ['unknown-owner', facts({}, { kind: 'virtual-machine' })],
    ['repair-runs', facts({}, {}, { isRunning: true })],
    ['in-use', facts({ referenced: new Set([copyId.toLowerCase()]) })],
    ['in-use', facts({}, { usedBy: 'vm' })],
    ['swapped', facts({}, {}, { swapped: [copyId.toUpperCase()] })],
    ['no-expiry', facts({}, { tags: { 'rdp-lifeline-repair': repairId } })],
    ['no-expiry', facts({}, { tags: { ...tags, 'rdp-lifeline-expires': '1' } })],
    ['no-expiry', facts({}, { tags: { ...tags, 'rdp-lifeline-expires': '2026-13-45T99:00:00Z' } })],
    ['expires-later', facts({ now: Date.parse(past) - 1 })],
    ['groups-not-seen', facts({ isEveryGroupSeen: false })],
  ])('keeps what is %s', (why, given) => {
    expect(judge(given)).toMatchObject({ kind: 'keep', why });
  });

  it('never deletes without both tags, before the expiry, what is referenced, or what a running repair has', () => {
    // Most are good, so that now and then all of them are.
    const rarely = fc.integer({ min: 0, max: 7 }).map((one) => one === 0);
    const mostly = rarely.map((one) => !one);
    const arbitrary = fc.record({
      isRunning: rarely,
      isOwned: mostly,
      isOnRecord: mostly,
      isSwapped: rarely,
      isReferenced: rarely,
      isEveryGroupSeen: mostly,
      usedBy: rarely.map((one) => (one ? 'vm' : undefined)),
      repair: fc.constantFrom(repairId, repairId, repairId.toUpperCase(), '', undefined),
      expires: fc.oneof(
        fc.constantFrom(past, undefined, '', '2026', 'now', '2026-02-01T00:00:00.001Z'),
        fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date('2030-01-01') })
          .map((date) => date.toISOString()),
        fc.string(),
      ),
      name: fc.constantFrom(`rdp-lifeline-${repairId}-copy-1`, 'vm-1_OsDisk', `x-rdp-lifeline-${repairId}-copy-1`),
      kind: fc.constantFrom<Leftover['kind']>('disk', 'snapshot', 'virtual-machine', 'network-interface'),
    });
    let deleted = 0;
    fc.assert(
      fc.property(arbitrary, (one) => {
        const id = `${group}/disks/${one.name}`;
        const carried = { 'rdp-lifeline-repair': one.repair, 'rdp-lifeline-expires': one.expires };
        const present = Object.fromEntries(Object.entries(carried).filter(([, value]) => value !== undefined));
        const verdict = judge(
          facts(
            {
              referenced: new Set(one.isReferenced ? [id.toLowerCase()] : []),
              isEveryGroupSeen: one.isEveryGroupSeen,
              ...(one.isOwned ? {} : { owner: undefined }),
            },
            { id, kind: one.kind, usedBy: one.usedBy, tags: present as Record<string, string> },
            {
              isRunning: one.isRunning,
              resources: one.isOnRecord ? [resourceOf('disk', id)] : [],
              swapped: one.isSwapped ? [id] : [],
            },
          ),
        );
        if (verdict.kind === 'keep') return;
        deleted += 1;
        expect([one.isRunning, one.isReferenced, one.isSwapped, one.usedBy]).toEqual([false, false, false, undefined]);
        expect([one.isOwned, one.isOnRecord, one.isEveryGroupSeen, one.kind]).toEqual([true, true, true, 'disk']);
        expect(one.name).toBe(`rdp-lifeline-${repairId}-copy-1`);
        expect(Date.parse(one.expires ?? '')).toBeLessThanOrEqual(now);
        expect(verdict.mustCarry).toEqual(carried);
        expect(one.repair).toBe(repairId);
      }),
      { numRuns: 5_000 },
    );
    // The property is not true by never deleting anything.
    expect(deleted).toBeGreaterThan(0);
  });
});
