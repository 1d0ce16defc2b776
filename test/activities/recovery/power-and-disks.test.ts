import { awaitAgent } from '../../../src/activities/recovery/await-agent';
import { attachCopy, detachCopy } from '../../../src/activities/recovery/attach-copy';
import { attachLookDisk } from '../../../src/activities/recovery/attach-look-disk';
import { makeLookPlan } from '../../../src/activities/recovery/look-plan';
import { makeLookDisk } from '../../../src/activities/recovery/make-look-disk';
import { copyOsDisk } from '../../../src/activities/recovery/copy-os-disk';
import { createRecoveryVm } from '../../../src/activities/recovery/create-recovery-vm';
import { powerOffOf, swapOf } from '../../../src/activities/recovery/names';
import { startPatient } from '../../../src/activities/recovery/start-patient';
import { stopForSwapBack } from '../../../src/activities/recovery/stop-for-swap-back';
import { stopPatient } from '../../../src/activities/recovery/stop-patient';
import { swapBackOsDisk } from '../../../src/activities/recovery/swap-back-os-disk';
import { swapOsDisk } from '../../../src/activities/recovery/swap-os-disk';
import { makeTrialCopy } from '../../../src/activities/recovery/trial-copy';
import type { Progress } from '../../../src/activities/progress';
import type { Tools } from '../../../src/activities/toolbox';
import { makePlan } from '../../../src/activities/plan';
import { about, deedsOf, placeOf, repairId, untilDone, vmId, vmKey } from '../support/repair';
import type { FakeWorld } from '../support/fakes';
import { rejected } from '../support/fake-recovery';
import * as at from './support/world';

const { input, copyId, recoveryVmId, networkInterfaceId, osDiskId } = at;

/** Lets every snapshot that is being made be ready. */
function readySnapshots({ snapshots }: FakeWorld): void {
  for (const [id, one] of snapshots) snapshots.set(id, { ...one, state: 'ready' });
}

async function stoppedWorld(): Promise<FakeWorld> {
  const world = await at.recoveryWorld();
  await untilDone(() => stopPatient(world.tools, input));
  return world;
}

async function copiedWorld(): Promise<FakeWorld> {
  const world = await stoppedWorld();
  await untilDone(() => {
    readySnapshots(world);
    return copyOsDisk(world.tools, input);
  });
  at.addRecoveryVm(world);
  return world;
}

/** A VM that has its original again; `between` happens while it has the copy. */
async function swappedBackWorld(
  between: (world: FakeWorld) => Promise<void> | void = () => undefined,
): Promise<FakeWorld> {
  const world = await swappedWorld();
  await between(world);
  await untilDone(() => stopForSwapBack(world.tools, about));
  const end = await untilDone(() => swapBackOsDisk(world.tools, about));
  if (end.kind !== 'done') throw new Error(end.conclusion.reason);
  return world;
}

async function swappedWorld(): Promise<FakeWorld> {
  const world = await copiedWorld();
  await untilDone(() => swapOsDisk(world.tools, input));
  return world;
}

const theirs = { 'rdp-lifeline-repair': '20260102t030405z-ffffffffff' };

const forgedLook = {
  ...about,
  lookHash: makeLookPlan({ ...at.recovery, machine: { ...at.machine, sizes: ['Standard_M416ms_v2'] } }).hash,
};
const forgedPlan = { ...input, planHash: makePlan({ ...at.plan, title: 'Mine' }).hash };

