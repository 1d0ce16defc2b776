import { isAnsweredBy, isEveryAlertResolved } from '../../src/activities/resolved-alerts';
import type { SignalRecord } from '../../src/ledger/ports';

describe('activities/resolved-alerts', () => {
  it.each<[boolean, string, SignalRecord[]]>([
    [false, 'nothing is known', []],
    [false, 'an alert stands', [fired('a')]],
    [true, 'it was resolved', [fired('a'), resolved('a')]],
    [false, 'only another one was, be it of the same rule', [fired('b'), resolved('a')]],
    [false, 'one of two alerts of a rule was', [fired('a'), fired('b'), resolved('a')]],
    [true, 'both were', [fired('a'), fired('b'), resolved('a'), resolved('b')]],
    [false, 'what is told of has happened again since', [fired('a', 1), resolved('a', 2), fired('a', 3)]],
    [true, 'that was resolved again', [fired('a', 1), resolved('a', 2), fired('a', 3), resolved('a', 4)]],
    [true, 'the Resolved came first, and tells of a later moment', [came(fired('a', 1), 9), came(resolved('a', 2), 3)]],
    [
      false,
      'the Resolved came last, and tells of an earlier moment',
      [came(fired('a', 3), 3), came(resolved('a', 2), 9)],
    ],
    [false, 'a person asked too', [fired('a'), request(), resolved('a')]],
    [false, 'a person asked alone', [request(), resolved('a')]],
    [false, 'the alert that asked is not on record', [resolved('a')]],
    [false, 'neither tells its occasion', [bare(fired('a')), bare(resolved('a'))]],
    [
      true,
      'somebody had stopped the machine on purpose a moment before',
      [fired('a', 5), { ...resolved('a', 2), says: 'asked-for' }],
    ],
  ])('says %s when %s', (isResolved, _when, signals) => {
    expect(isEveryAlertResolved(signals)).toBe(isResolved);
    expect(isEveryAlertResolved(signals.toReversed())).toBe(isResolved);
  });

  it.each([
    [true, 14],
    [false, 16],
  ])('says %s of a machine that was stopped on purpose %i minutes before or after', (isAnswered, minutes) => {
    for (const sign of [1, -1]) {
      const occurredAt = new Date(Date.parse(fired('a').occurredAt) + sign * minutes * 60_000).toISOString();
      expect(isAnsweredBy(fired('a'), { ...resolved('a'), says: 'asked-for', occurredAt })).toBe(isAnswered);
    }
  });

  it('takes a person’s cancel for the answer to all that had happened before, and to nothing since', () => {
    const cancelled: SignalRecord = { ...bare(resolved('x', 5)), door: 'request', says: 'cancelled' };
    expect([4, 5, 6].map((second) => isAnsweredBy(fired('a', second), cancelled))).toEqual([true, true, false]);
    expect(isAnsweredBy({ ...request(), occurredAt: fired('a', 4).occurredAt }, cancelled)).toBe(false);
  });
});

function fired(alert: string, second = 1): SignalRecord {
  const at = `2026-01-02T03:04:0${second}.000Z`;
  return {
    key: `${alert}-${second}`,
    door: 'alert',
    title: 'rule',
    receivedAt: at,
    occurredAt: at,
    occasion: `alert:${alert}`,
    facts: {},
    outcome: { kind: 'joined', repairId: 'r' },
  };
}

function resolved(alert: string, second = 2): SignalRecord {
  return { ...fired(alert, second), says: 'recovered' };
}

/** The signal as if it had come at another time than it tells of. */
function came(signal: SignalRecord, second: number): SignalRecord {
  return { ...signal, receivedAt: `2026-01-02T03:05:0${second}.000Z` };
}

function request(): SignalRecord {
  return { ...bare(fired('', 1)), door: 'request' };
}

function bare({ occasion: _occasion, ...signal }: SignalRecord): SignalRecord {
  return signal;
}
