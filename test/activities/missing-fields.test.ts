import { inspectVm } from '../../src/activities/inspect-vm';
import { obtainPermit } from '../../src/activities/obtain-permit';
import { runInGuest, type GuestRunOrder } from '../../src/activities/run-in-guest';
import { takeSnapshot } from '../../src/activities/take-snapshot';
import { awaitAgent } from '../../src/activities/recovery/await-agent';
import { attachedDisk } from '../../src/activities/recovery/disk-bench';
import { startPatient } from '../../src/activities/recovery/start-patient';
import { stopPatient } from '../../src/activities/recovery/stop-patient';
import { stopForRollback } from '../../src/activities/rollback/stop-for-rollback';
import { swapOsDisk } from '../../src/activities/recovery/swap-os-disk';
import { attachCopy, detachCopy } from '../../src/activities/recovery/attach-copy';
import { copyOsDisk } from '../../src/activities/recovery/copy-os-disk';
import { createRecoveryVm } from '../../src/activities/recovery/create-recovery-vm';
import { cleanUp } from '../../src/activities/clean-up';
import { inspectRollback } from '../../src/activities/rollback/inspect-rollback';
import { putOriginalBack } from '../../src/activities/rollback/put-original-back';
import { renderNeeds } from '../../src/guest/live';
import type { VirtualMachine } from '../../src/azure/ports';
import { virtualMachine } from '../azure/support/machine';
import type { FakeWorld } from './support/fakes';
import {
  about,
  changeVm,
  conclusion,
  deedsOf,
  planned,
  repairWorld,
  snapshotId,
  untilDone,
  vmId,
} from './support/repair';
import * as at from './recovery/support/world';
import * as rollback from './rollback/support/world';

/** Azure's answers lack a field here, which says neither yes nor no: nothing is decided, and nothing is done, until it is there. */

const { input, osDiskId, copyId, recoveryVmId } = at;
const configuration = virtualMachine().configuration!;
const untold: [string, Partial<VirtualMachine>][] = [
  ['power-state-missing', { powerState: undefined }],
  ['os-disk-missing', { osDiskId: undefined }],
  ['os-type-missing', { osType: 'unknown' }],
];

async function stoppedWorld(): Promise<FakeWorld> {
  const world = await at.recoveryWorld();
  await untilDone(() => stopPatient(world.tools, input));
  at.putDisk(world, { id: copyId, tags: at.ours, managedBy: undefined });
  await at.oweNow(world, copyId, 'disk');
  world.deeds.length = 0;
  return world;
}

describe('activities/missing-fields: before anything is done', () => {
  it.each(untold)('asks again, and ends as %s only where it was asked in vain', async (code, fields) => {
    const world = await repairWorld();
    changeVm(world, fields);
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'wait', late: { ending: 'refused', code } });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait', late: { code } });
    expect(await obtainPermit(world.tools, planned)).toMatchObject({
      kind: 'wait',
      late: { ending: 'diagnosed', code },
    });
    expect(deedsOf(world, 'arm.begin')).toEqual([]);
    expect(world.ledger.slots.size).toBe(0);
    changeVm(world, {});
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'done' });
  });

  it('ends at once where the field is there and says no', async () => {
    const world = await repairWorld();
    changeVm(world, { powerState: 'deallocated' });
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code: 'not-running' } });
  });

  it('takes a snapshot without tags for none of anybody, and asks again', async () => {
    const world = await repairWorld();
    const snapshot = {
      id: snapshotId,
      state: 'ready',
      sourceDiskId: osDiskId,
      accessOpen: false,
      network: {},
    } as const;
    world.snapshots.set(snapshotId.toLowerCase(), { ...snapshot, tags: {} });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'wait', late: { code: 'name-taken' } });
    world.snapshots.set(snapshotId.toLowerCase(), { ...snapshot, tags: { owner: 'shop' } });
    expect(await takeSnapshot(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code: 'name-taken' } });
  });
});

