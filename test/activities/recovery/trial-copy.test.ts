import { cleanUp } from '../../../src/activities/clean-up';
import { copyOsDisk } from '../../../src/activities/recovery/copy-os-disk';
import { stopPatient } from '../../../src/activities/recovery/stop-patient';
import { deleteTrialCopy, makeTrialCopy } from '../../../src/activities/recovery/trial-copy';
import type { ArmFailure } from '../../../src/azure/ports';
import type { DiskCopyRequest } from '../../../src/azure/recovery-ports';
import { notShownByTrialCopy } from '../../../src/policy/recovery-route';
import { rejected } from '../support/fake-recovery';
import type { FakeWorld } from '../support/fakes';
import { about, conclusion, deedsOf, repairId, snapshotId, untilDone } from '../support/repair';
import * as at from './support/world';

const input = { ...about, planHash: at.plan.hash };
const { trialCopyId } = at;
const make = (world: FakeWorld) => untilDone(() => makeTrialCopy(world.tools, input));
const remove = (world: FakeWorld) => deleteTrialCopy(world.tools, input);
const recordIn = (world: FakeWorld) =>
  (world.ledger.resources.get(repairId) ?? []).find(({ resourceId }) => resourceId === trialCopyId);

/** Every request for a copy. */
function requestsOf(world: FakeWorld): DiskCopyRequest[] {
  const requests: DiskCopyRequest[] = [];
  const { recovery } = world.tools;
  world.tools.recovery = {
    ...recovery,
    beginCopyDisk(request) {
      requests.push(request);
      return recovery.beginCopyDisk(request);
    },
  };
  return requests;
}

async function madeWorld(): Promise<FakeWorld> {
  const world = await at.recoveryWorld();
  expect(await make(world)).toMatchObject({ kind: 'done' });
  return world;
}

describe('activities/recovery/trial-copy: making it', () => {
  it('asks Azure for the very copy that is made later, of the first snapshot, under a name and role of its own', async () => {
    const world = await at.recoveryWorld();
    at.putDisk(world, { id: at.osDiskId, sku: 'Premium_LRS', tags: { owner: 'shop', cost: '7' } });
    const requests = requestsOf(world);
    expect(await make(world)).toMatchObject({
      kind: 'done',
      detail: expect.stringContaining(notShownByTrialCopy) as string,
    });
    const round = { ...input, round: 1 };
    await untilDone(() => stopPatient(world.tools, round));
    await untilDone(() => {
      for (const [id, one] of world.snapshots) world.snapshots.set(id, { ...one, state: 'ready' });
      return copyOsDisk(world.tools, round);
    });
    const [trial, copy] = requests;
    expect(requests).toHaveLength(2);
    expect(trial).toEqual({ ...copy, diskId: trialCopyId, sourceId: snapshotId });
    expect(trial?.tags).toMatchObject({ owner: 'shop', 'rdp-lifeline-repair': repairId });
    expect(trial?.tags['rdp-lifeline-expires']).toMatch(/^2026-01-/);
    expect(recordIn(world)).toMatchObject({ kind: 'disk', details: { role: 'trial-copy' }, lifetime: 'temporary' });
  });

  it('is made at most once in a repair, also when its orchestration is begun again and it is gone', async () => {
    const world = await madeWorld();
    await remove(world);
    expect(await make(world)).toMatchObject({ kind: 'done' });
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    expect(recordIn(world)?.deletedAt).toBeDefined();
    expect(await make(world)).toMatchObject({ kind: 'done' });
    expect(deedsOf(world, 'recovery.beginCopyDisk')).toHaveLength(1);
  });

  it('leaves no step open where its deletion was asked for and not answered (hazard: a record that says that it did not end)', async () => {
    const world = await madeWorld();
    const step = { step: 'trial-copy-gone', title: 'x', startedAt: '2026-01-02T03:10:00.000Z' };
    await world.tools.ledger.beginStep(repairId, step);
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    expect(world.ledger.steps.get(repairId)?.find((one) => one.step === step.step)).toMatchObject({ outcome: 'done' });
  });

  it('is not made again after the clean-up of one that nobody saw made (hazard: the VM is stopped unproven)', async () => {
    const world = await at.recoveryWorld();
    await makeTrialCopy(world.tools, input);
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    expect(await make(world)).toMatchObject({ conclusion: { code: 'cleaned-up-before' } });
    expect(deedsOf(world, 'recovery.beginCopyDisk')).toHaveLength(1);
  });

  it.each(['CanNotDelete', 'ReadOnly'])(
    'is not made under a lock (%s), which keeps the copy too: the step says so',
    async (level) => {
      const world = await at.recoveryWorld();
      world.recoveryContent.locks = [{ name: 'keep-all', level }];
      const told = await make(world);
      expect(told).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'locked' } });
      expect(JSON.stringify(told)).toMatch(
        /No trial copy was made\. The lock keep-all \(\w+\) on .*The VM was not stopped/,
      );
      expect(deedsOf(world, 'recovery.beginCopyDisk')).toEqual([]);
      expect(recordIn(world)).toBeUndefined();
    },
  );

  const assignment = { name: 'Only encrypted disks', id: '/subscriptions/s/providers/x/policyAssignments/7' };
  const keySet = '/subscriptions/s/resourceGroups/rg-keys/providers/Microsoft.Compute/diskEncryptionSets/des';
  const action = 'Microsoft.Compute/diskEncryptionSets/read';
  it.each<[string, ArmFailure, string, string[]]>([
    [
      'a policy',
      { ...rejected('RequestDisallowedByPolicy'), status: 403, deniedBy: [assignment] } as ArmFailure,
      'policy-denied',
      [assignment.name, assignment.id],
    ],
    [
      'a key set without its role',
      { kind: 'forbidden', code: 'LinkedAuthorizationFailed', message: 'No.', action, scope: keySet },
      'permission-missing',
      [action, keySet],
    ],
    ['anything else', rejected('InvalidTagNameCharacters'), 'azure-rejected', ['InvalidTagNameCharacters']],
    [
      'a group that is gone',
      { kind: 'not-found', code: 'ResourceGroupNotFound', message: 'No.' },
      'not-found',
      ['No.'],
    ],
  ])('ends the repair by name, and never as refused, where Azure does so: %s', async (_what, failure, code, names) => {
    const world = await at.recoveryWorld();
    world.recoveryContent.failures.beginCopyDisk = failure;
    const told = await make(world);
    expect(told).toMatchObject({ kind: 'end', conclusion: { ending: 'not-repaired', code } });
    for (const name of [...names, 'The VM was not stopped.']) expect(JSON.stringify(told)).toContain(name);
    await untilDone(() => cleanUp(world.tools, { ...about, conclusion }));
    expect(recordIn(world)?.deletedAt).toBeDefined();
  });

  it.each(['QuotaExceeded', 'OperationNotAllowed', 'ResourceQuotaExceeded'])(
    'waits for a quota that is used up (%s), goes on once there is room, and ends by name where there is none',
    async (code) => {
      const world = await at.recoveryWorld();
      world.recoveryContent.failures.beginCopyDisk = rejected(code);
      jest.useFakeTimers({ now: Date.now(), advanceTimers: true });
      try {
        const waits = { kind: 'wait', late: { ending: 'not-repaired', code: 'disk-quota-used-up' } };
        expect(await makeTrialCopy(world.tools, input)).toMatchObject(waits);
        jest.setSystemTime(Date.now() + 14 * 60_000);
        expect(await makeTrialCopy(world.tools, input)).toMatchObject(waits);
        jest.setSystemTime(Date.now() + 60_000);
        const told = await makeTrialCopy(world.tools, input);
        expect(told).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'disk-quota-used-up' } });
        expect(JSON.stringify(told)).toContain(code);
        world.recoveryContent.failures.beginCopyDisk = undefined;
        expect(await make(world)).toMatchObject({ kind: 'done' });
      } finally {
        jest.useRealTimers();
      }
    },
  );

  it.each([
    ['trial-copy-failed', { provisioningState: 'Failed' }],
    ['trial-copy-differs', { sku: 'Standard_LRS', hyperVGeneration: 'V1' }],
    ['name-taken', { tags: { 'rdp-lifeline-repair': '20260102t030405z-ffffffffff' } }],
  ] as const)('ends as %s', async (code, fields) => {
    const world = await at.recoveryWorld();
    await makeTrialCopy(world.tools, input);
    at.putDisk(world, { id: trialCopyId, ...fields });
    const told = await make(world);
    expect(told).toMatchObject({ kind: 'end', conclusion: { ending: 'not-repaired', code } });
    expect(recordIn(world)?.createdAt).toBeUndefined();
  });

  it.each([{ provisioningState: 'Updating' }, { completionPercent: 70 }])('waits for it: %j', async (fields) => {
    const world = await at.recoveryWorld();
    await makeTrialCopy(world.tools, input);
    at.putDisk(world, { id: trialCopyId, ...fields });
    expect(await makeTrialCopy(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(recordIn(world)?.createdAt).toBeUndefined();
  });
});

