import { cleanUp } from '../../src/activities/clean-up';
import { takeSnapshot } from '../../src/activities/take-snapshot';
import { readEvidence } from '../../src/activities/read-evidence';
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

  it('touches nothing of other repairs', async () => {
    const world = await evidenceWorld();
    const other = { ...about, repairId: '20260102t030405z-ffffffffff' };
    expect(await cleanUp(world.tools, { ...other, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(world.runs.size).toBe(1);
    expect(world.snapshots.has(snapshotId.toLowerCase())).toBe(false);
  });
});

async function evidenceWorld() {
  const world = await repairWorld();
  world.respond = respondAs(fakeGuest());
  await untilDone(() => readEvidence(world.tools, about));
  return world;
}
