import { z } from 'zod';
import { parseVirtualMachineId } from '../azure/resource-id';
import { shortHash } from '../repair-id';

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
      alertTargetIDs: z.array(z.string()).nullish(),
      originAlertId: z.string().max(2048).nullish(),
      firedDateTime: z.string().max(64).nullish(),
    }),
    alertContext: z.object({ properties: z.unknown() }).partial().nullish(),
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
  condition: 'Fired' | 'Resolved';
  facts: Record<string, string>;
  /** Why the alert does not count, if it does not. */
  ignored?: { code: string; reason: string };
  /** The one VM that it is about, as its ARM id. */
  vmId?: string;
}

/** Reads an alert. Gives a sentence if it is not in the common alert schema. */
export function readCommonAlert(
  payload: unknown,
  allowedRuleIds: readonly string[],
): { ok: true; alert: AlertReading } | { ok: false; reason: string } {
  const parsed = commonAlert.safeParse(payload);
  if (!parsed.success) return { ok: false, reason: reasonOf(payload, parsed.error) };
  const { essentials, alertContext, customProperties } = parsed.data.data;
  const targets = vmTargets(essentials.alertTargetIDs ?? []);
  const alert = {
    // One occasion of one rule: redeliveries have the same three, another firing has another time.
    key: shortHash([essentials.alertId, essentials.monitorCondition, essentials.firedDateTime ?? ''].join('\n'), 40),
    title: essentials.alertRule ?? 'an alert without a rule name',
    condition: essentials.monitorCondition,
    facts: factsOf(essentials),
    vmId: targets.length === 1 ? targets[0] : undefined,
  };
  const counts =
    hasCountingProperty(customProperties) ||
    hasCountingProperty(alertContext?.properties) ||
    allowedRuleIds.includes((essentials.alertRuleId ?? '').toLowerCase());
  return { ok: true, alert: { ...alert, ignored: ignoring(essentials, counts, targets) } };
}

type Essentials = z.infer<typeof commonAlert>['data']['essentials'];

function ignoring(essentials: Essentials, counts: boolean, targets: string[]): AlertReading['ignored'] {
  if (essentials.alertId.toLowerCase().startsWith(testSubscription)) {
    return {
      code: 'test-notification',
      reason: 'This is a test of the action group: it arrived, and nothing is started.',
    };
  }
  if (!counts) {
    const reason = `The alert's rule is not in ALERT_RULE_IDS, and it carries no custom property "${countingProperty}".`;
    return { code: 'rule-not-listed', reason };
  }
  if (targets.length === 0) {
    return { code: 'no-virtual-machine', reason: 'None of the alert’s targets is the id of a virtual machine.' };
  }
  if (targets.length > 1) {
    const reason = `The alert names ${targets.length} virtual machines; split the rule so that each alert names one.`;
    return { code: 'several-virtual-machines', reason };
  }
  return undefined;
}

function vmTargets(ids: string[]): string[] {
  const valid = ids.filter((id) => parseVirtualMachineId(id) !== undefined);
  return [...new Set(valid.map((id) => id.toLowerCase()))];
}

function hasCountingProperty(properties: unknown): boolean {
  if (typeof properties !== 'object' || properties === null) return false;
  const entry = Object.entries(properties).find(([name]) => name.toLowerCase() === countingProperty);
  return entry !== undefined && String(entry[1]).trim().toLowerCase() !== 'off';
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
