import { networkInterfaceIdOf } from '../../src/azure/network-id';
import { diskIdOf, snapshotIdOf, virtualMachineIdOf } from '../../src/azure/resource-id';
import type { ResourceKind, ResourceRecord } from '../../src/ledger/ports';
import { vmKeyOf } from '../../src/repair-id';
import { swapOf } from '../../src/activities/recovery/names';
import { showKept } from '../../src/triggers/show-kept';
import { sweepExpired } from '../../src/triggers/sweep-expired';
import { fakeWorld, type FakeWorld } from '../activities/support/fakes';
import { subscriptionId, virtualMachine, vmId } from '../azure/support/machine';
import { recordOf, resourceOf, type RecordFields } from '../ledger/support/resources';
import { answerOf } from './support/door';

const repairId = '20260102t030405z-0123abcd45';
const past = '2026-01-16T03:04:05.000Z';
const future = '2999-01-01T00:00:00.000Z';
const name = `rdp-lifeline-${repairId}`;
const snapshotId = snapshotIdOf(subscriptionId, 'rg-workbench', name);
const copyId = diskIdOf(subscriptionId, 'rg-app', `${name}-copy-1`);
const machineId = virtualMachineIdOf(subscriptionId, 'rg-workbench', name);
const interfaceId = networkInterfaceIdOf(subscriptionId, 'rg-workbench', `${name}-nic`);
const originalId = virtualMachine().osDiskId ?? '';

function tagsUntil(expires: string, owner = repairId) {
  return { 'rdp-lifeline-repair': owner, 'rdp-lifeline-expires': expires };
}

const kinds = {
  snapshot: snapshotId,
  disk: copyId,
  'virtual-machine': machineId,
  'network-interface': interfaceId,
} as const;

/** A repair that has ended, with one thing of every kind on record and none in Azure. */
async function worldAfterRepair(): Promise<FakeWorld> {
  const world = fakeWorld();
  const { ledger } = world.tools;
  await ledger.createRepair({ repairId, vmId, acceptedAt: past, phase: 'Ended', ending: 'not-repaired' });
  for (const [kind, resourceId] of Object.entries(kinds))
    await ledger.recordResource(repairId, record(kind, resourceId));
  return world;
}

function record(kind: string, resourceId: string, fields: RecordFields = {}): ResourceRecord {
  const resource = resourceOf(kind as ResourceKind, resourceId, { copyId, originalId });
  return recordOf(resource, { registeredAt: past, lifetime: 'kept', expiresAt: past, createdAt: past, ...fields });
}

function putSnapshot(world: FakeWorld, tags: Record<string, string>, id = snapshotId): void {
  const network = {};
  world.snapshots.set(id.toLowerCase(), {
    id,
    state: 'ready',
    sourceDiskId: originalId,
    tags,
    accessOpen: false,
    network,
  });
}

function putCopy(world: FakeWorld, tags: Record<string, string>, managedBy?: string): void {
  const disk = { id: copyId, location: 'westeurope', zones: [], network: {}, tags, managedBy };
  world.recoveryContent.disks.set(copyId.toLowerCase(), disk);
}

function deletions({ deeds }: FakeWorld): string[] {
  return deeds.filter((deed) => deed.startsWith('recovery.beginDelete'));
}

function logged({ logged: lines }: FakeWorld, event: string): Record<string, unknown>[] {
  return lines.filter((line) => line.event === event).map(({ fields }) => fields);
}

