import { z } from 'zod';
import type { IgnoredSignal } from '../signal-codes';

/**
 * What an alert means for a machine. Most say it by their condition. Those of Resource Health never resolve: each change of
 * health is an alert of its own that fires, and its context says what is so now and who caused it.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples
 */
export type AlertMeaning = { kind: 'broken' } | { kind: 'recovered' } | ({ kind: 'ignored' } & IgnoredSignal);

const text = z.string().max(256).nullish().catch(null);
const health = z.object({ properties: z.object({ currentHealthStatus: text, cause: text }).nullish().catch(null) });

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
  if (notOfMachines.has(service)) {
    const reason = `Alerts of "${monitoringService}" do not tell whether a machine can be reached.`;
    return { kind: 'ignored', code: 'service-not-handled', reason };
  }
  if (monitorCondition === 'Resolved') return { kind: 'recovered' };
  if (service !== 'resourcehealth') return { kind: 'broken' };
  const parsed = health.safeParse(alertContext);
  const { currentHealthStatus, cause } = parsed.success ? (parsed.data.properties ?? {}) : {};
  return healthMeaning(currentHealthStatus, cause);
}

/** What Resource Health's state means: only "unavailable" that nobody asked for is a reason to look. */
function healthMeaning(state: string | null | undefined, cause: string | null | undefined): AlertMeaning {
  const now = plain(state);
  if (now === 'available') return { kind: 'recovered' };
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

function plain(word: string | null | undefined): string {
  return (word ?? '').toLowerCase().replaceAll(/\s/g, '');
}