/** Each act of the route, from the world in which it is about to be begun. */
const acts: readonly {
  name: string;
  world: () => Promise<FakeWorld>;
  act: (tools: Tools, given: unknown) => Promise<Progress<unknown>>;
  call: string;
  registers?: string;
  /** What it is told, and the same with a plan that is not on record; those of a mending if not given. */
  given?: object;
  forged?: object;
}[] = [
  {
    name: 'the network interface',
    world: at.recoveryWorld,
    act: createRecoveryVm,
    call: 'recovery.beginCreateNetworkInterface',
    registers: networkInterfaceId,
  },
  {
    name: 'the recovery VM',
    async world() {
      const world = await at.recoveryWorld();
      await createRecoveryVm(world.tools, input);
      world.deeds.length = 0;
      return world;
    },
    act: createRecoveryVm,
    call: 'recovery.beginCreateRecoveryMachine',
    registers: recoveryVmId,
  },
  {
    name: 'the stop',
    world: at.recoveryWorld,
    act: stopPatient,
    call: 'recovery.beginPowerOff',
    registers: powerOffOf(about, 'round-1'),
  },
  {
    name: 'the snapshot of the stopped disk',
    world: stoppedWorld,
    act: copyOsDisk,
    call: 'arm.beginSnapshot',
    registers: at.stoppedSnapshotId,
  },
  {
    name: 'the copy',
    async world() {
      const world = await stoppedWorld();
      await copyOsDisk(world.tools, input);
      readySnapshots(world);
      return world;
    },
    act: copyOsDisk,
    call: 'recovery.beginCopyDisk',
    registers: copyId,
  },
  {
    ...{ name: 'the trial copy', world: at.recoveryWorld, act: makeTrialCopy },
    ...{ call: 'recovery.beginCopyDisk', registers: at.trialCopyId },
  },
  {
    ...{ name: 'the disk that is only looked at', world: at.lookWorld, given: at.lookInput, forged: forgedLook },
    ...{ act: makeLookDisk, call: 'recovery.beginCopyDisk', registers: at.lookDiskId },
  },
  {
    ...{ name: 'the attachment of that disk', given: at.lookInput, forged: forgedLook },
    async world() {
      const world = await at.lookWorld();
      await untilDone(() => makeLookDisk(world.tools, at.lookInput));
      at.addRecoveryVm(world);
      return world;
    },
    ...{ act: attachLookDisk, call: 'recovery.beginAttachDataDisk' },
  },
  { name: 'the attachment', world: copiedWorld, act: attachCopy, call: 'recovery.beginAttachDataDisk' },
  {
    name: 'the swap',
    world: copiedWorld,
    act: swapOsDisk,
    call: 'recovery.beginSwapOsDisk',
    registers: swapOf(about, 1),
  },
];

describe.each(acts)('activities/recovery/power-and-disks: $name', (one) => {
  const { world: make, act, call, registers, given = input, forged = forgedPlan } = one;
  it('is begun, and on record before', async () => {
    const world = await make();
    expect(await act(world.tools, given)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, call)).toHaveLength(1);
    if (registers === undefined) return;
    const registered = placeOf(world, `ledger.recordResource ${registers}`);
    expect(registered).toBeGreaterThanOrEqual(0);
    expect(registered).toBeLessThan(placeOf(world, call));
  });

  it.each(at.brakes)('is not begun at %s, and the ending says so', async (code, brake) => {
    const world = await make();
    await brake(world);
    const progress = await act(world.tools, given);
    expect(progress).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(deedsOf(world, call)).toEqual([]);
  });

  it.each(at.brakes)('is not begun again at %s when Azure did not take it the first time', async (code, brake) => {
    const world = await make();
    const name = call.split('.')[1] as 'beginPowerOff';
    const failures = call.startsWith('arm.') ? world.failures : world.recoveryContent.failures;
    Object.assign(failures, { [name]: at.busy });
    expect(await act(world.tools, given)).toMatchObject({ kind: 'wait', afterMs: 7000 });
    Object.assign(failures, { [name]: undefined });
    await brake(world);
    expect(await act(world.tools, given)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(deedsOf(world, call)).toHaveLength(1);
  });

  it('is begun once more, and no more, when the app died after it was put on record', async () => {
    const world = await make();
    if (registers !== undefined) {
      const kind = registers.includes('snapshots') ? 'snapshot' : 'disk';
      const kinds = { powerOff: 'power-off', osDisk: 'os-disk-swap', networkInterfaces: 'network-interface' } as const;
      const found = Object.entries(kinds).find(([part]) => registers.includes(`/${part}/`))?.[1];
      await at.oweNow(world, registers, registers === recoveryVmId ? 'virtual-machine' : (found ?? kind));
    }
    await untilDone(() => {
      readySnapshots(world);
      return act(world.tools, given);
    });
    expect(deedsOf(world, call)).toHaveLength(1);
    const before = world.deeds.filter((deed) => deed.includes('.begin')).length;
    expect(await act(world.tools, given)).toMatchObject({ kind: 'done' });
    expect(world.deeds.filter((deed) => deed.includes('.begin'))).toHaveLength(before);
  });

  it('ends with Azure’s reason when Azure refuses it', async () => {
    const world = await make();
    const name = call.split('.')[1] ?? '';
    Object.assign(call.startsWith('arm.') ? world.failures : world.recoveryContent.failures, {
      [name]: rejected('RequestDisallowedByPolicy'),
    });
    const progress = await act(world.tools, given);
    expect(progress).toMatchObject({ kind: 'end', conclusion: { ending: 'not-repaired' } });
    expect(JSON.stringify(progress)).toContain('RequestDisallowedByPolicy');
  });

  it('is not begun for a plan that is not on record (hazard: whoever holds the system key starts a story of their own)', async () => {
    const world = await make();
    expect(await act(world.tools, forged)).toMatchObject({ kind: 'end', conclusion: { code: 'plan-not-on-record' } });
    expect(deedsOf(world, call)).toEqual([]);
  });

  it('is not begun for a plan that policy has not permitted', async () => {
    const world = await make();
    if (given !== input) return;
    const repair = world.ledger.repairs.get(repairId);
    if (repair) world.ledger.repairs.set(repairId, { ...repair, permittedPlan: undefined });
    expect(await act(world.tools, given)).toMatchObject({ kind: 'end', conclusion: { code: 'plan-not-on-record' } });
    expect(deedsOf(world, call)).toEqual([]);
  });
});

