import { z } from 'zod';
import { shortHash } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { alertMeaning, type AlertMeaning } from './alert-meaning';
import { alertSubject, type AlertSubject } from './alert-subject';

/**
 * The common alert schema, as far as we act on it: lenient in reading, strict in acting. What is not named here is
 * neither read nor kept.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
 */
const commonAlert = z.object({
  schemaId: z.literal('azureMonitorCommonAlertSchema'),
  data: z.object({
    essentials: z.object({
      alertId: z.string().min(1).max(2048),
      alertRule: z.string().max(1024).nullish(),
      alertRuleId: z.string().max(2048).nullish(),
      severity: z.string().max(64).nullish(),
      monitorCondition: z.enum(['Fired', 'Resolved']),
      monitoringService: z.string().max(256).nullish(),
      signalType: z.string().max(256).nullish().catch(null),
      alertTargetIDs: z.array(z.string()).nullish(),
      configurationItems: z.array(z.string()).nullish().catch(null),
      originAlertId: z.string().max(2048).nullish(),
      firedDateTime: z.string().max(64).nullish(),
    }),
    // Another one for each kind of alert: read by `alertSubject` and `alertMeaning`.
    alertContext: z.unknown(),
    // Left out by every alert whose rule has none.
    customProperties: z.unknown().optional(),
  }),
});

/** The custom property of an alert rule that makes its alerts count, whatever its value, but for `off`. */
const countingProperty = 'rdp-lifeline';

// The "Test action group" button sends made-up resources of this subscription:
// https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-payload-samples
const testSubscription = '/subscriptions/11111111-1111-1111-1111-111111111111/';

/** What an alert says, as far as we use it. */
export interface AlertReading {
  key: string;
  title: string;
  /** What it says of the machine: `Resolved` also if Resource Health calls it available. */
  condition: 'Fired' | 'Resolved';
  facts: Record<string, string>;
  /** Why the alert does not count, if it does not. */
  ignored?: IgnoredSignal;
  /** The one VM that it is about, as its ARM id. */
  vmId?: string;
  /** Its name, or its computer's, if the alert names it only so. */
  vmName?: string;
}

/** Reads an alert. Gives a sentence if it is not in the common alert schema. */
export function readCommonAlert(
  payload: unknown,
  allowedRuleIds: readonly string[],
): { ok: true; alert: AlertReading } | { ok: false; reason: string } {
  const parsed = commonAlert.safeParse(payload);
  if (!parsed.success) return { ok: false, reason: reasonOf(payload, parsed.error) };
  const { essentials, alertContext, customProperties } = parsed.data.data;
  const subject = alertSubject(essentials, alertContext);
  const meaning = alertMeaning(essentials, alertContext);
  const counts =
    hasCountingProperty(customProperties) ||
    hasCountingProperty(propertiesOf(alertContext)) ||
    allowedRuleIds.includes((essentials.alertRuleId ?? '').toLowerCase());
  const alert = {
    // One occasion of one rule: redeliveries have the same three, another firing has another time.
    key: shortHash([essentials.alertId, essentials.monitorCondition, essentials.firedDateTime ?? ''].join('\n'), 40),
    title: essentials.alertRule ?? 'an alert without a rule name',
    condition: meaning.kind === 'recovered' ? 'Resolved' : essentials.monitorCondition,
    facts: factsOf(essentials),
    vmId: subject.ids.length === 1 ? subject.ids[0] : undefined,
    vmName: subject.names.length === 1 ? subject.names[0] : undefined,
    ignored: isTest(essentials) ? testNotification : ignoring(counts, meaning, subject),
  } satisfies AlertReading;
  return { ok: true, alert };
}

type Essentials = z.infer<typeof commonAlert>['data']['essentials'];

function isTest({ alertId }: Essentials): boolean {
  return alertId.toLowerCase().startsWith(testSubscription);
}

const testNotification = {
  code: 'test-notification',
  reason: 'This is a test of the action group: it arrived, and nothing is started.',
} as const satisfies IgnoredSignal;

function ignoring(counts: boolean, meaning: AlertMeaning, { ids, names }: AlertSubject): AlertReading['ignored'] {
  if (!counts) {
    const reason = `The alert's rule is not in ALERT_RULE_IDS, and it carries no custom property "${countingProperty}".`;
    return { code: 'rule-not-listed', reason };
  }
  if (meaning.kind === 'ignored') return { code: meaning.code, reason: meaning.reason };
  const count = ids.length + names.length;
  if (count > 1) {
    const reason = `The alert names ${count} virtual machines; split the rule so that each alert names one.`;
    return { code: 'several-virtual-machines', reason };
  }
  if (count === 0) {
    const reason = 'Neither the alert’s targets nor its dimensions name a virtual machine.';
    return { code: 'no-virtual-machine', reason };
  }
  return undefined;
}

function propertiesOf(alertContext: unknown): unknown {
  const parsed = z.object({ properties: z.unknown() }).safeParse(alertContext);
  return parsed.success ? parsed.data.properties : undefined;
}

function hasCountingProperty(properties: unknown): boolean {
  if (typeof properties !== 'object' || properties === null) return false;
  const entry = Object.entries(properties).find(([name]) => name.toLowerCase() === countingProperty);
  // Azure Monitor sends texts. Anything else was not set on a rule, and turning it into a text may throw.
  return typeof entry?.[1] === 'string' && entry[1].trim().toLowerCase() !== 'off';
}

function factsOf(essentials: Essentials): Record<string, string> {
  const { alertId, alertRuleId, severity, monitorCondition, monitoringService, firedDateTime } = essentials;
  const facts = { alertId, alertRuleId, severity, monitorCondition, monitoringService, firedDateTime };
  const given = Object.entries(facts).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(given);
}

function reasonOf(payload: unknown, error: z.ZodError): string {
  const schemaId =
    typeof payload === 'object' && payload !== null && 'schemaId' in payload ? payload.schemaId : undefined;
  if (schemaId !== 'azureMonitorCommonAlertSchema') {
    return 'The body is not in the common alert schema; turn on "common alert schema" in the action group.';
  }
  const first = error.issues[0];
  return `The alert cannot be read: ${first?.path.join('.') ?? 'body'}: ${first?.message ?? 'unknown'}.`;
}
