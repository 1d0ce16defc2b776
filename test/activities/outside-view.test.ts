import { askFromOutside, lookFromOutside } from '../../src/activities/outside-view';
import type { ArmFailure } from '../../src/azure/ports';
import { interfaceId, virtualMachine } from '../azure/support/machine';
import { denyTheRest, rdpRule } from '../network/support/rules';
import { about, repairId, repairWorld, untilDone } from './support/repair';

type World = Awaited<ReturnType<typeof repairWorld>>;

const busy: ArmFailure = { kind: 'wait', code: 'TooManyRequests', message: 'x' };

describe('activities/outside-view', () => {
  it('begins in one call, looks in another, and tells from where RDP is let through', async () => {
    const world = await repairWorld();
    expect(await look(world)).toMatchObject({ kind: 'wait' });
    expect(world.outside.operations).toHaveLength(1);
    expect(await look(world)).toEqual({
      kind: 'seen',
      view: {
        port: 3389,
        reach: { kind: 'open', from: ['everywhere'], groups: 1 },
        interfaceId,
        interfaces: 1,
        privateAddress: '10.0.0.4',
        publicAddress: '203.0.113.4',
        readAt: expect.any(String) as string,
      },
    });
  });

  it('asks Azure once for each repair and port, however often it is called', async () => {
    const world = await repairWorld();
    for (let count = 0; count < 5; count += 1) await look(world);
    expect(world.outside.operations).toHaveLength(1);
    expect(world.outside.looks).toBe(1);
    await look(world, 3390);
    expect(world.outside.operations).toHaveLength(2);
  });

  it('asks before the port is known, once, and needs no further question when it is', async () => {
    const world = await repairWorld();
    await ask(world);
    await ask(world);
    expect(world.outside.operations).toHaveLength(1);
    expect(await look(world, 3390)).toMatchObject({ kind: 'seen', view: { port: 3390, reach: { kind: 'blocked' } } });
    expect(world.outside.operations).toHaveLength(1);
  });

  it('is no sooner back than Azure asked for, when it asked before the port was known', async () => {
    const world = await repairWorld();
    world.failures.beginEffectiveRules = { ...busy, retryAfterMs: 5_000 };
    await ask(world);
    world.failures.beginEffectiveRules = undefined;
    const early = await look(world);
    expect(early.kind === 'wait' && early.afterMs).toBeGreaterThan(4_000);
    expect(world.outside.operations).toEqual([]);
    await rewriteRecord(world, { notBefore: new Date(Date.now() - 1).toISOString() });
    expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'open' } } });
  });

  it.each(['getNetworkInterface', 'beginEffectiveRules'] as const)(
    'has time for the look itself, when an early question at %s came to nothing long ago',
    async (call) => {
      const world = await repairWorld();
      world.failures[call] = { kind: 'rejected', code: 'Whatever', message: 'x', status: 409 };
      await ask(world);
      await rewriteRecord(world, { since: new Date(Date.now() - 600_000).toISOString() });
      world.failures[call] = undefined;
      expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'open' } } });
    },
  );

  it('finds its operation again after a restart, from the ledger alone', async () => {
    const world = await repairWorld();
    await look(world);
    const other = await repairWorld();
    other.outside.operations = world.outside.operations;
    other.ledger.documents = world.ledger.documents;
    const document = await world.tools.ledger.getDocument(repairId, 'outside-view');
    await other.tools.ledger.putDocument(repairId, 'outside-view', document);
    expect(await look(other)).toMatchObject({ kind: 'seen', view: { reach: { kind: 'open' } } });
    expect(other.outside.operations).toHaveLength(1);
  });

  it('takes an answer that is there at once', async () => {
    const world = await repairWorld();
    world.outside.looksUntilDone = 0;
    world.outside.groups = [{ id: 'nsg', rules: [rdpRule({ access: 'Deny' }), denyTheRest] }];
    expect(await look(world)).toMatchObject({ kind: 'seen', view: { reach: { kind: 'blocked' } } });
  });

  it('weighs the rules for the VM’s own address', async () => {
    const world = await repairWorld();
    world.outside.looksUntilDone = 0;
    const toOther = rdpRule({ access: 'Deny', priority: 100, destinations: ['10.0.0.5'] });
    world.outside.groups = [{ id: 'nsg', rules: [toOther, rdpRule(), denyTheRest] }];
    expect(await look(world)).toMatchObject({ view: { reach: { kind: 'open', from: ['everywhere'] } } });
  });

  it.each<['getNetworkInterface' | 'beginEffectiveRules' | 'lookAtEffectiveRules', ArmFailure, string]>([
    [
      'getNetworkInterface',
      { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/read', scope: '/nic' },
      'Some/read',
    ],
    [
      'beginEffectiveRules',
      { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/action', scope: '/nic' },
      '/nic',
    ],
    ['beginEffectiveRules', { kind: 'rejected', code: 'ScopeLocked', message: 'x', status: 409 }, 'ScopeLocked'],
    ['lookAtEffectiveRules', { kind: 'not-found', code: 'ResourceNotFound', message: 'x' }, 'ResourceNotFound'],
  ])('does not know, and says why, when %s fails', async (call, failure, words) => {
    const world = await repairWorld();
    world.failures[call] = failure;
    expect(await seen(world)).toMatchObject({
      view: { reach: { kind: 'unknown', why: expect.stringContaining(words) as string } },
    });
  });

  it.each(['getNetworkInterface', 'beginEffectiveRules', 'lookAtEffectiveRules'] as const)(
    'waits for a busy Azure at %s, and goes on where it was',
    async (call) => {
      const world = await repairWorld();
      world.failures[call] = { ...busy, retryAfterMs: 5_000 };
      if (call === 'lookAtEffectiveRules') await look(world);
      expect(await look(world)).toMatchObject({ kind: 'wait', afterMs: 5_000 });
      world.failures[call] = undefined;
      expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'open' } } });
    },
  );

  it('gives up after two minutes, and at once on an Azure that wants more', async () => {
    const impatient = await repairWorld();
    impatient.failures.getNetworkInterface = { ...busy, retryAfterMs: 600_000 };
    expect(await look(impatient)).toMatchObject({ view: { reach: { kind: 'unknown' } } });

    const slow = await repairWorld();
    slow.outside.looksUntilDone = 1_000;
    expect(await look(slow)).toMatchObject({ kind: 'wait' });
    await rewriteRecord(slow, { since: new Date(Date.now() - 121_000).toISOString() });
    expect(await look(slow)).toMatchObject({
      view: { reach: { kind: 'unknown', why: expect.stringContaining('in time') as string } },
    });
  });

  it.each([
    ['Standard', { kind: 'open', from: ['VirtualNetwork'], internet: 'closed' }],
    ['StandardV2', { kind: 'open', internet: 'closed' }],
    ['basic', { kind: 'open', from: ['everywhere'] }],
    ['Other', { kind: 'unknown' }],
    [undefined, { kind: 'unknown' }],
  ])('weighs a public address of the SKU %s where no group applies', async (publicAddressSku, reach) => {
    const world = await repairWorld();
    Object.assign(world.outside, { groups: [], publicAddressSku });
    expect(await seen(world)).toMatchObject({ view: { reach } });
  });

  it('does not know whether an address is closed that it may not read, where no group applies', async () => {
    const world = await repairWorld();
    world.outside.groups = [];
    world.failures.getPublicAddress = { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/read', scope: '/ip' };
    expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'unknown' } } });
  });

  it('is open where no group applies and there is no public address', async () => {
    const world = await repairWorld();
    world.outside.groups = [];
    world.outside.networkInterface = { id: interfaceId, privateAddress: '10.0.0.4' };
    expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'open', from: ['everywhere'], groups: 0 } } });
  });

  it('does without a public address that it may not read', async () => {
    const world = await repairWorld();
    world.failures.getPublicAddress = { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/read', scope: '/ip' };
    expect(await seen(world)).toMatchObject({ view: { reach: { kind: 'open' }, privateAddress: '10.0.0.4' } });
  });

  it('goes on with the interface that it asked about when the VM has lost it meanwhile', async () => {
    const world = await repairWorld();
    await look(world);
    const vm = virtualMachine({ networkInterfaceId: undefined });
    expect(await lookFromOutside(world.tools, about, vm, 3389)).toMatchObject({ view: { reach: { kind: 'open' } } });
  });

  it.each(['no record', { port: 3389 }, { port: 3389, since: 'x', operation: 'https://evil.example/' }])(
    'makes no fault of a record that is none: %j',
    async (document) => {
      const world = await repairWorld();
      await world.tools.ledger.putDocument(repairId, 'outside-view', document);
      expect(['wait', 'seen']).toContain((await look(world)).kind);
    },
  );

  it('does not believe a view of another form, but asks Azure (hazard: a block that is taken for an open way)', async () => {
    const world = await repairWorld();
    const view = {
      port: 3389,
      reach: { kind: 'opened', from: ['everywhere'], groups: 0 },
      readAt: new Date().toISOString(),
    };
    const document = { port: 3389, since: new Date().toISOString(), view };
    await world.tools.ledger.putDocument(repairId, 'outside-view', document);
    expect(await look(world)).toMatchObject({ kind: 'wait' });
    expect(world.outside.operations).toHaveLength(1);
    await world.tools.ledger.putDocument(repairId, 'outside-view', {
      ...document,
      view: { ...view, reach: { ...view.reach, kind: 'open' } },
    });
    expect(await look(world)).toMatchObject({ kind: 'seen', view: { reach: { kind: 'open', groups: 0 } } });
  });

  it('does not know of a VM without a primary interface', async () => {
    const world = await repairWorld();
    const vm = virtualMachine({ networkInterfaceId: undefined, networkInterfaces: 2 });
    expect(await lookFromOutside(world.tools, about, vm, 3389)).toMatchObject({ view: { reach: { kind: 'unknown' } } });
  });
});

function ask({ tools }: World) {
  return askFromOutside(tools, about, virtualMachine());
}

function look({ tools }: World, port = 3389) {
  return lookFromOutside(tools, about, virtualMachine(), port);
}

async function rewriteRecord({ tools: { ledger } }: World, fields: object) {
  const document = (await ledger.getDocument(repairId, 'outside-view')) as object;
  await ledger.putDocument(repairId, 'outside-view', { ...document, ...fields });
}

async function seen(world: World) {
  const found = await untilDone(async () => {
    const given = await look(world);
    return given.kind === 'wait' ? given : { kind: 'done', value: given, detail: '' };
  });
  return found.kind === 'done' ? found.value : undefined;
}
