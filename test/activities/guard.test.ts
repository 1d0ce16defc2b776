import { isHeld, writeLimitMs } from '../../src/activities/fence';
import { guarded, type Access } from '../../src/activities/guard';
import { done, type Progress } from '../../src/activities/progress';
import { takeUpRepair } from '../../src/activities/take-up-repair';
import { awaitOperations } from '../../src/activities/await-operations';
import type { Tools } from '../../src/activities/toolbox';
import type { FakeWorld } from './support/fakes';
import { about, changeVm, repairId, repairWorld, snapshotId, vmId, vmKey } from './support/repair';

const other = vmId.replace(/[^/]+$/, 'vm-other');
const accesses: readonly Access[] = ['running', 'owed', 'closing'];

/** An activity that tells what it was told. */
const tellsAbout = (access: Access) =>
  guarded('tells', access, (_tools, given): Promise<Progress<unknown>> => Promise.resolve(done(given, '')));

/** One that stops the VM. */
const stops = (access: Access) =>
  guarded('stops', access, async ({ recovery }: Tools) => {
    const begun = await recovery.beginPowerOff(vmId, { skipShutdown: false });
    return begun.ok ? done('stopped', '') : ({ kind: 'wait', reason: begun.failure.code } as const);
  });

const end = (world: FakeWorld) => world.tools.ledger.updateRepair(repairId, { ending: 'not-repaired' });
const loseLease = (world: FakeWorld) => void world.ledger.leases.delete(vmKey);

async function endAndFree(world: FakeWorld): Promise<void> {
  await end(world);
  loseLease(world);
}

function open(world: FakeWorld): Promise<void> {
  return world.tools.ledger.recordResource(repairId, {
    ...{
      resourceId: `${vmId}/powerOff/round-1`,
      kind: 'power-off',
      details: { occasion: 'copy', round: 1 },
      purpose: 'x',
    },
    ...{ registeredAt: new Date().toISOString(), lifetime: 'temporary' },
  });
}

describe('activities/guard: a declared wait', () => {
  const wait = {
    kind: 'place',
    since: '2026-01-02T03:04:05.000Z',
    until: '2026-01-07T03:04:05.000Z',
    ahead: 1,
  } as const;

  it('is over when another activity is called (hazard: one that hangs afterwards counts as waiting for days)', async () => {
    for (const access of accesses) {
      const world = await repairWorld();
      await world.tools.ledger.updateRepair(repairId, { wait });
      await tellsAbout(access)(world.tools, about);
      expect(world.ledger.repairs.get(repairId)?.wait).toEqual({ ...wait, endedAt: expect.any(String) as unknown });
    }
  });

  it('goes on while its own activity is asked', async () => {
    const world = await repairWorld();
    await world.tools.ledger.updateRepair(repairId, { wait });
    const asks = guarded('obtainPermit', 'running', (): Promise<Progress<unknown>> => Promise.resolve(done('x', '')));
    await asks(world.tools, about);
    expect(world.ledger.repairs.get(repairId)?.wait).toEqual(wait);
  });
});

