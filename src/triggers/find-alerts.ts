import type { Tools } from '../activities/toolbox';
import type { RepairStarter } from '../orchestrators/durable';
import type { IgnoredSignal } from '../signal-codes';
import { signalOnRecord } from './accept-signal';
import { readCommonAlert, type AlertReading } from './common-alert';
import { asDelivered } from './listed-alert';
import { machinesByAlert } from './machine';
import { isOfInstance } from './occasion';
import { whyOutOfDate } from './read-time';
import { asAlert, takeInAlert, wordsFirst, type Alert } from './settle-alert';
import { unlessUnreadable } from './unreadable-rows';

/** So long an action group goes on delivering (ms): what is younger may still come by itself. */
const deliveryMs = 3 * 60_000;

/** So many machines are looked up at once. */
const atOnce = 25;

/** Keys that this process knows to be on record: those of a day are listed again and again. */
const known = new Set<string>();
const mostKnown = 20_000;

/**
 * Upkeep on a schedule, where LIST_FIRED_ALERTS is on: looks through Azure's own record of the last 24 hours for alerts that never came, because the
 * app or both of its storage accounts were away while the action group tried, and takes them in as if they had come now. Words go before what
 * they may answer. A subscription that cannot be listed is told and asked again the next time.
 */
export async function findAlerts(tools: Tools, starter: RepairStarter): Promise<void> {
  if (!tools.settings.listFiredAlerts) return;
  for (const subscriptionId of tools.settings.allowedSubscriptions) {
    const listed = await tools.arm.listAlerts(subscriptionId);
    if (!listed.ok) {
      tools.log('alertsNotListed', { code: listed.failure.code });
      continue;
    }
    const receivedAt = new Date().toISOString();
    const readings = listed.value.flatMap((alert) => {
      const read = readCommonAlert(asDelivered(alert), tools.settings.alertRuleIds);
      return read.ok && counts(read.alert) ? [read.alert] : [];
    });
    await takeIn(
      tools,
      starter,
      readings.map((reading) => asAlert(reading, receivedAt)).filter((alert) => !mayStillCome(alert, receivedAt)),
    );
  }
}

/** Azure's record holds the alerts of all rules; those of others are not ours to keep. */
function counts({ ignored }: AlertReading): boolean {
  return ignored?.code !== 'rule-not-listed' && ignored?.code !== 'test-notification';
}

function mayStillCome({ occurredAt }: Alert, now: string): boolean {
  return Date.parse(now) - Date.parse(occurredAt) < deliveryMs;
}

async function takeIn(tools: Tools, starter: RepairStarter, alerts: Alert[]): Promise<void> {
  const missing: Alert[] = [];
  for (const alert of alerts) {
    await unlessUnreadable(tools, async () => {
      if (!(await isOnRecord(tools, alert.key))) missing.push(alert);
    });
  }
  const ordered = wordsFirst(missing, ({ says }) => says).map((alert) => ({
    ...alert,
    ignored: alert.ignored ?? whyTooOld(alert),
  }));
  for (let from = 0; from < ordered.length; from += atOnce) {
    await takeInSome(tools, starter, ordered.slice(from, from + atOnce));
  }
}

async function takeInSome(tools: Tools, starter: RepairStarter, alerts: Alert[]): Promise<void> {
  const machines = await machinesByAlert(tools, alerts);
  for (const alert of alerts) {
    await unlessUnreadable(tools, async () => {
      await takeInAlert(tools, starter, alert, () => machines(alert));
      tools.log('alertFound', { door: 'alert' });
    });
  }
}

/** Azure resolves alerts that it keeps as an instance: one that is not is as true as when it fired. Resource Health never does. */
function whyTooOld(alert: Alert): IgnoredSignal | undefined {
  const outOfDate = alert.says !== undefined || isOfInstance(alert.occasion) ? undefined : whyOutOfDate(alert);
  const reason = 'It happened more than an hour ago, and Azure does not tell whether it is over.';
  return outOfDate && { ...outOfDate, reason };
}

async function isOnRecord(tools: Tools, key: string): Promise<boolean> {
  if (known.has(key)) return true;
  if (!(await signalOnRecord(tools, key))) return false;
  if (known.size >= mostKnown) known.clear();
  known.add(key);
  return true;
}
