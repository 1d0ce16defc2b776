import type { Knock } from '../../src/activities/knock';
import type { OutsideView } from '../../src/activities/outside-view';
import { checksOf, judge, rdpPortOf, type Outside } from '../../src/activities/verification';
import type { Reach } from '../../src/network/reach';
import { configurationOf, listenerOf, statusOf } from '../signatures/support/evidence';
import { plan } from './support/repair';

const ready = { usable: true, reason: 'The guest agent is Ready.' };
const dead = { usable: false, reason: 'The guest agent is Not Ready.' };
const mended = [configurationOf('Dhcp', 2), statusOf('Dhcp', 4)];
const well = [...mended, listenerOf(true)];
const group = '/subscriptions/x/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/vm-1-nsg';
const open: Reach = { kind: 'open', from: ['everywhere'], groups: 1 };
const blocked: Reach = { kind: 'blocked', by: [{ groupId: group, rule: 'securityRules/DenyRdp', priority: 100 }] };
const unknown: Reach = { kind: 'unknown', why: 'No role.' };

function outside(reach: Reach, fields: Partial<Outside> = {}, view: Partial<OutsideView> = {}): Outside {
  return { view: { port: 3389, reach, readAt: '2026-01-02T03:04:05.000Z', ...view }, witnesses: [], ...fields };
}

function made(answer: Extract<Knock, { kind: 'made' }>['answer']): Knock {
  return { kind: 'made', address: '10.0.0.4', port: 3389, answer, at: '2026-01-02T03:04:05.000Z' };
}

