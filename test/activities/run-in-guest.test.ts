import { runInGuest, type GuestRunOrder } from '../../src/activities/run-in-guest';
import { randomBytes } from 'node:crypto';
import type { GuestRun } from '../../src/azure/ports';
import { renderNeeds } from '../../src/guest/live';
import { fakeGuest, respondAs } from './guest';
import { about, changeVm, deedsOf, placeOf, repairId, repairWorld, tagVm, vmId } from './repair';
import type { FakeWorld } from './fakes';

const order: GuestRunOrder = {
  name: 'evidence',
  purpose: 'look',
  commands: renderNeeds([{ kind: 'service-status', service: 'Dhcp' }]),
};
const runName = `rdp-lifeline-${repairId}-evidence`;
// What gzip cannot make short: four results of it take more than one part of 3,000 characters.
const padding = randomBytes(4000).toString('latin1');

describe('activities/run-in-guest', () => {
  it('registers the run before it begins it, and hands it over with owner and place', async () => {
    const world = await repairWorld();
    expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
    const registered = placeOf(world, `ledger.recordResource ${vmId}/runCommands/${runName}`);
    expect(registered).toBeGreaterThanOrEqual(0);
    expect(registered).toBeLessThan(placeOf(world, `arm.beginGuestRun ${runName}`));
    expect([...world.runs.values()][0]?.request).toMatchObject({
      location: 'westeurope',
      tags: { 'rdp-lifeline-repair': repairId },
    });
    expect(world.ledger.resources.get(repairId)).toMatchObject([{ kind: 'run-command', lifetime: 'temporary' }]);
  });

  it('begins once, waits while the guest is at it, and keeps the answer', async () => {
    const world = await repairWorld();
    const answers = respondAs(fakeGuest());
    world.respond = (request, looks) => (looks < 3 ? { state: 'running' } : answers(request));
    expect(await untilAnswered(world)).toMatchObject({ kind: 'answered', answer: { computerName: 'vm-1' } });
    expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(1);
    expect(await world.tools.ledger.getDocument(repairId, 'guest-evidence')).toMatchObject({
      commands: order.commands,
    });
  });

  it('answers from the record when it is repeated, even if the run is gone', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest());
    const first = await untilAnswered(world);
    world.runs.clear();
    expect(await runInGuest(world.tools, about, order)).toEqual(first);
    expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(1);
  });

  it('fetches a long answer part by part, and runs the commands once', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ padding }));
    const progress = await untilAnswered(world);
    expect(progress.kind === 'answered' && progress.answer.results[0]).toMatchObject({
      output: expect.stringContaining(padding) as unknown,
    });
    const begun = deedsOf(world, 'arm.beginGuestRun');
    expect(begun.length).toBeGreaterThan(1);
    expect(begun).toEqual(
      begun.map((_deed, index) => `arm.beginGuestRun ${runName}${index === 0 ? '' : `-part-${index + 1}`}`),
    );
    expect(world.ledger.resources.get(repairId)).toHaveLength(begun.length);
    expect([...world.runs.values()].filter(({ request }) => request.parameters.Commands)).toHaveLength(1);
  });

  it('records the way back between policy’s yes and the begin, once', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ padding }));
    const beforeBegin = () => {
      world.deeds.push('the way back');
      return Promise.resolve();
    };
    await untilAnswered(world, { ...order, beforeBegin });
    expect(deedsOf(world, 'the way back')).toHaveLength(1);
    expect(placeOf(world, 'the way back')).toBeLessThan(placeOf(world, 'arm.beginGuestRun'));
  });

  it('does not begin, nor record a way back, when policy says no just before', async () => {
    const world = await repairWorld();
    tagVm(world, 'diagnose');
    const beforeBegin = jest.fn(() => Promise.resolve());
    const progress = await runInGuest(world.tools, about, { ...order, purpose: 'change', found: 'Found', beforeBegin });
    expect(progress).toMatchObject({ conclusion: { ending: 'diagnosed', code: 'mode-diagnose' } });
    expect(beforeBegin).not.toHaveBeenCalled();
    expect(world.deeds).toEqual([]);
  });

  it('does not even ask a guest whose agent is dead', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    expect(await runInGuest(world.tools, about, order)).toEqual({
      kind: 'unanswered',
      reason: 'The guest agent is Not Ready',
      begun: false,
    });
    expect(world.deeds).toEqual([]);
  });

  it('does not end as if nothing had been done when a brake comes on between two parts', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ padding }));
    const change: GuestRunOrder = { ...order, purpose: 'change', found: 'Found' };
    await runInGuest(world.tools, about, change);
    await runInGuest(world.tools, about, change);
    await world.tools.ledger.setKillSwitch({ on: true, reason: 'x', by: 'x', at: '2026-01-02T03:04:05.000Z' });
    expect(await runInGuest(world.tools, about, change)).toMatchObject({
      kind: 'unanswered',
      reason: expect.stringContaining('kill switch') as unknown,
    });
  });

  it.each<[string, GuestRun, string]>([
    ['that failed', { state: 'failed', reason: 'It ended as TimedOut', output: '', error: '' }, 'It ended as TimedOut'],
    ['without a frame', { state: 'succeeded', output: '<b>hello</b>', error: '' }, 'no whole frame'],
  ])('is unanswered after a run %s', async (_what, run, reason) => {
    const world = await repairWorld();
    world.respond = () => run;
    expect(await untilAnswered(world)).toEqual({
      kind: 'unanswered',
      reason: expect.stringContaining(reason),
      begun: true,
    });
  });

  it('is unanswered when the guest gives another part than the one asked for', async () => {
    const world = await repairWorld();
    const answers = respondAs(fakeGuest({ padding }));
    world.respond = (request) => answers({ ...request, parameters: { ...request.parameters, Part: '1' } });
    expect(await untilAnswered(world)).toEqual({
      kind: 'unanswered',
      reason: 'The guest gave another part than the one asked for.',
      begun: true,
    });
  });

  it('is unanswered when Azure refuses to run commands', async () => {
    const world = await repairWorld();
    world.failures.beginGuestRun = { kind: 'rejected', code: 'OperationNotAllowed', message: 'No.', status: 409 };
    expect(await runInGuest(world.tools, about, order)).toMatchObject({
      kind: 'unanswered',
      reason: 'Azure refused to run commands (OperationNotAllowed): No.',
      begun: false,
    });
  });

  it('does not end as if nothing had been done when a role is taken away after the run was begun', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest());
    await runInGuest(world.tools, about, { ...order, purpose: 'change', found: 'Found' });
    const action = 'Microsoft.Compute/virtualMachines/runCommands/read';
    world.failures.getGuestRun = { kind: 'forbidden', code: 'AuthorizationFailed', message: 'x', action, scope: 's' };
    expect(await runInGuest(world.tools, about, { ...order, purpose: 'change', found: 'Found' })).toEqual({
      kind: 'unanswered',
      reason: expect.stringContaining(action),
      begun: true,
    });
  });

  it('waits while Azure is busy, and ends when a role is missing', async () => {
    const world = await repairWorld();
    world.failures.getGuestRun = { kind: 'wait', code: 'Conflict', message: 'x', retryAfterMs: 2000 };
    expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait', afterMs: 2000 });
    const action = 'Microsoft.Compute/virtualMachines/runCommands/write';
    world.failures = { beginGuestRun: { kind: 'forbidden', code: 'x', message: 'x', action, scope: vmId } };
    expect(await runInGuest(world.tools, about, order)).toMatchObject({
      conclusion: { code: 'permission-missing', reason: expect.stringContaining(action) as unknown },
    });
  });
});

async function untilAnswered(world: FakeWorld, given: GuestRunOrder = order) {
  for (let count = 0; count < 50; count += 1) {
    const progress = await runInGuest(world.tools, about, given);
    if (progress.kind !== 'wait') return progress;
  }
  throw new Error('The guest still gives no answer after 50 looks.');
}