/** Azure took the recovery VM, and could not make it. */
function failToMake(world: Awaited<ReturnType<typeof at.recoveryWorld>>, code: string, size = ''): void {
  const provisioningFailure = { code, message: 'No.' };
  const configuration = { size, zones: [], dataDisks: [], networkInterfaceIds: [], provisioningFailure };
  at.addRecoveryVm(world, { provisioningState: 'Failed', configuration });
}

describe('activities/recovery/power-and-disks: create-recovery-vm', () => {
  it('tries the next size where Azure has no room, and says which it tried', async () => {
    const world = await at.recoveryWorld();
    await createRecoveryVm(world.tools, input);
    world.recoveryContent.failures.beginCreateRecoveryMachine = rejected('SkuNotAvailable');
    const progress = await createRecoveryVm(world.tools, input);
    expect(progress).toMatchObject({ kind: 'end', conclusion: { code: 'recovery-vm-failed' } });
    const sizes = deedsOf(world, 'recovery.beginCreateRecoveryMachine').map((deed) => deed.split(' ')[2]);
    expect(sizes).toEqual(at.machine.sizes);
    for (const size of sizes) expect(JSON.stringify(progress)).toContain(size);
  });

  it('takes no other size for another refusal', async () => {
    const world = await at.recoveryWorld();
    await createRecoveryVm(world.tools, input);
    world.recoveryContent.failures.beginCreateRecoveryMachine = rejected('MarketplacePurchaseEligibilityFailed');
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'azure-rejected' } });
    expect(deedsOf(world, 'recovery.beginCreateRecoveryMachine')).toHaveLength(1);
  });

  it.each(['ImageNotFound', 'OSProvisioningTimedOut'])('says why Azure could not make it (%s)', async (code) => {
    const world = await at.recoveryWorld();
    await at.oweNow(world, recoveryVmId, 'virtual-machine');
    failToMake(world, code, at.machine.sizes[0]);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({
      conclusion: { code: 'recovery-vm-failed', reason: expect.stringContaining(code) as string },
    });
    expect(deedsOf(world, 'recovery.beginDeleteMachine')).toEqual([]);
  });

  it('deletes what Azure found no host for, and tries each further size once (hazard: the host is missing only when the VM is made)', async () => {
    const world = await at.recoveryWorld();
    await createRecoveryVm(world.tools, input);
    for (const size of at.machine.sizes) {
      expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'wait' });
      failToMake(world, 'AllocationFailed', size);
      const next = await createRecoveryVm(world.tools, input);
      if (size === at.machine.sizes.at(-1)) expect(next).toMatchObject({ conclusion: { code: 'recovery-vm-failed' } });
      else expect(next).toMatchObject({ kind: 'wait', reason: expect.stringContaining(size) as string });
    }
    const tried = deedsOf(world, 'recovery.beginCreateRecoveryMachine').map((deed) => deed.split(' ')[2]);
    expect(tried).toEqual(at.machine.sizes);
    expect(deedsOf(world, 'recovery.beginDeleteMachine')).toHaveLength(at.machine.sizes.length - 1);
  });

  it('finds the one that looked, which is then the one that mends (hazard: two VMs are paid for)', async () => {
    const world = await at.lookWorld();
    await createRecoveryVm(world.tools, at.lookInput);
    expect(await untilDone(() => createRecoveryVm(world.tools, at.lookInput))).toMatchObject({ kind: 'done' });
    await at.permitPlan(world, at.plan);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'recovery.beginCreateRecoveryMachine')).toHaveLength(1);
  });

  it('makes nothing again after the clean-up (hazard: nobody takes it away, and the VM is stopped once more)', async () => {
    const world = await at.recoveryWorld();
    await at.oweNow(world, recoveryVmId, 'virtual-machine', { deletedAt: '2026-01-02T04:00:00.000Z' });
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'cleaned-up-before' } });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('waits for its agent', async () => {
    const world = await at.recoveryWorld();
    await at.oweNow(world, recoveryVmId, 'virtual-machine');
    at.addRecoveryVm(world, { agent: { usable: false, reason: 'Not Ready.' } });
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ kind: 'wait' });
  });

  it.each([
    [
      'a VM that is not on record',
      (world: FakeWorld) => {
        at.addRecoveryVm(world);
        return Promise.resolve();
      },
    ],
    [
      'a VM with other tags',
      async (world: FakeWorld) => {
        await at.oweNow(world, recoveryVmId, 'virtual-machine');
        at.addRecoveryVm(world, { tags: theirs });
      },
    ],
    [
      'an interface with other tags',
      async (world: FakeWorld) => {
        await at.oweNow(world, networkInterfaceId, 'network-interface');
        const other = { id: networkInterfaceId, tags: theirs, provisioningState: 'Succeeded' };
        world.recoveryContent.interfaces.set(networkInterfaceId.toLowerCase(), other);
      },
    ],
  ])('takes nothing that is somebody else’s: %s', async (_what, prepare) => {
    const world = await at.recoveryWorld();
    await prepare(world);
    expect(await createRecoveryVm(world.tools, input)).toMatchObject({ conclusion: { code: 'name-taken' } });
    expect(at.begunIn(world)).toEqual([]);
  });
});

