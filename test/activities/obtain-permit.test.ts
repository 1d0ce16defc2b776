import { obtainPermit } from '../../src/activities/obtain-permit';
import { makePlan } from '../../src/activities/plan';
import { about, changeVm, plan, repairId, repairWorld, tagVm, planned } from './support/repair';

const input = planned;

describe('activities/obtain-permit', () => {
  it('permits with the tag repair and takes a place, once', async () => {
    const world = await repairWorld();
    for (let count = 0; count < 2; count += 1) {
      expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'done', value: 'permitted' });
    }
    expect([...world.ledger.slots]).toEqual([repairId]);
  });

  it.each([
    ['approve', 'diagnosed', 'approval-not-available'],
    ['diagnose', 'diagnosed', 'mode-diagnose'],
    ['off', 'diagnosed', 'opted-out'],
  ])('ends with the tag %s as %s, with what was found', async (tag, ending, code) => {
    const world = await repairWorld();
    tagVm(world, tag);
    const progress = await obtainPermit(world.tools, input);
    expect(progress).toMatchObject({ kind: 'end', conclusion: { ending, code } });
    expect(progress.kind === 'end' && progress.conclusion.reason).toContain('The DHCP Client service is disabled');
    expect(world.ledger.slots.size).toBe(0);
  });

  it('is never raised by what was asked for', async () => {
    const world = await repairWorld();
    tagVm(world, 'diagnose');
    const progress = await obtainPermit(world.tools, { ...input, requestedMode: 'repair' });
    expect(progress).toMatchObject({ conclusion: { ending: 'diagnosed', code: 'mode-diagnose' } });
  });

  it('is lowered by what was asked for', async () => {
    const world = await repairWorld();
    const progress = await obtainPermit(world.tools, { ...input, requestedMode: 'diagnose' });
    expect(progress).toMatchObject({ conclusion: { ending: 'diagnosed', code: 'mode-diagnose' } });
  });

  it('ends as cancelled when a person cancelled it', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: '2026-01-02T03:05:00.000Z' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { ending: 'cancelled' } });
  });

  it('permits no plan but the one on record', async () => {
    const world = await repairWorld();
    const foreign = makePlan({ ...plan, title: 'Another failure' });
    expect(await obtainPermit(world.tools, { ...about, planHash: foreign.hash })).toMatchObject({
      conclusion: { ending: 'refused', code: 'plan-not-on-record' },
    });
    expect(world.ledger.slots.size).toBe(0);
  });

  it('permits nothing to an orchestration that outlived its repair: upkeep has put an ending on record', async () => {
    const world = await repairWorld();
    const endedAt = '2026-01-02T06:00:00.000Z';
    await world.tools.ledger.updateRepair(repairId, { ending: 'not-repaired', endingCode: 'fault', endedAt });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { ending: 'cancelled' } });
    expect(world.ledger.slots.size).toBe(0);
  });

  it('changes nothing while the kill switch is on, by setting or by the ledger', async () => {
    const bySetting = await repairWorld({ killSwitch: true });
    expect(await obtainPermit(bySetting.tools, input)).toMatchObject({ conclusion: { code: 'kill-switch' } });
    const byLedger = await repairWorld();
    const brake = { reason: 'storm', by: 'a person', at: '2026-01-02T03:05:00.000Z' };
    await byLedger.tools.ledger.setKillSwitch({ on: true, ...brake });
    expect(await obtainPermit(byLedger.tools, input)).toMatchObject({
      conclusion: { code: 'kill-switch', reason: expect.stringContaining('storm') as unknown },
    });
    await byLedger.tools.ledger.setKillSwitch({ on: false, ...brake });
    expect(await obtainPermit(byLedger.tools, input)).toMatchObject({ kind: 'done' });
  });

  it('waits for a place while others have them all, and takes the one that is freed', async () => {
    const world = await repairWorld({ maximumMutatingRepairs: 1 });
    world.ledger.slots.add('20260101t000000z-ffffffffff');
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(world.ledger.slots.has(repairId)).toBe(false);
    world.ledger.slots.clear();
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'done' });
  });

  it('never permits with a cap of 0', async () => {
    const world = await repairWorld({ maximumMutatingRepairs: 0 });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait' });
  });

  it('ends when the VM is gone or stopped', async () => {
    const world = await repairWorld();
    changeVm(world, { powerState: 'deallocated' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { code: 'not-running' } });
    world.vms.clear();
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { code: 'not-found' } });
  });
});
