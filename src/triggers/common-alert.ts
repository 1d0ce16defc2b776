import { z } from 'zod';
import { shortHash } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { alertMeaning, type AlertMeaning } from './alert-meaning';
import { alertSubject, type AlertSubject } from './alert-subject';
import { inCanonicalSpelling } from './key-spelling';
import { alertInstanceOf, occasionOfAlert } from './occasion';
import { readTime } from './read-time';

/**
 * The common alert schema, as far as we act on it: lenient in reading, strict in acting. What is not named here is
 * neither read nor kept. Only what decides may cost the alert: who it is (`alertId`) and whether it fired.
 * https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
 *
 * Azure spells some keys in two ways: deliveries say `alertRuleID`, some of the documentation's samples `alertRuleId`. All keys are read in any
 * case.
 */
const shown = z.string().nullish().catch(null);
const listOfTexts = z
  .array(z.unknown())
  .catch([])
  .transform((items) => items.filter((item) => typeof item === 'string'));

const essentialsSchema = z.object({
  alertId: z.string().min(1).max(2048),
  alertRule: shown,
  alertRuleId: shown,
  severity: shown,
  monitorCondition: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['fired', 'resolved']))
    .transform((condition) => (condition === 'fired' ? 'Fired' : 'Resolved')),
  monitoringService: shown,
  signalType: shown,
  alertTargetIDs: listOfTexts,
  configurationItems: listOfTexts,
  firedDateTime: shown,
  resolvedDateTime: shown,
});

const dataSchema = z.object({
  essentials: z.preprocess(
    (value) => inCanonicalSpelling(value, Object.keys(essentialsSchema.shape)),
    essentialsSchema,
  ),
  // Another one for each kind of alert: read by `alertSubject` and `alertMeaning`.
  alertContext: z.unknown(),
  // Left out by every alert whose rule has none.
  customProperties: z.unknown().optional(),
});

const commonAlert = z.object({
  schemaId: z.string().refine((text) => text.toLowerCase() === schemaId.toLowerCase()),
  data: z.preprocess((value) => inCanonicalSpelling(value, Object.keys(dataSchema.shape)), dataSchema),
});

const schemaId = 'azureMonitorCommonAlertSchema';

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
  /** It says that somebody stopped or restarted the machine on purpose. */
  isAskedFor: boolean;
  /** When that happened (ISO 8601), if the alert tells. */
  occurredAt?: string;
  /** What it has in common with the alert that answers it, or that it answers. */
  occasion: string;
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
  const parsed = commonAlert.safeParse(inCanonicalSpelling(payload, Object.keys(commonAlert.shape)));
  if (!parsed.success) return { ok: false, reason: reasonOf(payload, parsed.error) };
  const { essentials, alertContext, customProperties } = parsed.data.data;
  const { alertId, monitorCondition, alertRuleId } = essentials;
  const subject = alertSubject(essentials, alertContext);
  const meaning = alertMeaning(essentials, alertContext);
  const counts =
    hasCountingProperty(customProperties) ||
    hasCountingProperty(propertiesOf(alertContext)) ||
    allowedRuleIds.includes((alertRuleId ?? '').toLowerCase());
  const alert = {
    key: keyOf(essentials),
    title: essentials.alertRule ?? 'an alert without a rule name',
    condition: meaning.kind === 'recovered' ? 'Resolved' : monitorCondition,
    isAskedFor: meaning.kind === 'ignored' && meaning.code === 'user-initiated',
    occurredAt: meaning.occurredAt ?? whenOf(essentials),
    occasion: occasionOfAlert({ alertId, alertRuleId, isOfResourceHealth: meaning.isOfResourceHealth }),
    facts: factsOf(essentials),
    vmId: subject.ids.length === 1 ? subject.ids[0] : undefined,
    vmName: subject.names.length === 1 ? subject.names[0] : undefined,
    ignored: isTest(essentials) ? testNotification : ignoring(counts, meaning, subject),
  } satisfies AlertReading;
  return { ok: true, alert };
}

type Essentials = z.infer<typeof essentialsSchema>;

/**
 * One occasion of one rule. An instance fires once and is resolved once, whoever tells of it; an id of another kind (a rule's, a budget's) has its
 * time besides, by which redeliveries are the same and another firing is another.
 */
function keyOf({ alertId, monitorCondition, firedDateTime }: Essentials): string {
  const instance = alertInstanceOf(alertId);
  const parts =
    instance === undefined ? [alertId, monitorCondition, firedDateTime ?? ''] : [instance, monitorCondition];
  return shortHash(parts.join('\n'), 40);
}

/** A resolved alert's `firedDateTime` is not to be relied on: deliveries have been seen in which it is the time of the resolution. */
function whenOf({ monitorCondition, firedDateTime, resolvedDateTime }: Essentials): string | undefined {
  return readTime(monitorCondition === 'Resolved' ? resolvedDateTime : firedDateTime);
}

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
  const count = ids.length + names.length;
  if (meaning.kind === 'ignored') return { code: meaning.code, reason: meaning.reason };
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
  const parsed = z.object({ properties: z.unknown() }).safeParse(inCanonicalSpelling(alertContext, ['properties']));
  return parsed.success ? parsed.data.properties : undefined;
}

function hasCountingProperty(properties: unknown): boolean {
  if (typeof properties !== 'object' || properties === null) return false;
  const entry = Object.entries(properties).find(([name]) => name.toLowerCase() === countingProperty);
  // Azure Monitor sends texts. Anything else was not set on a rule, and turning it into a text may throw.
  return typeof entry?.[1] === 'string' && entry[1].trim().toLowerCase() !== 'off';
}

function factsOf(essentials: Essentials): Record<string, string> {
  const { alertId, alertRuleId, severity, monitorCondition, monitoringService, firedDateTime, resolvedDateTime } =
    essentials;
  const facts = {
    alertId,
    alertRuleId,
    severity,
    monitorCondition,
    monitoringService,
    firedDateTime,
    resolvedDateTime,
  };
  const given = Object.entries(facts).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(given);
}

function reasonOf(payload: unknown, error: z.ZodError): string {
  const found = inCanonicalSpelling(payload, ['schemaId']);
  const given = typeof found === 'object' && found !== null && 'schemaId' in found ? found.schemaId : undefined;
  if (typeof given !== 'string' || given.toLowerCase() !== schemaId.toLowerCase()) {
    return 'The body is not in the common alert schema; turn on "common alert schema" in the action group.';
  }
  const first = error.issues[0];
  return `The alert cannot be read: ${first?.path.join('.') ?? 'body'}: ${first?.message ?? 'unknown'}.`;
}
