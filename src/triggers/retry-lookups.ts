import type { Tools } from '../activities/toolbox';
import type { PendingSignal } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { signalOnRecord } from './accept-signal';
import { machinesOf } from './machine';
import { ignoreAlert, ofPending, settleAlert, wordsFirst } from './settle-alert';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

/** An alert that waits longer than this says nothing of now (ms). */
const giveUpAfterMs = 60 * 60_000;

/** So many are looked up in one round: Resource Graph counts its queries, not their names. */
const perRound = 100;

/**
 * Upkeep on a schedule: asks again which machines the alerts are about that could not be looked up when they came. First those that have waited
 * for an hour are given up by name, whatever could be learnt of them now. Each other is then settled as its endpoint would have settled it;
 * words before what they may answer.
 */
export async function retryLookups(tools: Tools, starter: RepairStarter): Promise<void> {
  const { rows: pending, unreadable } = await tools.ledger.listPendingSignals();
  tellUnreadable(tools, unreadable);
  for (const signal of pending.filter(isTooOld)) {
    const reason = `${signal.reason} It was asked for an hour.`;
    await unlessUnreadable(tools, async () => {
      await ignoreAlert(tools, ofPending(signal), { code: 'lookup-failed', reason });
      await tools.ledger.dropPendingSignal(signal.key);
    });
  }
  const young = pending.filter((signal) => !isTooOld(signal));
  await settleAll(tools, starter, wordsFirst(young, ({ says }) => says).slice(0, perRound));
}

function isTooOld({ receivedAt }: PendingSignal): boolean {
  return Date.now() - Date.parse(receivedAt) >= giveUpAfterMs;
}

async function settleAll(tools: Tools, starter: RepairStarter, signals: readonly PendingSignal[]): Promise<void> {
  const open: PendingSignal[] = [];
  for (const signal of signals) {
    // Delivered again meanwhile and understood, or settled by a round that died before it let go of it.
    await unlessUnreadable(tools, async () => {
      if (await signalOnRecord(tools, signal.key)) await tools.ledger.dropPendingSignal(signal.key);
      else open.push(signal);
    });
  }
  const machines = await machinesOf(tools, open);
  for (const [index, signal] of open.entries()) {
    const machine = machines[index];
    if (machine === undefined) continue;
    await unlessUnreadable(tools, async () => {
      const settled = await settleAlert(tools, starter, ofPending(signal), machine);
      if (settled.kind !== 'not-yet') await tools.ledger.dropPendingSignal(signal.key);
    });
  }
}
