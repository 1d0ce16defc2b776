import { judge } from '../../src/activities/verification';
import { verifyRepair } from '../../src/activities/verify-repair';
import type { ArmFailure } from '../../src/azure/ports';
import { securityGroupId } from '../azure/support/machine';
import { configurationOf, listenerOf, statusOf } from '../signatures/support/evidence';
import { denyTheRest, rdpRule } from '../network/support/rules';
import { fakeGuest, respondAs } from './support/guest';
import { changeVm, deedsOf, plan, repairId, repairWorld, tagVm, untilDone, planned } from './support/repair';

const input = { ...planned, attempt: 1 };
const ready = { usable: true, reason: 'The guest agent is Ready.' };
const dead = { usable: false, reason: 'The guest agent is Not Ready.' };
const mended = [configurationOf('Dhcp', 2), statusOf('Dhcp', 4)];

describe('activities/verify-repair: judges', () => {
  it.each([
    ['repaired', 'repaired', [...mended, listenerOf(true)], ready],
    ['fixed-rdp-unproven', 'agent-not-ready', [...mended, listenerOf(true)], dead],
    ['fixed-rdp-unproven', 'rdp-not-listening', [...mended, listenerOf(false)], ready],
    ['fixed-rdp-unproven', 'rdp-not-read', mended, ready],
    ['not-repaired', 'still-there', [configurationOf('Dhcp', 4), statusOf('Dhcp', 4), listenerOf(true)], ready],
    ['not-repaired', 'not-verified', [statusOf('Dhcp', 4), listenerOf(true)], ready],
    ['not-repaired', 'not-verified', [], ready],
    ['not-repaired', 'change-did-not-hold', [configurationOf('Dhcp', 3), statusOf('Dhcp', 4), listenerOf(true)], ready],
    ['not-repaired', 'change-did-not-hold', [configurationOf('Dhcp', 2), statusOf('Dhcp', 2), listenerOf(true)], ready],
    ['not-repaired', 'change-did-not-hold', [configurationOf('Dhcp', 2), listenerOf(true)], ready],
  ])('%s (%s)', (ending, code, evidence, agent) => {
    const verification = judge(plan, evidence, agent);
    expect(verification.conclusion).toMatchObject({ ending, code });
    expect(verification.settled).toBe(ending === 'repaired');
  });
});

