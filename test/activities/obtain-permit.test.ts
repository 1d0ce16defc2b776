import { obtainPermit } from '../../src/activities/obtain-permit';
import { makePlan } from '../../src/activities/plan';
import { mostReadings } from '../../src/activities/readings';
import { queueSilenceMs } from '../../src/ledger/leases';
import type { FakeWorld } from './support/fakes';
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

  it('waits in the queue while others have all places, says its position, and takes the one that is freed', async () => {
    const world = await repairWorld({ maximumMutatingRepairs: 1 });
    world.ledger.slots.add('20260101t000000z-ffffffffff');
    world.ledger.queue.set('20260101t000000z-eeeeeeeeee', '2026-01-01T00:00:00.000Z');
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait', isDeclared: true, afterMs: 15_000 });
    expect(world.ledger.slots.has(repairId)).toBe(false);
    const wait = world.ledger.repairs.get(repairId)?.wait;
    expect(wait).toMatchObject({ kind: 'place', ahead: 1 });
    expect(Date.parse(wait?.until ?? '') - Date.parse(wait?.since ?? '')).toBe(12 * hour);
    expect(wait).not.toHaveProperty('endedAt');
    world.ledger.slots.clear();
    world.ledger.queue.delete('20260101t000000z-eeeeeeeeee');
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'done', value: 'permitted' });
    expect(world.ledger.repairs.get(repairId)?.wait?.endedAt).toBeDefined();
  });

  it('asks the less often the more come before, and at least each minute (hazard: it falls silent and is passed over)', async () => {
    const world = await repairWorld({ maximumMutatingRepairs: 0 });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait', afterMs: 10_000 });
    for (let index = 0; index < 40; index += 1) world.ledger.queue.set(`other-${index}`, '2026-01-01T00:00:00.000Z');
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait', afterMs: 60_000 });
    expect(60_000).toBeLessThan(queueSilenceMs / 3);
  });

  it.each([1, 120])(
    'ends at the limit of the setting and not before, and leaves the queue (%d hours)',
    async (hours) => {
      const world = await repairWorld({ maximumMutatingRepairs: 0, placeWaitHours: hours });
      world.ledger.queue.set(repairId, new Date(Date.now() - hours * hour + 60_000).toISOString());
      expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait' });
      world.ledger.queue.set(repairId, new Date(Date.now() - hours * hour - 1_000).toISOString());
      const progress = await obtainPermit(world.tools, input);
      expect(progress).toMatchObject({ conclusion: { ending: 'diagnosed', code: 'cap-reached' } });
      expect(progress.kind === 'end' && progress.conclusion.reason).toContain(`For ${hours} hours`);
      expect(world.ledger.queue.size).toBe(0);
      expect(world.ledger.repairs.get(repairId)?.wait?.endedAt).toBeDefined();
    },
  );

  it('ends in the queue, too, when a person cancels it or a brake is set', async () => {
    const world = await repairWorld({ maximumMutatingRepairs: 0 });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ kind: 'wait' });
    await world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: '2026-01-02T03:05:00.000Z' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { ending: 'cancelled' } });
  });

  it('ends when the VM is gone or stopped', async () => {
    const world = await repairWorld();
    changeVm(world, { powerState: 'deallocated' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { code: 'not-running' } });
    world.vms.clear();
    expect(await obtainPermit(world.tools, input)).toMatchObject({ conclusion: { code: 'not-found' } });
  });
});

describe('activities/obtain-permit: evidence that became old', () => {
  it('is not permitted on, and has a reading of its own number begun once, however often it is asked', async () => {
    const world = await repairWorld();
    await seen(world, 16);
    for (let count = 0; count < 2; count += 1) {
      const progress = await obtainPermit(world.tools, { ...input, reading: 1 });
      expect(progress).toMatchObject({ kind: 'done', value: 'read-again', outcome: 'nothing-to-do' });
      expect(world.ledger.repairs.get(repairId)).toMatchObject({ reading: 2 });
    }
    expect(world.ledger.repairs.get(repairId)).not.toHaveProperty('permittedPlan');
    // As the record has it from now on: it was not seen in this reading.
    expect(await obtainPermit(world.tools, { ...input, reading: 2 })).toMatchObject({ value: 'read-again' });
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ reading: 2 });
    await seen(world, 1, 2);
    expect(await obtainPermit(world.tools, { ...input, reading: 2 })).toMatchObject({ value: 'permitted' });
    expect(world.ledger.steps.get(repairId)?.map(({ step }) => step)).toEqual(['permit', 'permit-2']);
  });

  it('is fresh for 15 minutes', async () => {
    const world = await repairWorld();
    await seen(world, 14);
    expect(await obtainPermit(world.tools, input)).toMatchObject({ value: 'permitted' });
  });

  it('was never seen where there is no inspection on record', async () => {
    const world = await repairWorld();
    await world.tools.ledger.putDocument(repairId, 'inspection', { readAt: 'yesterday' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ value: 'read-again' });
  });

  it('is as young as the look of a recovery VM, which took its time', async () => {
    const world = await repairWorld();
    await seen(world, 40);
    const { ledger } = world.tools;
    await ledger.beginStep(repairId, { step: 'look', title: 'Look', startedAt: minutesAgo(20) });
    await ledger.endStep(repairId, 'look', { endedAt: minutesAgo(10), outcome: 'done' });
    expect(await obtainPermit(world.tools, input)).toMatchObject({ value: 'permitted' });
  });

  it('of a plan that is permitted already is gone on with: the VM may show our own work', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { permittedPlan: plan.hash });
    await seen(world, 60);
    expect(await obtainPermit(world.tools, input)).toMatchObject({ value: 'permitted' });
  });

  it('is not read for ever', async () => {
    const world = await repairWorld();
    await seen(world, 16, mostReadings);
    expect(await obtainPermit(world.tools, { ...input, reading: mostReadings })).toMatchObject({
      conclusion: { ending: 'diagnosed', code: 'evidence-out-of-date' },
    });
  });
});

const hour = 60 * 60_000;

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** The VM was inspected so long ago. */
async function seen({ tools }: FakeWorld, minutes: number, reading = 1): Promise<void> {
  await tools.ledger.putDocument(repairId, 'inspection', { readAt: minutesAgo(minutes), reading });
}
