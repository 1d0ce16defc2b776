import fc from 'fast-check';
import type { VirtualMachine } from '../../src/azure/ports';
import type { Mode } from '../../src/ledger/ports';
import { decide, type Facts, type MissingCode, type RefusalCode } from '../../src/policy/decide';
import { reaches } from '../../src/policy/modes';
import { virtualMachine } from '../azure/support/machine';

/** One fact against it for each refusal, in the order in which they must win. */
const against: [RefusalCode, Partial<Omit<Facts, 'vm'>>, Partial<VirtualMachine>][] = [
  ['cancelled', { cancelRequested: true }, {}],
  ['kill-switch', { killSwitch: 'the setting KILL_SWITCH' }, {}],
  ['subscription-not-allowed', { subscriptionAllowed: false }, {}],
  ['not-windows', {}, { osType: 'Linux' }],
  ['scale-set-instance', {}, { scaleSetId: '/subscriptions/s/…/virtualMachineScaleSets/set' }],
  ['unknown-mode', {}, { tags: { 'rdp-lifeline': 'yes' } }],
  ['ephemeral-os-disk', {}, { osDiskEphemeral: true }],
  ['unmanaged-os-disk', {}, { osDiskId: undefined, osDiskUnmanaged: true }],
  ['not-provisioned', {}, { provisioningState: 'Deleting' }],
  ['not-running', {}, { powerState: 'deallocated' }],
  ['mode-diagnose', { purpose: 'change', requestedMode: 'diagnose' }, {}],
  ['alert-resolved', { alertResolved: true }, {}],
];
const order = against.map(([code], index) => ({ code, index }));