describe('activities/recovery/trial-copy: deleting it', () => {
  it('is begun once and not waited for; the record is closed by whoever sees it gone', async () => {
    const world = await madeWorld();
    expect(await remove(world)).toMatchObject({ kind: 'done' });
    expect(recordIn(world)?.deletedAt).toBeUndefined();
    expect(await remove(world)).toMatchObject({ kind: 'done' });
    expect(recordIn(world)?.deletedAt).toBeDefined();
    expect(await remove(world)).toMatchObject({ kind: 'done', outcome: 'nothing-to-do' });
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toHaveLength(1);
  });

  it('does nothing where none was made', async () => {
    const world = await at.recoveryWorld();
    expect(await remove(world)).toMatchObject({ kind: 'done', outcome: 'nothing-to-do' });
    expect(at.begunIn(world)).toEqual([]);
  });

  it('is not begun while the recovery VM names the disk, although it looks free (hazard: the VM holds on to a disk that is gone)', async () => {
    const world = await madeWorld();
    at.addRecoveryVm(world, {
      configuration: {
        zones: [],
        networkInterfaceIds: [],
        dataDisks: [{ lun: 2, diskId: trialCopyId, toBeDetached: false }],
      },
    });
    expect(await remove(world)).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
  });

  it('ends the repair where Azure refuses it, because the copy could not be deleted either', async () => {
    const world = await madeWorld();
    world.recoveryContent.failures.beginDeleteDisk = rejected('ScopeLocked');
    const told = await remove(world);
    expect(told).toMatchObject({ conclusion: { ending: 'not-repaired', code: 'azure-rejected' } });
    expect(JSON.stringify(told)).toContain('The VM was not stopped.');
  });

  it('is seen through by the clean-up, whatever stopped the repair', async () => {
    const world = await madeWorld();
    expect(await untilDone(() => cleanUp(world.tools, { ...about, conclusion }))).toMatchObject({
      value: { left: [] },
    });
    expect(world.recoveryContent.disks.has(trialCopyId.toLowerCase())).toBe(false);
    expect(recordIn(world)?.deletedAt).toBeDefined();
  });
});
