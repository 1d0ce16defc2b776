import type { DeclaredWait } from '../../src/ledger/ports';
import { longestRepairMs, reviveRepairs } from '../../src/triggers/revive-repairs';
import { singletonIdOf, vmKeyOf } from '../../src/repair-id';
import { reportOf } from '../../src/report/repair-report';
import type { FakeWorld } from '../activities/support/fakes';
import { repairId, repairWorld, vmId, vmKey } from '../activities/support/repair';
import { fakeStarter } from './support/door';

const singletonId = singletonIdOf(vmId);

describe('triggers/revive-repairs', () => {
  it('leaves a repair that is at work alone', async () => {
    const { world, started, states } = await leasedWorld();
    states.set(singletonId, { state: 'running', repairId });
    await revive(world);
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(1);
  });

  it.each(['none', 'failed', 'ended'] as const)(
    'starts a repair without an ending again when its engine says %s',
    async (state) => {
      const { world, started, states } = await leasedWorld();
      states.set(singletonId, { state });
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
    states.set(singletonId, { state: 'terminated' });
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeDefined();
  });

  it('has an old repair cleaned up and ended, and nothing more (hazard: it is given up, and its VM stays stopped)', async () => {
    const { world, started } = await leasedWorld(hoursAgo(longestHours + 1));
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeDefined();
    expect(world.ledger.leases.size).toBe(1);
  });

  it('goes on with one that is younger than all its deadlines together', async () => {
    const { world, started } = await leasedWorld(hoursAgo(longestHours - 1));
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
    await world.tools.ledger.updateRepair(repairId, { overdueSince: hoursAgo(25) });
    await revive(world);
    expect(started).toEqual([]);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-repaired', endingCode: 'fault' });
    expect(world.ledger.leases.size).toBe(0);
    expect(eventsOf(world)).toEqual(['repairGivenUp', 'leaseFreed']);
  });

  it('is not given up before it was tried to end it (hazard: the app was stopped for days, and the VM stays without power)', async () => {
    const { world, started, states } = await leasedWorld('2020-01-01T00:00:00.000Z');
    states.set(singletonId, { state: 'failed', repairId });
    await revive(world);
    expect(started).toHaveLength(1);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({
      overdueSince: expect.any(String) as unknown,
      cancelRequestedAt: expect.any(String) as unknown,
    });
    expect(world.ledger.leases.size).toBe(1);
  });

  it('looks after every VM, whatever is wrong with the first (hazard: one unreadable record stands in the way of all)', async () => {
    const { world, started, starter } = await leasedWorld();
    const other = `${vmId}-2`;
    const lease = { vmKey: vmKeyOf(other), repairId: otherRepairId, vmId: other, acquiredAt: new Date().toISOString() };
    world.ledger.leases.set(lease.vmKey, lease);
    const look = starter.look.bind(starter);
    starter.look = (id) => (id === singletonId ? Promise.reject(new Error('No answer.')) : look(id));
    await expect(revive(world)).rejects.toThrow('No answer.');
    expect(started).toMatchObject([{ input: { repairId: otherRepairId } }]);
  });

  it('frees a place that a call took after its repair had been closed, and no other', async () => {
    const { world } = await leasedWorld();
    const { ledger } = world.tools;
    for (const id of [otherRepairId, runningId]) {
      await ledger.createRepair({ repairId: id, vmId, acceptedAt: '2026-01-02T03:04:05.000Z', phase: 'Ended' });
    }
    await ledger.updateRepair(otherRepairId, { ending: 'repaired' });
    world.ledger.slots.add(otherRepairId);
    world.ledger.slots.add(repairId);
    world.ledger.slots.add(runningId);
    world.ledger.queue.set('20260101t000000z-eeeeeeeeee', '2026-01-01T00:00:00.000Z');
    await revive(world);
    expect([...world.ledger.slots].sort()).toEqual([runningId, repairId].sort());
    expect(world.ledger.queue.size).toBe(0);
    expect(eventsOf(world).filter((event) => event === 'placeFreed')).toHaveLength(2);
  });
});