describe('activities/verify-repair', () => {
  it('reads everything again in a run of its own', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    expect(await verify(world)).toMatchObject({
      kind: 'done',
      outcome: 'done',
      value: { settled: true, conclusion: { ending: 'repaired' } },
    });
    expect(deedsOf(world, 'arm.beginGuestRun')).toEqual([`arm.beginGuestRun rdp-lifeline-${repairId}-verify-1`]);
    expect(await world.tools.ledger.getDocument(repairId, 'verification')).toMatchObject({ settled: true });
  });

  it('looks anew at each attempt', async () => {
    const world = await repairWorld();
    const guest = fakeGuest({ startType: 2, state: 2 });
    world.respond = respondAs(guest);
    expect(await verify(world)).toMatchObject({
      value: { settled: false, conclusion: { code: 'change-did-not-hold' } },
    });
    guest.state = 4;
    expect(await verify(world, 2)).toMatchObject({ value: { settled: true } });
  });

  it('is not verified when the guest does not answer any more', async () => {
    const world = await repairWorld();
    changeVm(world, { agent: { usable: false, reason: 'The guest agent is Not Ready.' } });
    expect(await verify(world)).toMatchObject({
      outcome: 'failed',
      value: { settled: false, conclusion: { ending: 'not-repaired', code: 'not-verified' } },
    });
  });

  it.each([
    ['the kill switch', 'not-repaired', 'not-verified'],
    ['an untagged VM', 'not-repaired', 'not-verified'],
    ['a cancel', 'cancelled', 'cancelled'],
  ])('says after %s that changes were handed over, and never that nothing was done', async (brake, ending, code) => {
    const world = await repairWorld();
    if (brake === 'the kill switch') world.tools.settings.killSwitch = true;
    if (brake === 'an untagged VM') tagVm(world, 'off');
    if (brake === 'a cancel') {
      await world.tools.ledger.updateRepair(repairId, { cancelRequestedAt: '2026-01-02T03:05:00.000Z' });
    }
    expect(await verify(world)).toMatchObject({
      kind: 'end',
      conclusion: { ending, code, reason: expect.stringContaining('the changes were handed to the guest') as unknown },
    });
  });

  it('looks at the way to the guest, without waiting in a call, and records every check', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    await verify(world);
    expect(world.outside.operations).toHaveLength(1);
    expect(await world.tools.ledger.getDocument(repairId, 'verification')).toMatchObject({
      view: { reach: { kind: 'open' } },
      knock: { kind: 'off' },
      witnesses: [],
      checks: expect.arrayContaining([
        expect.objectContaining({ check: 'rdp-listening', outcome: 'shown' }),
        expect.objectContaining({ check: 'security-groups', outcome: 'shown' }),
      ]) as unknown,
    });
  });

  it('names the security group that keeps everybody out', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    world.outside.groups = [{ id: securityGroupId, rules: [rdpRule({ access: 'Deny' }), denyTheRest] }];
    expect(await verify(world)).toMatchObject({
      outcome: 'done',
      value: { settled: true, conclusion: { ending: 'fixed-rdp-unproven', code: 'blocked-by-nsg' } },
    });
  });

  it('knocks once the guest listens, and not at a door that is barred', async () => {
    const world = await repairWorld({ rdpProbe: 'private-address' });
    const guest = fakeGuest({ startType: 2, state: 4, listening: false });
    world.respond = respondAs(guest);
    await verify(world);
    expect(world.outside.probed).toEqual([]);
    guest.listening = true;
    world.outside.probeAnswer = { kind: 'refused' };
    expect(await verify(world, 2)).toMatchObject({
      value: { settled: false, conclusion: { code: 'probe-unanswered' } },
    });
    expect(world.outside.probed).toEqual(['10.0.0.4:3389']);
    world.outside.probeAnswer = { kind: 'answered' };
    expect(await verify(world, 3)).toMatchObject({ value: { settled: true, conclusion: { ending: 'repaired' } } });
    // The rules are asked for once; a knock is made at each look.
    expect(world.outside.operations).toHaveLength(1);

    const barred = await repairWorld({ rdpProbe: 'private-address' });
    barred.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    barred.outside.groups = [{ id: securityGroupId, rules: [rdpRule({ access: 'Deny' }), denyTheRest] }];
    await verify(barred);
    expect(barred.outside.probed).toEqual([]);
  });

  it.each<[string, ArmFailure]>([
    ['a missing role', { kind: 'forbidden', code: 'x', message: 'x', action: 'Some/action', scope: '/nic' }],
    ['a lock', { kind: 'rejected', code: 'ScopeLocked', message: 'x', status: 409 }],
    ['an Azure that is busy for long', { kind: 'wait', code: 'TooManyRequests', message: 'x', retryAfterMs: 600_000 }],
  ])('stays repaired when the security rules cannot be read because of %s, and says so', async (_what, failure) => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    world.failures.beginEffectiveRules = failure;
    expect(await verify(world)).toMatchObject({
      value: { conclusion: { ending: 'repaired', reason: expect.stringContaining('is not known') as string } },
    });
  });

  it('does not look outside a guest that is not mended', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 4, state: 1 }));
    expect(await verify(world)).toMatchObject({ value: { conclusion: { ending: 'not-repaired' } } });
    expect(world.outside.looks).toBe(0);
    const verification = await world.tools.ledger.getDocument(repairId, 'verification');
    expect(verification).not.toHaveProperty('view');
  });

  it('asks for the security rules while the guest is busy, once', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    expect(await verifyRepair(world.tools, input)).toMatchObject({ kind: 'wait' });
    expect(world.outside.operations).toHaveLength(1);
    expect(await verify(world)).toMatchObject({ value: { settled: true } });
    expect(world.outside.operations).toHaveLength(1);
  });

  it('records an alert that was resolved meanwhile as a witness', async () => {
    const world = await repairWorld();
    world.respond = respondAs(fakeGuest({ startType: 2, state: 4 }));
    const receivedAt = '2026-01-02T03:10:00.000Z';
    await world.tools.ledger.addSignalToRepair(repairId, {
      ...{ key: 'k', door: 'alert', title: 'RDP is down', facts: {}, says: 'recovered' },
      ...{ receivedAt, occurredAt: receivedAt },
      outcome: { kind: 'joined', repairId },
    });
    await verify(world);
    expect(await world.tools.ledger.getDocument(repairId, 'verification')).toMatchObject({
      witnesses: [{ title: 'RDP is down', at: receivedAt }],
    });
  });

  it.each([0, 10, 1.5, '1'])('refuses the attempt %p', async (attempt) => {
    const world = await repairWorld();
    await expect(verifyRepair(world.tools, { ...input, attempt })).rejects.toThrow();
  });
});

function verify({ tools }: Awaited<ReturnType<typeof repairWorld>>, attempt = 1) {
  return untilDone(() => verifyRepair(tools, { ...input, attempt }));
}
