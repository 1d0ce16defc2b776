import type { Tools } from '../activities/toolbox';
import type { ParkedMessage } from '../ledger/parked-signals';
import type { RepairStarter } from '../orchestrators/durable';
import { shortHash } from '../repair-id';
import { ignoreSignal, signalOnRecord } from './accept-signal';
import { keepPending } from './alerts';
import { machinesOf } from './machine';
import { ignoreAlert, settleAlert, type Alert } from './settle-alert';
import { unlessUnreadable } from './unreadable-rows';

/** A round ends after this time (ms), so that the next one does not begin beside it. */
const roundMs = 45_000;

/**
 * Upkeep on a schedule: takes in what was parked while the ledger did not answer, as its endpoint would have. A message goes only when its signal is on
 * record; one that could not be put there comes back by itself. Words go before what they may answer.
 */
export async function takeInParked(tools: Tools, starter: RepairStarter): Promise<void> {
  const { parkedSignals } = tools;
  if (!parkedSignals) return;
  const endAt = Date.now() + roundMs;
  while (Date.now() < endAt) {
    const messages = await parkedSignals.receive();
    if (messages.length === 0) return;
    await takeIn(tools, starter, messages);
  }
}

async function takeIn(tools: Tools, starter: RepairStarter, messages: ParkedMessage[]): Promise<void> {
  const words = messages.filter(({ signal }) => signal?.says !== undefined);
  const others = messages.filter(({ signal }) => signal?.says === undefined);
  const alerts = [...words, ...others].map(({ signal }) => signal);
  const open = alerts.filter((alert) => alert !== undefined && alert.ignored === undefined) as Alert[];
  const machines = await machinesOf(tools, open);
  for (const message of [...words, ...others]) {
    const alert = message.signal;
    await unlessUnreadable(tools, async () => {
      if (alert === undefined) await recordUnreadable(tools);
      else await settle(tools, starter, alert, machines[open.indexOf(alert)]);
      await message.remove();
      tools.log('parkedTakenIn', { door: 'alert', received: message.received });
    });
  }
}

async function settle(
  tools: Tools,
  starter: RepairStarter,
  alert: Alert,
  machine: Awaited<ReturnType<typeof machinesOf>>[number] | undefined,
): Promise<void> {
  if (await signalOnRecord(tools, alert.key)) return;
  if (alert.ignored || machine === undefined) {
    if (alert.ignored) await ignoreAlert(tools, alert, alert.ignored);
    return;
  }
  const settled = await settleAlert(tools, starter, alert, machine);
  if (settled.kind === 'not-yet') await keepPending(tools, alert, settled.reason);
}

/** Nobody but the app writes to the queue: told once, because nothing else is known of it. */
async function recordUnreadable(tools: Tools): Promise<void> {
  const now = new Date().toISOString();
  await ignoreSignal(
    tools,
    {
      ...{ key: shortHash('an unreadable message of the queue of parked signals', 40), door: 'alert', facts: {} },
      ...{ title: 'an unreadable message of the queue', receivedAt: now, occurredAt: now },
    },
    { code: 'unknown-schema', reason: 'A message in the queue of parked signals is none of the app’s.' },
  );
}
