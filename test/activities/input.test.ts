import { activities, type ActivityName } from '../../src/activities';
import { makePlan } from '../../src/activities/plan';
import { about, plan, repairWorld } from './support/repair';

const names = Object.keys(activities) as ActivityName[];
const conclusion = { ending: 'refused', code: 'kill-switch', reason: 'x' } as const;
/** An input that every activity takes. */
const whole = { ...about, plan, attempt: 1, conclusion, left: [], orchestrationStartedAt: new Date(0).toISOString() };

const malformed: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'repair'],
  ['no repair id', { ...whole, repairId: undefined }],
  ['a repair id with a path', { ...whole, repairId: '../20260102t030405z-0123abcd45' }],
  ['a repair id with a line break', { ...whole, repairId: `${about.repairId}\n` }],
  ['a VM id that is none', { ...whole, vmId: '/subscriptions/x' }],
  ['a VM id with more after it', { ...whole, vmId: `${about.vmId}/extensions/x` }],
  ['an unknown mode', { ...whole, requestedMode: 'force' }],
];

const changed = { ...plan, changes: [{ kind: 'start-service', service: 'Other' }] };
const wrongPlans: [string, unknown][] = [
  ['no plan', undefined],
  ['a plan with other changes than its hash', changed],
  ['a plan without a hash', { ...plan, hash: '' }],
  ['a plan with an unknown change', { ...plan, changes: [{ kind: 'run', command: 'calc' }] }],
  [
    'a plan with a service that is no name',
    makePlan({ ...plan, changes: [{ kind: 'start-service', service: 'Dhcp & calc' }] }),
  ],
  [
    'a plan with an account of its own',
    { ...plan, changes: [{ kind: 'set-service-account', service: 'Dhcp', account: 'LocalSystem' }] },
  ],
  [
    'a plan with a boot entry that is no GUID',
    makePlan({ ...plan, changes: [{ kind: 'delete-boot-element', object: '{current}', element: 'safeboot' }] }),
  ],
  [
    'a plan that restarts before the answer can leave the guest',
    makePlan({ ...plan, changes: [{ kind: 'restart-from-safe-mode', delaySeconds: 0 }] }),
  ],
];

describe('activities/input', () => {
  describe.each(names)('%s', (name) => {
    it.each(malformed)('refuses %s and does nothing', async (_what, input) => {
      const world = await repairWorld();
      await expect(activities[name](world.tools, input)).rejects.toThrow();
      expect(world.deeds).toEqual([]);
    });
  });

  describe.each(['obtainPermit', 'applyChanges', 'awaitRestart', 'verifyRepair'] as const)('%s', (name) => {
    it.each(wrongPlans)('refuses %s and does nothing', async (_what, wrong) => {
      const world = await repairWorld();
      await expect(activities[name](world.tools, { ...whole, plan: wrong })).rejects.toThrow();
      expect(world.deeds).toEqual([]);
    });
  });

  it.each(['takeSnapshot', 'readEvidence', 'obtainPermit'] as const)(
    '%s does nothing while the ledger cannot be reached: no record, no change',
    async (name) => {
      const world = await repairWorld();
      world.ledgerFault = new Error('The ledger cannot be reached.');
      await expect(activities[name](world.tools, whole)).rejects.toThrow('The ledger cannot be reached.');
      expect(world.deeds).toEqual([]);
    },
  );

  it.each(names)('a repair that the ledger does not know gets nothing done by %s', async (name) => {
    const world = await repairWorld();
    world.ledger.repairs.clear();
    const answer = await activities[name](world.tools, whole);
    expect(answer).toMatchObject({ kind: 'end', conclusion: { ending: 'refused', code: 'repair-not-on-record' } });
    expect(world.deeds).toEqual([]);
  });

  it('the VM is that of the record, whoever names none', async () => {
    const world = await repairWorld();
    await activities.takeSnapshot(world.tools, { repairId: about.repairId });
    expect(world.snapshots.size).toBe(1);
  });
});