describe('triggers/revive-repairs: a repair that does not move', () => {
  it.each(['pending', 'running', 'suspended'] as const)(
    'is warned of, terminated and ended when its engine says %s for longer than it may take',
    async (state) => {
      const { world, started, states, terminated } = await leasedWorld(hoursAgo(longestHours + 1));
      states.set(singletonId, { state, repairId, createdAt: Date.now() - longestRepairMs });

      await revive(world);
      expect(eventsOf(world)).toEqual(['repairOverdue']);
      expect(reportOfWorld(world)).toMatchObject({ standsStill: [{ code: 'overdue' }] });
      expect(terminated).toEqual([]);

      await revive(world);
      expect(terminated).toEqual([]);

      await later(world, { overdueSince: 10 });
      await revive(world);
      expect(terminated).toEqual([singletonId]);
      expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeDefined();
      expect(started).toEqual([]);

      states.set(singletonId, { state: 'terminated', repairId });
      await revive(world);
      expect(started).toMatchObject([{ singletonId, input: { repairId } }]);
      expect(eventsOf(world)).toEqual(['repairOverdue', 'repairTerminated', 'repairRevived']);
    },
  );

  it('is ended under another id where its engine does not take up the termination', async () => {
    const { world, started, states, terminated } = await leasedWorld(hoursAgo(longestHours + 1));
    states.set(singletonId, { state: 'pending', repairId, createdAt: Date.now() - longestRepairMs });
    await world.tools.ledger.updateRepair(repairId, { overdueSince: minutesAgo(20), terminatedAt: minutesAgo(3) });
    await revive(world);
    expect(started).toEqual([]);
    await later(world, { terminatedAt: 5 });
    await revive(world);
    expect(started).toMatchObject([{ singletonId: singletonIdOf(vmId, 2), input: { repairId } }]);
    expect(terminated).toEqual([]);
    // It is the second that is looked after from now on, and it has time to clean up.
    await revive(world);
    expect(started).toHaveLength(1);
    expect(terminated).toEqual([]);
  });

  it('is terminated once more where the one that was to end it hangs, and given up after a day', async () => {
    const { world, started, states, terminated } = await leasedWorld(hoursAgo(longestHours + 5));
    await world.tools.ledger.updateRepair(repairId, { overdueSince: minutesAgo(240), terminatedAt: minutesAgo(230) });
    states.set(singletonId, { state: 'running', repairId, createdAt: Date.now() - 200 * 60_000 });
    await revive(world);
    expect(terminated).toEqual([singletonId]);
    states.set(singletonId, { state: 'failed', repairId });
    await revive(world);
    expect(started).toHaveLength(1);

    await world.tools.ledger.updateRepair(repairId, { overdueSince: hoursAgo(25) });
    await revive(world);
    expect(terminated).toHaveLength(2);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-repaired', endingCode: 'fault' });
    expect(world.ledger.leases.size).toBe(0);
    expect(eventsOf(world)).toContain('repairGivenUp');
  });

  it('does not keep the next repair of its VM from starting (hazard: the VM is never repaired again)', async () => {
    const { world, started, states } = await leasedWorld();
    states.set(singletonId, { state: 'pending', repairId: otherRepairId });
    await revive(world);
    expect(started).toMatchObject([{ singletonId: singletonIdOf(vmId, 2), input: { repairId } }]);
    // The first comes to its end: the one that works is found all the same.
    states.set(singletonId, { state: 'ended', repairId: otherRepairId });
    await revive(world);
    expect(started).toHaveLength(1);
  });

  it('says that it waits for a newer release, when this one was rolled back to', async () => {
    const { world, states } = await leasedWorld();
    states.set(singletonId, { state: 'pending', repairId });
    await world.tools.ledger.updateRepair(repairId, { storyVersion: '1.1' });
    await revive(world);
    expect(world.logged).toMatchObject([{ event: 'repairOfNewerRelease', fields: { repairId, storyVersion: '1.1' } }]);
    expect(reportOfWorld(world)).toMatchObject({ standsStill: [{ code: 'newer-release' }] });
  });
});

