import type { Tools } from '../activities/toolbox';
import type { PendingSignal, SignalOutcome } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import type { IgnoredSignal } from '../signal-codes';
import { acceptSignal, ignoreSignal, noteSignal, type Signal } from './accept-signal';
import type { AlertReading } from './common-alert';
import type { Machine } from './machine';
import { occurredBy } from './read-time';

/** An alert that was read: at the endpoint, or later by upkeep. */
export type Alert = Omit<Signal, 'door'> & {
  vmName?: string;
  /** Why it counts for nothing, where that is clear from what it says. */
  ignored?: IgnoredSignal;
};

/** What became of an alert, or why that cannot be said yet. */
export type SettledAlert = SignalOutcome | { kind: 'not-yet'; reason: string };

/** The alert as a signal that came at this time (ISO 8601). */
export function asAlert(reading: AlertReading, receivedAt: string): Alert {
  const { key, title, facts, occasion, vmId, vmName, ignored, condition, isAskedFor } = reading;
  const says = isAskedFor ? 'asked-for' : condition === 'Resolved' ? 'recovered' : undefined;
  const occurredAt = occurredBy(reading.occurredAt, receivedAt);
  return { key, title, facts, occasion, vmId, vmName, ignored, says, receivedAt, occurredAt };
}

/** The alert that was kept until its machine can be found out. */
export function ofPending({ reason: _reason, ...pending }: PendingSignal): Alert {
  return pending;
}

/**
 * Begins a repair for an alert, joins it to the running one, or records why nothing is started, by what is known of its machine. Gives the reason
 * where that cannot be said yet. Safe to repeat.
 */
export async function settleAlert(
  tools: Tools,
  starter: RepairStarter,
  alert: Alert,
  machine: Machine,
): Promise<SettledAlert> {
  const { vmName: _name, ignored: _ignored, says, ...rest } = alert;
  const signal = { ...rest, door: 'alert' as const };
  switch (machine.kind) {
    case 'not-yet':
      return machine;
    case 'none':
      return ignoreSignal(tools, { ...signal, says }, machine);
    case 'known':
      return says === undefined
        ? acceptSignal(tools, starter, { ...signal, vmId: machine.vmId })
        : settleWord(tools, { ...signal, says, vmId: machine.vmId });
  }
}

/** A word never starts anything; the VM's running repair asks for such before its next step. */
async function settleWord(tools: Tools, signal: Signal & { vmId: string }): Promise<SignalOutcome> {
  const noted = await noteSignal(tools, signal);
  if (noted) return noted;
  const reason = 'The alert was resolved, and no repair of this VM is running.';
  return ignoreSignal(tools, signal, { code: 'resolved-without-repair', reason });
}

/** Records that an alert starts nothing, for a reason that it tells by itself. */
export async function ignoreAlert(tools: Tools, alert: Alert, ignored: IgnoredSignal): Promise<SignalOutcome> {
  const { vmName: _name, ignored: _ignored, ...signal } = alert;
  return ignoreSignal(tools, { ...signal, door: 'alert' }, ignored);
}

/**
 * Settles an alert of which nothing is on record yet: ignored for a reason that it tells by itself, settled by its machine, or kept until that can be
 * looked up. `machine` is asked for only where it is needed.
 */
export async function takeInAlert(
  tools: Tools,
  starter: RepairStarter,
  alert: Alert,
  machine: () => Promise<Machine>,
): Promise<SettledAlert> {
  if (alert.ignored) return ignoreAlert(tools, alert, alert.ignored);
  const settled = await settleAlert(tools, starter, alert, await machine());
  if (settled.kind === 'not-yet') await keepPending(tools, alert, settled.reason);
  return settled;
}

/** The machine cannot be looked up just now. Upkeep asks again; an action group that was answered 202 does not. */
async function keepPending(tools: Tools, { ignored: _ignored, ...alert }: Alert, reason: string): Promise<void> {
  await tools.ledger.keepPendingSignal({ ...alert, reason });
  tools.log('signalPending', { door: 'alert' });
}

/** In the order in which several are settled: words before what they may answer. */
export function wordsFirst<T>(signals: readonly T[], saysOf: (signal: T) => unknown): T[] {
  const isWord = (signal: T) => saysOf(signal) !== undefined;
  return [...signals.filter(isWord), ...signals.filter((signal) => !isWord(signal))];
}
