import { judge, verifyRepair } from '../../src/activities/verify-repair';
import { configurationOf, listenerOf, statusOf } from '../signatures/evidence';
import { fakeGuest, respondAs } from './guest';
import { about, changeVm, deedsOf, plan, repairId, repairWorld, tagVm, untilDone } from './repair';

const input = { ...about, plan, attempt: 1 };
const ready = { usable: true, reason: 'The guest agent is Ready.' };
const dead = { usable: false, reason: 'The guest agent is Not Ready.' };
const mended = [configurationOf('Dhcp', 2), statusOf('Dhcp', 4)];

describe('activities/verify-repair judges', () => {
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

  it.each([0, 10, 1.5, '1'])('refuses the attempt %p', async (attempt) => {
    const world = await repairWorld();
    await expect(verifyRepair(world.tools, { ...input, attempt })).rejects.toThrow();
  });
});

function verify({ tools }: Awaited<ReturnType<typeof repairWorld>>, attempt = 1) {
  return untilDone(() => verifyRepair(tools, { ...input, attempt }));
}