describe('activities/missing-fields: an agent of which nothing is said', () => {
  beforeEach(() => jest.useFakeTimers({ now: Date.parse('2026-01-02T03:10:00Z'), doNotFake: ['nextTick'] }));
  afterEach(() => jest.useRealTimers());

  const order: GuestRunOrder = {
    ...{ name: 'evidence', purpose: 'look' },
    commands: renderNeeds([{ kind: 'service-status', service: 'Dhcp' }]),
  };
  const agent = {
    usable: false,
    missing: true,
    reason: 'The instance view has no report of the guest agent.',
  } as const;

  it('is asked for again, and counts as dead after a minute: a VM may have none', async () => {
    const world = await repairWorld();
    changeVm(world, { agent });
    expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
    jest.advanceTimersByTime(59_000);
    expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
    jest.advanceTimersByTime(1_000);
    expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'unanswered', code: 'agent-dead' });
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual([]);
  });

  it('does not end a run that is under way; nor does a power state that is not told', async () => {
    const world = await repairWorld();
    await runInGuest(world.tools, about, order);
    jest.advanceTimersByTime(60_000);
    for (const fields of [{ agent }, { powerState: undefined }]) {
      changeVm(world, fields);
      expect(await runInGuest(world.tools, about, order)).toMatchObject({ kind: 'wait' });
    }
  });

  it('speaks against no copy: it is waited for, and the copy stays', async () => {
    const world = await at.recoveryWorld();
    at.alterVm(world, { agent });
    jest.advanceTimersByTime(60_000);
    const ends = { kind: 'wait', late: { ending: 'fixed-rdp-unproven', code: 'agent-missing' } };
    await awaitAgent(world.tools, input);
    await world.tools.ledger.endStep(about.repairId, 'boot', { outcome: 'done', detail: '', endedAt: 'now' });
    const startedAt = '2026-01-02T03:09:00.000Z';
    await world.tools.ledger.beginStep(about.repairId, { step: 'start', title: 'x', startedAt });
    await world.tools.ledger.endStep(about.repairId, 'start', { outcome: 'done', detail: '', endedAt: startedAt });
    expect(await awaitAgent(world.tools, input)).toMatchObject(ends);
    at.alterVm(world, { agent: { usable: false, reason: 'Not Ready.' } });
    expect(await awaitAgent(world.tools, input)).not.toHaveProperty('late');
  });
});

describe('activities/missing-fields: around the stop', () => {
  it.each<[string, Partial<VirtualMachine>]>([
    ['whether it runs', { powerState: undefined }],
    ['when that last changed', { configuration: { ...configuration, changedAt: undefined } }],
  ])('stops no VM of which Azure does not say %s, and calls none stopped', async (_what, fields) => {
    const world = await at.recoveryWorld();
    at.alterVm(world, fields);
    const waits = { kind: 'wait', late: { code: 'power-state-missing' } };
    expect(await stopPatient(world.tools, input)).toMatchObject(waits);
    expect(deedsOf(world, 'recovery.beginPowerOff')).toEqual([]);
    at.alterVm(world, { powerState: 'running', configuration });
    await stopPatient(world.tools, input);
    at.alterVm(world, { ...fields });
    expect(await stopPatient(world.tools, input)).toMatchObject(waits);
    at.alterVm(world, { powerState: 'stopped', configuration });
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'done' });
  });

  it('does not call an operation over whose state is not told', async () => {
    const world = await at.recoveryWorld();
    await stopPatient(world.tools, input);
    at.alterVm(world, { powerState: 'stopped', provisioningState: undefined });
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    at.alterVm(world, { powerState: 'running', provisioningState: undefined });
    expect(await startPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginStart')).toEqual([]);
  });

  it('starts a VM of which Azure does not say whether it runs: it is owed, and does no harm', async () => {
    const world = await stoppedWorld();
    at.alterVm(world, { powerState: undefined, provisioningState: undefined });
    await startPatient(world.tools, input);
    expect(deedsOf(world, 'recovery.beginStart')).toHaveLength(1);
  });
});

