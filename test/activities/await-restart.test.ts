import { nothingToUndo } from '../../src/guest/undo';
import { awaitRestart } from '../../src/activities/await-restart';
import { makePlan } from '../../src/activities/plan';
import { about, changeVm, permitPlan, plan as dhcpPlan, repairId, repairWorld } from './support/repair';
import type { FakeWorld } from './support/fakes';

const object = '{c2a7b6ef-0b1e-11ec-9d2b-000d3a5e1f00}';
const plan = makePlan({
  signature: 'safe-mode',
  title: 'The VM boots into safe mode',
  routes: ['run-command'],
  closed: [],
  changes: [
    { kind: 'delete-boot-element', object, element: 'safeboot' },
    { kind: 'restart-from-safe-mode', delaySeconds: 60 },
  ],
});
const minute = 60_000;

describe('activities/await-restart', () => {
  it('asks for one pause until Windows must have gone down, and looks at nothing before', async () => {
    const world = await worldAfter(10_000);
    const progress = await awaitRestart(world.tools, { ...about, planHash: plan.hash });
    expect(progress).toMatchObject({ kind: 'wait' });
    const { afterMs = 0 } = progress as { afterMs?: number };
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs).toBeLessThanOrEqual(80_000);
  });

  it('waits while the agent is not Ready, or Ready by a report from before the restart', async () => {
    const world = await worldAfter(5 * minute);
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } });
    expect(await look(world)).toMatchObject({ kind: 'wait', reason: 'The guest agent is Not Ready.' });
    changeVm(world, { agent: { usable: true, reason: 'Ready', reportedAt: ago(4 * minute) } });
    expect(await look(world)).toMatchObject({ kind: 'wait' });
    changeVm(world, { agent: { usable: true, reason: 'Ready' } });
    expect(await look(world)).toMatchObject({ kind: 'wait' });
  });

  it('is done by a report that is younger than the restart, and runs nothing in the guest', async () => {
    const world = await worldAfter(5 * minute);
    changeVm(world, { agent: { usable: true, reason: 'Ready', reportedAt: ago(1000) } });
    world.deeds.length = 0;
    expect(await look(world)).toMatchObject({ kind: 'done', value: 'back' });
    expect(world.deeds.filter((deed) => deed.startsWith('arm.'))).toEqual([]);
  });

  it('does not wait for a restart that was not needed or not planned', async () => {
    const world = await worldAfter(0);
    await world.tools.ledger.recordChange(repairId, {
      change: 'restart-from-safe-mode',
      place: { kind: 'guest' },
      title: 'x',
      before: 'it runs normally',
      undo: nothingToUndo('nothing was written'),
      written: false,
      at: ago(0),
    });
    expect(await look(world)).toMatchObject({ kind: 'done', outcome: 'nothing-to-do' });
    const other = await worldAfter(0, dhcpPlan);
    expect(await awaitRestart(other.tools, { ...about, planHash: dhcpPlan.hash })).toMatchObject({
      outcome: 'nothing-to-do',
    });
  });

  it('waits when Azure asks for it, and leaves it to verification when Azure says no', async () => {
    const world = await worldAfter(5 * minute);
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 7000 };
    expect(await look(world)).toMatchObject({ kind: 'wait', afterMs: 7000 });
    world.failures.getVirtualMachine = { kind: 'forbidden', code: 'x', message: 'x', action: 'a', scope: 's' };
    expect(await look(world)).toMatchObject({ kind: 'done', value: 'unclear', outcome: 'failed' });
  });
});

function look(world: FakeWorld) {
  return awaitRestart(world.tools, { ...about, planHash: plan.hash });
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

/** The changes were made so long ago. */
async function worldAfter(ms: number, carriedOut = plan): Promise<FakeWorld> {
  const world = await repairWorld();
  await permitPlan(world, carriedOut);
  await world.tools.ledger.beginStep(repairId, { step: 'apply', title: 'x', startedAt: ago(ms + 20_000) });
  await world.tools.ledger.endStep(repairId, 'apply', { endedAt: ago(ms), outcome: 'done' });
  return world;
}
