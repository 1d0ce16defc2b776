import { takeSnapshot } from '../../src/activities/take-snapshot';
import type { Snapshot } from '../../src/azure/ports';
import type { FakeWorld } from './support/fakes';
import { about, changeVm, deedsOf, placeOf, repairId, repairWorld, snapshotId, tagVm, vmId } from './support/repair';

describe('activities/take-snapshot', () => {
  it('registers the snapshot before it begins it, with owner and expiry', async () => {
    const world = await repairWorld();
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(placeOf(world, `ledger.recordResource ${snapshotId}`)).toBeGreaterThanOrEqual(0);
    expect(placeOf(world, `ledger.recordResource ${snapshotId}`)).toBeLessThan(placeOf(world, 'arm.beginSnapshot'));
    expect(world.snapshots.get(snapshotId.toLowerCase())).toMatchObject({
      sourceDiskId: world.vms.get(vmId)?.osDiskId,
      tags: {
        'rdp-lifeline-repair': repairId,
        'rdp-lifeline-vm': vmId,
        'rdp-lifeline-expires': '2026-01-16T03:04:05.000Z',
      },
    });
    const expected = { kind: 'snapshot', lifetime: 'kept', expiresAt: '2026-01-16T03:04:05.000Z' };
    expect(world.ledger.resources.get(repairId)).toMatchObject([expected]);
    expect(world.ledger.resources.get(repairId)?.[0]?.createdAt).toBeUndefined();
  });

  it('hands on who may fetch the disk’s bytes (hazard: a disk that must not leave, copied into one that may)', async () => {
    const world = await repairWorld();
    world.diskNetwork = { networkAccessPolicy: 'DenyAll', publicNetworkAccess: 'Disabled' };
    await takeSnapshot(world.tools, about);
    expect(world.snapshots.get(snapshotId.toLowerCase())?.network).toEqual(world.diskNetwork);
  });

  it('takes no snapshot when the disk’s settings cannot be read', async () => {
    const world = await repairWorld();
    const action = 'Microsoft.Compute/disks/read';
    world.failures.getDisk = { kind: 'forbidden', code: 'AuthorizationFailed', message: '', action, scope: '/disk' };
    expect(await takeSnapshot(world.tools, about)).toMatchObject({
      conclusion: { ending: 'refused', code: 'permission-missing', reason: expect.stringContaining(action) as string },
    });
    expect(deedsOf(world, 'arm.beginSnapshot')).toEqual([]);
  });

  it('finds its own work and begins it once, however often it is called', async () => {
    const world = await repairWorld();
    for (let count = 0; count < 4; count += 1)
      expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait' });
    finish(world, { state: 'ready', createdAt: '2026-01-02T03:06:00.000Z' });
    for (let count = 0; count < 2; count += 1) {
      expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'done', value: { snapshotId } });
    }
    expect(deedsOf(world, 'arm.beginSnapshot')).toHaveLength(1);
    expect(world.ledger.resources.get(repairId)).toMatchObject([{ createdAt: '2026-01-02T03:06:00.000Z' }]);
    expect(world.ledger.steps.get(repairId)).toMatchObject([{ step: 'snapshot', outcome: 'done' }]);
  });

  it('takes nobody else’s snapshot for its own', async () => {
    const world = await repairWorld();
    const tags = { 'rdp-lifeline-repair': '20260101t000000z-ffffffffff' };
    world.snapshots.set(snapshotId.toLowerCase(), {
      id: snapshotId,
      state: 'ready',
      sourceDiskId: '/other',
      tags,
      accessOpen: false,
      network: {},
    });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused', code: 'name-taken' },
    });
    expect(world.deeds).toEqual([]);
  });

  it('ends without touching anything when Azure could not make it', async () => {
    const world = await repairWorld();
    await takeSnapshot(world.tools, about);
    finish(world, { state: 'failed' });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({
      conclusion: { ending: 'not-repaired', code: 'snapshot-failed' },
    });
  });

  it('asks policy just before: what was permitted before is refused now', async () => {
    const world = await repairWorld();
    tagVm(world, 'off');
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ conclusion: { code: 'opted-out' } });
    expect(world.deeds).toEqual([]);
  });

  it('says which resource group is missing', async () => {
    const world = await repairWorld();
    world.failures.beginSnapshot = { kind: 'not-found', code: 'ResourceGroupNotFound', message: 'No such group.' };
    expect(await takeSnapshot(world.tools, about)).toMatchObject({
      conclusion: { code: 'workbench-missing', reason: expect.stringContaining('rg-workbench') },
    });
  });

  it('waits and begins again when Azure was busy', async () => {
    const world = await repairWorld();
    world.failures.beginSnapshot = { kind: 'wait', code: 'Conflict', message: 'busy', retryAfterMs: 3000 };
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait', afterMs: 3000 });
    delete world.failures.beginSnapshot;
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(world.snapshots.size).toBe(1);
  });

  it('takes no snapshot of an ephemeral disk', async () => {
    const world = await repairWorld();
    changeVm(world, { osDiskEphemeral: true });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ conclusion: { code: 'ephemeral-os-disk' } });
    expect(world.deeds).toEqual([]);
  });
});

function finish(world: FakeWorld, fields: Partial<Snapshot>): void {
  const snapshot = world.snapshots.get(snapshotId.toLowerCase());
  if (!snapshot) throw new Error('No snapshot was begun.');
  world.snapshots.set(snapshotId.toLowerCase(), { ...snapshot, ...fields });
}