describe('activities/recovery/power-and-disks: stop-patient', () => {
  beforeEach(() => jest.useFakeTimers({ now: Date.parse('2026-01-02T03:10:00Z'), doNotFake: ['nextTick'] }));
  afterEach(() => jest.useRealTimers());

  async function stoppingWorld(): Promise<FakeWorld> {
    const world = await at.recoveryWorld();
    await stopPatient(world.tools, input);
    at.alterVm(world, { powerState: 'running', provisioningState: 'Updating' });
    return world;
  }
  const offs = (world: FakeWorld) => deedsOf(world, 'recovery.beginPowerOff').map((deed) => deed.split(' ')[2]);

  it('cuts the power off after three minutes, and not before', async () => {
    const world = await stoppingWorld();
    jest.advanceTimersByTime(179_000);
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(offs(world)).toEqual(['false']);
    jest.advanceTimersByTime(1_000);
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(offs(world)).toEqual(['false', 'true']);
  });

  it.each(at.brakes)('does not cut it off at %s', async (code, brake) => {
    const world = await stoppingWorld();
    jest.advanceTimersByTime(200_000);
    await brake(world);
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(offs(world)).toEqual(['false']);
  });

  it('gives Windows its three minutes from when Azure took the request (hazard: throttled, then cut off at once)', async () => {
    const world = await at.recoveryWorld();
    world.recoveryContent.failures.beginPowerOff = at.busy;
    await stopPatient(world.tools, input);
    delete world.recoveryContent.failures.beginPowerOff;
    jest.advanceTimersByTime(240_000);
    await stopPatient(world.tools, input);
    expect(offs(world)).toEqual(['false', 'false']);
  });

  it('is done only when Azure has ended the operation', async () => {
    const world = await at.recoveryWorld();
    await stopPatient(world.tools, input);
    at.alterVm(world, { powerState: 'stopped', provisioningState: 'Updating' });
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    at.alterVm(world, { provisioningState: 'Succeeded' });
    expect(await stopPatient(world.tools, input)).toMatchObject({ kind: 'done' });
  });

  it('does not stop a VM that has another OS disk now', async () => {
    const world = await at.recoveryWorld();
    at.alterVm(world, { osDiskId: `${osDiskId}-2` });
    expect(await stopPatient(world.tools, input)).toMatchObject({ conclusion: { code: 'os-disk-changed' } });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('needs no permit on the way back, where a swap is open', async () => {
    const world = await swappedWorld();
    at.alterVm(world, { powerState: 'running' });
    for (const [, brake] of at.brakes) await brake(world);
    expect(await untilDone(() => stopForSwapBack(world.tools, about))).toMatchObject({ kind: 'done' });
    expect(world.vms.get(vmId)?.powerState).toBe('stopped');
  });

  it.each<[string, () => Promise<FakeWorld>]>([
    ['none', at.recoveryWorld],
    ['one that was taken back', () => swappedBackWorld()],
    [
      'one that has proven itself',
      async () => {
        const world = await swappedWorld();
        await world.tools.ledger.updateRepair(repairId, { ending: 'repaired' });
        return world;
      },
    ],
  ])('stops nothing for a way back without an open swap on record: %s', async (_what, make) => {
    const world = await make();
    at.alterVm(world, { powerState: 'running' });
    world.deeds.length = 0;
    expect(await stopForSwapBack(world.tools, about)).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused', code: 'nothing-to-put-right' },
    });
    expect(at.begunIn(world)).toEqual([]);
  });
});

