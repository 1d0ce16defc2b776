import { swapOf } from '../../src/activities/recovery/names';
import { diskIdOf, snapshotIdOf } from '../../src/azure/resource-id';
import type { ResourceRecord } from '../../src/ledger/ports';
import { vmKeyOf } from '../../src/repair-id';
import { purgeEnded } from '../../src/triggers/purge-ended';
import { showKept } from '../../src/triggers/show-kept';
import { showRepair } from '../../src/triggers/show-repair';
import { fakeWorld, spoil, type FakeWorld } from '../activities/support/fakes';
import { subscriptionId, virtualMachine, vmId } from '../azure/support/machine';
import { signalRecord } from '../ledger/support/records';
import { recordOf, resourceOf, type RecordFields } from '../ledger/support/resources';
import { answerOf, request } from './support/door';

const day = 24 * 60 * 60_000;
const originalId = virtualMachine().osDiskId ?? '';

function daysAgo(days: number): string {
  return new Date(Date.now() - days * day).toISOString();
}

function idAt(time: string, suffix: string): string {
  return `${time.slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z-${suffix.padStart(10, '0')}`;
}

/** A repair that took an hour and ended so many days ago. */
async function endedRepair(world: FakeWorld, days: number, suffix: string): Promise<string> {
  const acceptedAt = daysAgo(days + 1 / 24);
  const repairId = idAt(acceptedAt, suffix);
  const { ledger } = world.tools;
  await ledger.createRepair({ repairId, vmId, acceptedAt, phase: 'Accepted' });
  await ledger.updateRepair(repairId, { ending: 'repaired', endedAt: daysAgo(days), phase: 'Ended' });
  return repairId;
}

async function keep(world: FakeWorld, repairId: string, record: ResourceRecord): Promise<void> {
  await world.tools.ledger.recordResource(repairId, record);
}

const times = { registeredAt: daysAgo(400), createdAt: daysAgo(400) };

function kept(kind: Parameters<typeof resourceOf>[0], id: string, fields: RecordFields = {}): ResourceRecord {
  const copyId = diskIdOf(subscriptionId, 'rg-app', 'copy');
  return recordOf(resourceOf(kind, id, { copyId, originalId }), { ...times, lifetime: 'kept', ...fields });
}

/** Runs the purge; gives the spans of histories that it deletes. */
async function purge(world: FakeWorld): Promise<{ from: number; to: number }[]> {
  const spans: { from: number; to: number }[] = [];
  await purgeEnded(world.tools, (from, to) => {
    spans.push({ from: from.getTime(), to: to.getTime() });
    return Promise.resolve(1);
  });
  return spans;
}

function isIn(spans: { from: number; to: number }[], time: string): boolean {
  return spans.some(({ from, to }) => from <= Date.parse(time) && Date.parse(time) <= to);
}

function purged({ deeds }: FakeWorld): string[] {
  return deeds.flatMap((deed) => (deed.startsWith('ledger.purgeRepair ') ? [deed.split(' ')[1] ?? ''] : []));
}

