import type { Tools } from '../activities/toolbox';
import type { ParkedMessage } from '../ledger/parked-signals';
import type { RepairStarter } from '../orchestrators/durable';
import { shortHash } from '../repair-id';
import { ignoreSignal, signalOnRecord } from './accept-signal';
import { machinesByAlert } from './machine';
import { takeInAlert, wordsFirst } from './settle-alert';
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
  const ordered = wordsFirst(messages, ({ signal }) => signal?.says);
  const machines = await machinesByAlert(
    tools,
    ordered.flatMap(({ signal }) => signal ?? []),
  );
  for (const message of ordered) {
    const alert = message.signal;
    await unlessUnreadable(tools, async () => {
      if (alert === undefined) await recordUnreadable(tools);
      else if (!(await signalOnRecord(tools, alert.key))) {
        await takeInAlert(tools, starter, alert, () => machines(alert));
      }
      await message.remove();
      tools.log('parkedTakenIn', { door: 'alert', received: message.received });
    });
  }
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
