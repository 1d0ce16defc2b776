import { noUndo, undoBy } from '../../src/guest/undo';
import { putEvidence } from '../../src/activities/collected-evidence';
import { makePlan } from '../../src/activities/plan';
import { applyChanges } from '../../src/activities/apply-changes';
import { reportOf } from '../../src/report/repair-report';
import { configurationOf, statusOf } from '../signatures/support/evidence';
import type { FakeWorld } from './support/fakes';
import { fakeGuest, respondAs, type FakeGuest } from './support/guest';
import {
  about,
  changeVm,
  deedsOf,
  placeOf,
  plan,
  recordEvidence,
  repairId,
  permittedWorld,
  tagVm,
  untilDone,
  planned,
  permitPlan,
} from './support/repair';

const input = planned;

describe('activities/apply-changes', () => {
  it('makes the changes in order, and tells before, after and undo', async () => {
    const guest = fakeGuest();
    const world = await worldWith(guest);
    expect(await apply(world)).toMatchObject({ kind: 'done', value: 'applied', outcome: 'done' });
    expect(guest.writes).toEqual(['sc.exe config Dhcp start= auto', 'sc.exe start Dhcp']);
    expect(world.ledger.changes.get(repairId)).toMatchObject([
      {
        before: 'Start = 4 (disabled)',
        after: 'Start = 2 (automatic)',
        undo: undoBy('sc.exe', 'config', 'Dhcp', 'start=', 'disabled'),
        written: true,
      },
      {
        before: 'state 1 (stopped), exit code 0',
        after: 'state 4 (running), exit code 0',
        undo: undoBy('sc.exe', 'stop', 'Dhcp'),
      },
    ]);
  });

  it('records the way back of every change before anything is begun', async () => {
    const world = await worldWith(fakeGuest());
    await applyChanges(world.tools, input);
    const recorded = deedsOf(world, 'ledger.recordChange');
    expect(recorded).toHaveLength(plan.changes.length);
    expect(recorded.every((deed) => deed.endsWith('(begun)'))).toBe(true);
    const lastRecorded = world.deeds.lastIndexOf(recorded.at(-1) ?? '');
    expect(lastRecorded).toBeLessThan(placeOf(world, 'arm.beginGuestRun'));
  });

  it('writes nothing twice when it is repeated at any point', async () => {
    const guest = fakeGuest();
    const world = await worldWith(guest);
    for (let count = 0; count < 5; count += 1) await applyChanges(world.tools, input);
    expect(guest.writes).toHaveLength(2);
    expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(1);
    expect(world.ledger.changes.get(repairId)).toHaveLength(2);
    expect(world.ledger.steps.get(repairId)).toMatchObject([{ step: 'apply', outcome: 'done' }]);
  });

  it('leaves right values alone, and then offers no way back of them', async () => {
    const guest = fakeGuest({ startType: 2, state: 4 });
    const world = await worldWith(guest);
    expect(await apply(world)).toMatchObject({ value: 'applied' });
    expect(guest.writes).toEqual([]);
    expect(world.ledger.changes.get(repairId)).toMatchObject([{ written: false }, { written: false }]);
    const detail = await world.tools.ledger.getRepairDetail(repairId);
    expect(detail && reportOf(detail).wayBack).toEqual([]);
  });

  it('tells which change failed and with which Windows error', async () => {
    const world = await worldWith(fakeGuest({ errors: { start: 1058 } }));
    const progress = await apply(world);
    expect(progress).toMatchObject({ kind: 'done', value: 'applied', outcome: 'failed' });
    expect(progress.kind === 'done' && progress.detail).toContain('the command ended with Windows error 1058');
    expect(world.ledger.changes.get(repairId)?.[1]).toMatchObject({
      after: 'failed: the command ended with Windows error 1058',
      undo: undoBy('sc.exe', 'stop', 'Dhcp'),
    });
  });

  it('does not say that nothing was written when the answer cannot be read', async () => {
    const world = await worldWith(fakeGuest());
    world.respond = () => ({ state: 'succeeded', output: 'cut', error: '' });
    expect(await apply(world)).toMatchObject({ kind: 'done', value: 'unclear', outcome: 'failed' });
    const detail = await world.tools.ledger.getRepairDetail(repairId);
    expect(detail && reportOf(detail).wayBack).toHaveLength(1);
  });

  it.each(['diagnose', 'approve', 'off'])('writes nothing when the tag says %s by now', async (tag) => {
    const guest = fakeGuest();
    const world = await worldWith(guest);
    tagVm(world, tag);
    expect(await apply(world)).toMatchObject({ kind: 'end', conclusion: { ending: 'diagnosed' } });
    expect(world.deeds).toEqual([]);
    expect(guest.writes).toEqual([]);
  });

  it('writes nothing when the kill switch came on', async () => {
    const world = await worldWith(fakeGuest());
    world.tools.settings.killSwitch = true;
    expect(await apply(world)).toMatchObject({ conclusion: { code: 'kill-switch' } });
    expect(world.deeds).toEqual([]);
  });

  it('writes nothing when the agent died meanwhile', async () => {
    const world = await worldWith(fakeGuest());
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    expect(await apply(world)).toMatchObject({
      kind: 'end',
      conclusion: {
        ending: 'not-repaired',
        code: 'guest-not-reachable',
        reason: 'The DHCP Client service is disabled. Nothing was changed: The guest agent is Not Ready (agent-dead).',
      },
    });
    expect(world.deeds).toEqual([]);
  });

  it('carries out no plan but the one on record, however whole it is', async () => {
    const world = await worldWith(fakeGuest());
    const foreign = makePlan({ ...plan, changes: [{ kind: 'start-service', service: 'SomethingElse' }] });
    expect(await applyChanges(world.tools, { ...about, planHash: foreign.hash })).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused', code: 'plan-not-on-record' },
    });
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual([]);
  });

  describe('the type of a service, interrupted (hazard: a change that nobody knows of)', () => {
    const isolating = makePlan({
      signature: 'dhcp-client-not-running',
      title: 'The DHCP Client service does not run',
      routes: ['run-command'],
      closed: [],
      changes: [
        { kind: 'stop-service', service: 'Dhcp' },
        { kind: 'set-service-type', service: 'Dhcp', type: 'own' },
        { kind: 'start-service', service: 'Dhcp' },
      ],
    });

    async function interruptedWorld(type = 0x20): Promise<FakeWorld> {
      const world = await permittedWorld();
      await permitPlan(world, isolating);
      const evidence = [configurationOf('Dhcp', 2, { type }), statusOf('Dhcp', 2)];
      await putEvidence(world.tools.ledger, { repairId }, 'run-command', { evidence });
      return world;
    }

    async function wayBackIn(world: FakeWorld): Promise<string> {
      const detail = await world.tools.ledger.getRepairDetail(repairId);
      return JSON.stringify(detail && reportOf(detail).wayBack);
    }

    it('is on record with the type before and the way back when we die while the run is begun', async () => {
      const world = await interruptedWorld();
      const { arm } = world.tools;
      const begin = arm.beginGuestRun.bind(arm);
      let recordedByThen: string[] = [];
      arm.beginGuestRun = async (...given) => {
        recordedByThen = deedsOf(world, 'ledger.recordChange');
        await begin(...given);
        throw new Error('killed');
      };
      await expect(applyChanges(world.tools, { ...about, planHash: isolating.hash })).rejects.toThrow('killed');
      expect(recordedByThen).toContain('ledger.recordChange set-service-type:Dhcp (begun)');
      expect(world.ledger.changes.get(repairId)).toMatchObject([
        { change: 'stop-service:Dhcp' },
        {
          change: 'set-service-type:Dhcp',
          before: 'Type = 0x20 (share)',
          undo: undoBy('sc.exe', 'config', 'Dhcp', 'type=', 'share'),
        },
        { change: 'start-service:Dhcp', undo: undoBy('sc.exe', 'stop', 'Dhcp') },
      ]);
      expect(await wayBackIn(world)).toContain('sc.exe config Dhcp type= share');
    });

    it('keeps its way back when the answer never comes, and is not begun a second time', async () => {
      const world = await interruptedWorld();
      world.respond = () => ({ state: 'running' });
      for (let count = 0; count < 3; count += 1) {
        expect(await applyChanges(world.tools, { ...about, planHash: isolating.hash })).toMatchObject({ kind: 'wait' });
      }
      world.respond = () => ({ state: 'succeeded', output: 'cut', error: '' });
      expect(await applyChanges(world.tools, { ...about, planHash: isolating.hash })).toMatchObject({
        value: 'unclear',
      });
      expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(1);
      expect(await wayBackIn(world)).toContain('sc.exe config Dhcp type= share');
    });

    it('says so where the type before is not one that a command puts back', async () => {
      const world = await interruptedWorld(0x110);
      await applyChanges(world.tools, { ...about, planHash: isolating.hash });
      expect(world.ledger.changes.get(repairId)?.[1]).toMatchObject({
        before: 'Type = 0x110 (other)',
        undo: noUndo('the type before could not be read; see the snapshot'),
      });
    });
  });

  it('fails as a fault when there is no evidence on record: then the value before is not known', async () => {
    const world = await permittedWorld();
    world.respond = respondAs(fakeGuest());
    await expect(applyChanges(world.tools, input)).rejects.toThrow();
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual([]);
  });
});

async function worldWith(guest: FakeGuest): Promise<FakeWorld> {
  const world = await permittedWorld();
  world.respond = respondAs(guest);
  await recordEvidence(world);
  return world;
}

function apply(world: FakeWorld) {
  return untilDone(() => applyChanges(world.tools, input));
}