describe('policy/decide', () => {
  it('permits to look and to change when nothing is against it', () => {
    expect(decide(facts({ purpose: 'look' }))).toEqual({ kind: 'permit', mode: 'repair' });
    expect(decide(facts({ purpose: 'change' }))).toEqual({ kind: 'permit', mode: 'repair' });
  });

  it.each(against)('refuses with %s and a readable reason', (code, more, vm) => {
    const decision = decide(facts(more, vm));
    expect(decision).toEqual({ kind: 'refusal', code, reason: expect.stringMatching(/^[A-Z].{15,}\.$/) });
  });

  it.each(order)('refuses with $code before everything that comes after it', ({ code, index }) => {
    const all = against.slice(index);
    const more = Object.assign({}, ...all.map(([, given]) => given)) as Partial<Facts>;
    const vm = Object.assign({}, ...all.map(([, , given]) => given)) as Partial<VirtualMachine>;
    expect(decide(facts(more, vm))).toMatchObject({ kind: 'refusal', code });
  });

  it.each<[string, Record<string, string>, RefusalCode]>([
    ['no tag', {}, 'not-opted-in'],
    ['off', { 'rdp-lifeline': 'off' }, 'opted-out'],
    ['observe', { 'rdp-lifeline': 'observe' }, 'not-opted-in'],
    ['nothing', { 'rdp-lifeline': '' }, 'unknown-mode'],
    ['another tool’s tag', { 'rdp-lifeline-repair': 'repair' }, 'not-opted-in'],
    ['markup', { 'rdp-lifeline': '<b>repair</b>' }, 'unknown-mode'],
    ['two modes', { 'rdp-lifeline': 'repair,approve' }, 'unknown-mode'],
    ['a look-alike', { 'rdp-lifeline': 'repaır' }, 'unknown-mode'],
  ])('refuses to look with %s', (_what, tags, code) => {
    expect(decide(facts({ purpose: 'look' }, { tags }))).toMatchObject({ kind: 'refusal', code });
  });

  it.each<[string, Partial<Omit<Facts, 'vm'>>, Partial<VirtualMachine>, string]>([
    ['permits a VM that is tagged repair', {}, {}, 'repair'],
    ['goes on with a VM that was stopped for it', { stoppedByUs: true }, { powerState: 'stopped' }, 'repair'],
    ['is asked for by a person, whatever alerts say', { alertResolved: true }, {}, 'repair'],
    ['does not stop what somebody has stopped', {}, { powerState: 'deallocated' }, 'not-running'],
    ['needs more than diagnose', {}, { tags: { 'rdp-lifeline': 'diagnose' } }, 'mode-diagnose'],
    ['needs more than approve', {}, { tags: { 'rdp-lifeline': 'approve' } }, 'needs-approval'],
    ['heeds the brake', { killSwitch: 'the setting KILL_SWITCH' }, {}, 'kill-switch'],
  ])('a rollback %s', (_what, more, vm, said) => {
    const decision = decide(facts({ purpose: 'roll-back', ...more }, vm));
    const { mode, code, kind } = { mode: undefined, code: undefined, ...decision };
    expect(mode ?? code ?? kind).toBe(said);
  });

  it('lets a VM whose alert was resolved be looked at again, and nothing else', () => {
    const kindOf = (purpose: Facts['purpose'], mode: string) =>
      decide(facts({ purpose, alertResolved: true }, { tags: { 'rdp-lifeline': mode } })).kind;
    for (const mode of ['repair', 'diagnose']) {
      expect(kindOf('look-again', mode)).toBe('permit');
      expect(kindOf('look', mode)).toBe('refusal');
      expect(kindOf('change', mode)).toBe('refusal');
    }
  });

  it.each<[MissingCode, Partial<VirtualMachine>]>([
    ['os-type-missing', { osType: 'unknown' }],
    ['os-disk-missing', { osDiskId: undefined }],
    ['power-state-missing', { powerState: undefined }],
  ])('says neither yes nor no where Azure does not tell: %s', (code, vm) => {
    for (const purpose of ['look', 'look-again', 'change', 'swap', 'roll-back'] as const) {
      const reason = expect.stringMatching(/^Azure does not say .{5,}\.$/) as string;
      expect(decide(facts({ purpose }, vm))).toEqual({ kind: 'not-told', code, reason });
      // Whatever Azure would have said, these hold.
      expect(decide(facts({ purpose, killSwitch: 'a person' }, vm))).toMatchObject({ code: 'kill-switch' });
      expect(decide(facts({ purpose }, { ...vm, tags: {} }))).toMatchObject({ code: 'not-opted-in' });
    }
  });

  it('never permits anything on what it was not told', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom('osType', 'osDiskId', 'powerState'), (given, field) => {
        const untold = { osType: { osType: 'unknown' }, osDiskId: { osDiskId: undefined } } as const;
        const fields = field === 'powerState' ? { powerState: undefined } : untold[field];
        expect(decide({ ...given, vm: { ...given.vm, ...fields } }).kind).not.toBe('permit');
      }),
    );
  });

  it('does not quote an endless tag', () => {
    const decision = decide(facts({}, { tags: { 'rdp-lifeline': 'x'.repeat(5000) } }));
    expect(decision.kind === 'refusal' && decision.reason.length).toBeLessThan(300);
  });

  it.each(['rdp-lifeline', 'RDP-Lifeline', 'RDP-LIFELINE'])('knows the tag %s and its value in any case', (name) => {
    expect(decide(facts({ purpose: 'change' }, { tags: { [name]: ' Repair ' } }))).toMatchObject({ kind: 'permit' });
  });

  it('permits only to look with the tag diagnose', () => {
    const tags = { 'rdp-lifeline': 'diagnose' };
    expect(decide(facts({ purpose: 'look' }, { tags }))).toEqual({ kind: 'permit', mode: 'diagnose' });
    expect(decide(facts({ purpose: 'change' }, { tags }))).toMatchObject({ code: 'mode-diagnose' });
  });

  it('asks for a person’s yes before a change with the tag approve', () => {
    const tags = { 'rdp-lifeline': 'approve' };
    expect(decide(facts({ purpose: 'look' }, { tags }))).toEqual({ kind: 'permit', mode: 'approve' });
    expect(decide(facts({ purpose: 'change' }, { tags }))).toMatchObject({ kind: 'needs-approval' });
  });

  it.each<[Mode, string]>([
    ['off', 'refusal'],
    ['observe', 'refusal'],
    ['diagnose', 'refusal'],
    ['approve', 'needs-approval'],
    ['repair', 'permit'],
  ])('lowers the tag repair to the requested mode %s', (requestedMode, kind) => {
    expect(decide(facts({ purpose: 'change', requestedMode }))).toMatchObject({ kind });
  });

  it('never permits anything without a tag', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide({ ...given, vm: { ...given.vm, tags: {} } });
        expect(decision.kind).toBe('refusal');
      }),
    );
  });

  it('never permits anything with a brake on', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom('kill', 'cancel', 'subscription'), (given, brake) => {
        const braked = {
          ...given,
          killSwitch: brake === 'kill' ? 'a person' : given.killSwitch,
          cancelRequested: brake === 'cancel' || given.cancelRequested,
          subscriptionAllowed: brake !== 'subscription' && given.subscriptionAllowed,
        };
        expect(decide(braked).kind).toBe('refusal');
      }),
    );
  });

  it('permits a change only with the tag repair', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const decision = decide({ ...given, purpose: 'change' });
        const tag = Object.entries(given.vm.tags).find(([name]) => name.toLowerCase() === 'rdp-lifeline')?.[1];
        expect(decision.kind !== 'permit' || tag?.trim().toLowerCase() === 'repair').toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never goes further because of what a request asks for', () => {
    const rank = { refusal: 0, 'needs-approval': 1, 'not-told': 1, permit: 2 };
    fc.assert(
      fc.property(anyFacts, anyMode, (given, requestedMode) => {
        const without = decide({ ...given, requestedMode: undefined });
        const decision = decide({ ...given, requestedMode });
        expect(rank[decision.kind]).toBeLessThanOrEqual(rank[without.kind]);
        const isRaised =
          decision.kind === 'permit' &&
          (!reaches(requestedMode, decision.mode) ||
            (without.kind === 'permit' && !reaches(without.mode, decision.mode)));
        expect(isRaised).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['look', 'change', 'swap', 'roll-back'] as const)(
    'goes on with a VM that this repair has stopped, and with no other that is stopped (%s)',
    (purpose) => {
      const stopped = { powerState: 'stopped' } as const;
      expect(decide(facts({ purpose, stoppedByUs: true }, stopped))).toMatchObject({ kind: 'permit' });
      expect(decide(facts({ purpose }, stopped))).toMatchObject({ kind: 'refusal', code: 'not-running' });
    },
  );

  it('asks nobody for a yes once every alert was resolved', () => {
    const given = facts({ purpose: 'change', alertResolved: true }, { tags: { 'rdp-lifeline': 'approve' } });
    expect(decide(given)).toMatchObject({ kind: 'refusal', code: 'alert-resolved' });
  });
});

function facts(more: Partial<Omit<Facts, 'vm'>> = {}, vm: Partial<VirtualMachine> = {}): Facts {
  const permitted = {
    purpose: 'look',
    subscriptionAllowed: true,
    cancelRequested: false,
    alertResolved: false,
    stoppedByUs: false,
  } as const;
  return { ...permitted, ...more, vm: virtualMachine(vm) };
}

const anyMode = fc.constantFrom<Mode>('off', 'observe', 'diagnose', 'approve', 'repair');
const anyTags = fc.dictionary(
  fc.constantFrom('rdp-lifeline', 'RDP-Lifeline', 'owner'),
  fc.oneof(anyMode, fc.constantFrom('Repair', ' repair', 'APPROVE', 'yes'), fc.string()),
);
const anyFacts: fc.Arbitrary<Facts> = fc.record(
  {
    purpose: fc.constantFrom('look', 'look-again', 'change', 'swap'),
    subscriptionAllowed: fc.boolean(),
    requestedMode: anyMode,
    killSwitch: fc.constantFrom('a person'),
    cancelRequested: fc.boolean(),
    alertResolved: fc.boolean(),
    stoppedByUs: fc.boolean(),
    vm: fc
      .record({
        tags: anyTags,
        osType: fc.constantFrom('Windows', 'Linux', 'unknown'),
        powerState: fc.constantFrom('running', 'deallocated', undefined),
        osDiskEphemeral: fc.boolean(),
      })
      .map(virtualMachine),
  },
  { requiredKeys: ['stoppedByUs', 'purpose', 'subscriptionAllowed', 'cancelRequested', 'alertResolved', 'vm'] },
);