describe('activities/recovery/power-and-disks: copy-os-disk', () => {
  it('copies from the snapshot of the stopped disk, with the original’s network rules and our expiry', async () => {
    const world = await copiedWorld();
    const copy = world.recoveryContent.disks.get(copyId.toLowerCase());
    expect(copy).toMatchObject({ sourceId: at.stoppedSnapshotId, network: { networkAccessPolicy: 'DenyAll' } });
    expect(copy?.tags).toMatchObject({ owner: 'shop', ...at.ours });
    expect(copy?.tags).toHaveProperty('rdp-lifeline-expires');
    expect(world.snapshots.get(at.stoppedSnapshotId.toLowerCase())?.network).toEqual({
      networkAccessPolicy: 'DenyAll',
    });
  });

  it('refuses a copy that cannot take the original’s place, and names what differs', async () => {
    const world = await copiedWorld();
    at.putDisk(world, { id: copyId, hyperVGeneration: 'V1' });
    expect(await copyOsDisk(world.tools, input)).toMatchObject({
      conclusion: { code: 'copy-differs', reason: expect.stringContaining('hyperVGeneration') as string },
    });
  });

  it('waits while it is filled, and ends when Azure could not make it', async () => {
    const world = await copiedWorld();
    at.putDisk(world, { id: copyId, completionPercent: 99 });
    expect(await copyOsDisk(world.tools, input)).toMatchObject({ kind: 'wait' });
    at.putDisk(world, { id: copyId, provisioningState: 'Failed' });
    expect(await copyOsDisk(world.tools, input)).toMatchObject({ conclusion: { code: 'copy-failed' } });
  });

  it('takes neither a snapshot nor a disk that is somebody else’s', async () => {
    const world = await stoppedWorld();
    at.putDisk(world, { id: copyId, tags: theirs });
    const ask = () => {
      readySnapshots(world);
      return copyOsDisk(world.tools, input);
    };
    expect(await untilDone(ask)).toMatchObject({ conclusion: { code: 'name-taken' } });
    const [snapshot] = [...world.snapshots.values()].filter(({ id }) => id === at.stoppedSnapshotId);
    if (snapshot) world.snapshots.set(snapshot.id.toLowerCase(), { ...snapshot, tags: theirs });
    expect(await copyOsDisk(world.tools, input)).toMatchObject({ conclusion: { code: 'name-taken' } });
    expect(deedsOf(world, 'recovery.beginCopyDisk')).toEqual([]);
  });
});

describe('activities/recovery/power-and-disks: attach-copy', () => {
  it('detaches without a permit, and is done only when both sides say so', async () => {
    const world = await copiedWorld();
    await untilDone(() => attachCopy(world.tools, input));
    for (const [, brake] of at.brakes) await brake(world);
    await detachCopy(world.tools, input);
    at.putDisk(world, { id: copyId, managedBy: recoveryVmId });
    expect(await detachCopy(world.tools, input)).toMatchObject({ kind: 'wait' });
    at.putDisk(world, { id: copyId, managedBy: undefined });
    expect(await detachCopy(world.tools, input)).toMatchObject({ kind: 'done' });
  });

  it('waits while Azure is at it', async () => {
    const world = await copiedWorld();
    at.alterVm(world, { provisioningState: 'Updating' }, recoveryVmId);
    expect(await attachCopy(world.tools, input)).toMatchObject({ kind: 'wait', afterMs: 2000 });
    expect(deedsOf(world, 'recovery.beginAttachDataDisk')).toEqual([]);
  });
});