describe('activities/verification: judges what is outside the guest', () => {
  it('is not repaired for anybody while a security group turns everybody away; another look would not change that', () => {
    const { settled, conclusion } = judge(plan, well, ready, outside(blocked));
    expect(conclusion).toMatchObject({ ending: 'fixed-rdp-unproven', code: 'blocked-by-nsg' });
    expect(conclusion.reason).toContain('the rule DenyRdp (priority 100) of the network security group vm-1-nsg');
    expect(settled).toBe(true);
  });

  it.each<[Reach, string]>([
    [open, 'let TCP 3389 through from everywhere.'],
    [{ kind: 'open', from: ['VirtualNetwork'], groups: 1 }, 'let TCP 3389 through from VirtualNetwork only.'],
    [{ kind: 'open', from: ['everywhere'], groups: 0 }, 'No network security group applies'],
    [
      { kind: 'open', from: ['VirtualNetwork'], groups: 0, internet: 'closed' },
      'so its Standard public address is closed from the Internet; the virtual network is let through.',
    ],
    [unknown, 'is not known: No role.'],
  ])('is repaired where nothing shows a block, and says what is known of it', (reach, words) => {
    const { conclusion } = judge(plan, well, ready, outside(reach));
    expect(conclusion).toMatchObject({ ending: 'repaired', code: 'repaired' });
    expect(conclusion.reason).toContain(words);
  });

  it.each<[Knock, string]>([
    [made({ kind: 'refused' }), 'the connection was refused'],
    [made({ kind: 'no-answer', why: 'nothing came back within 5 s' }), 'nothing came back within 5 s'],
    [made({ kind: 'not-rdp', why: 'what answered does not speak it' }), 'does not speak it'],
  ])('is not proven when the app itself knocks in vain, and says what is proven', (knock, words) => {
    for (const reach of [open, unknown]) {
      const { settled, conclusion } = judge(plan, well, ready, outside(reach, { knock }));
      expect(conclusion).toMatchObject({ ending: 'fixed-rdp-unproven', code: 'probe-unanswered' });
      expect(conclusion.reason).toContain(words);
      expect(conclusion.reason).toContain('shown to run in the guest, and not shown to be reachable');
      expect(settled).toBe(false);
    }
  });

  it.each<[Knock, string]>([
    [made({ kind: 'answered' }), 'Tried from this app at 10.0.0.4:3389, Remote Desktop answered.'],
    [{ kind: 'not-made', why: 'Azure knows no public address of the VM.' }, 'was not tried from outside'],
  ])('is repaired with a knock that was answered, or could not be made', (knock, words) => {
    const { conclusion } = judge(plan, well, ready, outside(open, { knock }));
    expect(conclusion).toMatchObject({ ending: 'repaired' });
    expect(conclusion.reason).toContain(words);
  });

  it('does not mention a knock that nobody asked for', () => {
    expect(judge(plan, well, ready, outside(open, { knock: { kind: 'off' } })).conclusion.reason).not.toContain('ried');
  });

  it.each([
    ['agent-not-ready', well, dead],
    ['rdp-not-listening', [...mended, listenerOf(false)], ready],
  ])('keeps the nearer reason (%s) and names the block as well', (code, evidence, agent) => {
    const { conclusion } = judge(plan, evidence, agent, outside(blocked));
    expect(conclusion).toMatchObject({ ending: 'fixed-rdp-unproven', code });
    expect(conclusion.reason).toContain('DenyRdp');
  });

  it('never lets the outside make up for the guest', () => {
    const answered = outside(open, {
      knock: made({ kind: 'answered' }),
      witnesses: [{ title: 'RDP', at: '2026-01-02T03:04:05.000Z' }],
    });
    expect(judge(plan, [configurationOf('Dhcp', 4), statusOf('Dhcp', 1)], ready, answered).conclusion).toMatchObject({
      ending: 'not-repaired',
    });
    expect(judge(plan, [...mended, listenerOf(false)], ready, answered).conclusion.ending).toBe('fixed-rdp-unproven');
  });

  it('names a resolved alert as a witness', () => {
    const witnesses = [{ title: 'RDP is down', at: '2026-01-02T03:04:05.000Z' }];
    const { conclusion } = judge(plan, well, ready, outside(open, { witnesses }));
    expect(conclusion.reason).toContain('The alert "RDP is down" was resolved at 2026-01-02T03:04:05.000Z.');
  });

  it('says that it looked at one of several interfaces only', () => {
    const { reason } = judge(plan, well, ready, outside(open, {}, { interfaces: 2 })).conclusion;
    expect(reason).toContain('the primary one of 2 network interfaces');
  });

  it.each([
    [3389, 3389],
    [0, undefined],
    [70_000, undefined],
  ])('takes the port %p of the guest for %p', (port, expected) => {
    const listener = listenerOf(true);
    expect(rdpPortOf([{ ...listener, port } as typeof listener])).toBe(expected);
  });
});

describe('activities/verification: lists its checks', () => {
  it('in the order of the proof, each with what it showed', () => {
    const checks = checksOf(
      plan,
      well,
      ready,
      outside(blocked, {
        knock: made({ kind: 'refused' }),
        witnesses: [{ title: 'RDP', at: '2026-01-02T03:04:05.000Z' }],
      }),
    );
    expect(checks.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['failure-gone', 'shown'],
      ['change:set-service-start-type:Dhcp', 'shown'],
      ['change:start-service:Dhcp', 'shown'],
      ['agent-ready', 'shown'],
      ['rdp-listening', 'shown'],
      ['security-groups', 'not-shown'],
      ['probe', 'not-shown'],
      ['alert-resolved', 'shown'],
    ]);
    expect(checks.every(({ says }) => says.length > 0)).toBe(true);
  });

  it('calls nothing shown that was not read', () => {
    const checks = checksOf(plan, [], dead, { witnesses: [] });
    expect(checks.map(({ check, outcome }) => [check, outcome])).toEqual([
      ['failure-gone', 'not-known'],
      ['change:set-service-start-type:Dhcp', 'not-shown'],
      ['change:start-service:Dhcp', 'not-shown'],
      ['agent-ready', 'not-shown'],
      ['rdp-listening', 'not-known'],
    ]);
  });
});
