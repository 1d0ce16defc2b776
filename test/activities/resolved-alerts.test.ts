import { isEveryAlertResolved } from '../../src/activities/resolved-alerts';
import type { SignalRecord } from '../../src/ledger/ports';

const rule = '/subscriptions/s/resourceGroups/rg/providers/microsoft.insights/metricAlerts/rule';

describe('activities/resolved-alerts', () => {
  it.each<[boolean, string, SignalRecord[]]>([
    [false, 'nothing is known', []],
    [false, 'an alert stands', [fired('a')]],
    [true, 'it was resolved', [fired('a'), resolved('a')]],
    [true, 'its id is spelt in another case', [fired('a'), resolved('A')]],
    [false, 'only another one was', [fired('a'), resolved('b', 2, 'other-rule')]],
    [true, 'another id of the same rule was, and its own never shows', [fired('a'), resolved('b')]],
    [false, 'one of two alerts of a rule was', [fired('a'), fired('b'), resolved('a')]],
    [true, 'both were', [fired('a'), fired('b'), resolved('a'), resolved('b')]],
    [false, 'it fired again since', [fired('a', 1), resolved('a', 2), fired('a', 3)]],
    [true, 'it fired again and was resolved again', [fired('a', 1), resolved('a', 2), fired('a', 3), resolved('a', 4)]],
    [false, 'a person asked too', [fired('a'), request(), resolved('a')]],
    [false, 'a person asked alone', [request(), resolved('a')]],
    [false, 'the alert that asked is not on record', [resolved('a')]],
    [false, 'neither tells its alert or rule', [bare(fired('a')), bare(resolved('a'))]],
  ])('says %s when %s', (isResolved, _when, signals) => {
    expect(isEveryAlertResolved(signals)).toBe(isResolved);
    expect(isEveryAlertResolved(signals.toReversed())).toBe(isResolved);
  });
});

function fired(alertId: string, second = 1): SignalRecord {
  return {
    key: `${alertId}-${second}`,
    door: 'alert',
    title: 'rule',
    receivedAt: `2026-01-02T03:04:0${second}.000Z`,
    facts: { alertId, alertRuleId: rule },
    outcome: { kind: 'joined', repairId: 'r' },
  };
}

function resolved(alertId: string, second = 2, alertRuleId = rule): SignalRecord {
  return { ...fired(alertId, second), says: 'recovered', facts: { alertId, alertRuleId } };
}

function request(): SignalRecord {
  return { ...fired('', 1), door: 'request', facts: {} };
}

function bare(signal: SignalRecord): SignalRecord {
  return { ...signal, facts: {} };
}
