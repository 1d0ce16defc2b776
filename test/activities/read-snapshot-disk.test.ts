import { readSnapshotDisk } from '../../src/activities/read-snapshot-disk';
import { cleanUp } from '../../src/activities/clean-up';
import type { SnapshotProblem } from '../../src/activities/snapshot-problem';
import type { SnapshotReadFailure } from '../../src/azure/ports';
import { about, conclusion, deedsOf, placeOf, repairId, repairWorld, snapshotId, tagVm, vmId } from './support/repair';

const busy = { kind: 'wait', code: 'TooManyRequests', message: '', retryAfterMs: 7_000 } as const;
const accessId = `${snapshotId}/beginGetAccess`;

describe('activities/read-snapshot-disk', () => {
  it('registers the access before it asks for it, and records that it is over', async () => {
    const world = await snapshotWorld();
    await readSnapshotDisk(world.tools, about);
    expect(placeOf(world, `ledger.recordResource ${accessId}`)).toBeGreaterThanOrEqual(0);
    expect(placeOf(world, `ledger.recordResource ${accessId}`)).toBeLessThan(placeOf(world, 'arm.readSnapshot'));
    expect(resourceOf(world)).toMatchObject({ kind: 'snapshot-access', lifetime: 'temporary' });
    expect(resourceOf(world)?.deletedAt).toBeDefined();
  });

  it('goes on without evidence, and says why, when the snapshot is no disk', async () => {
    const world = await snapshotWorld();
    world.snapshotBytes = Buffer.alloc(1024 * 1024, 7);
    expect(await readSnapshotDisk(world.tools, about)).toMatchObject({
      kind: 'done',
      value: 'none',
      outcome: 'failed',
    });
    expect(await documentOf(world)).toMatchObject({
      evidence: [],
      problem: expect.stringMatching(
        /^It is no disk that we can read: there is no VHD footer at the end: .* \(not-readable\)$/,
      ) as string,
      cost: { requests: 1 },
    });
  });

  it.each<[string, SnapshotReadFailure, string, SnapshotProblem]>([
    [
      'export is denied',
      { kind: 'export-denied', code: 'export-denied', setting: 'networkAccessPolicy', message: '' },
      'The disk’s networkAccessPolicy keeps its bytes from being read (export-denied).',
      'export-denied',
    ],
    [
      'time runs out',
      { kind: 'out-of-time', code: 'out-of-time', message: '' },
      'Reading took longer than 120 s (out-of-time).',
      'out-of-time',
    ],
    [
      'a role is missing',
      {
        kind: 'forbidden',
        code: 'AuthorizationFailed',
        message: '',
        action: 'Microsoft.Compute/snapshots/beginGetAccess/action',
        scope: '/workbench',
      },
      'To read the snapshot, the action Microsoft.Compute/snapshots/beginGetAccess/action is needed on /workbench, and no role grants it.',
      'permission-missing',
    ],
    [
      'the storage gives nothing',
      { kind: 'not-fetched', code: 'access-denied', message: 'Azure Storage answered 403.' },
      'Azure refused to read the snapshot (access-denied): Azure Storage answered 403.',
      'access-denied',
    ],
    [
      'Azure refuses for a reason of its own',
      { kind: 'rejected', code: 'ScopeLocked', message: 'It is locked.', status: 409 },
      'Azure refused to read the snapshot (ScopeLocked): It is locked.',
      'azure-rejected',
    ],
  ])('is a source without evidence, not the end of the repair, when %s', async (_when, failure, problem, code) => {
    const world = await snapshotWorld();
    world.readFailure = failure;
    expect(await readSnapshotDisk(world.tools, about)).toMatchObject({ kind: 'done', value: 'none' });
    expect(await documentOf(world)).toEqual({ evidence: [], problem, code });
  });

  it('waits as long as Azure asks when Azure is busy, and keeps nothing yet', async () => {
    const world = await snapshotWorld();
    world.readFailure = busy;
    expect(await readSnapshotDisk(world.tools, about)).toMatchObject({ kind: 'wait', afterMs: 7_000 });
    expect(await documentOf(world)).toBeUndefined();
  });

  it('does not call the access over before the last attempt (hazard: a later one opens it again and is not taken back)', async () => {
    const world = await snapshotWorld();
    world.readFailure = busy;
    await readSnapshotDisk(world.tools, about);
    expect(resourceOf(world)?.deletedAt).toBeUndefined();
    world.readFailure = undefined;
    world.revokeFailure = busy;
    await readSnapshotDisk(world.tools, about);
    expect(resourceOf(world)?.deletedAt).toBeUndefined();
    await cleanUp(world.tools, { ...about, conclusion });
    expect(deedsOf(world, 'arm.revokeSnapshotAccess')).toHaveLength(1);
  });

  it('keeps what it read before it calls the access over (hazard: a crash in between opens it again)', async () => {
    const world = await snapshotWorld();
    const { ledger } = world.tools;
    const recordResource = ledger.recordResource.bind(ledger);
    const kept: unknown[] = [];
    world.tools.ledger = {
      ...ledger,
      async recordResource(id, resource) {
        if (resource.deletedAt !== undefined) kept.push(await documentOf(world));
        await recordResource(id, resource);
      },
    };
    await readSnapshotDisk(world.tools, about);
    expect(kept).toEqual([expect.objectContaining({ evidence: [] })]);
  });

  it('asks policy just before, and reads nothing when the VM is no longer opted in', async () => {
    const world = await snapshotWorld();
    tagVm(world, 'off');
    expect(await readSnapshotDisk(world.tools, about)).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused' },
    });
    expect(deedsOf(world, 'arm.readSnapshot')).toEqual([]);
  });

  it('reads once, however often it is called', async () => {
    const world = await snapshotWorld();
    const first = await readSnapshotDisk(world.tools, about);
    expect(await readSnapshotDisk(world.tools, about)).toEqual(first);
    expect(deedsOf(world, 'arm.readSnapshot')).toHaveLength(1);
  });

  it('leaves an access that could not be taken back to the clean-up, which tries until it is gone', async () => {
    const world = await snapshotWorld();
    world.revokeFailure = busy;
    await readSnapshotDisk(world.tools, about);
    expect(resourceOf(world)?.deletedAt).toBeUndefined();
    world.failures.revokeSnapshotAccess = busy;
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait', afterMs: 7_000 });
    world.failures.revokeSnapshotAccess = undefined;
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'done', value: { left: [] } });
    expect(resourceOf(world)?.deletedAt).toBeDefined();
  });

  it('tells a reader of ours that broke as a source without evidence, and logs it without what the disk holds', async () => {
    const world = await snapshotWorld();
    Object.defineProperty(world.snapshotBytes, 'length', {
      get() {
        throw new TypeError('secret content');
      },
    });
    await expect(readSnapshotDisk(world.tools, about)).rejects.toThrow(TypeError);
    const broken = await snapshotWorld();
    broken.snapshotBytes.subarray = () => {
      throw new TypeError('secret content');
    };
    expect(await readSnapshotDisk(broken.tools, about)).toMatchObject({ value: 'none' });
    expect(broken.logged).toContainEqual(expect.objectContaining({ event: 'diskReaderFault' }));
    expect(JSON.stringify([broken.logged, await documentOf(broken)])).not.toContain('secret');
  });
});

async function snapshotWorld() {
  const world = await repairWorld();
  world.snapshotBytes = Buffer.alloc(1024);
  world.snapshots.set(snapshotId.toLowerCase(), {
    id: snapshotId,
    state: 'ready',
    sourceDiskId: world.vms.get(vmId)?.osDiskId ?? '',
    tags: {},
    createdAt: '2026-01-02T03:06:00.000Z',
    accessOpen: false,
    network: {},
  });
  return world;
}

type World = Awaited<ReturnType<typeof snapshotWorld>>;

function resourceOf(world: World) {
  return world.ledger.resources.get(repairId)?.find(({ resourceId }) => resourceId === accessId);
}

function documentOf(world: World): Promise<unknown> {
  return world.tools.ledger.getDocument(repairId, 'evidence-snapshot-disk');
}
