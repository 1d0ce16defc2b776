import { applyChanges } from '../../src/activities/apply-changes';
import { inspectVm } from '../../src/activities/inspect-vm';
import { lookAgain } from '../../src/activities/look-again';
import { obtainPermit } from '../../src/activities/obtain-permit';
import { readEvidence } from '../../src/activities/read-evidence';
import { takeSnapshot } from '../../src/activities/take-snapshot';
import { verifyRepair } from '../../src/activities/verify-repair';
import type { SignalRecord } from '../../src/ledger/ports';
import type { FakeWorld } from './support/fakes';
import { fakeGuest, respondAs, type FakeGuest } from './support/guest';
import {
  about,
  changeVm,
  deedsOf,
  recordEvidence,
  repairId,
  repairWorld,
  tagVm,
  untilDone,
  permitPlan,
  permittedWorld,
  plan,
  planned,
} from './support/repair';

const cancelled = { kind: 'end', conclusion: { ending: 'cancelled', code: 'alert-resolved' } };

describe('activities/look-again: a repair whose alert was resolved', () => {
  it.each([
    ['the first look', inspectVm, about],
    ['the snapshot', takeSnapshot, about],
    ['the commands in the guest', readEvidence, about],
    ['the permit', obtainPermit, planned],
    ['the changes', applyChanges, planned],
  ] as const)('ends before %s, and creates nothing', async (_what, activity, input) => {
    const world = await resolvedWorld();
    if (activity === applyChanges) await permitPlan(world, plan);
    expect(await activity(world.tools, input)).toMatchObject(cancelled);
    expect(deedsOf(world, 'arm.')).toEqual([]);
    expect(await world.tools.ledger.getTimeline(repairId)).toMatchObject({ resources: [], changes: [] });
    expect(world.ledger.slots.size).toBe(0);
  });

  it('goes on when it has begun to change something: half a cure is worse than a whole one', async () => {
    const guest = fakeGuest();
    const world = await permittedWorld();
    await recordEvidence(world);
    world.respond = respondAs(guest);
    expect(await applyChanges(world.tools, planned)).toMatchObject({ kind: 'wait' });
    await resolve(world);
    expect(await untilDone(() => applyChanges(world.tools, planned))).toMatchObject({ value: 'applied' });
    const verified = await untilDone(() => verifyRepair(world.tools, { ...planned, attempt: 1 }));
    expect(verified).toMatchObject({ value: { conclusion: { ending: 'repaired' } } });
  });

  it('keeps the reason of a VM that may not be touched anyway', async () => {
    const world = await resolvedWorld();
    tagVm(world, 'off');
    expect(await inspectVm(world.tools, about)).toMatchObject({ conclusion: { ending: 'refused', code: 'opted-out' } });
  });

  it('is not stopped by the alert when a person asked for it too', async () => {
    const world = await resolvedWorld();
    await world.tools.ledger.addSignalToRepair(repairId, signal({ key: 'request', door: 'request' }));
    expect(await inspectVm(world.tools, about)).toMatchObject({ kind: 'done' });
  });

  it('fetches the rest of an answer that it had begun to read', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ padding: randomText(3_000) }));
    expect(await readEvidence(world.tools, about)).toMatchObject({ kind: 'wait' });
    await resolve(world);
    expect(await untilDone(() => readEvidence(world.tools, about))).toMatchObject({ kind: 'done', value: 'read' });
    expect(deedsOf(world, 'arm.beginGuestRun').length).toBeGreaterThan(1);
  });
});

describe('activities/look-again', () => {
  it('finds that the VM recovered by itself, by reading everything again', async () => {
    const world = await resolvedWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    expect(await untilDone(() => lookAgain(world.tools, about))).toMatchObject({
      kind: 'done',
      value: {
        ending: 'recovered-by-itself',
        code: 'recovered-by-itself',
        reason: expect.stringContaining('3389') as unknown,
      },
    });
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual([`arm.beginGuestRun rdp-lifeline-${repairId}-look-again`]);
    expect(world.ledger.steps.get(repairId)).toMatchObject([{ step: 'look-again', outcome: 'done' }]);
    expect(await world.tools.ledger.getDocument(repairId, 'look-again')).toMatchObject({ agent: { usable: true } });
  });

  it.each<[string, Partial<FakeGuest>, string]>([
    ['the failure is there', { startType: 4, state: 1 }, 'The DHCP Client service is disabled'],
    ['nobody listens', { startType: 2, state: 4, listening: false }, 'does not listen'],
    ['it is in safe mode', { startType: 2, state: 4, safeboot: 'Minimal' }, 'safe mode'],
  ])('takes the alert’s word for nothing when %s', async (_what, guest, why) => {
    const world = await resolvedWorld();
    const faked = fakeGuest(guest);
    world.respond = respondAs(faked);
    const look = await untilDone(() => lookAgain(world.tools, about));
    expect(look).toMatchObject({ value: { ending: 'cancelled', code: 'alert-resolved' } });
    expect(look.kind === 'done' && look.value.reason).toContain(why);
    expect(faked.writes).toEqual([]);
  });

  it('does not call a VM well whose agent is dead', async () => {
    const world = await resolvedWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } });
    expect(await untilDone(() => lookAgain(world.tools, about))).toMatchObject({
      value: { ending: 'cancelled', reason: expect.stringContaining('Not Ready') as unknown },
    });
    expect(deedsOf(world, 'arm.')).toEqual([]);
  });

  it('runs nothing in a guest while the kill switch is on', async () => {
    const world = await resolvedWorld();
    world.tools.settings.killSwitch = true;
    expect(await lookAgain(world.tools, about)).toMatchObject({ conclusion: { code: 'kill-switch' } });
    expect(deedsOf(world, 'arm.')).toEqual([]);
  });

  it('waits while Azure asks for it', async () => {
    const world = await resolvedWorld();
    world.failures.getVirtualMachine = { kind: 'wait', code: 'TooManyRequests', message: 'x' };
    expect(await lookAgain(world.tools, about)).toMatchObject({ kind: 'wait' });
  });
});

async function resolvedWorld(): Promise<FakeWorld> {
  const world = await repairWorld();
  await resolve(world);
  return world;
}

/** Records the alert that began the repair, and that it was resolved. */
async function resolve({ tools }: FakeWorld): Promise<void> {
  await tools.ledger.addSignalToRepair(repairId, signal({ key: 'fired' }));
  const receivedAt = '2026-01-02T03:06:00.000Z';
  await tools.ledger.addSignalToRepair(repairId, signal({ key: 'resolved', says: 'recovered', receivedAt }));
}

function signal(fields: Partial<SignalRecord>): SignalRecord {
  return {
    key: 'key',
    door: 'alert',
    title: 'rule',
    receivedAt: '2026-01-02T03:04:05.000Z',
    occurredAt: fields.receivedAt ?? '2026-01-02T03:04:05.000Z',
    occasion: 'alert:1',
    facts: {},
    outcome: { kind: 'joined', repairId },
    ...fields,
  };
}

/** Characters that cannot be packed. */
function randomText(length: number): string {
  let state = 1;
  const next = () => (state = (state * 48_271) % 2_147_483_647);
  return Array.from({ length }, () => String.fromCharCode(33 + (next() % 90))).join('');
}
