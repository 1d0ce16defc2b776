import { authorise } from '../../src/activities/authorise';
import { cleanUp } from '../../src/activities/clean-up';
import { closeRepair } from '../../src/activities/close-repair';
import { recordCleanedUp, recordConclusion } from '../../src/activities/on-record';
import { powerOffOf } from '../../src/activities/recovery/names';
import { diskIdOf, snapshotIdOf } from '../../src/azure/resource-id';
import { LedgerFault } from '../../src/ledger/errors';
import { singletonIdOf, vmKeyOf } from '../../src/repair-id';
import { noteSignal } from '../../src/triggers/accept-signal';
import { listRepairs } from '../../src/triggers/list-repairs';
import { requestRollback } from '../../src/triggers/request-rollback';
import { reviveRepairs } from '../../src/triggers/revive-repairs';
import { showKept } from '../../src/triggers/show-kept';
import { showRepair } from '../../src/triggers/show-repair';
import { sweepExpired } from '../../src/triggers/sweep-expired';
import { spoil, type FakeWorld } from '../activities/support/fakes';
import { about, conclusion, repairId, repairWorld, vmId, vmKey } from '../activities/support/repair';
import { exchangedWorld, lossSince, origin } from '../activities/rollback/support/world';
import { subscriptionId, virtualMachine } from '../azure/support/machine';
import { recordOf, resourceOf } from '../ledger/support/resources';
import { signalRecord } from '../ledger/support/records';
import { answerOf, fakeStarter, request } from './support/door';

const past = '2026-01-16T03:04:05.000Z';
const otherRepair = '20260103t030405z-0123abcd45';
const otherVm = vmId.replace(/[^/]+$/, 'vm-other');

function snapshotOf(repair: string): string {
  return snapshotIdOf(subscriptionId, 'rg-workbench', `rdp-lifeline-${repair}`);
}

/** Two repairs that have ended, of two VMs, each with an expired snapshot. */
async function sweptWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  const { ledger } = world.tools;
  await ledger.createRepair({ repairId: otherRepair, vmId: otherVm, acceptedAt: past, phase: 'Accepted' });
  for (const repair of [repairId, otherRepair]) {
    await ledger.updateRepair(repair, { ending: 'not-repaired', endedAt: past });
    const resource = resourceOf('snapshot', snapshotOf(repair));
    const kept = { registeredAt: past, createdAt: past, expiresAt: past } as const;
    await ledger.recordResource(repair, recordOf(resource, { ...kept, lifetime: 'kept' }));
    const tags = { 'rdp-lifeline-repair': repair, 'rdp-lifeline-expires': past };
    const id = snapshotOf(repair);
    const rest = { state: 'ready', sourceDiskId: 'x', accessOpen: false, network: {} } as const;
    world.snapshots.set(id.toLowerCase(), { id, tags, ...rest });
  }
  await ledger.releaseLease(vmKey, repairId);
  return world;
}

function deletions({ deeds }: FakeWorld): string[] {
  return deeds.filter((deed) => deed.startsWith('recovery.beginDelete'));
}

const onlyTheOther = [`recovery.beginDeleteSnapshot ${snapshotOf(otherRepair)}`];

describe('triggers/unreadable-rows: the sweeper', () => {
  it.each<[string, (world: FakeWorld) => void]>([
    ['an unreadable resource', (world) => spoil(world, repairId, 'resource.sweeper')],
    ['an unreadable change', (world) => spoil(world, repairId, 'change.sweeper')],
    ['an unreadable lease of its VM', (world) => spoil(world, 'lease', vmKeyOf(vmId))],
    [
      'an unreadable row of its own',
      (world) => {
        world.ledger.repairs.delete(repairId);
        spoil(world, 'repair', repairId);
      },
    ],
  ])('deletes nothing of a repair with %s, and goes on with the others', async (_what, damage) => {
    const world = await sweptWorld();
    damage(world);
    await sweepExpired(world.tools);
    expect(deletions(world)).toEqual(onlyTheOther);
  });

  it('names each such row once in the log', async () => {
    const world = await sweptWorld();
    spoil(world, repairId, 'resource.named-once');
    await sweepExpired(world.tools);
    await sweepExpired(world.tools);
    const told = world.logged.filter(({ event }) => event === 'rowUnreadable');
    expect(told.map(({ fields }) => fields.place)).toEqual([`${repairId} / resource.named-once`]);
  });

  it('is told apart by whoever asks what is kept', async () => {
    const world = await sweptWorld();
    spoil(world, repairId, 'resource.kept');
    expect(answerOf(await showKept(world.tools))).toMatchObject({
      body: {
        kept: expect.arrayContaining([
          expect.objectContaining({ resourceId: snapshotOf(repairId), state: 'unknown' }),
        ]) as unknown,
        unreadable: [{ place: `${repairId} / resource.kept`, problem: expect.any(String) as string }],
      },
    });
  });
});

