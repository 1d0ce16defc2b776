import fc from 'fast-check';
import { cleanUp } from '../../src/activities/clean-up';
import { loanOf, powerOffOf, rollbackOf, swapOf } from '../../src/activities/recovery/names';
import { exchangeOf } from '../../src/activities/rollback/exchange';
import { snapshotAccessIdOf } from '../../src/activities/snapshot-id';
import { runCommandIdOf } from '../../src/azure/resource-id';
import type { RepairDetail, ResourceRecord } from '../../src/ledger/ports';
import { reportOf } from '../../src/report/repair-report';
import { ownerOf } from '../../src/triggers/survey-kept';
import { sweepExpired } from '../../src/triggers/sweep-expired';
import { recordOf, type RecordFields } from '../ledger/support/resources';
import * as at from './recovery/support/world';
import type { FakeWorld } from './support/fakes';
import { about, conclusion, repairId, snapshotId, untilDone, vmId } from './support/repair';

/**
 * A purpose is a text for people. Whatever it says, also what earlier releases said, nothing is decided by it.
 */

const past = '2026-01-16T03:04:05.000Z';
const made = { createdAt: '2026-01-02T03:30:00.000Z' };
const kept = { ...made, lifetime: 'kept', expiresAt: past } as const;
const disks = { copyId: at.copyId, originalId: at.osDiskId };

/** One record of each kind and role, of a repair that has exchanged the disk and died. */
const records: readonly [Parameters<typeof recordOf>[0], RecordFields][] = [
  [{ resourceId: snapshotId, kind: 'snapshot', details: { role: 'first' } }, kept],
  [{ resourceId: at.stoppedSnapshotId, kind: 'snapshot', details: { role: 'stopped', round: 1 } }, kept],
  [{ resourceId: snapshotAccessIdOf(snapshotId), kind: 'snapshot-access', details: { snapshotId } }, {}],
  [
    { resourceId: runCommandIdOf(vmId, 'run-1'), kind: 'run-command', details: { vmId, name: 'run-1' } },
    { createdAt: past },
  ],
  [{ resourceId: at.copyId, kind: 'disk', details: { role: 'copy', round: 1 } }, made],
  [{ resourceId: at.osDiskId, kind: 'disk', details: { role: 'original' } }, kept],
  [{ resourceId: at.recoveryVmId, kind: 'virtual-machine', details: { role: 'recovery-vm' } }, made],
  [{ resourceId: at.networkInterfaceId, kind: 'network-interface', details: { role: 'recovery-vm' } }, made],
  [{ resourceId: loanOf(at.standingId), kind: 'recovery-vm-loan', details: { vmId: at.standingId } }, made],
  [{ resourceId: powerOffOf(about, 'round-1'), kind: 'power-off', details: { occasion: 'copy', round: 1 } }, made],
  [{ resourceId: swapOf(about, 1), kind: 'os-disk-swap', details: { direction: 'swap', round: 1, ...disks } }, made],
  [{ resourceId: rollbackOf(about), kind: 'os-disk-swap', details: { direction: 'rollback', ...disks } }, {}],
];

/** Of earlier releases, which read them back. */
const spoken = [
  `The VM’s OS disk is ${at.copyId} in place of ${at.osDiskId}`,
  `The VM’s OS disk is ${at.osDiskId} in place of ${at.copyId}`,
  `The VM’s OS disk is its original ${at.osDiskId} again, in place of ${at.copyId}`,
  'Commands in the guest: evidence',
];
const purposes = fc.array(fc.oneof(fc.string(), fc.constantFrom(...spoken)), {
  minLength: records.length,
  maxLength: records.length,
});

function recordsWith(texts: readonly string[]): ResourceRecord[] {
  return records.map(([resource, fields], index) => recordOf(resource, { ...fields, purpose: texts[index] ?? '' }));
}

function detailWith(texts: readonly string[]): RepairDetail {
  return {
    repair: { repairId, vmId, acceptedAt: past, phase: 'Ended', ending: 'not-repaired' },
    ...{ signals: [], steps: [], changes: [], unreadable: [] },
    resources: recordsWith(texts),
    documents: { 'stopped-round-1': { stoppedAt: '2026-01-02T03:20:00.000Z' } },
  };
}