describe('activities/recovery/power-and-disks: swap-os-disk', () => {
  it.each<[string, (world: FakeWorld) => void]>([
    ['runs', (world) => at.alterVm(world, { powerState: 'running' })],
    ['is being started', (world) => at.alterVm(world, { powerState: 'starting' })],
    ['was changed since', (world) => at.changedAt(world, '2026-01-02T04:00:00.000Z')],
    ['was never stopped by us', (world) => void world.ledger.documents.delete(`${repairId}/stopped-round-1`)],
  ])('puts nothing into a VM that %s (promise 3)', async (_what, happens) => {
    const world = await copiedWorld();
    happens(world);
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ kind: 'done', value: 'started-meanwhile' });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it.each(['NotStopped', 'PreconditionFailed'])('calls %s in the last moment the same', async (code) => {
    const world = await copiedWorld();
    world.recoveryContent.failures.beginSwapOsDisk = rejected(code);
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ value: 'started-meanwhile' });
  });

  it('leaves a VM alone that somebody gave another disk', async () => {
    const world = await copiedWorld();
    at.alterVm(world, { osDiskId: `${osDiskId}-2` });
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ conclusion: { code: 'os-disk-changed' } });
    await at.oweNow(world, swapOf(about, 1), 'os-disk-swap');
    expect(await swapBackOsDisk(world.tools, about)).toMatchObject({ conclusion: { code: 'os-disk-changed' } });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('takes our expiry off the copy that is the VM’s disk, and keeps it on record; the swap is open until it is proven (promise 7)', async () => {
    const world = await swappedWorld();
    expect(world.recoveryContent.disks.get(copyId.toLowerCase())?.tags).toEqual(
      expect.not.objectContaining({ 'rdp-lifeline-expires': expect.anything() as unknown }),
    );
    const kept = (world.ledger.resources.get(repairId) ?? []).filter(({ resourceId }) =>
      [copyId, swapOf(about, 1)].includes(resourceId),
    );
    expect(kept.map(({ lifetime, createdAt }) => [lifetime, createdAt !== undefined])).toEqual([
      ['kept', true],
      ['temporary', true],
    ]);
    expect(world.recoveryContent.disks.get(osDiskId.toLowerCase())?.tags).toEqual({ owner: 'shop' });
  });

  it('waits until Azure calls it over, and goes on with the disk that the VM has, though Azure calls it failed', async () => {
    const world = await copiedWorld();
    await swapOsDisk(world.tools, input);
    at.alterVm(world, { provisioningState: 'Updating' });
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ kind: 'wait' });
    at.alterVm(world, { provisioningState: 'Failed' });
    const swapped = await untilDone(() => swapOsDisk(world.tools, input));
    expect(swapped).toMatchObject({
      kind: 'done',
      value: 'swapped',
      detail: expect.stringContaining('failed') as string,
    });
    expect(world.vms.get(vmId)?.osDiskId).toBe(copyId);
  });

  it('puts the original back without a permit; the rejected copy expires (promise 1)', async () => {
    const world = await swappedBackWorld(async (swapped) => {
      for (const [, brake] of at.brakes) await brake(swapped);
    });
    expect(world.vms.get(vmId)?.osDiskId).toBe(osDiskId);
    expect(world.recoveryContent.disks.get(copyId.toLowerCase())?.tags).toHaveProperty('rdp-lifeline-expires');
    const resources = world.ledger.resources.get(repairId) ?? [];
    expect(resources.find(({ resourceId }) => resourceId === swapOf(about, 1))?.deletedAt).toBeDefined();
    expect(resources.find(({ resourceId }) => resourceId === copyId)).toMatchObject({ lifetime: 'kept' });
  });

  it('has nothing to put back where the copy never went in: what is on record of it is closed', async () => {
    const world = await copiedWorld();
    await at.oweNow(world, swapOf(about, 1), 'os-disk-swap');
    expect(await untilDone(() => swapBackOsDisk(world.tools, about))).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('says the same when it is asked again after all of it is on record (hazard: its answer was lost)', async () => {
    const world = await swappedBackWorld();
    world.deeds.length = 0;
    expect(await swapBackOsDisk(world.tools, about)).toMatchObject({ kind: 'done', value: 'swapped-back' });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('puts nothing back without a swap on record, or after the copy has proven itself (hazard: a repaired VM loses what was written)', async () => {
    const none = await copiedWorld();
    const proven = await swappedWorld();
    await proven.tools.ledger.putDocument(repairId, 'conclusion', {
      ending: 'repaired',
      code: 'repaired',
      reason: 'x',
    });
    for (const world of [none, proven]) {
      world.deeds.length = 0;
      expect(await swapBackOsDisk(world.tools, about)).toMatchObject({ conclusion: { code: 'nothing-to-put-right' } });
      expect(at.begunIn(world)).toEqual([]);
    }
  });

  it('takes no disk but a copy that this repair has on record as made (hazard: a trial copy, or one that somebody put there)', async () => {
    const world = await copiedWorld();
    const copy = world.ledger.resources.get(repairId)?.find(({ resourceId }) => resourceId === copyId);
    if (copy?.kind === 'disk') Object.assign(copy, { details: { role: 'trial-copy' } });
    expect(await swapOsDisk(world.tools, input)).toMatchObject({ conclusion: { code: 'copy-not-mended' } });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });
});

describe('activities/recovery/power-and-disks: start-patient', () => {
  it('starts it without a permit, and then owes nothing', async () => {
    const world = await stoppedWorld();
    for (const [, brake] of at.brakes) await brake(world);
    expect(await untilDone(() => startPatient(world.tools, input))).toMatchObject({ kind: 'done' });
    expect(world.ledger.resources.get(repairId)?.[0]?.deletedAt).toBeDefined();
  });

  it('starts nothing that this repair has not stopped', async () => {
    const world = await at.recoveryWorld();
    at.alterVm(world, { powerState: 'deallocated' });
    expect(await startPatient(world.tools, about)).toMatchObject({ conclusion: { code: 'nothing-to-put-right' } });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('leaves a VM alone that ran again and was then stopped by somebody else', async () => {
    const world = await stoppedWorld();
    await untilDone(() => startPatient(world.tools, about));
    at.alterVm(world, { powerState: 'deallocated' });
    world.deeds.length = 0;
    expect(await startPatient(world.tools, about)).toMatchObject({ conclusion: { code: 'stopped-by-others' } });
    expect(at.begunIn(world)).toEqual([]);
  });

  it.each([
    ['has stopped it, too', true, 'end'],
    ['holds the lease only', false, 'done'],
  ] as const)('starts it as was promised, unless another repair %s', async (_what, hasStopped, kind) => {
    const world = await stoppedWorld();
    const other = '20260102t040000z-ffffffffff';
    world.ledger.leases.set(vmKey, { vmKey, vmId, repairId: other, acquiredAt: '2026-01-02T04:00:00.000Z' });
    if (hasStopped) world.ledger.resources.set(other, world.ledger.resources.get(repairId) ?? []);
    expect(await untilDone(() => startPatient(world.tools, about))).toMatchObject({ kind });
  });

  it('does not take a VM for running whose power-off is under way (hazard: it is left stopped)', async () => {
    const world = await stoppedWorld();
    at.alterVm(world, { powerState: 'running', provisioningState: 'Updating' });
    expect(await startPatient(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(world.ledger.resources.get(repairId)?.[0]?.deletedAt).toBeUndefined();
  });
});

describe('activities/recovery/power-and-disks: await-agent', () => {
  it('believes only a report that is younger than the start', async () => {
    const world = await at.recoveryWorld();
    const startedAt = new Date(Date.now() - 60_000).toISOString();
    await world.tools.ledger.beginStep(repairId, { step: 'start', title: 'x', startedAt });
    await world.tools.ledger.endStep(repairId, 'start', { outcome: 'done', detail: '', endedAt: startedAt });
    const agent = { usable: true, reason: 'Ready.', reportedAt: new Date().toISOString() };
    const stale = [{ reportedAt: undefined }, { reportedAt: '2020-01-01T00:00:00.000Z' }, { usable: false }];
    for (const fields of stale) {
      at.alterVm(world, { agent: { ...agent, ...fields } });
      expect(await awaitAgent(world.tools, input)).toMatchObject({ kind: 'wait' });
    }
    at.alterVm(world, { agent });
    expect(await awaitAgent(world.tools, input)).toMatchObject({ kind: 'done' });
  });
});
