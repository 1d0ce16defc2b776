import { runInGuest, type GuestRunOrder } from '../../src/activities/run-in-guest';
import { randomBytes } from 'node:crypto';
import type { VirtualMachine } from '../../src/azure/ports';
import { nonceOf } from '../../src/guest/routes/run-command';
import { renderNeeds } from '../../src/guest/live';
import { bodyOf, framesOf } from '../guest/routes/support/frame-packer';
import { fakeGuest, respondAs } from './support/guest';
import { about, changeVm, deedsOf, placeOf, repairId, repairWorld, tagVm, vmId } from './support/repair';
import type { FakeWorld } from './support/fakes';

const order: GuestRunOrder = {
  name: 'evidence',
  purpose: 'look',
  commands: renderNeeds([{ kind: 'service-status', service: 'Dhcp' }]),
};
const runName = `rdp-lifeline-${repairId}-evidence`;
const nonce = nonceOf({ repairId, name: 'evidence', part: 1 });
const emptyAnswer = (asked: string) => ({
  version: 2 as const,
  nonce: asked,
  startedAt: '2026-01-02T03:04:05.0000000Z',
  bootedAt: null,
  computerName: 'vm-1',
  results: [],
});
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
      code: 'agent-dead',
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
      code: 'run-refused',
      reason: expect.stringContaining('kill switch') as unknown,
    });
  });

  it.each([...(['not-delivered', 'timed-out', 'cancelled', 'failed', 'lost'] as const)])(
    'is unanswered after a run that Azure calls %s, each with a code of its own',
    async (what) => {
      const world = await repairWorld();
      const code = `run-${what}` as const;
      world.respond = () => ({ state: 'failed', code, reason: 'It ended so', output: '', error: '' });
      expect(await untilAnswered(world)).toEqual({ kind: 'unanswered', code, reason: 'It ended so', begun: true });
    },
  );

  it.each<[string, string, string]>([
    ['markup', '<b>hello</b>', 'no whole frame'],
    ['nothing', '', 'no whole frame'],
    ['control characters', '\u0000\u001b[2J\u0007'.repeat(500), 'no whole frame'],
    [
      'a frame of another run',
      framesOf(bodyOf(emptyAnswer('f'.repeat(32))), 'f'.repeat(32))[0] ?? '',
      'no whole frame',
    ],
    ['its frame twice', `${framesOf(bodyOf(emptyAnswer(nonce)), nonce)[0]}\n`.repeat(2), '2 frames'],
    ['a frame that was cut', (framesOf(bodyOf(emptyAnswer(nonce)), nonce)[0] ?? '').slice(60), 'no whole frame'],
  ])('is unanswered after %s in place of an answer', async (_what, output, reason) => {
    const world = await repairWorld();
    world.respond = () => ({ state: 'succeeded', output, error: '' });
    expect(await untilAnswered(world)).toEqual({
      kind: 'unanswered',
      code: 'answer-unreadable',
      reason: expect.stringContaining(reason),
      begun: true,
    });
  });

  describe('with a command that takes long', () => {
    afterEach(() => jest.useRealTimers());

    async function slowRun(laterMs: number, fields: Partial<VirtualMachine> = {}) {
      const world = await repairWorld();
      world.respond = () => ({ state: 'running' });
      await runInGuest(world.tools, about, order);
      changeVm(world, fields);
      jest.useFakeTimers({ now: Date.now() + laterMs, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      return runInGuest(world.tools, about, order);
    }
    const dead = { agent: { usable: false, reason: 'The guest agent is Not Ready' } };

    it('waits as long as its agent is Ready and its time is not over', async () => {
      expect(await slowRun(120_000)).toMatchObject({ kind: 'wait' });
    });

    it('does not look at the agent of one that is quick', async () => {
      expect(await slowRun(20_000, dead)).toMatchObject({ kind: 'wait' });
    });

    it('gives up once the agent is gone, or the VM is off', async () => {
      expect(await slowRun(60_000, dead)).toMatchObject({ code: 'agent-gone', begun: true });
      expect(await slowRun(60_000, { powerState: 'stopped' })).toMatchObject({ code: 'agent-gone', begun: true });
    });

    it('does not count the time in which Azure did not take it (hazard: throttled for minutes, then called stuck at once)', async () => {
      const world = await repairWorld();
      world.respond = () => ({ state: 'running' });
      world.failures.beginGuestRun = { kind: 'wait', code: 'TooManyRequests', message: 'x' };
      expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
      world.failures = {};
      jest.useFakeTimers({ now: Date.now() + 10 * 60_000, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
      expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
      expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
      jest.setSystemTime(Date.now() + 10 * 60_000);
      expect(await runInGuest(world.tools, about, order)).toMatchObject({ code: 'run-stuck', begun: true });
    });

    it('calls it stuck when it is far beyond its time', async () => {
      expect(await slowRun(10 * 60_000)).toMatchObject({ code: 'run-stuck', begun: true });
    });
  });

  it('is unanswered when the guest gives another part than the one asked for', async () => {
    const world = await repairWorld();
    const answers = respondAs(fakeGuest({ padding }));
    world.respond = (request) => answers({ ...request, parameters: { ...request.parameters, Part: '1' } });
    expect(await untilAnswered(world)).toEqual({
      kind: 'unanswered',
      code: 'answer-unreadable',
      reason: 'The guest gave another part than the one asked for.',
      begun: true,
    });
  });

  it('is unanswered when Azure refuses to run commands', async () => {
    const world = await repairWorld();
    world.failures.beginGuestRun = { kind: 'rejected', code: 'OperationNotAllowed', message: 'No.', status: 409 };
    expect(await runInGuest(world.tools, about, order)).toMatchObject({
      kind: 'unanswered',
      code: 'run-refused',
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
      code: 'run-refused',
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