describe('activities/guard: who may have an activity done', () => {
  it('is told of the repair by the record, whatever the caller left out', async () => {
    const world = await repairWorld();
    world.ledger.repairs.set(repairId, { ...world.ledger.repairs.get(repairId)!, requestedMode: 'diagnose' });
    const answer = await tellsAbout('running')(world.tools, { repairId, round: 2 });
    expect(answer).toMatchObject({ value: { repairId, vmId, requestedMode: 'diagnose', round: 2 } });
  });

  it.each([
    ['another VM', { vmId: other }],
    ['a mode that was not asked for', { requestedMode: 'repair' }],
    ['a rollback that nobody asked for', { rollsBack: '20260102t030405z-ffffffffff' }],
  ] as const)('nobody who says %s', async (_what, said) => {
    const world = await repairWorld();
    for (const access of accesses) {
      const answer = await tellsAbout(access)(world.tools, { ...about, ...said });
      expect(answer).toMatchObject({ kind: 'end', conclusion: { ending: 'refused', code: 'not-this-repair' } });
    }
  });

  it('nobody for a diagnose-only repair who says that a change was asked for (hazard: it is applied)', async () => {
    const world = await repairWorld();
    world.ledger.repairs.set(repairId, { ...world.ledger.repairs.get(repairId)!, requestedMode: 'diagnose' });
    const answer = await tellsAbout('running')(world.tools, { ...about, requestedMode: 'repair' });
    expect(answer).toMatchObject({ kind: 'end', conclusion: { code: 'not-this-repair' } });
  });

  it.each([
    ['has ended', endAndFree, { running: 'repair-ended', owed: 'repair-ended', closing: 'repair-ended' }],
    [
      'has ended and not freed its VM (hazard: its host died in between, and the VM is never repaired again)',
      end,
      { running: 'repair-ended', owed: 'repair-ended', closing: undefined },
    ],
    ['has lost its lease', loseLease, { running: 'lease-lost', owed: 'lease-lost', closing: undefined }],
  ] as const)('nobody for a repair that %s and has nothing open', async (_what, happens, codes) => {
    for (const access of accesses) {
      const world = await repairWorld();
      await happens(world);
      const answer = await tellsAbout(access)(world.tools, about);
      const code = codes[access];
      expect(answer).toMatchObject(code === undefined ? { kind: 'done' } : { kind: 'end', conclusion: { code } });
    }
  });

  it.each([
    ['has ended', end],
    ['has lost its lease', loseLease],
  ] as const)('whoever puts right what a repair that %s has left open, and nobody for more', async (_what, happens) => {
    const world = await repairWorld();
    await open(world);
    await happens(world);
    expect(await tellsAbout('running')(world.tools, about)).toMatchObject({ kind: 'end' });
    expect(await tellsAbout('owed')(world.tools, about)).toMatchObject({ kind: 'done' });
    expect(await tellsAbout('closing')(world.tools, about)).toMatchObject({ kind: 'done' });
  });

  it('nobody of an orchestration that was ended and begun again, whatever is open', async () => {
    const world = await repairWorld();
    await open(world);
    await world.tools.ledger.takeUpRepair(repairId, '2026-01-02T03:04:05.000Z');
    await world.tools.ledger.takeUpRepair(repairId, '2026-01-02T04:00:00.000Z');
    for (const access of accesses) {
      for (const generation of [0, 1, 3]) {
        const answer = await tellsAbout(access)(world.tools, { ...about, generation });
        expect(answer).toMatchObject({ kind: 'end', conclusion: { ending: 'cancelled', code: 'superseded' } });
      }
      expect(await tellsAbout(access)(world.tools, { ...about, generation: 2 })).toMatchObject({ kind: 'done' });
    }
  });
});

describe('activities/guard: what the ledger is asked for', () => {
  /** The reads of the ledger in this call, in the order in which they were begun. */
  async function readsOf(world: FakeWorld, access: Access, said: object): Promise<string[]> {
    const reads: string[] = [];
    const ledger = new Proxy(world.tools.ledger, {
      get(target, name) {
        if (String(name).startsWith('get')) reads.push(String(name));
        return Reflect.get(target, name) as unknown;
      },
    });
    await tellsAbout(access)({ ...world.tools, ledger }, said);
    return reads;
  }

  it('is the write lock first, then the record and the lease, once each', async () => {
    const world = await repairWorld();
    expect(await readsOf(world, 'running', about)).toEqual(['getWriteLock', 'getRepair', 'getLease']);
    expect(await readsOf(world, 'closing', about)).toEqual(['getWriteLock', 'getRepair']);
  });

  it('is the lease of the VM on record where the caller names none', async () => {
    const world = await repairWorld();
    expect(await readsOf(world, 'running', { repairId })).toEqual(['getWriteLock', 'getRepair', 'getLease']);
    loseLease(world);
    const answer = await tellsAbout('running')(world.tools, { repairId });
    expect(answer).toMatchObject({ kind: 'end', conclusion: { code: 'lease-lost' } });
  });
});