describe('activities/missing-fields: around the swap', () => {
  it.each<[string, Partial<VirtualMachine>]>([
    ['when it last changed', { configuration: { ...configuration, changedAt: undefined } }],
    ['whether it runs', { powerState: undefined }],
    ['whether an operation is over', { provisioningState: undefined }],
    ['which disk it has', { osDiskId: undefined }],
  ])('puts nothing into a VM of which Azure does not say %s, and throws no copy away', async (_what, fields) => {
    const world = await stoppedWorld();
    at.alterVm(world, fields);
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ kind: 'wait', late: { code: 'vm-use-missing' } });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('does not take two times that are both missing for the same (promise 3)', async () => {
    const world = await stoppedWorld();
    const document = { stoppedAt: '2026-01-02T03:20:00.000Z' };
    await world.tools.ledger.putDocument(about.repairId, 'stopped-round-1', document);
    at.alterVm(world, { configuration: { ...configuration, changedAt: undefined } });
    expect(await swapOsDisk(world.tools, input)).not.toMatchObject({ value: 'swapped' });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('takes no copy for one that never went in because the VM’s disk is not told', async () => {
    const world = await stoppedWorld();
    await untilDone(() => swapOsDisk(world.tools, input));
    const { resources } = world.ledger;
    const opened = (resources.get(about.repairId) ?? []).map((one) =>
      one.kind === 'os-disk-swap' ? { ...one, lifetime: 'temporary' as const } : one,
    );
    resources.set(about.repairId, opened);
    at.alterVm(world, { osDiskId: undefined, powerState: 'running' });
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
    const swap = resources.get(about.repairId)?.find(({ kind }) => kind === 'os-disk-swap');
    expect(swap?.deletedAt).toBeUndefined();
  });

  it('keeps the original’s tags on a copy whose tags Azure left out once', async () => {
    const world = await stoppedWorld();
    at.putDisk(world, { id: copyId, tags: { ...at.ours, owner: 'shop', 'rdp-lifeline-expires': 'x' } });
    await at.oweNow(world, copyId, 'disk', { createdAt: '2026-01-02T03:20:00.000Z' });
    await swapOsDisk(world.tools, input);
    at.putDisk(world, { id: copyId, tags: undefined });
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginTagDisk')).toEqual([]);
  });
});

describe('activities/missing-fields: disks', () => {
  it('are attached and free only when Azure says that it is done', async () => {
    const world = await stoppedWorld();
    at.addRecoveryVm(world);
    await untilDone(() => attachCopy(world.tools, input));
    at.alterVm(world, { provisioningState: undefined }, recoveryVmId);
    expect(await attachCopy(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(await detachCopy(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginDetachDataDisk')).toEqual([]);
  });

  it('are found by their size only where that is told', async () => {
    const world = await at.recoveryWorld();
    at.putDisk(world, { id: osDiskId, sizeBytes: undefined });
    expect(await attachedDisk(world.tools, osDiskId)).toMatchObject({ kind: 'wait' });
  });

  it('and VMs of ours without tags are nobody’s yet', async () => {
    const world = await stoppedWorld();
    await untilDone(() => {
      for (const [id, one] of world.snapshots) world.snapshots.set(id, { ...one, state: 'ready' });
      return copyOsDisk(world.tools, input);
    });
    at.putDisk(world, { id: copyId, tags: undefined });
    const waits = { kind: 'wait', late: { ending: 'refused', code: 'name-taken' } };
    expect(await copyOsDisk(world.tools, input)).toMatchObject(waits);
    await at.oweNow(world, recoveryVmId, 'virtual-machine');
    at.addRecoveryVm(world, { tags: {} });
    expect(await createRecoveryVm(world.tools, input)).toMatchObject(waits);
  });
});

describe('activities/missing-fields: a rollback', () => {
  it.each<[string, (world: FakeWorld) => void]>([
    ['disk-state-missing', (world) => at.putDisk(world, { id: osDiskId, diskState: undefined })],
    ['disk-busy', (world) => at.putDisk(world, { id: osDiskId, provisioningState: undefined })],
    ['os-disk-missing', (world) => at.alterVm(world, { osDiskId: undefined })],
  ])('waits while it is not told whether the disks are there and free: %s', async (code, happens) => {
    const world = await rollback.acceptedWorld();
    happens(world);
    expect(await inspectRollback(world.tools, rollback.about)).toMatchObject({ kind: 'wait', late: { code } });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('waits while Azure is at work on the copy, and goes on when it is done', async () => {
    const world = await rollback.acceptedWorld();
    at.putDisk(world, { id: copyId, provisioningState: 'Updating' });
    const waits = { kind: 'wait', late: { ending: 'refused', code: 'disk-busy' } };
    expect(await inspectRollback(world.tools, rollback.about)).toMatchObject(waits);
    at.putDisk(world, { id: copyId, provisioningState: 'Succeeded' });
    expect(await inspectRollback(world.tools, rollback.about)).toMatchObject({ kind: 'done' });
  });

  it('exchanges nothing while it is not told whether somebody used the VM', async () => {
    const world = await rollback.inspectedWorld();
    await untilDone(() => stopForRollback(world.tools, rollback.about));
    at.alterVm(world, { configuration: { ...configuration, changedAt: undefined } }, vmId);
    expect(await putOriginalBack(world.tools, rollback.about)).toMatchObject({
      kind: 'wait',
      late: { ending: 'not-rolled-back', code: 'vm-use-missing' },
    });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });
});
