import { cleanUp } from '../../../src/activities/clean-up';
import { closeRepair } from '../../../src/activities/close-repair';
import { putControllerEvidence } from '../../../src/activities/collected-evidence';
import { inspectRollback } from '../../../src/activities/rollback/inspect-rollback';
import { keepPresentDisk } from '../../../src/activities/rollback/keep-present-disk';
import { obtainRollbackPermit } from '../../../src/activities/rollback/obtain-rollback-permit';
import { stopForRollback } from '../../../src/activities/rollback/stop-for-rollback';
import { putOriginalBack } from '../../../src/activities/rollback/put-original-back';
import { swapOf } from '../../../src/activities/recovery/names';
import type { Progress } from '../../../src/activities/progress';
import type { Tools } from '../../../src/activities/toolbox';
import { sweepExpired } from '../../../src/triggers/sweep-expired';
import { rejected } from '../support/fake-recovery';
import type { FakeWorld } from '../support/fakes';
import { fakeGuest, respondAs } from '../support/guest';
import { about as aboutOrigin, conclusion as brokeDown, deedsOf, placeOf, untilDone, vmId } from '../support/repair';
import { alterVm, begunIn, busy, changedAt, copyId, installation, osDiskId, putDisk } from '../recovery/support/world';
import * as at from './support/world';

const { about, origin, repairId } = at;

const brakes: readonly (readonly [string, (world: FakeWorld) => Promise<void> | void])[] = [
  ['kill-switch', (world) => world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: 'now', reason: 'x' })],
  ['not-opted-in', (world) => alterVm(world, { tags: {} })],
  ['mode-diagnose', (world) => alterVm(world, { tags: { 'rdp-lifeline': 'diagnose' } })],
  ['approval-not-available', (world) => alterVm(world, { tags: { 'rdp-lifeline': 'approve' } })],
  ['cancelled', (world) => world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: 'now' })],
];

async function stoppedWorld(): Promise<FakeWorld> {
  const world = await at.inspectedWorld();
  await untilDone(() => stopForRollback(world.tools, about));
  return world;
}

async function keptWorld(): Promise<FakeWorld> {
  const world = await stoppedWorld();
  await untilDone(() => {
    at.readySnapshots(world);
    return keepPresentDisk(world.tools, about);
  });
  return world;
}

async function backWorld(): Promise<FakeWorld> {
  const world = await keptWorld();
  await untilDone(() => putOriginalBack(world.tools, about));
  return world;
}

const recordsOf = (world: FakeWorld, id: string) => world.ledger.resources.get(id) ?? [];
const recordOf = (world: FakeWorld, id: string, resourceId: string) =>
  recordsOf(world, id).find((one) => one.resourceId.toLowerCase() === resourceId.toLowerCase());
const diskOf = (world: FakeWorld, id: string) => world.recoveryContent.disks.get(id.toLowerCase());

