import { cleanUp } from '../../../src/activities/clean-up';
import { attachCopy } from '../../../src/activities/recovery/attach-copy';
import { checkRecoveryRoute } from '../../../src/activities/recovery/check-route';
import { createRecoveryVm } from '../../../src/activities/recovery/create-recovery-vm';
import { attachTrialCopy, rehearseOnTrialCopy } from '../../../src/activities/recovery/rehearsal';
import { makeTrialCopy } from '../../../src/activities/recovery/trial-copy';
import { attachedDisk, prepare } from '../../../src/activities/recovery/disk-bench';
import { makeLookPlan, putLookPlan } from '../../../src/activities/recovery/look-plan';
import { loanOf } from '../../../src/activities/recovery/names';
import { recoveryActions } from '../../../src/policy/recovery-route';
import { reportOf } from '../../../src/report/repair-report';
import { stoppedPatient } from '../../guest/recovery-vm/support/patient';
import type { FakeWorld } from '../support/fakes';
import { about, conclusion, deedsOf, placeOf, repairId, untilDone, vmId } from '../support/repair';
import { carryOutScripts } from './support/scripted-recovery-vm';
import * as at from './support/world';

const { standingId, standingInput: input, copyId, finding, workbenches } = at;
const other = '20260102t030405z-ffffffffff';
const check = ({ tools }: FakeWorld) =>
  checkRecoveryRoute(tools, about, { finding, evidence: [at.installation(false)] });
const end = { ...about, conclusion };
const loanIn = (world: FakeWorld) =>
  world.ledger.resources.get(repairId)?.find(({ resourceId }) => resourceId === loanOf(standingId));

async function beginOther(world: FakeWorld): Promise<void> {
  await world.tools.ledger.createRepair({ repairId: other, vmId: `${vmId}-2`, acceptedAt: 'now', phase: 'x' });
  await world.tools.ledger.lendRecoveryVm(standingId, other);
}