describe('triggers/unreadable-rows: doors', () => {
  it('list the repairs that can be read, and name the others', async () => {
    const world = await repairWorld();
    spoil(world, 'repair', 'list');
    expect(answerOf(await listRepairs(world.tools, request('GET', 'repairs')))).toMatchObject({
      status: 200,
      body: { repairs: [{ repairId }], unreadable: [{ place: 'repair / list' }] },
    });
  });

  it('show of a repair what can be read, name the rest, and warn of commands that may not be all', async () => {
    const world = await repairWorld();
    spoil(world, repairId, 'change.show');
    const place = `${repairId} / change.show`;
    const shown = await showRepair(world.tools, request('GET', 'x', { params: { repairId } }));
    expect(answerOf(shown)).toMatchObject({
      status: 200,
      body: {
        repairId,
        unreadable: [{ place }],
        wayBack: [{ commands: [], note: expect.stringContaining(place) as string }],
      },
    });
  });

  it('begin no rollback on a record that cannot be read, and start nothing', async () => {
    const world = await exchangedWorld();
    const { starter, started } = fakeStarter();
    spoil(world, origin, 'resource.rollback');
    const body = JSON.stringify({ acknowledgeDataLossSince: lossSince });
    const asked = requestRollback(world.tools, starter, request('POST', 'x', { body, params: { repairId: origin } }));
    await expect(asked).rejects.toBeInstanceOf(LedgerFault);
    expect(started).toEqual([]);
    expect(world.ledger.leases.size).toBe(0);
  });

  it('hand a Resolved alert to its repair, whatever lease of another VM cannot be read', async () => {
    const world = await repairWorld();
    spoil(world, 'lease', vmKeyOf(otherVm));
    const times = { receivedAt: '2026-01-02T03:04:05.000Z', occurredAt: '2026-01-02T03:04:05.000Z' };
    const signal = { key: 'k', door: 'alert', title: 't', facts: {}, vmId, says: 'recovered', ...times } as const;
    expect(await noteSignal(world.tools, signal)).toEqual({ kind: 'joined', repairId });
  });
});

describe('triggers/unreadable-rows: upkeep', () => {
  it('revives the other repairs when the row of one, or a lease, cannot be read', async () => {
    const world = await repairWorld();
    const { ledger } = world.tools;
    const acquiredAt = new Date().toISOString();
    const damaged = '20260104t030405z-0123abcd45';
    const damagedVm = vmId.replace(/[^/]+$/, 'vm-damaged');
    await ledger.releaseLease(vmKey, repairId);
    await ledger.acquireLease({ vmKey: vmKeyOf(damagedVm), repairId: damaged, vmId: damagedVm, acquiredAt });
    await ledger.acquireLease({ vmKey: vmKeyOf(otherVm), repairId: otherRepair, vmId: otherVm, acquiredAt });
    spoil(world, 'repair', damaged);
    spoil(world, 'lease', 'upkeep');
    const { starter, started } = fakeStarter();
    await reviveRepairs(world.tools, starter);
    expect(started.map(({ singletonId }) => singletonId)).toEqual([singletonIdOf(otherVm)]);
    expect(world.ledger.leases.size).toBe(2);
    const places = world.logged.filter(({ event }) => event === 'rowUnreadable').map(({ fields }) => fields.place);
    expect(places).toEqual(['lease / upkeep', `repair / ${damaged}`]);
  });
});

