import { inspectRollback } from '../../../../src/activities/rollback/inspect-rollback';
import { rollbackOf, powerOffOf, stoppedSnapshotOf, swapOf } from '../../../../src/activities/recovery/names';
import type { AboutRepair } from '../../../../src/activities/input';
import type { Resource } from '../../../../src/ledger/ports';
import type { Settings } from '../../../../src/settings';
import { recordOf } from '../../../ledger/support/resources';
import type { FakeWorld } from '../../support/fakes';
import { about as aboutOrigin, repairId as origin, untilDone, vmId, vmKey } from '../../support/repair';
import { alterVm, copyId, osDiskId, ours, oweNow, putDisk, recoveryWorld } from '../../recovery/support/world';

/** A world in which a repair has left the VM with its mended copy, and a person has asked for the original back. */

export { origin };
export const repairId = '20260105t080910z-abcdef0123';
export const lossSince = '2026-01-02T03:20:00.000Z';
export const about: AboutRepair & { rollsBack: string } = { repairId, vmId, rollsBack: origin };
export const exchangeId = rollbackOf(about);
export const powerOffId = powerOffOf(about, 'rollback');
/** Two weeks after the rollback was asked for, not after the repair. */
export const expiresAt = '2026-01-19T08:09:10.000Z';

export function snapshotIdOf({ tools }: FakeWorld): string {
  return stoppedSnapshotOf(about, tools.settings, 1);
}

/** The repair has ended, and nobody has asked for anything yet. */
export async function exchangedWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await recoveryWorld(settings);
  const { ledger } = world.tools;
  await ledger.updateRepair(origin, {
    ending: 'repaired',
    endingCode: 'repaired',
    endedAt: '2026-01-02T03:40:00.000Z',
  });
  await ledger.releaseLease(vmKey, origin);
  const stopped = { changedAt: '2026-01-02T03:20:00.000Z', stoppedAt: lossSince };
  await ledger.putDocument(origin, 'stopped-round-1', stopped);
  const kept = { lifetime: 'kept', createdAt: '2026-01-02T03:30:00.000Z' } as const;
  await oweNow(world, swapOf(aboutOrigin, 1), 'os-disk-swap', kept);
  await oweNow(world, osDiskId, 'disk', { ...kept, expiresAt: '2026-01-16T03:04:05.000Z' });
  await oweNow(world, copyId, 'disk', kept);
  // A guest that can be asked is a test of its own.
  alterVm(world, { osDiskId: copyId, agent: { usable: false, reason: 'Not Ready.' } });
  putDisk(world, { id: osDiskId, managedBy: undefined, diskState: 'Unattached' });
  putDisk(world, { id: copyId, managedBy: vmId, tags: { ...ours, owner: 'shop' } });
  world.deeds.length = 0;
  return world;
}

/** The rollback was accepted at the door. */
export async function acceptedWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await exchangedWorld(settings);
  const { ledger } = world.tools;
  const acceptedAt = '2026-01-05T08:09:10.000Z';
  const asked = { rollsBack: origin, acknowledgedLossSince: lossSince };
  await ledger.acquireLease({ vmKey, repairId, vmId, acquiredAt: acceptedAt, ...asked });
  await ledger.createRepair({ repairId, vmId, acceptedAt, phase: 'Accepted', ...asked });
  world.deeds.length = 0;
  return world;
}

/** It was looked at, and is on record. */
export async function inspectedWorld(settings: Partial<Settings> = {}): Promise<FakeWorld> {
  const world = await acceptedWorld(settings);
  await untilDone(() => inspectRollback(world.tools, about));
  world.deeds.length = 0;
  return world;
}

/** Lets every snapshot that is being made be ready. */
export function readySnapshots({ snapshots }: FakeWorld): void {
  for (const [id, one] of snapshots) snapshots.set(id, { ...one, state: 'ready' });
}

/** Something of the rollback on record, as the step before would have put it. */
export async function oweHere(
  { tools: { ledger } }: FakeWorld,
  resourceId: string,
  kind: 'power-off' | 'snapshot' | 'os-disk-swap',
  more: { deletedAt?: string; createdAt?: string } = {},
): Promise<void> {
  const registeredAt = new Date().toISOString();
  await ledger.recordResource(repairId, recordOf(resourceHere(resourceId, kind), { registeredAt, ...more }));
}

function resourceHere(resourceId: string, kind: 'power-off' | 'snapshot' | 'os-disk-swap'): Resource {
  switch (kind) {
    case 'power-off':
      return { resourceId, kind, details: { occasion: 'rollback' } };
    case 'snapshot':
      return { resourceId, kind, details: { role: 'before-rollback' } };
    case 'os-disk-swap':
      return { resourceId, kind, details: { direction: 'rollback', copyId, originalId: osDiskId } };
  }
}

/** Somebody has deleted the original disk. */
export function loseOriginal({ tools: { arm } }: FakeWorld): void {
  const getDisk = arm.getDisk.bind(arm);
  arm.getDisk = (id) => {
    const failure = { kind: 'not-found', code: 'ResourceNotFound', message: 'The disk was not found.' } as const;
    return id.toLowerCase() === osDiskId.toLowerCase() ? Promise.resolve({ ok: false, failure }) : getDisk(id);
  };
}