describe('activities/recovery/standing-vm: a standing recovery VM in the plan', () => {
  it('is taken where it can be, without a workbench and without a right to make any; nothing is lent yet', async () => {
    const world = await at.standingWorld();
    const { making, subnet, ...others } = recoveryActions;
    world.recoveryContent.actions = Object.values(others).flat();
    expect(await check(world)).toMatchObject({
      kind: 'open',
      recovery: { machine: { kind: 'standing', vmId: standingId }, resourceGroup: 'rg-workbench' },
    });
    expect([...making, ...subnet]).not.toHaveLength(0);
    expect(world.ledger.loans.size).toBe(0);
    expect(at.begunIn(world)).toEqual([]);
  });

  it('is the first of the list that can be taken', async () => {
    const second = `${standingId}-2`;
    const world = await at.standingWorld({ standingRecoveryVms: [standingId, second] });
    at.addStandingVm(world, { powerState: 'deallocated' });
    at.addStandingVm(world, { name: 'vm-rescue-2' }, second);
    expect(await check(world)).toMatchObject({ recovery: { machine: { kind: 'standing', vmId: second } } });
  });

  it('gives way to one that is made where there is a workbench, and why is said', async () => {
    const world = await at.standingWorld({ recoveryWorkbenches: workbenches });
    await beginOther(world);
    expect(await check(world)).toMatchObject({
      kind: 'open',
      recovery: { machine: { kind: 'made', passedOver: [expect.stringContaining(other)] } },
    });
  });

  it('is worth waiting for where it is the only way and works for another repair', async () => {
    const world = await at.standingWorld();
    await beginOther(world);
    expect(await check(world)).toMatchObject({
      kind: 'busy',
      obstacle: { code: 'standing-vm-busy', reason: expect.stringContaining(other) as string },
      recovery: { machine: { kind: 'standing', vmId: standingId } },
    });
    // Another repair has it: nobody takes it from it.
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(other);
  });

  it('is free again once the repair that has it has ended, whatever kept that from giving it back', async () => {
    const world = await at.standingWorld();
    await beginOther(world);
    await world.tools.ledger.updateRepair(other, { ending: 'not-repaired', endingCode: 'fault' });
    expect(await check(world)).toMatchObject({ recovery: { machine: { kind: 'standing' } } });
  });

  it.each([
    ['is not there', (world: FakeWorld) => world.vms.delete(standingId.toLowerCase())],
    [
      'has a disk of the same generation',
      (world: FakeWorld) => at.putDisk(world, { id: at.osDiskId, hyperVGeneration: 'V1' }),
    ],
  ])('is passed over when it %s', async (_why, spoil) => {
    const world = await at.standingWorld();
    spoil(world);
    expect(await check(world)).toMatchObject({ obstacle: { code: 'standing-vm-unusable' } });
  });

  it.each([
    ['another region', (world: FakeWorld) => at.addStandingVm(world, { location: 'northeurope' }), 'no-workbench'],
    ['a list of none', (world: FakeWorld) => (world.tools = withStanding(world, [])), 'no-workbench'],
    [
      'another subscription',
      (world: FakeWorld) => (world.tools = withStanding(world, [standingId.replace(/0001/, '0002')])),
      'no-workbench',
    ],
  ])('is not spoken of in %s', async (_where, change, code) => {
    const world = await at.standingWorld();
    change(world);
    expect(await check(world)).toMatchObject({ kind: 'closed', obstacle: { code } });
  });

  it('waits while Azure is busy', async () => {
    const world = await at.standingWorld();
    const { arm } = world.tools;
    world.tools = {
      ...world.tools,
      arm: {
        ...arm,
        getVirtualMachine: (id) =>
          id === standingId ? Promise.resolve({ ok: false, failure: at.busy }) : arm.getVirtualMachine(id),
      },
    };
    expect(await check(world)).toMatchObject({ kind: 'wait' });
  });

  it('that looked is the one that mends, although it is lent', async () => {
    const world = await at.standingWorld({ recoveryWorkbenches: workbenches });
    const recovery = { ...at.recovery, machine: { kind: 'standing' as const, vmId: standingId } };
    await putLookPlan(world.tools.ledger, repairId, makeLookPlan(recovery));
    await createRecoveryVm(world.tools, { ...about, lookHash: makeLookPlan(recovery).hash });
    at.addStandingVm(world, { powerState: 'deallocated' });
    expect(await check(world)).toMatchObject({ recovery: { machine: { kind: 'standing', vmId: standingId } } });
  });
});

function withStanding({ tools }: FakeWorld, standingRecoveryVms: string[]): FakeWorld['tools'] {
  return { ...tools, settings: { ...tools.settings, standingRecoveryVms } };
}

describe('activities/recovery/standing-vm: the loan of a standing recovery VM', () => {
  it('is on record before it is lent, and nothing is made', async () => {
    const world = await at.standingWorld();
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'done', value: 'ready' });
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(repairId);
    expect(placeOf(world, 'ledger.recordResource')).toBeLessThan(placeOf(world, 'ledger.lendRecoveryVm'));
    expect(loanIn(world)).toMatchObject({ lifetime: 'temporary', createdAt: expect.any(String) as string });
    expect(at.begunIn(world)).toEqual([]);
    // Asked again, for one in a look before, it is the same.
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'ledger.lendRecoveryVm')).toHaveLength(1);
  });

  it('is waited for when another repair was faster, until that gives it back (hazard: two repairs attach to one slot)', async () => {
    const world = await at.standingWorld();
    await beginOther(world);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({
      kind: 'wait',
      late: { code: 'standing-vm-busy', reason: expect.stringContaining(other) as string },
    });
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(other);
    await world.tools.ledger.takeRecoveryVmBack(standingId, other);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'done', value: 'ready' });
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(repairId);
  });

  it('leaves it to the other repair when it gives up waiting', async () => {
    const world = await at.standingWorld();
    await beginOther(world);
    await createRecoveryVm(world.tools, input);
    await untilDone(() => cleanUp(world.tools, end));
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(other);
  });

  it('waits for the one of two that came first at the same instant', async () => {
    const world = await at.standingWorld();
    const { ledger } = world.tools;
    // The other one takes it between our look and our asking.
    const getBorrower = () => Promise.resolve(undefined);
    await beginOther(world);
    const tools = { ...world.tools, ledger: { ...ledger, getBorrower } };
    expect(await createRecoveryVm(tools, input)).toMatchObject({ kind: 'wait', late: { code: 'standing-vm-busy' } });
    await untilDone(() => cleanUp(world.tools, end));
    expect(loanIn(world)?.deletedAt).toBeDefined();
    expect(world.ledger.loans.get(standingId.toLowerCase())).toBe(other);
  });

  it('is refused when the VM has changed since the plan was made', async () => {
    const world = await at.standingWorld();
    at.addStandingVm(world, { powerState: 'stopped' });
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'standing-vm-unusable' } });
    expect(world.ledger.loans.size).toBe(0);
  });

  it.each(at.brakes)('is not given at %s', async (code, brake) => {
    const world = await at.standingWorld();
    await brake(world);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code } });
    expect(world.ledger.loans.size).toBe(0);
  });

  it('waits for a lent VM that is not well for a while', async () => {
    const world = await at.standingWorld();
    await createRecoveryVm(world.tools, input);
    at.addStandingVm(world, { agent: { usable: false, reason: 'Not Ready.' } });
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'wait' });
  });

  it('is not given twice to a repair that has given it back', async () => {
    const world = await at.standingWorld();
    await createRecoveryVm(world.tools, input);
    await untilDone(() => cleanUp(world.tools, end));
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'cleaned-up-before' } });
  });
});

