/** Alerts as Azure Monitor sends them, for a VM of the simulated fleet. */
import { randomUUID } from 'node:crypto';

/**
 * A metric alert on VM availability in the common alert schema. Composed from the documented envelope
 * (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema); the custom property makes it count. `firedAt` is Azure's own
 * time, now if not given.
 */
export function availabilityAlert(
  vmId: string,
  options: { condition?: 'Fired' | 'Resolved'; alertId?: string; firedAt?: string } = {},
) {
  const subscription = vmId.split('/').slice(0, 3).join('/');
  const alertId = options.alertId ?? `${subscription}/providers/Microsoft.AlertsManagement/alerts/${randomUUID()}`;
  const rule = 'vm-availability';
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId,
        alertRule: rule,
        alertRuleID: `${subscription}/resourceGroups/rg-monitoring/providers/microsoft.insights/metricAlerts/${rule}`,
        severity: 'Sev1',
        signalType: 'Metric',
        monitorCondition: options.condition ?? 'Fired',
        monitoringService: 'Platform',
        alertTargetIDs: [vmId.toLowerCase()],
        configurationItems: [vmId.split('/').at(-1)],
        originAlertId: `${randomUUID()}_rg-monitoring_microsoft.insights_metricAlerts_${rule}`,
        firedDateTime: options.firedAt ?? new Date().toISOString(),
        description: 'The VM does not answer.',
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
      },
      alertContext: {
        properties: null,
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: {
          windowSize: 'PT5M',
          allOf: [
            {
              metricName: 'VmAvailabilityMetric',
              metricNamespace: 'Microsoft.Compute/virtualMachines',
              operator: 'LessThan',
              threshold: '1',
              timeAggregation: 'Average',
              dimensions: [],
              metricValue: 0,
            },
          ],
        },
      },
      customProperties: { 'rdp-lifeline': 'on' },
    },
  };
}
