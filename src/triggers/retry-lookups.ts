import type { Tools } from '../activities/toolbox';
import type { PendingSignal, SignalRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { ignoreAlert, machineOf, settleAlert } from './settle-alert';

/** An alert that waits longer than this says nothing of now (ms). */
const giveUpAfterMs = 60 * 60_000;

/** So many are asked for in one round: Resource Graph counts its queries. */
const perRound = 25;

/** As many of the newest signals are looked through for word that an alert was resolved. */
const newestLookedThrough = 200;

/**
 * Upkeep on a schedule: asks again which machines the alerts are about that could not be looked up when they came. Each is then
 * settled as its door would have settled it, or given up by name after an hour. A round ends with the first that still
 * cannot be looked up: the others would fare no better.
 */
export async function retryLookups(tools: Tools, starter: RepairStarter): Promise<void> {
  const pending = await tools.ledger.listPendingSignals();
  if (pending.length === 0) return;
  const recorded = await tools.ledger.listSignals(newestLookedThrough);
  for (const signal of pending.slice(0, perRound)) {
    const isSettled = await settle(tools, starter, signal, [...recorded, ...pending]);
    if (!isSettled) return;
    await tools.ledger.dropPendingSignal(signal.key);
  }
}

async function settle(
  tools: Tools,
  starter: RepairStarter,
  signal: PendingSignal,
  others: (SignalRecord | PendingSignal)[],
): Promise<boolean> {
  // Delivered again meanwhile and understood, or settled by a round that died before it let go of it.
  if (await tools.ledger.getSignal(signal.key)) return true;
  if (signal.says === undefined && others.some((other) => resolves(other, signal))) {
    const reason = 'The alert was resolved before it could be looked up which machine it is about.';
    await ignoreAlert(tools, signal, { code: 'resolved-without-repair', reason });
    return true;
  }
  const machine = await machineOf(tools, signal);
  if (machine.kind === 'known') {
    await settleAlert(tools, starter, signal, machine.vmId);
    return true;
  }
  if (machine.kind === 'none') {
    await ignoreAlert(tools, signal, machine);
    return true;
  }
  if (Date.now() - Date.parse(signal.receivedAt) < giveUpAfterMs) return false;
  await ignoreAlert(tools, signal, { code: 'lookup-failed', reason: `${machine.reason} It was asked for an hour.` });
  return true;
}

/** Whether the other one says that this alert was resolved; assumed, as elsewhere, that both have one `alertId`. */
function resolves({ facts, receivedAt }: SignalRecord | PendingSignal, signal: PendingSignal): boolean {
  const { alertId } = signal.facts;
  return (
    alertId !== undefined &&
    facts.alertId === alertId &&
    facts.monitorCondition === 'Resolved' &&
    Date.parse(receivedAt) >= Date.parse(signal.receivedAt)
  );
}
