import { cleanUp } from '../../src/activities/clean-up';
import { inspectVm } from '../../src/activities/inspect-vm';
import type { ArmFailure } from '../../src/azure/ports';
import { about, changeVm, repairId, repairWorld, tagVm } from './support/repair';

describe('activities/inspect-vm', () => {
  it('records what was seen and how far it may go, and creates nothing', async () => {
    const world = await repairWorld();
    const progress = await inspectVm(world.tools, about);
    expect(progress).toMatchObject({
      kind: 'done',
      value: { agentUsable: true },
      detail: 'The VM is running; the guest agent is Ready and its report is fresh. Allowed: repair.',
    });
    expect(world.deeds).toEqual([]);
    expect(world.ledger.steps.get(repairId)).toMatchObject([{ step: 'inspect', outcome: 'done' }]);
    const document = await world.tools.ledger.getDocument(repairId, 'inspection');
    expect(document).toMatchObject({ decision: { kind: 'permit', mode: 'repair' }, vm: { name: 'vm-1' } });
  });

  it('goes on when the agent is dead: there is a snapshot to take', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'done', value: { agentUsable: false } });
  });

  it('ends by name when policy says no, with the inspection on record', async () => {
    const world = await repairWorld();
    changeVm(world, { tags: {} });
    expect(await inspectVm(world.tools, about)).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused', code: 'not-opted-in' },
    });
    expect(world.ledger.steps.get(repairId)).toMatchObject([{ outcome: 'refused' }]);
    expect(await world.tools.ledger.getDocument(repairId, 'inspection')).toBeDefined();
    expect(world.logged).toContainEqual({ event: 'changeRefused', fields: { repairId, code: 'not-opted-in' } });
  });

  it('ends as it did before when the story is begun again after its clean-up, whatever the VM shows by then', async () => {
    const world = await repairWorld();
    const told = { ending: 'repaired', code: 'repaired', reason: 'Mended on a copy.' } as const;
    await cleanUp(world.tools, { ...about, conclusion: told });
    tagVm(world, 'off');
    expect(await inspectVm(world.tools, about)).toEqual({ kind: 'end', conclusion: told });
  });

  it('ends as cancelled when a person cancelled it', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: '2026-01-02T03:05:00.000Z' });
    expect(await inspectVm(world.tools, about)).toMatchObject({ conclusion: { ending: 'cancelled' } });
  });

  it('waits as long as Azure asks, and keeps the step open', async () => {
    const world = await repairWorld();
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 7000 };
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'wait', afterMs: 7000 });
    expect(world.ledger.steps.get(repairId)?.[0]?.outcome).toBeUndefined();
  });

  it('names the missing permission', async () => {
    const world = await repairWorld();
    const action = 'Microsoft.Compute/virtualMachines/read';
    world.failures.getVirtualMachine = { kind: 'forbidden', code: 'x', message: 'x', action, scope: '/scope' };
    expect(await inspectVm(world.tools, about)).toMatchObject({
      conclusion: { ending: 'refused', code: 'permission-missing', reason: expect.stringContaining(action) },
    });
  });

  it('refuses a subscription that is no longer allowed', async () => {
    const world = await repairWorld({ allowedSubscriptions: [] });
    expect(await inspectVm(world.tools, about)).toMatchObject({ conclusion: { code: 'subscription-not-allowed' } });
    // And asks nothing more about it.
    expect(await world.tools.ledger.getDocument(repairId, 'routes')).toMatchObject([
      {},
      { code: 'console-not-known', reason: expect.stringContaining('was not asked for') as string },
      {},
    ]);
  });

  it('keeps the first start time when it is repeated', async () => {
    const world = await repairWorld();
    tagVm(world, 'diagnose');
    await inspectVm(world.tools, about);
    const startedAt = world.ledger.repairs.get(repairId)?.startedAt;
    await inspectVm(world.tools, about);
    expect(startedAt).toBeDefined();
    expect(world.ledger.repairs.get(repairId)?.startedAt).toBe(startedAt);
    expect(world.ledger.steps.get(repairId)).toHaveLength(1);
  });

  it('records which routes are open, also for a VM that is only observed', async () => {
    const world = await repairWorld();
    changeVm(world, { tags: {}, agent: { usable: false, reason: 'The guest agent is Not Ready' } });
    await inspectVm(world.tools, about);
    expect(await world.tools.ledger.getDocument(repairId, 'routes')).toMatchObject([
      { route: 'run-command', open: false, code: 'agent-silent' },
      { route: 'serial-console', open: false, byHand: 'yes', code: 'console-by-hand' },
      { route: 'recovery-vm', open: false },
    ]);
  });

  it.each<[string, ArmFailure]>([
    ['a missing role', { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/action', scope: '/s' }],
    ['a busy Azure', { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 60_000 }],
    ['an unknown subscription', { kind: 'not-found', code: 'SubscriptionNotFound', message: 'x' }],
    ['a refusal', { kind: 'rejected', code: 'MissingSubscriptionRegistration', message: 'x', status: 409 }],
  ])('is not held up by %s when it asks for the serial console', async (_what, failure) => {
    const world = await repairWorld();
    world.failures.getSerialConsole = failure;
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'done' });
    expect(await world.tools.ledger.getDocument(repairId, 'routes')).toMatchObject([
      { open: true },
      { byHand: 'not-known', code: 'console-not-known' },
      {},
    ]);
  });
});