describe('triggers/sweep-expired', () => {
  it('deletes what has expired, each kind by its call, the VM before what hangs on it, and logs each', async () => {
    const world = await worldAfterRepair();
    const tags = tagsUntil(past);
    putSnapshot(world, tags);
    putCopy(world, tags);
    world.vms.set(machineId.toLowerCase(), virtualMachine({ id: machineId, tags, osDiskId: `${machineId}-os` }));
    const nic = { id: interfaceId, tags, provisioningState: 'Succeeded' };
    world.recoveryContent.interfaces.set(interfaceId.toLowerCase(), nic);
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([
      `recovery.beginDeleteMachine ${machineId}`,
      `recovery.beginDeleteNetworkInterface ${interfaceId}`,
      `recovery.beginDeleteDisk ${copyId}`,
      `recovery.beginDeleteSnapshot ${snapshotId}`,
    ]);
    expect(logged(world, 'expiredDeleted')).toHaveLength(4);
    expect(logged(world, 'expiredDeleted')[3]).toMatchObject({ resourceId: snapshotId, repairId, expiresAt: past });

    // The next round sees that they are gone, writes it down, and deletes nothing more.
    await sweepExpired(world.tools);
    expect(deletions(world)).toHaveLength(4);
    const { resources } = await world.tools.ledger.getTimeline(repairId);
    expect(resources.every(({ deletedAt }) => deletedAt !== undefined)).toBe(true);
  });

  it('leaves what expires later, and what has no expiry', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(future));
    putCopy(world, { 'rdp-lifeline-repair': repairId });
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
  });

  it('leaves what a running repair has, also one that ended and still holds its VM', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    const lease = { vmKey: vmKeyOf(vmId), repairId, vmId, acquiredAt: past };
    await world.tools.ledger.acquireLease(lease);
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    await world.tools.ledger.releaseLease(lease.vmKey, repairId);
    await sweepExpired(world.tools);
    expect(deletions(world)).toHaveLength(1);
  });

  it('leaves a disk that a VM refers to, in another group and without being attached yet', async () => {
    const world = await worldAfterRepair();
    putCopy(world, tagsUntil(past));
    const configuration = {
      ...{ zones: [], networkInterfaceIds: [] },
      dataDisks: [{ lun: 2, diskId: copyId, toBeDetached: false }],
    };
    const id = virtualMachineIdOf(subscriptionId, 'rg-workbench', 'of-somebody');
    world.vms.set(id.toLowerCase(), virtualMachine({ id, tags: {}, osDiskId: 'x', configuration }));
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
  });

  it('leaves a disk that somebody begins to attach between the look and the deletion', async () => {
    const world = await worldAfterRepair();
    putCopy(world, tagsUntil(past));
    const list = world.tools.recovery.listLeftovers.bind(world.tools.recovery);
    world.tools.recovery.listLeftovers = async (where) => {
      const look = await list(where);
      if (where.kinds.length > 0 || !look.ok) return look;
      return { ok: true, value: { ...look.value, disksOfMachines: [copyId.toLowerCase()] } };
    };
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    expect(logged(world, 'expiredNotDeleted')).toMatchObject([{ resourceId: copyId }]);
  });

  it('leaves what lost its expiry between the look and the deletion', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    const list = world.tools.recovery.listLeftovers.bind(world.tools.recovery);
    world.tools.recovery.listLeftovers = async (where) => {
      const look = await list(where);
      putSnapshot(world, { 'rdp-lifeline-repair': repairId });
      return look;
    };
    await sweepExpired(world.tools);
    expect(world.snapshots.size).toBe(1);
    expect(logged(world, 'expiredNotDeleted')).toMatchObject([{ why: 'TagsDiffer' }]);
  });

  it('leaves disks whose VMs it could not look for, and says which group it could not see', async () => {
    const world = await worldAfterRepair();
    putCopy(world, tagsUntil(past));
    world.recoveryContent.unreadable = ['rg-workbench'];
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    expect(logged(world, 'groupNotSeen')).toMatchObject([{ scope: expect.stringContaining('rg-workbench') as string }]);
  });

  it('leaves the copy that a VM was given, although the VM is gone', async () => {
    const world = await worldAfterRepair();
    const swap = record('os-disk-swap', swapOf({ repairId, vmId }, 1), { expiresAt: undefined });
    await world.tools.ledger.recordResource(repairId, swap);
    world.vms.clear();
    putCopy(world, tagsUntil(past));
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
  });

  it('reports an original disk whose expiry has passed, and never deletes it', async () => {
    const world = await worldAfterRepair();
    const swap = record('os-disk-swap', swapOf({ repairId, vmId }, 1), { expiresAt: undefined });
    await world.tools.ledger.recordResource(repairId, swap);
    await world.tools.ledger.recordResource(repairId, record('disk', originalId));
    // Even if somebody tagged it like ours.
    const disk = { id: originalId, location: 'westeurope', zones: [], network: {}, tags: tagsUntil(past) };
    world.recoveryContent.disks.set(originalId.toLowerCase(), disk);
    world.vms.clear();
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    expect(logged(world, 'originalOverdue')).toMatchObject([{ resourceId: originalId, repairId }]);
  });

  it('reports what carries our tags and is in no record, and leaves it', async () => {
    const world = await worldAfterRepair();
    const stranger = '20260102t030405z-ffffffffff';
    putSnapshot(world, tagsUntil(past, stranger), snapshotId.replace(repairId, stranger));
    putSnapshot(world, tagsUntil(past), `${snapshotId}-of-somebody`);
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    expect(logged(world, 'ownerUnknown').map(({ repairId: id }) => id)).toEqual([stranger, repairId]);
  });

  it('deletes nothing while the kill switch is on', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    await world.tools.ledger.setKillSwitch({ on: true, reason: 'x', by: 'me', at: past });
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
    expect(logged(world, 'sweepBraked')).toHaveLength(1);
  });

  it('touches nothing in a subscription that is not allowed any more', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    putCopy(world, tagsUntil(past));
    world.tools.settings.allowedSubscriptions = [];
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual([]);
  });

  it('goes through many in rounds', async () => {
    const world = fakeWorld();
    for (let index = 0; index < 45; index += 1) {
      const id = `20260102t030405z-${String(index).padStart(10, '0')}`;
      const own = snapshotId.replace(repairId, id);
      await world.tools.ledger.createRepair({
        repairId: id,
        vmId,
        acceptedAt: past,
        phase: 'Ended',
        ending: 'repaired',
      });
      await world.tools.ledger.recordResource(id, record('snapshot', own));
      putSnapshot(world, tagsUntil(past, id), own);
    }
    const left: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await sweepExpired(world.tools);
      left.push(world.snapshots.size);
    }
    expect(left).toEqual([25, 5, 0]);
  });

  it('does no harm twice at once', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    await Promise.all([sweepExpired(world.tools), sweepExpired(world.tools)]);
    expect(world.snapshots.size).toBe(0);
    expect(logged(world, 'expiredNotDeleted')).toEqual([]);
  });

  it('deletes nothing when the ledger cannot be reached', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(past));
    world.ledgerFault = new Error('The ledger is away.');
    await expect(sweepExpired(world.tools)).rejects.toThrow('away');
    expect(deletions(world)).toEqual([]);
  });
});

