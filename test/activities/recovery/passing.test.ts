import { diagnoseAndPlan } from '../../../src/activities/diagnose-and-plan';
import { putEvidence } from '../../../src/activities/collected-evidence';
import { makePlan, type Plan } from '../../../src/activities/plan';
import { planLook } from '../../../src/activities/recovery/plan-look';
import { createRecoveryVm } from '../../../src/activities/recovery/create-recovery-vm';
import { stopPatient } from '../../../src/activities/recovery/stop-patient';
import { recoveryVmOf } from '../../../src/policy/routes';
import { configurationOf, listenerOf, statusOf } from '../../signatures/support/evidence';
import type { FakeWorld } from '../support/fakes';
import { rejected } from '../support/fake-recovery';
import { about, deedsOf, repairId } from '../support/repair';
import * as at from './support/world';

/** What is in the way only for a moment: waited for, with an end, and never final. */

const { input, osDiskId, standingId, workbenches } = at;
const other = '20260102t030405z-ffffffffff';
const minute = 60_000;

/** A disabled service was seen on the snapshot's disk; by Run Command only where the guest answers. */
async function diagnosable(world: FakeWorld, { answers }: { answers: boolean }): Promise<FakeWorld> {
  const { ledger } = world.tools;
  world.ledger.documents.delete(`${repairId}/plan`);
  const facts = [configurationOf('Dhcp', 4), at.installation(false)];
  await putEvidence(ledger, { repairId }, 'snapshot-disk', { evidence: facts });
  const live = answers
    ? { evidence: [configurationOf('Dhcp', 4), statusOf('Dhcp', 1), listenerOf(true)] }
    : { evidence: [], problem: 'The agent is dead.' };
  await putEvidence(ledger, { repairId }, 'run-command', live);
  return world;
}

async function makeWorld(given = { answers: false }): Promise<FakeWorld> {
  return diagnosable(await at.recoveryWorld({ recoveryWorkbenches: workbenches }), given);
}

async function leasedWorld(given = { answers: false }): Promise<FakeWorld> {
  const world = await diagnosable(await at.standingWorld(), given);
  await world.tools.ledger.createRepair({ repairId: other, vmId: '/other', acceptedAt: 'now', phase: 'x' });
  await world.tools.ledger.lendRecoveryVm(standingId, other);
  return world;
}

/** The quota of every family is used up, or there is room again. */
function useQuotaUp(world: FakeWorld, used: number): void {
  const getComputeQuota = () =>
    Promise.resolve({ ok: true as const, value: { regional: { used, limit: 10 }, families: {} } });
  world.tools = { ...world.tools, recovery: { ...world.tools.recovery, getComputeQuota } };
}

interface Case {
  code: string;
  world: (given?: { answers: boolean }) => Promise<FakeWorld>;
  passes: (world: FakeWorld) => void | Promise<void>;
}

const cases: Case[] = [
  {
    code: 'disk-busy',
    async world(given) {
      const world = await makeWorld(given);
      at.putDisk(world, { id: osDiskId, provisioningState: 'Updating' });
      return world;
    },
    passes: (world) => at.putDisk(world, { id: osDiskId, provisioningState: 'Succeeded' }),
  },
  {
    code: 'disk-busy',
    async world(given) {
      const world = await makeWorld(given);
      at.alterVm(world, { provisioningState: 'Updating' });
      return world;
    },
    passes: (world) => at.alterVm(world, { provisioningState: 'Succeeded' }),
  },
  {
    code: 'standing-vm-busy',
    world: leasedWorld,
    passes: (world) => world.tools.ledger.takeRecoveryVmBack(standingId, other),
  },
  {
    code: 'quota-used-up',
    async world(given) {
      const world = await makeWorld(given);
      useQuotaUp(world, 10);
      return world;
    },
    passes: (world) => useQuotaUp(world, 0),
  },
];

const planned = async (world: FakeWorld): Promise<Plan> => {
  const progress = await diagnoseAndPlan(world.tools, about);
  if (progress.kind !== 'done') throw new Error(JSON.stringify(progress));
  return progress.value;
};