describe('triggers/revive-repairs: a declared wait', () => {
  it.each(['running', 'none'] as const)('of five days survives upkeep (its engine says %s)', async (state) => {
    const { world, started, states, terminated } = await leasedWorld(hoursAgo(24 * 4.9));
    states.set(singletonId, { state, repairId });
    await declare(world, { since: hoursAgo(24 * 4.9), until: hoursAgo(-2.4) });
    for (let count = 0; count < 3; count += 1) await revive(world);
    expect(terminated).toEqual([]);
    expect(world.ledger.repairs.get(repairId)).not.toHaveProperty('overdueSince');
    expect(world.ledger.repairs.get(repairId)?.cancelRequestedAt).toBeUndefined();
    expect(started).toHaveLength(state === 'none' ? 1 : 0);
    expect(world.ledger.leases.size).toBe(1);
  });

  it('is overdue an hour after its own end, however young the repair is', async () => {
    const { world, states } = await leasedWorld(hoursAgo(3));
    states.set(singletonId, { state: 'running', repairId });
    await declare(world, { since: hoursAgo(3), until: hoursAgo(0.9) });
    await revive(world);
    expect(eventsOf(world)).toEqual([]);
    await declare(world, { since: hoursAgo(3), until: hoursAgo(1.1) });
    await revive(world);
    expect(eventsOf(world)).toEqual(['repairOverdue']);
  });

  it('that is over gives the repair all its time', async () => {
    const { world, states } = await leasedWorld(hoursAgo(24 * 5));
    states.set(singletonId, { state: 'running', repairId });
    const wait = { since: hoursAgo(24 * 5), until: hoursAgo(-1) };
    await declare(world, { ...wait, endedAt: hoursAgo(longestHours - 1) });
    await revive(world);
    expect(eventsOf(world)).toEqual([]);
    await declare(world, { ...wait, endedAt: hoursAgo(longestHours + 1) });
    await revive(world);
    expect(eventsOf(world)).toEqual(['repairOverdue']);
  });
});

describe('triggers/revive-repairs: a repair that reads everything again', () => {
  it('has all its time from then on', async () => {
    const { world, states } = await leasedWorld(hoursAgo(longestHours + 1));
    states.set(singletonId, { state: 'running', repairId });
    await world.tools.ledger.updateRepair(repairId, { reading: 2, readAgainAt: hoursAgo(2) });
    await revive(world);
    expect(eventsOf(world)).toEqual([]);
  });
});

const otherRepairId = '20260101t000000z-ffffffffff';
const runningId = '20260101t000000z-dddddddddd';
const longestHours = longestRepairMs / (60 * 60_000);

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

function eventsOf(world: FakeWorld): string[] {
  return world.logged.map(({ event }) => event);
}

function reportOfWorld({ ledger }: FakeWorld) {
  const repair = ledger.repairs.get(repairId);
  if (!repair) throw new Error('There is no repair.');
  return reportOf({ repair, signals: [], steps: [], changes: [], resources: [], documents: {}, unreadable: [] });
}

async function declare({ tools }: FakeWorld, wait: Omit<DeclaredWait, 'kind' | 'ahead'>): Promise<void> {
  await tools.ledger.updateRepair(repairId, { wait: { kind: 'place', ahead: 3, ...wait } });
}

/** So many minutes pass since then. */
async function later({ tools }: FakeWorld, ago: { overdueSince?: number; terminatedAt?: number }): Promise<void> {
  const times = Object.entries(ago).map(([name, minutes]) => [name, minutesAgo(minutes)] as const);
  await tools.ledger.updateRepair(repairId, Object.fromEntries(times));
}

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