describe('triggers/sweep-expired: show-kept', () => {
  it('says what is kept, whose it is, until when, and what is overdue, in use or unknown', async () => {
    const world = await worldAfterRepair();
    putSnapshot(world, tagsUntil(future));
    putSnapshot(world, tagsUntil(past, 'somebody'), `${snapshotId}-x`);
    putCopy(world, tagsUntil(past));
    world.recoveryContent.unreadable = [];
    const { status, body } = answerOf(await showKept(world.tools));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kept: [
        { resourceId: snapshotId, kind: 'snapshot', repairId, vmId, expiresAt: future, state: 'kept' },
        { resourceId: `${snapshotId}-x`, state: 'unknown' },
        { resourceId: copyId, kind: 'disk', repairId, expiresAt: past, state: 'overdue' },
      ],
      notSeen: [],
    });
    expect(deletions(world)).toEqual([]);
  });

  it('shows original disks, and names groups that it could not see', async () => {
    const world = await worldAfterRepair();
    const swap = record('os-disk-swap', swapOf({ repairId, vmId }, 1), { expiresAt: undefined });
    await world.tools.ledger.recordResource(repairId, swap);
    await world.tools.ledger.recordResource(repairId, record('disk', originalId, { purpose: 'The original' }));
    putCopy(world, { 'rdp-lifeline-repair': repairId });
    world.recoveryContent.unreadable = ['rg-workbench'];
    expect(answerOf(await showKept(world.tools)).body).toMatchObject({
      kept: [
        { resourceId: copyId, state: 'in-use' },
        { resourceId: originalId, purpose: 'The original', expiresAt: past, state: 'overdue' },
      ],
      notSeen: [{ scope: expect.stringContaining('rg-workbench') as string }],
    });
  });
});
