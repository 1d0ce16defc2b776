import fc from 'fast-check';
import { cleanUp } from '../../../src/activities/clean-up';
import { powerOffOf, swapOf } from '../../../src/activities/recovery/names';
import type { ArmFailure } from '../../../src/azure/ports';
import type { RecoveryArm } from '../../../src/azure/recovery-ports';
import type { ResourceKind } from '../../../src/ledger/ports';
import { virtualMachine } from '../../azure/support/machine';
import { rejected } from '../support/fake-recovery';
import type { FakeWorld } from '../support/fakes';
import { about, conclusion, deedsOf, placeOf, repairId, vmId } from '../support/repair';
import * as at from './support/world';

const { copyId, networkInterfaceId, osDiskId, recoveryVmId } = at;
const swapId = swapOf(about, 1);
const debts = [
  [swapId, 'os-disk-swap'],
  [powerOffOf(about, 'round-1'), 'power-off'],
  [recoveryVmId, 'virtual-machine'],
  [networkInterfaceId, 'network-interface'],
  [copyId, 'disk'],
] as const satisfies (readonly [string, ResourceKind])[];
type Debt = (typeof debts)[number];

interface State {
  owed: readonly Debt[];
  /** Which of what is owed is there. */
  there: readonly Debt[];
  powerState: 'running' | 'stopped' | 'deallocated';
  /** Which disk the patient has. */
  has: 'original' | 'copy';
  /** Whether Azure's disk says so too; it is late at times. */
  isOwnerTold: boolean;
  /** Whether what is there carries our tag. */
  isOurs: boolean;
  copyOn: 'nobody' | 'recovery VM' | 'another VM';
}

async function worldOf(state: State): Promise<FakeWorld> {
  const world = await at.recoveryWorld();
  const is = (kind: ResourceKind) => state.there.some(([, one]) => one === kind);
  const tags = state.isOurs ? { ...at.ours, 'rdp-lifeline-expires': '2026-01-16T00:00:00.000Z' } : {};
  const isIn = state.has === 'copy';
  at.alterVm(world, { powerState: state.powerState, osDiskId: isIn ? copyId : osDiskId });
  if (is('virtual-machine')) at.addRecoveryVm(world, { tags });
  const networkInterface = { id: networkInterfaceId, tags, provisioningState: 'Succeeded' };
  if (is('network-interface')) world.recoveryContent.interfaces.set(networkInterfaceId.toLowerCase(), networkInterface);
  const owners = { nobody: undefined, 'recovery VM': recoveryVmId, 'another VM': `${vmId}-2` };
  const managedBy = isIn ? (state.isOwnerTold ? virtualMachine().id : undefined) : owners[state.copyOn];
  if (is('disk') || isIn) at.putDisk(world, { id: copyId, tags, managedBy });
  if (isIn) at.putDisk(world, { id: osDiskId, managedBy: undefined });
  for (const [id, kind] of state.owed) await at.oweNow(world, id, kind);
  return world;
}

/** Asks until it is done; bounded. */
async function settle(world: FakeWorld): Promise<string[]> {
  for (let count = 0; count < 12; count += 1) {
    const progress = await cleanUp(world.tools, { ...about, conclusion });
    if (progress.kind === 'done') return progress.value.left;
    if (progress.kind === 'end') throw new Error(progress.conclusion.reason);
  }
  throw new Error('The clean-up still waits after 12 calls.');
}

const everything: State = {
  owed: debts,
  there: debts,
  powerState: 'stopped',
  has: 'original',
  isOwnerTold: true,
  isOurs: true,
  copyOn: 'recovery VM',
};
const recordOf = (world: FakeWorld, id: string) =>
  world.ledger.resources.get(repairId)?.find(({ resourceId }) => resourceId === id);
const isThere = (world: FakeWorld) => ({
  recoveryVm: world.vms.has(recoveryVmId.toLowerCase()),
  networkInterface: world.recoveryContent.interfaces.has(networkInterfaceId.toLowerCase()),
  copy: world.recoveryContent.disks.has(copyId.toLowerCase()),
  original: world.recoveryContent.disks.has(osDiskId.toLowerCase()),
});
const onlyTheOriginal = { recoveryVm: false, networkInterface: false, copy: false, original: true };

