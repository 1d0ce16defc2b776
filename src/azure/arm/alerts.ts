import { z } from 'zod';
import type { AzureAlert } from '../ports';
import { callArm, type RestConnection } from './rest-call';

/**
 * Azure's own record of alerts, by its REST API: the library for it is another 3 MB for one call.
 * https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all
 */

// The first version that tells a rule's custom properties:
// https://github.com/Azure/azure-rest-api-specs/tree/main/specification/alertsmanagement/resource-manager/Microsoft.AlertsManagement/AlertsManagement
const apiVersion = '2025-05-25-preview';

/** The most of a page with contexts. */
const pageSize = 25;

/** More are of a storm that is told by its first thousands (pages). */
const mostPages = 200;

const page = z.object({
  value: z.array(z.object({ id: z.string(), properties: z.unknown() })),
  nextLink: z.string().min(1).nullish(),
});

/** The alerts of the last 24 hours, newest first. Throws the SDK's RestError if Azure refuses to list them. */
export async function listAlerts(connection: RestConnection, subscriptionId: string): Promise<AzureAlert[]> {
  const call = {
    method: 'GET' as const,
    path: `/subscriptions/${subscriptionId}/providers/Microsoft.AlertsManagement/alerts`,
    apiVersion,
    query: {
      timeRange: '1d',
      includeContext: 'true',
      pageCount: String(pageSize),
      sortBy: 'startDateTime',
      sortOrder: 'desc',
    },
  };
  const alerts: AzureAlert[] = [];
  let nextLink: string | undefined;
  for (let count = 0; count < mostPages; count += 1) {
    const { value, nextLink: next } = page.parse(await callArm(connection, { ...call, nextLink }));
    alerts.push(...value.map(({ id, properties }) => ({ id, properties })));
    if (next === undefined || next === null) break;
    nextLink = next;
  }
  return alerts;
}