describe('activities/rollback/rollback: inspect-rollback', () => {
  it('finds the copy under the VM and its original free, writes that down, and creates nothing', async () => {
    const world = await at.acceptedWorld();
    expect(await inspectRollback(world.tools, about)).toMatchObject({
      kind: 'done',
      value: {
        ...{ state: 'to-be-put-back', copyId, originalId: osDiskId },
        ...{ lossSince: at.lossSince, keptUntil: at.expiresAt },
      },
    });
    expect(await world.tools.ledger.getDocument(repairId, 'rollback')).toEqual({
      ...{ rollsBack: origin, round: 1, copyId, originalId: osDiskId, lossSince: at.lossSince },
    });
    expect(begunIn(world)).toEqual([]);
  });

  it.each(brakes)('ends at %s, and the ending says so', async (code, brake) => {
    const world = await at.acceptedWorld();
    await brake(world);
    expect(await inspectRollback(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code } });
  });

  it('is refused for a VM that the repair’s own record calls a domain controller, and asks nobody', async () => {
    const world = await at.acceptedWorld();
    const evidence = [installation(true)];
    await world.tools.ledger.putDocument(origin, 'evidence-recovery-vm-copy-1', { evidence });
    const told = await inspectRollback(world.tools, about);
    expect(told).toMatchObject({ kind: 'end', conclusion: { ending: 'refused', code: 'domain-controller' } });
    expect(begunIn(world)).toEqual([]);
  });

  it.each([
    ['refused', true, 'domain-controller'],
    ['gone on with', false, undefined],
  ] as const)(
    'asks a running guest whether it was promoted since: it is %s',
    async (_what, isDomainController, code) => {
      const world = await at.acceptedWorld();
      alterVm(world, { agent: { usable: true, reason: 'Ready.' } });
      world.respond = respondAs(fakeGuest({ isDomainController }));
      const told = await untilDone(() => inspectRollback(world.tools, about));
      expect(told).toMatchObject(code === undefined ? { kind: 'done' } : { conclusion: { ending: 'refused', code } });
      expect(begunIn(world)).toEqual(['arm.beginGuestRun']);
      expect((await world.tools.ledger.getDocument(repairId, 'rollback')) === undefined).toBe(isDomainController);
      // What it said stays: nobody asks twice.
      await untilDone(() => inspectRollback(world.tools, about));
      expect(begunIn(world)).toHaveLength(1);
    },
  );

  it.each([
    ['whose answer cannot be read', { state: 'succeeded', output: 'x', error: '' }],
    ['that fails', { state: 'failed', code: 'run-failed', reason: 'No.', output: '', error: '' }],
  ] as const)('is refused where the agent is Ready and gives an answer %s (missing is not no)', async (_what, run) => {
    const world = await at.acceptedWorld();
    alterVm(world, { agent: { usable: true, reason: 'Ready.' } });
    world.respond = () => run;
    const told = await untilDone(() => inspectRollback(world.tools, about));
    expect(told).toMatchObject({ conclusion: { ending: 'refused', code: 'domain-controller-unknown' } });
  });

  it.each([
    ['an hour ago', 60, 'domain-controller'],
    ['a minute ago', 1, undefined],
  ] as const)(
    'asks once more before the stop where the guest has said %s that it is none (hazard: it was promoted while the rollback waited for its place)',
    async (_when, minutes, code) => {
      const world = await at.inspectedWorld();
      const readAt = new Date(Date.now() - minutes * 60_000).toISOString();
      const from = { source: 'run-command', place: 'x', readAt } as const;
      const evidence = [{ ...installation(false), from }];
      await putControllerEvidence(world.tools.ledger, repairId, { evidence });
      alterVm(world, { agent: { usable: true, reason: 'Ready.' } });
      world.respond = respondAs(fakeGuest({ isDomainController: true }));
      const told = await untilDone(() => stopForRollback(world.tools, about));
      expect(told).toMatchObject(code === undefined ? { kind: 'done' } : { conclusion: { ending: 'refused', code } });
      expect(deedsOf(world, 'recovery.beginPowerOff')).toHaveLength(code === undefined ? 1 : 0);
      expect(deedsOf(world, 'arm.beginGuestRun')).toHaveLength(code === undefined ? 0 : 1);
    },
  );

  it('is refused if the guest is a domain controller by now, though its clock runs a day ahead', async () => {
    const world = await at.inspectedWorld();
    const ahead = new Date(Date.now() + 24 * 60 * 60_000).toISOString();
    const keptAt = new Date(Date.now() - 60 * 60_000).toISOString();
    const evidence = [{ ...installation(false), from: { source: 'run-command', place: 'x', readAt: ahead } as const }];
    await putControllerEvidence(world.tools.ledger, repairId, { evidence, keptAt });
    alterVm(world, { agent: { usable: true, reason: 'Ready.' } });
    world.respond = respondAs(fakeGuest({ isDomainController: true }));
    const told = await untilDone(() => stopForRollback(world.tools, about));
    expect(told).toMatchObject({ conclusion: { ending: 'refused', code: 'domain-controller' } });
  });

  it('goes on where nobody can ask the guest, and says that it is not known', async () => {
    const world = await at.acceptedWorld();
    const told = await inspectRollback(world.tools, about);
    expect(told).toMatchObject({ kind: 'done', detail: expect.stringContaining('is not known: Not Ready.') as string });
  });

  it.each<[string, string, (world: FakeWorld) => Promise<void> | void]>([
    ['already-back', 'the VM has its original', (world) => alterVm(world, { osDiskId })],
    ['os-disk-changed', 'the VM has a third disk', (world) => alterVm(world, { osDiskId: `${osDiskId}-3` })],
    ['original-gone', 'the original was deleted', at.loseOriginal],
    [
      'original-in-use',
      'another VM has the original',
      (world) => putDisk(world, { id: osDiskId, managedBy: `${vmId}-2` }),
    ],
    ['original-in-use', 'somebody reads it', (world) => putDisk(world, { id: osDiskId, diskState: 'ActiveSAS' })],
    [
      'original-differs',
      'it is of another generation',
      (world) => putDisk(world, { id: osDiskId, hyperVGeneration: 'V1' }),
    ],
    ['not-running', 'somebody has stopped the VM', (world) => alterVm(world, { powerState: 'deallocated' })],
    [
      'locked',
      'a lock forbids every change',
      (world) => void world.recoveryContent.locks.push({ name: 'freeze', level: 'ReadOnly' }),
    ],
    [
      'permission-missing',
      'no role lets us start it again',
      (world) => void (world.recoveryContent.actions = ['Microsoft.Compute/virtualMachines/powerOff/action']),
    ],
    [
      'repair-runs',
      'the repair has no ending',
      (world) => void world.ledger.repairs.set(origin, { ...world.ledger.repairs.get(origin)!, ending: undefined }),
    ],
    ['nothing-exchanged', 'nothing was exchanged', (world) => void world.ledger.resources.set(origin, [])],
    [
      'loss-not-acknowledged',
      'another moment was named',
      (world) => world.tools.ledger.updateRepair(repairId, { acknowledgedLossSince: '2026-01-02T03:20:00.001Z' }),
    ],
  ])('refuses with %s when %s', async (code, _why, prepare) => {
    const world = await at.acceptedWorld();
    await prepare(world);
    expect(await inspectRollback(world.tools, about)).toMatchObject({
      kind: 'end',
      conclusion: { ending: 'refused', code },
    });
    expect(begunIn(world)).toEqual([]);
  });

  it('is not hindered by a lock against deletion, because nothing is deleted', async () => {
    const world = await at.acceptedWorld();
    world.recoveryContent.locks.push({ name: 'keep', level: 'CanNotDelete' });
    expect(await inspectRollback(world.tools, about)).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['of another repair than is on record', { ...about, rollsBack: '20260101t000000z-0000000000' }],
    ['of the VM of somebody else', { ...about, vmId: `${vmId}-2` }],
  ])('refuses one %s (hazard: whoever holds the system key starts a story of their own)', async (_what, input) => {
    const world = await at.acceptedWorld();
    expect(await inspectRollback(world.tools, input)).toMatchObject({
      conclusion: { ending: 'refused', code: 'rollback-not-on-record' },
    });
  });

  it('waits while Azure is busy', async () => {
    const world = await at.acceptedWorld();
    world.recoveryContent.failures.getLocks = busy;
    expect(await inspectRollback(world.tools, about)).toMatchObject({ kind: 'wait', afterMs: 7000 });
  });

  it('goes on where the disks were exchanged when its story is begun again', async () => {
    const world = await backWorld();
    expect(await inspectRollback(world.tools, about)).toMatchObject({ kind: 'done', value: { state: 'is-back' } });
  });

  it('ends as it did before when it is begun again after its clean-up (hazard: the plug is pulled at once, because its three minutes are long over)', async () => {
    const world = await stoppedWorld();
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion: brokeDown }));
    expect(await inspectRollback(world.tools, about)).toEqual({ kind: 'end', conclusion: brokeDown });
  });
});