describe('activities/recovery/standing-vm: a standing recovery VM after a repair', () => {
  /** The copy is attached to it. */
  async function attachedWorld(): Promise<FakeWorld> {
    const world = await at.standingWorld();
    await createRecoveryVm(world.tools, input);
    at.putDisk(world, { id: copyId, tags: at.ours, managedBy: undefined, provisioningState: 'Succeeded' });
    await at.oweNow(world, copyId, 'disk');
    await untilDone(() => attachCopy(world.tools, input));
    return world;
  }
  const disksOf = (world: FakeWorld) => world.vms.get(standingId.toLowerCase())?.configuration?.dataDisks;

  it('has no disk of ours any more before another repair may have it, and is never deleted', async () => {
    const world = await attachedWorld();
    expect(disksOf(world)).toHaveLength(1);
    expect(await untilDone(() => cleanUp(world.tools, end))).toMatchObject({ value: { left: [] } });
    expect(disksOf(world)).toEqual([]);
    expect(world.ledger.loans.size).toBe(0);
    expect(loanIn(world)?.deletedAt).toBeDefined();
    expect(world.recoveryContent.disks.has(copyId.toLowerCase())).toBe(false);
    const places = ['beginDetachDataDisk', 'ledger.takeRecoveryVmBack', 'beginDeleteDisk'].map((deed) =>
      placeOf(world, deed),
    );
    expect(places).toEqual(places.toSorted((one, another) => one - another));
    expect(deedsOf(world, 'recovery.beginDeleteMachine')).toEqual([]);
  });

  it('has let go of the trial copy too, wherever a rehearsal stopped (hazard: the slot of the next repair is taken)', async () => {
    const world = await at.standingWorld();
    await createRecoveryVm(world.tools, input);
    const disk = stoppedPatient();
    await untilDone(() => makeTrialCopy(world.tools, input));
    at.putDisk(world, { id: at.trialCopyId, sizeBytes: disk.size });
    await untilDone(() => attachTrialCopy(world.tools, input));
    carryOutScripts(world, disk, () => undefined, 'V1');
    for (let asked = 0; asked < 3; asked += 1) await rehearseOnTrialCopy(world.tools, input);
    expect(disksOf(world)).toHaveLength(1);
    expect(await untilDone(() => cleanUp(world.tools, end))).toMatchObject({ value: { left: [] } });
    expect(placeOf(world, 'trial-release')).toBeGreaterThan(-1);
    expect(placeOf(world, 'trial-release')).toBeLessThan(placeOf(world, 'beginDetachDataDisk'));
    expect(disksOf(world)).toEqual([]);
    expect(world.ledger.loans.size).toBe(0);
    expect(world.recoveryContent.disks.has(at.trialCopyId.toLowerCase())).toBe(false);
  });

  it('leaves disks alone that are not this repair’s', async () => {
    const world = await attachedWorld();
    const theirs = { lun: 0, diskId: copyId.replace(repairId, other), toBeDetached: false };
    at.addStandingVm(world, { configuration: { zones: [], networkInterfaceIds: [], dataDisks: [theirs] } });
    expect(await untilDone(() => cleanUp(world.tools, end))).toMatchObject({ kind: 'done' });
    expect(disksOf(world)).toEqual([theirs]);
    expect(world.ledger.loans.size).toBe(0);
  });

  it('is waited for while Azure changes it', async () => {
    const world = await attachedWorld();
    at.alterVm(world, { provisioningState: 'Updating' }, standingId);
    expect(await cleanUp(world.tools, end)).toMatchObject({ kind: 'wait' });
    expect(world.ledger.loans.size).toBe(1);
  });

  it('lets go of a disk that it was brought online on, before that is detached (hazard: a hive stays loaded)', async () => {
    const world = await preparedWorld();
    expect(await untilDone(() => cleanUp(world.tools, end))).toMatchObject({ value: { left: [] } });
    const released = await world.tools.ledger.getDocument(repairId, 'guest-copy-1-release');
    expect(released).toMatchObject({ answer: { notReleased: [] } });
    const release = placeOf(world, 'copy-1-release');
    expect(release).toBeGreaterThan(-1);
    expect(release).toBeLessThan(placeOf(world, 'beginDetachDataDisk'));
    expect(world.runs.size).toBe(0);
  });

  it.each<[string, unknown]>([
    ['guest-copy-1-release', { answer: { kind: 'released', isDiskOffline: 'yes' } }],
    ['held-on-to', { reason: 'x' }],
  ])(
    'whose record %s is spoilt gets its disk detached, and a person is told (hazard: a clean-up that stops at it)',
    async (name, document) => {
      const world = await preparedWorld();
      await world.tools.ledger.putDocument(repairId, name, document);
      const cleaned = await untilDone(() => cleanUp(world.tools, end));
      expect(cleaned).toMatchObject({
        value: { left: [expect.stringContaining(`Restart the standing recovery VM ${standingId}`)] },
      });
      expect(world.ledger.loans.size).toBe(0);
    },
  );

  it('that does not answer any more gets its disk detached all the same, and a person is told to restart it', async () => {
    const world = await preparedWorld();
    at.alterVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } }, standingId);
    const cleaned = await untilDone(() => cleanUp(world.tools, end));
    expect(cleaned).toMatchObject({
      value: { left: [expect.stringContaining(`Restart the standing recovery VM ${standingId}`)] },
    });
    expect(disksOf(world)).toEqual([]);
    expect(world.ledger.loans.size).toBe(0);
    // Told to the end, however often it is asked.
    expect(await cleanUp(world.tools, end)).toEqual(cleaned);
    await world.tools.ledger.updateRepair(repairId, { ending: 'not-repaired' });
    const detail = await world.tools.ledger.getRepairDetail(repairId);
    const { wayBack } = reportOf(detail!);
    expect(wayBack.flatMap(({ commands }) => commands)).toContain(`az vm restart --ids ${standingId}`);
  });

  /** The copy was brought online on it, and the story broke down. */
  async function preparedWorld(): Promise<FakeWorld> {
    const world = await attachedWorld();
    const disk = stoppedPatient();
    carryOutScripts(world, disk, () => undefined, 'V1');
    at.putDisk(world, { id: copyId, sizeBytes: disk.size });
    const attached = await attachedDisk(world.tools, copyId);
    if (attached.kind !== 'done') throw new Error('The copy has no size.');
    const bench = {
      tools: world.tools,
      input: { ...input, generation: 0, reading: 1, plan: at.standingPlan, recovery: at.recovery },
      recoveryVmId: standingId,
      disk: attached.value,
      name: 'copy-1',
      called: 'The copy',
    };
    expect(await untilDone(() => prepare(bench))).toMatchObject({ kind: 'done' });
    return world;
  }
});