describe.each(cases)('activities/recovery/passing: $code', ({ code, world: make, passes }) => {
  beforeEach(() => jest.useFakeTimers({ now: Date.parse('2026-01-02T03:10:00Z'), doNotFake: ['nextTick'] }));
  afterEach(() => jest.useRealTimers());

  it('is waited for where no other way is open, and the way is open when it has passed', async () => {
    const world = await make();
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    jest.advanceTimersByTime(14 * minute);
    expect(await diagnoseAndPlan(world.tools, about)).toMatchObject({ kind: 'wait' });
    await passes(world);
    expect(await planned(world)).toMatchObject({ routes: ['recovery-vm'] });
  });

  it('closes the way by its own code once it has lasted for a quarter of an hour', async () => {
    const world = await make();
    await diagnoseAndPlan(world.tools, about);
    jest.advanceTimersByTime(15 * minute);
    const plan = await planned(world);
    expect(plan.routes).toEqual([]);
    expect(plan.closed).toContainEqual(expect.objectContaining({ route: 'recovery-vm', code }));
  });

  it('holds nobody up where the guest can be reached, and is left for when this way’s turn comes', async () => {
    const plan = await planned(await make({ answers: true }));
    expect(plan).toMatchObject({ routes: ['run-command', 'recovery-vm'], recovery: { awaited: { code } } });
    expect(recoveryVmOf(plan)).toMatchObject({ open: true, code });
  });

  it('is waited for before a look, too, and closes that by its own code', async () => {
    const world = await make();
    expect(await planLook(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(world.ledger.slots.size).toBe(0);
    jest.advanceTimersByTime(15 * minute);
    expect(await planLook(world.tools, about)).toMatchObject({ conclusion: { ending: 'not-recognised', code } });
  });
});

describe('activities/recovery/passing: when the way is taken', () => {
  it('waits for room when every size is full, and makes the VM when there is some', async () => {
    const world = await at.recoveryWorld();
    world.recoveryContent.failures.beginCreateRecoveryMachine = rejected('OperationNotAllowed');
    await createRecoveryVm(world.tools, input);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({
      kind: 'wait',
      late: { ending: 'not-repaired', code: 'recovery-vm-failed' },
    });
    delete world.recoveryContent.failures.beginCreateRecoveryMachine;
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(world.vms.has(at.recoveryVmId.toLowerCase())).toBe(true);
  });

  it('does not wait for a size that this subscription does not get', async () => {
    const world = await at.recoveryWorld();
    world.recoveryContent.failures.beginCreateRecoveryMachine = rejected('SkuNotAvailable');
    await createRecoveryVm(world.tools, input);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'recovery-vm-failed' } });
  });

  it.each<[string, (world: FakeWorld, state: string) => void]>([
    ['the VM', (world, provisioningState) => at.alterVm(world, { provisioningState })],
    ['its disk', (world, provisioningState) => at.putDisk(world, { id: osDiskId, provisioningState })],
  ])(
    'stops nothing while somebody else is at %s (hazard: three minutes later the plug was pulled)',
    async (_of, set) => {
      const world = await at.recoveryWorld();
      set(world, 'Updating');
      for (let call = 0; call < 3; call += 1) {
        expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'wait', late: { code: 'disk-busy' } });
      }
      expect(deedsOf(world, 'recovery.beginPowerOff')).toEqual([]);
      expect(world.ledger.resources.get(repairId) ?? []).toEqual([]);
      set(world, 'Succeeded');
      await stopPatient(world.tools, input);
      expect(deedsOf(world, 'recovery.beginPowerOff')).toHaveLength(1);
    },
  );

  it('has no other plan because something stood in the way of it for a moment', () => {
    const { hash, ...parts } = at.plan;
    const recovery = { ...at.recovery, awaited: { code: 'disk-busy' as const, reason: 'Busy.' } };
    expect(makePlan({ ...parts, recovery }).hash).toBe(hash);
  });
});