describe('activities/recovery/settle: what the clean-up does about the route recovery-vm', () => {
  it('starts the patient, then takes the recovery VM away before its interface and the copy', async () => {
    const world = await worldOf(everything);
    expect(await settle(world)).toEqual([]);
    expect(world.vms.get(vmId)?.powerState).toBe('running');
    expect(isThere(world)).toEqual(onlyTheOriginal);
    const places = ['beginDeleteMachine', 'beginDeleteNetworkInterface', 'beginDeleteDisk'].map((call) =>
      placeOf(world, call),
    );
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
    expect(debts.map(([id]) => recordOf(world, id)?.deletedAt !== undefined)).toEqual(debts.map(() => true));
  });

  it.each(
    Array.from({ length: 2 ** debts.length }, (_, bits) => debts.filter((_debt, index) => (bits >> index) % 2 === 1)),
  )('settles any of them that are open', async (...owed) => {
    // A copy hangs on the recovery VM only where there is one.
    const copyOn = owed.some(([, kind]) => kind === 'virtual-machine') ? 'recovery VM' : 'nobody';
    const world = await worldOf({ ...everything, owed, there: owed, copyOn });
    expect(await settle(world)).toEqual([]);
    const { original, ...others } = isThere(world);
    expect(original).toBe(true);
    expect(Object.values(others)).toEqual([false, false, false]);
    const wasStopped = owed.some(([, kind]) => kind === 'power-off');
    expect(world.vms.get(vmId)?.powerState).toBe(wasStopped ? 'running' : 'stopped');
  });

  it('confirms from Azure a swap that nobody saw, and never deletes the copy that is the VM’s disk', async () => {
    for (const isOwnerTold of [true, false]) {
      const world = await worldOf({ ...everything, has: 'copy', isOwnerTold });
      expect(await settle(world)).toEqual([]);
      expect(recordOf(world, swapId)).toMatchObject({ lifetime: 'kept' });
      expect(recordOf(world, swapId)?.createdAt).toBeDefined();
      expect(recordOf(world, copyId)).toMatchObject({ lifetime: 'kept' });
      expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
      // A copy that is the VM's disk loses our expiry.
      expect(world.recoveryContent.disks.get(copyId.toLowerCase())?.tags).toEqual(at.ours);
    }
  });

  it('asks for each deletion and each change of tags once, however long they last', async () => {
    for (const has of ['original', 'copy'] as const) {
      const world = await worldOf({ ...everything, has });
      const asked: string[] = [];
      const lasts = (call: string) => (id: string) => {
        asked.push(`${call} ${id}`);
        return Promise.resolve({ ok: true, value: 'begun' as const } as const);
      };
      world.tools.recovery.beginDeleteMachine = lasts('delete');
      world.tools.recovery.beginTagDisk = lasts('tag');
      for (let count = 0; count < 6; count += 1) {
        expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
      }
      expect(asked).toEqual([...new Set(asked)]);
      expect(asked).toContain(has === 'copy' ? `tag ${copyId}` : `delete ${recoveryVmId}`);
    }
  });

  it('waits while Azure exchanges the disk, and only then gives power', async () => {
    const world = await worldOf(everything);
    at.alterVm(world, { provisioningState: 'Updating' });
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
    expect(deedsOf(world, 'recovery.beginStart')).toEqual([]);
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
  });

  it('does not take the patient for running while its power-off is under way (hazard: it is left stopped)', async () => {
    const world = await worldOf({ ...everything, owed: [debts[1]], powerState: 'running' });
    at.alterVm(world, { provisioningState: 'Updating' });
    expect(await cleanUp(world.tools, { ...about, conclusion })).toMatchObject({ kind: 'wait' });
    at.alterVm(world, { provisioningState: 'Succeeded', powerState: 'stopped' });
    expect(await settle(world)).toEqual([]);
    expect(world.vms.get(vmId)?.powerState).toBe('running');
  });

  it('needs no permit: what is owed is done whatever a brake says', async () => {
    const world = await worldOf(everything);
    for (const [, brake] of at.brakes) await brake(world);
    expect(await settle(world)).toEqual([]);
    expect(isThere(world)).toEqual(onlyTheOriginal);
  });

  const forbidden: ArmFailure = {
    kind: 'forbidden',
    code: 'AuthorizationFailed',
    message: 'x',
    action: 'a/delete',
    scope: '/s',
  };
  const cannot: [keyof RecoveryArm, string[]][] = [
    ['beginDeleteMachine', [recoveryVmId, networkInterfaceId, copyId]],
    ['beginDeleteNetworkInterface', [networkInterfaceId]],
    ['beginDeleteDisk', [copyId]],
  ];
  it.each(cannot)('leaves behind by name, and in bounded time, what %s may not delete', async (call, names) => {
    for (const failure of [rejected('ScopeLocked'), forbidden]) {
      const world = await worldOf(everything);
      world.recoveryContent.failures[call] = failure;
      const left = await settle(world);
      expect(left).toHaveLength(names.length);
      for (const name of names) expect(left.join(' ')).toContain(name);
      expect(left.join(' ')).toContain(failure.kind === 'forbidden' ? 'a/delete' : 'ScopeLocked');
      expect(world.vms.get(vmId)?.powerState).toBe('running');
    }
  });

  it('says that the patient could not be started', async () => {
    const world = await worldOf(everything);
    world.recoveryContent.failures.beginStart = rejected('AllocationFailed');
    expect((await settle(world)).join(' ')).toMatch(/could not be started again.*AllocationFailed/);
    expect(isThere(world)).toEqual(onlyTheOriginal);
  });

  it('says that the copy that is the VM’s disk still has our expiry', async () => {
    const world = await worldOf({ ...everything, has: 'copy' });
    world.recoveryContent.failures.beginTagDisk = forbidden;
    expect((await settle(world)).join(' ')).toContain('rdp-lifeline-expires');
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
  });

  it('deletes nothing where Azure does not show which disk the VM has', async () => {
    const world = await worldOf(everything);
    const { arm } = world.tools;
    world.tools = {
      ...world.tools,
      arm: {
        ...arm,
        getVirtualMachine: (id) =>
          id === vmId ? Promise.resolve({ ok: false, failure: forbidden }) : arm.getVirtualMachine(id),
      },
    };
    expect((await settle(world)).join(' ')).toContain(copyId);
    expect(deedsOf(world, 'recovery.beginDeleteDisk')).toEqual([]);
  });

  it('whatever is owed and whatever Azure holds, ends in bounded calls and never deletes the VM’s disk, the original, or what is not ours', async () => {
    const failures = fc.record(
      Object.fromEntries(
        (
          [
            'beginStart',
            'beginDeleteMachine',
            'beginDeleteNetworkInterface',
            'beginDeleteDisk',
            'beginTagDisk',
          ] as const
        ).map((call) => [call, fc.constantFrom(undefined, undefined, rejected('ScopeLocked'), forbidden)]),
      ),
    );
    const states: fc.Arbitrary<State> = fc.record({
      owed: fc.subarray([...debts]),
      there: fc.subarray([...debts]),
      powerState: fc.constantFrom('running', 'stopped', 'deallocated'),
      has: fc.constantFrom('original', 'copy'),
      isOwnerTold: fc.boolean(),
      isOurs: fc.boolean(),
      copyOn: fc.constantFrom('nobody', 'recovery VM', 'another VM'),
    });
    await fc.assert(
      fc.asyncProperty(states, failures, async (state, failing) => {
        const world = await worldOf(state);
        Object.assign(world.recoveryContent.failures, failing);
        const before = isThere(world);
        const left = await settle(world);
        const asked = deedsOf(world, 'recovery.beginDelete').map((deed) => (deed.split(' ')[1] ?? '').toLowerCase());
        expect(asked).not.toContain(osDiskId.toLowerCase());
        expect(asked).not.toContain(vmId);
        expect(asked).not.toContain(world.vms.get(vmId)?.osDiskId?.toLowerCase());
        if (!state.isOurs) expect(isThere(world)).toEqual(before);
        if (state.copyOn === 'another VM') expect(isThere(world).copy).toBe(before.copy);
        // What is on record is gone, is meant to be kept, or is told by name.
        for (const [id, kind] of state.owed) {
          const record = recordOf(world, id);
          // What an exchange leaves is told by the disk that the VM has.
          const names = { 'power-off': ['started again'], 'os-disk-swap': [id, copyId] }[kind as string] ?? [id];
          const isTold = left.some((reason) => names.some((name) => reason.includes(name)));
          expect(record?.deletedAt !== undefined || record?.lifetime === 'kept' || isTold).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
