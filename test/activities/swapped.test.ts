import { cleanUp } from '../../src/activities/clean-up';
import { swapOf } from '../../src/activities/recovery/names';
import { diskIdOf } from '../../src/azure/resource-id';
import { reportOf } from '../../src/report/repair-report';
import { subscriptionId, virtualMachine, vmId } from '../azure/support/machine';
import { recordOf, resourceOf } from '../ledger/support/resources';
import { fakeWorld, type FakeWorld } from './support/fakes';
import { conclusion } from './support/repair';

const repairId = '20260102t030405z-0123abcd45';
const about = { repairId, vmId };
const at = '2026-01-02T03:20:00.000Z';
const originalId = virtualMachine().osDiskId ?? '';
const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);

/** A repair that was stopped after Azure was asked to exchange the disk, and before it saw what became of that. */
async function worldInTheSwap(osDiskId: string): Promise<FakeWorld> {
  const world = fakeWorld();
  const { ledger } = world.tools;
  await ledger.createRepair({ repairId, vmId, acceptedAt: at, phase: 'x' });
  await ledger.recordResource(repairId, recordOf(resourceOf('disk', copyId), { createdAt: at }));
  const swap = resourceOf('os-disk-swap', swapOf(about, 1), { copyId, originalId });
  await ledger.recordResource(repairId, recordOf(swap));
  world.vms.set(vmId.toLowerCase(), virtualMachine({ osDiskId }));
  const tags = { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-expires': '2026-01-16T03:04:05.000Z', of: 'theirs' };
  const managedBy = osDiskId === copyId ? vmId : undefined;
  const disk = { id: copyId, location: 'westeurope', zones: [], network: {}, tags, managedBy };
  world.recoveryContent.disks.set(copyId.toLowerCase(), disk);
  return world;
}

async function cleanedUp(world: FakeWorld) {
  for (let round = 0; round < 10; round += 1) {
    const progress = await cleanUp(world.tools, { ...about, conclusion });
    if (progress.kind === 'done') break;
  }
  const detail = await world.tools.ledger.getRepairDetail(repairId);
  if (!detail) throw new Error('There is no repair.');
  return reportOf(detail);
}

describe('activities/swapped: an exchange of the OS disk that only the clean-up sees', () => {
  it('leaves the copy to the VM without our expiry, and the original on record as kept', async () => {
    const world = await worldInTheSwap(copyId);
    const { kept, temporary, wayBack } = await cleanedUp(world);
    expect(world.recoveryContent.disks.get(copyId.toLowerCase())?.tags).toEqual({
      'rdp-lifeline-repair': repairId,
      of: 'theirs',
    });
    expect(kept).toContainEqual({
      resourceId: originalId,
      purpose: expect.stringContaining('original OS disk') as string,
      expiresAt: '2026-01-16T03:04:05.000Z',
    });
    expect(temporary).toEqual([]);
    expect(wayBack.flatMap(({ commands }) => commands)).toContain(`az vm update --ids ${vmId} --os-disk ${originalId}`);
    expect(world.deeds.filter((deed) => deed.startsWith('recovery.beginDelete'))).toEqual([]);
  });

  it('deletes the copy and keeps nothing when the VM has its original disk', async () => {
    const world = await worldInTheSwap(originalId);
    const { kept, temporary, wayBack } = await cleanedUp(world);
    expect(world.deeds.filter((deed) => deed.startsWith('recovery.beginDelete'))).toEqual([
      `recovery.beginDeleteDisk ${copyId}`,
    ]);
    expect([kept, temporary, wayBack]).toEqual([[], [], []]);
  });
});
