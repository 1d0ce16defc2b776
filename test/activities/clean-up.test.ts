import { cleanUp } from '../../src/activities/clean-up';
import { takeSnapshot } from '../../src/activities/take-snapshot';
import { readEvidence } from '../../src/activities/read-evidence';
import type { FakeWorld } from './support/fakes';
import { fakeGuest, respondAs } from './support/guest';
import { about, conclusion, deedsOf, repairId, repairWorld, snapshotId, untilDone, vmId } from './support/repair';

const runName = `rdp-lifeline-${repairId}-evidence`;

describe('activities/clean-up', () => {
  it('has nothing to do when nothing was created', async () => {
    const world = await repairWorld();
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(world.deeds).toEqual([]);
  });

  it('puts on record how the story ended before it touches anything; the first conclusion stays', async () => {
    const world = await evidenceWorld();
    const gone = { ...world.tools.ledger, putDocument: () => Promise.reject(new Error('The ledger is gone.')) };
    await expect(cleanUp({ ...world.tools, ledger: gone }, { ...about, conclusion })).rejects.toThrow('gone');
    expect(world.runs.size).toBe(1);
    await cleanUp(world.tools, { ...about, conclusion });
    await cleanUp(world.tools, { ...about, conclusion: { ending: 'healthy', code: 'healthy', reason: 'Well.' } });
    expect(await world.tools.ledger.getDocument(repairId, 'conclusion')).toEqual(conclusion);
  });

  it('deletes temporary things, waits until they are gone, and records it', async () => {
    const world = await evidenceWorld();
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
    expect(world.runs.size).toBe(0);
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(world.ledger.resources.get(repairId)?.[0]?.deletedAt).toBeDefined();
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'arm.beginDeleteGuestRun')).toEqual([`arm.beginDeleteGuestRun ${runName}`]);
  });

  it('deletes a temporary thing that is known to exist too', async () => {
    const world = await evidenceWorld();
    const [registered] = world.ledger.resources.get(repairId) ?? [];
    if (!registered) throw new Error('Nothing was registered.');
    await world.tools.ledger.recordResource(repairId, { ...registered, createdAt: '2026-01-02T03:05:00.000Z' });
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
    expect(world.runs.size).toBe(0);
  });

  it('keeps the snapshot, and confirms one whose making was begun', async () => {
    const world = await repairWorld();
    await takeSnapshot(world.tools, about);
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(world.snapshots.size).toBe(1);
    expect(world.ledger.resources.get(repairId)?.[0]?.createdAt).toBeDefined();
  });

  it('records that a registered snapshot never came to be', async () => {
    const world = await repairWorld();
    await takeSnapshot(world.tools, about);
    world.snapshots.clear();
    await cleanUp(world.tools, { ...about, conclusion });
    expect(world.ledger.resources.get(repairId)?.[0]?.deletedAt).toBeDefined();
  });

  it('says what it cannot remove and why, and logs it', async () => {
    const world = await evidenceWorld();
    const action = 'Microsoft.Compute/virtualMachines/runCommands/delete';
    world.failures.beginDeleteGuestRun = {
      kind: 'forbidden',
      code: 'AuthorizationFailed',
      message: 'x',
      action,
      scope: vmId,
    };
    const progress = await cleanUp(world.tools, { ...about, conclusion });
    const left = progress.kind === 'done' ? progress.value.left : [];
    expect(left).toHaveLength(1);
    expect(left[0]).toContain(`${vmId}/runCommands/${runName}`);
    expect(left[0]).toContain(action);
    expect(world.logged.map(({ event }) => event)).toContain('leftBehind');
  });

  it('waits as long as Azure asks', async () => {
    const world = await evidenceWorld();
    world.failures.getGuestRun = { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 9000 };
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait', afterMs: 9000 });
  });

  describe('asks Azure once for each thing, and only looks from then on', () => {
    afterEach(() => {
      jest.useRealTimers();
    });
    const look = (world: FakeWorld) => cleanUp(world.tools, { ...about, conclusion });
    const deletions = (world: FakeWorld) => deedsOf(world, 'arm.beginDeleteGuestRun').length;

    it('however often it looks while the deletion lasts', async () => {
      const world = await lastingWorld();
      for (let count = 0; count < 5; count += 1) expect(await look(world)).toMatchObject({ kind: 'wait' });
      expect(deletions(world)).toBe(1);
    });

    it('and again after two minutes: Azure’s operation may have failed', async () => {
      const world = await lastingWorld();
      await look(world);
      passTime(119_000);
      await look(world);
      expect(deletions(world)).toBe(1);
      passTime(2_000);
      await look(world);
      expect(deletions(world)).toBe(2);
    });

    it('and once more where the host died before that was on record', async () => {
      const world = await lastingWorld();
      const { ledger } = world.tools;
      const dying = {
        ...ledger,
        putDocument: (id: string, name: string, document: unknown) =>
          name === 'begun' ? Promise.reject(new Error('died')) : ledger.putDocument(id, name, document),
      };
      await expect(cleanUp({ ...world.tools, ledger: dying }, { ...about, conclusion })).rejects.toThrow('died');
      await look(world);
      await look(world);
      expect(deletions(world)).toBe(2);
    });

    it('and not before Azure’s Retry-After is over, whoever else is looked after meanwhile', async () => {
      const world = await lastingWorld();
      world.failures.beginDeleteGuestRun = { kind: 'wait', code: 'Throttled', message: 'x', retryAfterMs: 45_000 };
      expect(await look(world)).toMatchObject({ kind: 'wait', afterMs: 45_000 });
      delete world.failures.beginDeleteGuestRun;
      passTime(44_000);
      expect(await look(world)).toMatchObject({ kind: 'wait' });
      expect(deletions(world)).toBe(1);
      passTime(2_000);
      await look(world);
      expect(deletions(world)).toBe(2);
    });

    it('and a record of that which cannot be read stops nothing', async () => {
      const world = await lastingWorld();
      await world.tools.ledger.putDocument(repairId, 'begun', { spoilt: 1 });
      expect(await look(world)).toMatchObject({ kind: 'wait' });
      expect(deletions(world)).toBe(1);
    });
  });

  it('touches nothing of other repairs', async () => {
    const world = await evidenceWorld();
    const other = { ...about, repairId: '20260102t030405z-ffffffffff' };
    expect(await cleanUp(world.tools, { ...other, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(world.runs.size).toBe(1);
    expect(world.snapshots.has(snapshotId.toLowerCase())).toBe(false);
  });
});

/** A deletion that takes as long as nobody ends it. */
async function lastingWorld(): Promise<FakeWorld> {
  const world = await evidenceWorld();
  const runs = new Map(world.runs);
  const { arm } = world.tools;
  const lasting: typeof arm = { ...arm };
  world.tools.arm = lasting;
  lasting.getGuestRun = (...given) => {
    for (const [key, run] of runs) world.runs.set(key, run);
    return arm.getGuestRun(...given);
  };
  return world;
}

function passTime(ms: number): void {
  const now = Date.now() + ms;
  jest.useRealTimers();
  jest.useFakeTimers({ now, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
}

async function evidenceWorld() {
  const world = await repairWorld();
  world.respond = respondAs(fakeGuest());
  await untilDone(() => readEvidence(world.tools, about));
  return world;
}
