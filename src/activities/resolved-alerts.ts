import type { SignalRecord } from '../ledger/ports';

/**
 * Whether every alert that asked for a repair was resolved since. A person who asked is not answered by an alert, and one
 * alert that still stands is enough to go on. Pure.
 */
export function isEveryAlertResolved(signals: readonly SignalRecord[]): boolean {
  const recoveries = signals.filter(({ says }) => says !== undefined);
  const asking = signals.filter(({ says }) => says === undefined);
  if (asking.length === 0) return false;
  return asking.every((signal) => signal.door !== 'request' && recoveries.some((one) => answers(one, signal, asking)));
}

/**
 * Whether the recovery is that of this signal. By the alert where it can be: assumed, as nothing says so, that Fired and
 * Resolved share their `alertId`. Otherwise by the rule, as for Resource Health, whose every change is an alert of its own.
 */
function answers(recovery: SignalRecord, signal: SignalRecord, asking: readonly SignalRecord[]): boolean {
  if (recovery.receivedAt < signal.receivedAt || recovery.door !== signal.door) return false;
  // All events of a repair are about its one machine, and each tells of the same: its health.
  if (signal.door === 'event') return true;
  const { alertId } = recovery.facts;
  const sameAlert = asking.filter(({ facts }) => isSame(facts.alertId, alertId));
  if (sameAlert.length > 0) return sameAlert.includes(signal);
  return isSame(recovery.facts.alertRuleId, signal.facts.alertRuleId);
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toLowerCase() === other?.toLowerCase();
}