describe('activities/guard: who may write to Azure, by the fence', () => {
  it('one of two calls at the same time; the other asks again', async () => {
    const world = await repairWorld();
    const answers = await Promise.all([stops('running')(world.tools, about), stops('running')(world.tools, about)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['done', 'wait']);
    expect(world.deeds.filter((deed) => deed.startsWith('recovery.beginPowerOff'))).toHaveLength(1);
  });

  it('not one that looked before another wrote, although that one is done (hazard: what it saw is out of date)', async () => {
    const world = await repairWorld();
    const late = guarded('stops', 'running', async (tools) => {
      await stops('running')(world.tools, about);
      const begun = await tools.recovery.beginStart(vmId);
      return done(begun, '');
    });
    expect(await late(world.tools, about)).toMatchObject({
      value: { ok: false, failure: { kind: 'wait', code: 'StepAtWork' } },
    });
    expect(world.vms.get(vmId)?.powerState).toBe('stopped');
  });

  it.each([
    ['is begun again', (world: FakeWorld) => world.tools.ledger.takeUpRepair(repairId, '2026-01-02T03:04:05.000Z')],
    ['ends', end],
    ['loses its lease', loseLease],
  ] as const)('nobody whose repair %s after it was admitted', async (_what, happens) => {
    const world = await repairWorld();
    const act = guarded('stops', 'running', async (tools) => {
      await happens(world);
      return done(await tools.recovery.beginPowerOff(vmId, { skipShutdown: true }), '');
    });
    expect(await act(world.tools, about)).toMatchObject({ value: { ok: false, failure: { kind: 'wait' } } });
    expect(world.vms.get(vmId)?.powerState).toBe('running');
  });

  it('whoever writes several times, each time anew', async () => {
    const world = await repairWorld();
    const act = guarded('writes', 'running', async ({ arm, recovery }) => {
      const first = await recovery.beginPowerOff(vmId, { skipShutdown: true });
      const second = await recovery.beginStart(vmId);
      const third = await arm.revokeSnapshotAccess(snapshotId);
      return done([first.ok, second.ok, third.ok], '');
    });
    expect(await act(world.tools, about)).toMatchObject({ value: [true, true, true] });
    expect(await act(world.tools, about)).toMatchObject({ value: [true, true, true] });
    expect(world.ledger.writeLocks.get(`${repairId}/writes`)).toEqual({ activity: 'writes', version: 6 });
  });

  it('one call for several writes that it begins side by side (hazard: a clean-up that never gets through)', async () => {
    const world = await repairWorld();
    const act = guarded('writes', 'running', async ({ arm, recovery }) => {
      const answers = await Promise.all([
        recovery.beginPowerOff(vmId, { skipShutdown: true }),
        arm.beginDeleteGuestRun(vmId, 'one'),
        arm.beginDeleteGuestRun(vmId, 'two'),
        recovery.beginStart(vmId),
      ]);
      return done(
        answers.map(({ ok }) => ok),
        '',
      );
    });
    expect(await act(world.tools, about)).toMatchObject({ value: [true, true, true, true] });
  });

  it('whoever comes after one that died, once that one cannot be at it any more', async () => {
    const world = await repairWorld();
    const at = Date.parse('2026-01-02T03:04:05.000Z');
    jest.useFakeTimers({ now: at });
    try {
      await world.tools.ledger.acquireWriteLock(
        repairId,
        { activity: 'stops', version: 0 },
        new Date(at + writeLimitMs).toISOString(),
      );
      expect(await stops('running')(world.tools, about)).toMatchObject({ kind: 'wait' });
      expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'wait' });
      jest.setSystemTime(at + writeLimitMs);
      expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'done' });
      expect(await stops('running')(world.tools, about)).toMatchObject({ kind: 'done' });
    } finally {
      jest.useRealTimers();
    }
  });

  it('nobody while the ledger cannot be reached: no record, no change', async () => {
    const world = await repairWorld();
    const act = guarded('stops', 'running', async (tools) => {
      world.ledgerFault = new Error('The ledger cannot be reached.');
      return done(await tools.recovery.beginPowerOff(vmId, { skipShutdown: true }), '');
    });
    await expect(act(world.tools, about)).rejects.toThrow('The ledger cannot be reached.');
    expect(world.vms.get(vmId)?.powerState).toBe('running');
  });

  it('reads ask for no turn', async () => {
    const world = await repairWorld();
    const act = guarded('reads', 'running', async ({ arm, recovery }) => {
      await arm.getVirtualMachine(vmId);
      await recovery.getLocks(vmId);
      return done('read', '');
    });
    await act(world.tools, about);
    expect(world.ledger.writeLocks.size).toBe(0);
  });

  it('a lock without an end is free', () => {
    expect(isHeld({ activity: 'x', version: 3 })).toBe(false);
  });
});

