import type { IgnoredSignal } from '../signal-codes';

/**
 * A time of a payload as ISO 8601 in UTC; undefined for what is none. Azure writes up to seven digits of a second, and `+00:00` beside `Z`
 * (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples); a time without a zone is Azure's, which is UTC.
 */
export function readTime(text: string | null | undefined): string | undefined {
  const given = text ?? '';
  const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/i.exec(given.trim());
  if (!shape) return undefined;
  const [, seconds = '', fraction = '', zone = 'Z'] = shape;
  const milliseconds = Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** When something happened (ISO 8601): as told, but never later than it came; when it came if it was not told. */
export function occurredBy(told: string | undefined, receivedAt: string): string {
  if (told === undefined || Date.parse(told) > Date.parse(receivedAt)) return receivedAt;
  return told;
}

/** What Azure tells once and never takes back says nothing of now after this time (ms): Event Grid, too, tries for a day to deliver. */
const freshMs = 60 * 60_000;

/** Why what happened then is no reason to look at the machine now. */
export function whyOutOfDate({ occurredAt }: { occurredAt: string }): IgnoredSignal | undefined {
  if (Date.now() - Date.parse(occurredAt) <= freshMs) return undefined;
  return { code: 'event-too-old', reason: 'It happened more than an hour ago.' };
}
