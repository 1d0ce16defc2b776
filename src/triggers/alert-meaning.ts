import { z } from 'zod';
import type { IgnoredSignal } from '../signal-codes';
import { inCanonicalSpelling } from './key-spelling';
import { readTime } from './read-time';

/**
 * What an alert means for a machine. Most say it by their condition. Those of Resource Health never resolve: each change of
 * health is an alert of its own that fires, and its context says what is so now and who caused it.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples
 */
export type AlertMeaning = { isOfResourceHealth: boolean; occurredAt?: string } & (
  { kind: 'broken' } | { kind: 'recovered' } | ({ kind: 'ignored' } & IgnoredSignal)
);

const text = z.string().max(256).nullish().catch(null);
const propertiesSchema = z.object({ currentHealthStatus: text, previousHealthStatus: text, cause: text });
const healthSchema = z.object({
  properties: z
    .preprocess((value) => inCanonicalSpelling(value, Object.keys(propertiesSchema.shape)), propertiesSchema)
    .nullish()
    .catch(null),
  // When Resource Health saw it; the alert's own `firedDateTime` is minutes later.
  eventTimestamp: text,
});

/** Services whose alerts tell of a region, a bill, a policy, an application, and never that one machine is out of reach. */
const notOfMachines = new Set([
  'activitylog-autoscale',
  'activitylog-policy',
  'activitylog-recommendation',
  'activitylog-security',
  'costalerts',
  'servicehealth',
  'smartdetector',
]);

/** What the alert says of its machine. The service's name is spelt with and without spaces. */
export function alertMeaning(
  {
    monitorCondition,
    monitoringService,
  }: { monitorCondition: 'Fired' | 'Resolved'; monitoringService?: string | null },
  alertContext: unknown,
): AlertMeaning {
  const service = plain(monitoringService);
  const isOfResourceHealth = service === 'resourcehealth';
  if (notOfMachines.has(service)) {
    const reason = `Alerts of "${(monitoringService ?? '').slice(0, 100)}" do not tell whether a machine can be reached.`;
    return { kind: 'ignored', code: 'service-not-handled', reason, isOfResourceHealth };
  }
  if (!isOfResourceHealth) {
    return { kind: monitorCondition === 'Resolved' ? 'recovered' : 'broken', isOfResourceHealth };
  }
  const parsed = healthSchema.safeParse(inCanonicalSpelling(alertContext, Object.keys(healthSchema.shape)));
  const { properties, eventTimestamp } = parsed.success ? parsed.data : {};
  return { ...healthMeaning(properties ?? {}), isOfResourceHealth, occurredAt: readTime(eventTimestamp) };
}

type Health = Partial<z.infer<typeof propertiesSchema>>;

/**
 * What Resource Health's state means: only "unavailable" that nobody asked for is a reason to look, and only a change to "available" from
 * something else says that it is over. An update of a state that was so before answers nothing.
 */
function healthMeaning({
  currentHealthStatus: state,
  previousHealthStatus: before,
  cause,
}: Health): { kind: 'broken' } | { kind: 'recovered' } | ({ kind: 'ignored' } & IgnoredSignal) {
  const now = plain(state);
  if (now === 'available' && isOtherState(before, state)) return { kind: 'recovered' };
  if (now === 'available') {
    const reason = 'Resource Health tells of no change: it does not say that the machine was anything but available.';
    return { kind: 'ignored', code: 'no-change', reason };
  }
  if (now !== 'unavailable') {
    const reason = `Resource Health calls the machine ${now === '' ? 'nothing that we can read' : `"${state}"`}, not unavailable.`;
    return { kind: 'ignored', code: 'not-unavailable', reason };
  }
  if (plain(cause) === 'userinitiated') {
    const reason = 'The machine is unavailable because somebody who may do so stopped or restarted it.';
    return { kind: 'ignored', code: 'user-initiated', reason };
  }
  return { kind: 'broken' };
}

/** Whether the state before is told and was another one. */
export function isOtherState(before: string | null | undefined, now: string | null | undefined): boolean {
  return plain(before) !== '' && plain(before) !== plain(now);
}

function plain(word: string | null | undefined): string {
  return (word ?? '').toLowerCase().replaceAll(/\s/g, '');
}