describe('activities/rollback/rollback: obtain-rollback-permit', () => {
  it('takes one of the places for repairs that change something, or waits for one', async () => {
    const world = await at.inspectedWorld({ maximumMutatingRepairs: 1 });
    world.ledger.slots.add('another');
    expect(await obtainRollbackPermit(world.tools, about)).toMatchObject({ kind: 'wait' });
    world.ledger.slots.clear();
    expect(await obtainRollbackPermit(world.tools, about)).toMatchObject({ kind: 'done' });
    expect([...world.ledger.slots]).toEqual([repairId]);
  });

  it('looks at the VM once more where what it saw is too old when its turn comes', async () => {
    const world = await at.inspectedWorld();
    const readAt = new Date(Date.now() - 16 * 60_000).toISOString();
    await world.tools.ledger.putDocument(repairId, 'inspection', { readAt, reading: 1 });
    expect(await obtainRollbackPermit(world.tools, about)).toMatchObject({ kind: 'done', value: 'read-again' });
    const again = { ...about, reading: 2 };
    await untilDone(() => inspectRollback(world.tools, again));
    expect(await obtainRollbackPermit(world.tools, again)).toMatchObject({ kind: 'done', value: 'permitted' });
  });

  it('ends as a rollback where its place did not come free in time', async () => {
    const world = await at.inspectedWorld({ maximumMutatingRepairs: 0 });
    world.ledger.queue.set(repairId, new Date(Date.now() - 13 * 60 * 60_000).toISOString());
    expect(await obtainRollbackPermit(world.tools, about)).toMatchObject({
      conclusion: { ending: 'not-rolled-back', code: 'cap-reached' },
    });
  });

  it.each(brakes)('takes none at %s', async (code, brake) => {
    const world = await at.inspectedWorld();
    await brake(world);
    expect(await obtainRollbackPermit(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(world.ledger.slots.size).toBe(0);
  });
});

const acts: readonly {
  name: string;
  world: () => Promise<FakeWorld>;
  act: (tools: Tools, given: unknown) => Promise<Progress<unknown>>;
  call: string;
  registers: (world: FakeWorld) => string;
  kind: 'power-off' | 'snapshot' | 'os-disk-swap';
}[] = [
  {
    ...{ name: 'the stop', world: () => at.inspectedWorld(), act: stopForRollback, call: 'recovery.beginPowerOff' },
    ...{ registers: () => at.powerOffId, kind: 'power-off' },
  },
  {
    ...{ name: 'the snapshot', world: stoppedWorld, act: keepPresentDisk, call: 'arm.beginSnapshot' },
    ...{ registers: at.snapshotIdOf, kind: 'snapshot' },
  },
  {
    ...{ name: 'the exchange', world: keptWorld, act: putOriginalBack, call: 'recovery.beginSwapOsDisk' },
    ...{ registers: () => at.exchangeId, kind: 'os-disk-swap' },
  },
];

describe.each(acts)('activities/rollback/rollback: $name', ({ world: make, act, call, registers, kind }) => {
  it('is begun, and on record before', async () => {
    const world = await make();
    expect(await act(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, call)).toHaveLength(1);
    const registered = placeOf(world, `ledger.recordResource ${registers(world)}`);
    expect(registered).toBeGreaterThanOrEqual(0);
    expect(registered).toBeLessThan(placeOf(world, call));
  });

  it.each(brakes)('is not begun at %s, and the ending says so', async (code, brake) => {
    const world = await make();
    await brake(world);
    expect(await act(world.tools, about)).toMatchObject({ kind: 'end', conclusion: { code } });
    expect(deedsOf(world, call)).toEqual([]);
  });

  it('is begun once more, and no more, when the app died after it was put on record', async () => {
    const world = await make();
    await at.oweHere(world, registers(world), kind);
    await untilDone(() => {
      at.readySnapshots(world);
      return act(world.tools, about);
    });
    expect(deedsOf(world, call)).toHaveLength(1);
    expect(await act(world.tools, about)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, call)).toHaveLength(1);
  });

  it('ends with Azure’s reason when Azure refuses it', async () => {
    const world = await make();
    const failures = call.startsWith('arm.') ? world.failures : world.recoveryContent.failures;
    Object.assign(failures, { [call.split('.')[1] ?? '']: rejected('RequestDisallowedByPolicy') });
    const progress = await act(world.tools, about);
    expect(progress).toMatchObject({ kind: 'end' });
    expect(JSON.stringify(progress)).toContain('RequestDisallowedByPolicy');
  });

  it('is not begun for a rollback that is not on record (hazard: whoever holds the system key)', async () => {
    const world = await make();
    world.ledger.repairs.set(repairId, { ...world.ledger.repairs.get(repairId)!, rollsBack: undefined });
    expect(await act(world.tools, about)).toMatchObject({ conclusion: { code: 'rollback-not-on-record' } });
    expect(deedsOf(world, call)).toEqual([]);
  });
});

describe('activities/rollback/rollback: keep-present-disk', () => {
  it('keeps the disk that the VM has now, with an expiry and the disk’s own network access', async () => {
    const world = await keptWorld();
    const snapshotId = at.snapshotIdOf(world);
    expect(world.snapshots.get(snapshotId.toLowerCase())).toMatchObject({
      sourceDiskId: copyId,
      tags: { 'rdp-lifeline-repair': repairId, 'rdp-lifeline-expires': at.expiresAt },
      network: { networkAccessPolicy: 'DenyAll' },
    });
    expect(recordOf(world, repairId, snapshotId)).toMatchObject({ lifetime: 'kept', expiresAt: at.expiresAt });
  });
});

describe('activities/rollback/rollback: put-original-back', () => {
  it('leaves the copy with an expiry and the tags of the repair that made it; deletes nothing', async () => {
    const world = await backWorld();
    expect(world.vms.get(vmId)?.osDiskId).toBe(osDiskId);
    expect(diskOf(world, copyId)?.tags).toEqual({
      ...{ 'rdp-lifeline-repair': origin, owner: 'shop', 'rdp-lifeline-expires': at.expiresAt },
    });
    expect(diskOf(world, osDiskId)?.tags).toEqual({ owner: 'shop' });
    expect(deedsOf(world, 'recovery.beginDelete')).toEqual([]);
  });

  it('is on record at the repair: rolled back by whom, its exchange over, the original no longer kept, the copy until when', async () => {
    const world = await backWorld();
    expect(world.ledger.repairs.get(origin)).toMatchObject({ ending: 'repaired', rolledBackBy: repairId });
    expect(recordOf(world, origin, swapOf(aboutOrigin, 1))?.deletedAt).toBeDefined();
    expect(recordOf(world, origin, osDiskId)?.deletedAt).toBeDefined();
    expect(recordOf(world, origin, copyId)).toMatchObject({ lifetime: 'kept', expiresAt: at.expiresAt });
    expect(recordOf(world, origin, copyId)?.deletedAt).toBeUndefined();
    expect(recordOf(world, repairId, copyId)).toMatchObject({ lifetime: 'kept', expiresAt: at.expiresAt });
    const exchange = recordOf(world, repairId, at.exchangeId);
    expect(exchange).toMatchObject({ lifetime: 'kept', createdAt: expect.any(String) as string });
    expect(exchange?.details).toEqual({ direction: 'rollback', copyId, originalId: osDiskId });
  });

  it('says that it is done only when all of that is on record (hazard: the app dies in between)', async () => {
    const world = await backWorld();
    const last = deedsOf(world, 'ledger.recordResource').at(-1);
    expect(last).toContain(at.exchangeId);
  });

  it.each<[string, (world: FakeWorld) => void]>([
    ['runs', (world) => alterVm(world, { powerState: 'running' })],
    ['was started and stopped again', (world) => changedAt(world, '2026-01-05T08:30:00.000Z')],
  ])('gives way when the VM %s since it had stopped', async (_what, prepare) => {
    const world = await keptWorld();
    prepare(world);
    expect(await putOriginalBack(world.tools, about)).toMatchObject({
      conclusion: { ending: 'not-rolled-back', code: 'started-meanwhile' },
    });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('gives way when somebody starts the VM within the call', async () => {
    const world = await keptWorld();
    world.recoveryContent.failures.beginSwapOsDisk = rejected('NotStopped');
    expect(await putOriginalBack(world.tools, about)).toMatchObject({ conclusion: { code: 'started-meanwhile' } });
  });

  it.each<[string, (world: FakeWorld) => void]>([
    ['os-disk-changed', (world) => alterVm(world, { osDiskId: `${osDiskId}-3` })],
    ['already-back', (world) => alterVm(world, { osDiskId })],
    ['original-gone', at.loseOriginal],
    ['original-in-use', (world) => putDisk(world, { id: osDiskId, managedBy: `${vmId}-2` })],
    ['original-differs', (world) => putDisk(world, { id: osDiskId, zones: ['1'] })],
  ])('looks once more just before, and ends with %s', async (code, prepare) => {
    const world = await keptWorld();
    prepare(world);
    expect(await putOriginalBack(world.tools, about)).toMatchObject({
      conclusion: { ending: 'not-rolled-back', code },
    });
    expect(deedsOf(world, 'recovery.beginSwapOsDisk')).toEqual([]);
  });

  it('goes through with it although a brake comes on once the disks are exchanged', async () => {
    const world = await keptWorld();
    await putOriginalBack(world.tools, about);
    await world.tools.ledger.setKillSwitch({ on: true, by: 'ann', at: 'now', reason: 'x' });
    expect(await untilDone(() => putOriginalBack(world.tools, about))).toMatchObject({ kind: 'done' });
  });

  it('says so when the copy’s tags cannot be changed: it stays until a person deletes it', async () => {
    const world = await keptWorld();
    world.recoveryContent.failures.beginTagDisk = rejected('ScopeLocked');
    const progress = await untilDone(() => putOriginalBack(world.tools, about));
    expect(progress).toMatchObject({ kind: 'done', detail: expect.stringContaining('ScopeLocked') as string });
    expect(recordOf(world, origin, copyId)?.expiresAt).toBeUndefined();
  });

  it('waits until Azure calls the exchange over', async () => {
    const world = await keptWorld();
    await putOriginalBack(world.tools, about);
    alterVm(world, { provisioningState: 'Updating' });
    expect(await putOriginalBack(world.tools, about)).toMatchObject({ kind: 'wait' });
    expect(world.ledger.repairs.get(origin)?.rolledBackBy).toBeUndefined();
  });
});

describe('activities/rollback/rollback: the clean-up of a rollback', () => {
  it('starts the VM again with the copy when the disks were not exchanged, and the copy has no expiry', async () => {
    const world = await keptWorld();
    await at.oweHere(world, at.exchangeId, 'os-disk-swap');
    expect(await untilDone(() => cleanUp(world.tools, { ...about, conclusion: brokeDown }))).toMatchObject({
      value: { left: [] },
    });
    expect(world.vms.get(vmId)).toMatchObject({ powerState: 'running', osDiskId: copyId });
    expect(recordOf(world, repairId, at.exchangeId)?.deletedAt).toBeDefined();
    expect(diskOf(world, copyId)?.tags).not.toHaveProperty('rdp-lifeline-expires');
    expect(world.ledger.repairs.get(origin)?.rolledBackBy).toBeUndefined();
  });

  it('writes down an exchange that the story did not see the end of, and the ending says that the original is back', async () => {
    const world = await keptWorld();
    await putOriginalBack(world.tools, about);
    const conclusion = { ending: 'not-rolled-back', code: 'swap-late', reason: 'Late.' } as const;
    expect(await untilDone(() => cleanUp(world.tools, { ...about, conclusion }))).toMatchObject({
      value: { left: [] },
    });
    expect(world.vms.get(vmId)).toMatchObject({ powerState: 'running', osDiskId });
    expect(world.ledger.repairs.get(origin)?.rolledBackBy).toBe(repairId);
    expect(diskOf(world, copyId)?.tags).toHaveProperty('rdp-lifeline-expires', at.expiresAt);

    await closeRepair(world.tools, about);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'rolled-back', endingCode: 'swap-late' });
  });

  it('leaves the ending as it is when the original is not back', async () => {
    const world = await keptWorld();
    const conclusion = { ending: 'not-rolled-back', code: 'swap-refused', reason: 'No.' } as const;
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    await closeRepair(world.tools, about);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-rolled-back', endingReason: 'No.' });
  });
});

describe('activities/rollback/rollback: the sweeper after a rollback', () => {
  it('deletes the copy once its new expiry has passed, by the repair that made it; the original stays', async () => {
    const world = await backWorld();
    const conclusion = { ending: 'rolled-back', code: 'rolled-back', reason: 'So it is.' } as const;
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    await closeRepair(world.tools, about);
    await sweepExpired(world.tools);
    expect(diskOf(world, copyId)).toBeUndefined();
    expect(diskOf(world, osDiskId)).toBeDefined();
  });

  it('leaves the copy alone while the VM has it again, put there by hand', async () => {
    const world = await backWorld();
    const conclusion = { ending: 'rolled-back', code: 'rolled-back', reason: 'So it is.' } as const;
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    await closeRepair(world.tools, about);
    alterVm(world, { osDiskId: copyId });
    await sweepExpired(world.tools);
    expect(diskOf(world, copyId)).toBeDefined();
  });
});