describe('activities/guard: taking up a repair', () => {
  const startedAt = () => new Date().toISOString();

  it('gives each orchestration its generation, the same however often it asks', async () => {
    const world = await repairWorld();
    const first = { ...about, orchestrationStartedAt: '2026-01-02T03:04:05.000Z' };
    expect(await takeUpRepair(world.tools, first)).toMatchObject({ kind: 'done', value: 1 });
    expect(await takeUpRepair(world.tools, first)).toMatchObject({ kind: 'done', value: 1 });
    expect(
      await takeUpRepair(world.tools, { ...about, orchestrationStartedAt: '2026-01-02T04:00:00.000Z' }),
    ).toMatchObject({ value: 2 });
    expect(await takeUpRepair(world.tools, first)).toMatchObject({ kind: 'end', conclusion: { code: 'superseded' } });
  });

  it.each([
    ['another VM’s', () => Promise.resolve(), { vmId: other }, 'not-this-repair'],
    ['one that has ended', end, {}, 'repair-ended'],
    [
      'one that begins some day',
      () => Promise.resolve(),
      { orchestrationStartedAt: '2999-01-01T00:00:00.000Z' },
      'not-this-repair',
    ],
  ] as const)(
    'takes up no repair that is %s (hazard: the one at work is fenced off)',
    async (_what, happens, said, code) => {
      const world = await repairWorld();
      await happens(world);
      const answer = await takeUpRepair(world.tools, { ...about, orchestrationStartedAt: startedAt(), ...said });
      expect(answer).toMatchObject({ kind: 'end', conclusion: { code } });
      expect(world.ledger.repairs.get(repairId)?.generation).toBeUndefined();
    },
  );

  it('takes up one that has ended and has left something open', async () => {
    const world = await repairWorld();
    await open(world);
    await end(world);
    const answer = await takeUpRepair(world.tools, { ...about, orchestrationStartedAt: startedAt() });
    expect(answer).toMatchObject({ kind: 'done', value: 1 });
  });
});

describe('activities/guard: waiting for operations', () => {
  it('waits as long as Azure is in the middle of something on the VM, or does not say', async () => {
    const world = await repairWorld();
    changeVm(world, { provisioningState: 'Updating' });
    expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'wait' });
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'x' };
    expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'wait' });
    delete world.failures.getVirtualMachine;
    changeVm(world, {});
    expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'done' });
  });

  it('leaves a VM that is gone to the next step', async () => {
    const world = await repairWorld();
    world.vms.clear();
    expect(await awaitOperations(world.tools, about)).toMatchObject({ kind: 'done' });
  });
});
