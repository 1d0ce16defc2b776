import { z } from 'zod';
import type { AzureAlert } from '../azure/ports';
import { inCanonicalSpelling } from './key-spelling';

/**
 * An alert of Azure's own record in the form in which it would have been delivered. The record names some fields otherwise
 * (https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all, `Essentials`); assumed: its context is the delivered one.
 */
const text = z.string().nullish().catch(null);
const essentialsSchema = z.object({
  alertRule: text,
  severity: text,
  signalType: text,
  monitorCondition: text,
  monitorService: text,
  targetResource: text,
  startDateTime: text,
  monitorConditionResolvedDateTime: text,
});
const propertiesSchema = z.object({
  essentials: z.preprocess(
    (value) => inCanonicalSpelling(value, Object.keys(essentialsSchema.shape)),
    essentialsSchema,
  ),
  context: z.unknown(),
  customProperties: z.unknown().optional(),
});

/** The payload of a delivery; undefined for what is no alert. */
export function asDelivered({ id, properties }: AzureAlert): unknown {
  const parsed = propertiesSchema.safeParse(inCanonicalSpelling(properties, Object.keys(propertiesSchema.shape)));
  if (!parsed.success) return undefined;
  const { essentials, context, customProperties } = parsed.data;
  const { alertRule, severity, signalType, monitorCondition, monitorService, targetResource } = essentials;
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        ...{ alertId: id, severity, signalType, monitorCondition, monitoringService: monitorService },
        // The rule's id; of rules without a resource of their own it is an address.
        ...{ alertRule: alertRule?.split('/').at(-1), alertRuleId: alertRule },
        alertTargetIDs: targetResource ? [targetResource] : [],
        firedDateTime: essentials.startDateTime,
        resolvedDateTime: essentials.monitorConditionResolvedDateTime,
      },
      alertContext: context,
      customProperties,
    },
  };
}