describe('triggers/purge-ended: the ledger', () => {
  it('lets go of repairs that ended long enough ago, and of old signals, and says so', async () => {
    const world = fakeWorld({ ledgerRetentionDays: 100 });
    const old = await endedRepair(world, 101, 'a1');
    await endedRepair(world, 99, 'a2');
    await world.tools.ledger.recordSignal(signalRecord({ key: 'old', receivedAt: daysAgo(101) }));
    await world.tools.ledger.recordSignal(signalRecord({ key: 'new', receivedAt: daysAgo(1) }));
    await purge(world);
    expect(purged(world)).toEqual([old]);
    expect([...world.ledger.signals.keys()]).toEqual(['new']);
    expect(world.logged.map(({ event }) => event)).toEqual(['repairPurged', 'signalsPurged', 'historiesPurged']);
  });

  it('answers for a purged repair from its export', async () => {
    const world = fakeWorld();
    const repairId = await endedRepair(world, 400, 'a1');
    await purge(world);
    const answer = answerOf(await showRepair(world.tools, request('GET', 'x', { params: { repairId } })));
    expect(answer).toMatchObject({ status: 200, body: { repairId, exportedAs: `repairs/${repairId}/x.json` } });
  });

  const snapshotId = snapshotIdOf(subscriptionId, 'rg-workbench', 'snapshot');

  it.each<[string, (world: FakeWorld, repairId: string) => unknown]>([
    ['has not ended', (world, id) => (world.ledger.repairs.get(id)!.ending = undefined)],
    [
      'still holds its VM',
      ({ tools }, repairId) =>
        tools.ledger.acquireLease({ vmKey: vmKeyOf(vmId), repairId, vmId, acquiredAt: daysAgo(400) }),
    ],
    ['has a lease that cannot be read on its VM', (world) => spoil(world, 'lease', vmKeyOf(vmId))],
    ['has a row that cannot be read', (world, id) => spoil(world, id, 'resource.purge')],
    [
      'has a snapshot',
      async (world, id) => {
        await keep(world, id, kept('snapshot', snapshotId));
        const rest = { sourceDiskId: originalId, tags: {}, accessOpen: false, network: {} };
        world.snapshots.set(snapshotId.toLowerCase(), { id: snapshotId, state: 'ready', ...rest });
      },
    ],
    [
      'has a snapshot, as far as Azure tells',
      async (world, id) => {
        await keep(world, id, kept('snapshot', snapshotId));
        world.failures.getSnapshot = { kind: 'wait', code: 'TooManyRequests', message: 'busy' };
      },
    ],
    [
      'has left its VM the original disk',
      async (world, id) => {
        await keep(world, id, kept('os-disk-swap', swapOf({ repairId: id, vmId }, 1)));
        const original = resourceOf('disk', originalId);
        const details = { role: 'original' } as const;
        await keep(world, id, { ...kept('disk', originalId), ...original, details } as ResourceRecord);
      },
    ],
    [
      'owes its VM something',
      (world, id) => keep(world, id, kept('power-off', `${vmId}/powerOff/round-1`, { lifetime: 'temporary' })),
    ],
  ])('keeps one that %s, and its histories, and lets the others go', async (_what, hold) => {
    const world = fakeWorld();
    const repairId = await endedRepair(world, 400, 'a1');
    const { acceptedAt } = world.ledger.repairs.get(repairId)!;
    const otherVm = vmId.replace(/[^/]+$/, 'vm-other');
    const other = await endedRepair(world, 500, 'a2');
    world.ledger.repairs.set(other, { ...world.ledger.repairs.get(other)!, vmId: otherVm });
    await hold(world, repairId);
    const spans = await purge(world);
    expect(purged(world)).toEqual([other]);
    expect(isIn(spans, acceptedAt)).toBe(false);
    expect(isIn(spans, daysAgo(500))).toBe(true);
  });

  it('asks Azure for what was left, writes down that it is gone, and lets the repair go', async () => {
    const world = fakeWorld();
    const repairId = await endedRepair(world, 400, 'a1');
    await keep(world, repairId, kept('snapshot', snapshotId));
    await purge(world);
    expect(purged(world)).toEqual([repairId]);
    expect(world.ledger.exported.get(repairId)?.resources[0]?.deletedAt).toBeDefined();
  });

  it('does nothing while a brake is on', async () => {
    const world = fakeWorld({ killSwitch: true });
    await endedRepair(world, 400, 'a1');
    expect(await purge(world)).toEqual([]);
    expect(purged(world)).toEqual([]);
  });

  it('still forgets histories when the ledger refuses to let a repair go', async () => {
    const world = fakeWorld();
    await endedRepair(world, 400, 'a1');
    const ledger = { ...world.tools.ledger, purgeRepair: () => Promise.reject(new Error('The store is away.')) };
    let count = 0;
    const run = purgeEnded({ ...world.tools, ledger }, () => Promise.resolve((count += 1)));
    await expect(run).rejects.toThrow('away');
    expect(count).toBe(1);
  });
});

describe('triggers/purge-ended: histories', () => {
  it('are forgotten up to their retention, and not those of repairs that ended later', async () => {
    const world = fakeWorld({ historyRetentionDays: 30 });
    await endedRepair(world, 40, 'a1');
    const running = await endedRepair(world, 35, 'a2');
    world.ledger.repairs.get(running)!.ending = undefined;
    const spans = await purge(world);
    expect(isIn(spans, daysAgo(40))).toBe(true);
    expect(isIn(spans, daysAgo(35))).toBe(false);
    expect(isIn(spans, daysAgo(31))).toBe(false);
    expect(isIn(spans, daysAgo(29))).toBe(false);
  });

  it('between repairs that keep theirs are forgotten all the same', async () => {
    const world = fakeWorld();
    for (const days of [60, 50]) {
      const repairId = await endedRepair(world, days, 'a1');
      spoil(world, repairId, 'change.histories');
    }
    const spans = await purge(world);
    expect([61, 55, 40].map((days) => isIn(spans, daysAgo(days)))).toEqual([true, true, true]);
    expect([60, 50].map((days) => isIn(spans, daysAgo(days)))).toEqual([false, false]);
    expect(spans).toHaveLength(3);
  });
});

describe('triggers/purge-ended: what outlives the record', () => {
  it('is known by the archive: the copy that is its VM’s disk', async () => {
    const world = fakeWorld();
    const repairId = await endedRepair(world, 400, 'a1');
    const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);
    const swap = resourceOf('os-disk-swap', swapOf({ repairId, vmId }, 1), { copyId, originalId });
    await keep(world, repairId, recordOf(swap, { ...times, lifetime: 'kept' }));
    await keep(world, repairId, recordOf(resourceOf('disk', copyId), { ...times, lifetime: 'kept' }));
    const disk = {
      id: copyId,
      location: 'westeurope',
      zones: [],
      network: {},
      tags: { 'rdp-lifeline-repair': repairId },
    };
    world.recoveryContent.disks.set(copyId.toLowerCase(), disk);
    await endedRepair(world, 1, 'a2');
    await purge(world);
    expect(purged(world)).toEqual([repairId]);
    const { body } = answerOf(await showKept(world.tools)) as {
      body: { kept: { resourceId: string; state: string }[] };
    };
    expect(body.kept.find(({ resourceId }) => resourceId === copyId)).toMatchObject({ repairId, state: 'in-use' });
  });
});
