import { reviveRepairs } from '../../src/triggers/revive-repairs';
import { singletonIdOf } from '../../src/repair-id';
import type { FakeWorld } from '../activities/support/fakes';
import { repairId, repairWorld, vmId, vmKey } from '../activities/support/repair';
import { fakeStarter } from './support/door';

const singletonId = singletonIdOf(vmId);

describe('triggers/revive-repairs', () => {
  it('leaves a repair that is at work alone', async () => {
    const { world, started, states } = await leasedWorld();
    states.set(singletonId, 'active');
    await revive(world);
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(1);
  });

  it.each(['none', 'failed', 'ended'] as const)(
    'starts a repair without an ending again when its engine says %s',
    async (state) => {
      const { world, started, states } = await leasedWorld();
      states.set(singletonId, state);
      await revive(world);
      expect(started).toMatchObject([{ singletonId, input: { repairId, vmId } }]);
      expect(world.logged.map(({ event }) => event)).toEqual(['repairRevived']);
    },
  );

  it('starts a repair whose door died before it was recorded, with its record', async () => {
    const { world, started } = await leasedWorld();
    world.ledger.repairs.clear();
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ repairId, vmId });
  });

  it('does not go further than was asked for when the door died before the repair was recorded', async () => {
    const { world, started } = await leasedWorld();
    world.ledger.repairs.clear();
    world.ledger.leases.set(vmKey, { ...world.ledger.leases.get(vmKey)!, requestedMode: 'diagnose' });
    await revive(world);
    expect(started).toMatchObject([{ input: { requestedMode: 'diagnose' } }]);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ requestedMode: 'diagnose' });
  });

  it('tells a repair that was terminated by hand to clean up and end', async () => {
    const { world, started, states } = await leasedWorld();
    states.set(singletonId, 'terminated');
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeDefined();
  });

  it('has an old repair cleaned up and ended, and nothing more (hazard: it is given up, and its VM stays stopped)', async () => {
    const { world, started } = await leasedWorld(hoursAgo(13));
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeDefined();
    expect(world.ledger.leases.size).toBe(1);
  });

  it('goes on with one that is younger than all its deadlines together', async () => {
    const { world, started } = await leasedWorld(hoursAgo(10));
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeUndefined();
  });

  it('frees a VM whose repair is on record as ended', async () => {
    const { world, started } = await leasedWorld();
    world.ledger.slots.add(repairId);
    await world.tools.ledger.updateRepair(repairId, { ending: 'repaired' });
    await revive(world);
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(0);
    expect(world.ledger.slots.size).toBe(0);
  });

  it('gives up a repair that could not be ended for days, and frees the VM', async () => {
    const { world, started } = await leasedWorld('2020-01-01T00:00:00.000Z');
    await revive(world);
    expect(started).toEqual([]);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-repaired', endingCode: 'fault' });
    expect(world.ledger.leases.size).toBe(0);
  });
});

const engines = new WeakMap<FakeWorld, ReturnType<typeof fakeStarter>>();

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 60 * 60_000).toISOString();
}

async function leasedWorld(acquiredAt = new Date().toISOString()) {
  const world = await repairWorld();
  world.ledger.leases.set(vmKey, { vmKey, repairId, vmId, acquiredAt });
  const engine = fakeStarter();
  engines.set(world, engine);
  return { world, ...engine };
}

async function revive(world: FakeWorld): Promise<void> {
  const engine = engines.get(world);
  if (!engine) throw new Error('This world has no engine.');
  await reviveRepairs(world.tools, engine.starter);
}