describe('triggers/unreadable-rows: the repair itself', () => {
  const copyId = diskIdOf(subscriptionId, 'rg-app', `rdp-lifeline-${repairId}-copy-1`);

  it('gives the VM its power back and leaves every disk, and says that more may be left', async () => {
    const world = await repairWorld();
    const { ledger } = world.tools;
    const times = { registeredAt: past, createdAt: past, lifetime: 'temporary' } as const;
    await ledger.recordResource(repairId, recordOf(resourceOf('power-off', powerOffOf(about, 'round-1')), times));
    await ledger.recordResource(repairId, recordOf(resourceOf('disk', copyId), times));
    world.vms.set(vmId, virtualMachine({ powerState: 'deallocated' }));
    spoil(world, repairId, 'resource.clean-up');
    await cleanUp(world.tools, { ...about, conclusion });
    expect(world.deeds.filter((deed) => deed.startsWith('recovery.begin'))).toEqual([`recovery.beginStart ${vmId}`]);
    world.vms.set(vmId, virtualMachine({ powerState: 'running' }));
    const ended = await cleanUp(world.tools, { ...about, conclusion });
    expect(ended).toMatchObject({ kind: 'done' });
    const left = (ended as { value: { left: string[] } }).value.left.join(' ');
    expect(left).toContain(`${copyId} is left behind`);
    expect(left).toContain(`${repairId} / resource.clean-up cannot be read`);
    expect(deletions(world)).toEqual([]);
  });

  it('ends, frees its VM, says what cannot be read, and does not say that the VM is as it was', async () => {
    const world = await repairWorld();
    const { ledger } = world.tools;
    await recordConclusion(ledger, repairId, { ending: 'diagnosed', code: 'cap-reached', reason: 'Diagnosed.' });
    spoil(world, repairId, 'resource.closing');
    await closeRepair(world.tools, about);
    const { ending, endingReason } = world.ledger.repairs.get(repairId) ?? {};
    expect(ending).toBe('not-repaired');
    expect(endingReason).toContain(`${repairId} / resource.closing cannot be read`);
    expect(world.ledger.leases.size).toBe(0);
  });

  it('ends without its proof, if that cannot be read', async () => {
    const world = await repairWorld();
    const { ledger } = world.tools;
    await recordConclusion(ledger, repairId, { ending: 'repaired', code: 'repaired', reason: 'Mended.' });
    await recordCleanedUp(ledger, repairId, []);
    const getDocument: typeof ledger.getDocument = async (repair, name) => {
      if (name === 'verification') throw new LedgerFault('spoilt', { code: 'UnreadableDocument' });
      return ledger.getDocument(repair, name);
    };
    await closeRepair({ ...world.tools, ledger: { ...ledger, getDocument } }, about);
    expect(world.ledger.repairs.get(repairId)).toMatchObject({ ending: 'not-repaired', endingCode: 'not-verified' });
  });

  it('is not stopped as resolved while a signal cannot be read: it may be one that asks for it', async () => {
    const world = await repairWorld();
    const { ledger } = world.tools;
    const occasion = 'alert:a';
    await ledger.addSignalToRepair(repairId, signalRecord({ key: 'fired', occasion }));
    const occurredAt = '2026-01-02T04:04:05.678Z';
    await ledger.addSignalToRepair(
      repairId,
      signalRecord({ key: 'resolved', occasion, says: 'recovered', occurredAt }),
    );
    const codeNow = async () => {
      const { value } = (await authorise(world.tools, about, 'look')) as Extract<
        Awaited<ReturnType<typeof authorise>>,
        { kind: 'authorised' }
      >;
      return value.decision.kind === 'refusal' ? value.decision.code : value.decision.kind;
    };
    expect(await codeNow()).toBe('alert-resolved');
    spoil(world, repairId, 'signal.authorise');
    expect(await codeNow()).not.toBe('alert-resolved');
  });
});