async function worldWith(texts: readonly string[]): Promise<FakeWorld> {
  const world = await at.standingWorld();
  for (const record of recordsWith(texts)) await world.tools.ledger.recordResource(repairId, record);
  at.alterVm(world, { powerState: 'stopped', osDiskId: at.copyId });
  at.putDisk(world, { id: at.osDiskId, managedBy: undefined });
  at.putDisk(world, { id: at.copyId, managedBy: vmId, tags: { ...at.ours, 'rdp-lifeline-expires': past } });
  at.addRecoveryVm(world, { tags: at.ours });
  world.deeds.length = 0;
  return world;
}

/** What Azure was asked to do, in order. */
function deedsIn({ deeds }: FakeWorld): string[] {
  return deeds.filter((deed) => !deed.startsWith('ledger.'));
}

async function cleanUpWith(texts: readonly string[]) {
  const world = await worldWith(texts);
  const told = await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
  const resources = (world.ledger.resources.get(repairId) ?? []).map(({ resourceId, lifetime, deletedAt }) => ({
    ...{ resourceId, lifetime, isGone: deletedAt !== undefined },
  }));
  return { told, deeds: deedsIn(world), resources };
}

async function sweepWith(texts: readonly string[]) {
  const world = await worldWith(texts);
  await world.tools.ledger.updateRepair(repairId, { ending: 'not-repaired' });
  await world.tools.ledger.releaseLease((await world.tools.ledger.listLeases()).rows[0]?.vmKey ?? '', repairId);
  const repair = await world.tools.ledger.getRepair(repairId);
  if (!repair) throw new Error('There is no repair.');
  const { swapped, originals } = await ownerOf(world.tools, repair, {
    repairIds: new Set(),
    leases: [],
    unreadable: [],
  });
  // The copy is expired and no VM refers to it any more: only what is on record keeps it.
  at.alterVm(world, { osDiskId: at.osDiskId });
  at.putDisk(world, { id: at.copyId, managedBy: undefined });
  await sweepExpired(world.tools);
  return { swapped, originals, deeds: deedsIn(world) };
}

function withoutPurposes(detail: RepairDetail) {
  const report = reportOf(detail);
  const bare = (things: { resourceId?: string }[]) => things.map(({ resourceId }) => resourceId);
  return { ...report, kept: bare(report.kept), temporary: bare(report.temporary) };
}

const plain = records.map(() => 'x');

describe('activities/purposes: what a record says for people decides nothing', () => {
  it('of what a rollback takes back', () => {
    const expected = exchangeOf(detailWith(plain));
    expect(expected).toMatchObject({ round: 1, ...disks });
    fc.assert(fc.property(purposes, (texts) => expect(exchangeOf(detailWith(texts))).toEqual(expected)));
  });

  it('of what the report tells a person to do', () => {
    const expected = withoutPurposes(detailWith(plain));
    expect(expected.wayBack.length).toBeGreaterThan(5);
    fc.assert(fc.property(purposes, (texts) => expect(withoutPurposes(detailWith(texts))).toEqual(expected)));
  });

  it('of what the clean-up does', async () => {
    const expected = await cleanUpWith(plain);
    expect(expected.deeds.map((deed) => deed.split(' ')[0])).toEqual([
      'recovery.beginDeleteMachine',
      'recovery.beginTagDisk',
      'arm.revokeSnapshotAccess',
      'recovery.beginStart',
    ]);
    const same = async (texts: string[]) => expect(await cleanUpWith(texts)).toEqual(expected);
    await fc.assert(fc.asyncProperty(purposes, same), { numRuns: 25 });
  });

  it('of what the sweeper deletes, and what it never touches', async () => {
    const expected = await sweepWith(plain);
    expect(expected).toMatchObject({ swapped: [at.copyId, at.osDiskId], originals: [at.osDiskId.toLowerCase()] });
    expect(expected.deeds.join()).not.toContain(at.copyId);
    const same = async (texts: string[]) => expect(await sweepWith(texts)).toEqual(expected);
    await fc.assert(fc.asyncProperty(purposes, same), { numRuns: 25 });
  });
});
