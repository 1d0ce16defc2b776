/**
 * Microsoft.AlertsManagement: Azure's own record of alerts, whether they could be delivered or not.
 * https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all
 */
import { now } from '../../clock';
import { error, type ArmResponse } from '../arm-errors';
import type { ArmOperation, ArmRequest, ResourceProvider } from '../resource-provider';
import { callsIn } from '../throttling';
import type { World } from '../world';

/** An alert as it was made, with the names of the delivered payload. */
export interface FiredAlert {
  /** The GUID at the end of its id. */
  instance: string;
  essentials: Record<string, unknown>;
  context: unknown;
  customProperties: unknown;
  firedAt: number;
  resolvedAt?: number;
}

export function alertsManagementProvider(world: World, endpoint: () => string): ResourceProvider {
  return { namespace: 'Microsoft.AlertsManagement', operations: [list(world, endpoint)] };
}

const ranges: Record<string, number> = { '1h': 1, '1d': 24, '7d': 7 * 24, '30d': 30 * 24 };
const hourMs = 60 * 60_000;

/** The most of a page, with contexts and without. */
const mostWithContext = 25;
const most = 250;

function list(world: World, endpoint: () => string): ArmOperation {
  return {
    method: 'GET',
    path: '/subscriptions/{subscriptionId}/providers/Microsoft.AlertsManagement/alerts',
    apiVersions: ['2018-05-05', '2019-03-01', '2019-05-05-preview', '2023-07-12-preview', '2025-05-25-preview'],
    action: 'Microsoft.AlertsManagement/alerts/read',
    // assumed: no limit of its own is documented.
    quota: callsIn(3, { group: 'AlertsManagement3Min', limit: 2_000 }),
    handle: (request) => answer(world, endpoint(), request),
  };
}

function answer(world: World, endpoint: string, { path, query, apiVersion }: ArmRequest): ArmResponse {
  const range = ranges[query.get('timeRange') ?? '1d'];
  const withContext = query.get('includeContext') === 'true';
  const size = Number(query.get('pageCount') ?? mostWithContext);
  if (range === undefined || !Number.isInteger(size) || size < 1 || size > (withContext ? mostWithContext : most)) {
    // assumed: the words.
    return error(400, 'BadRequest', 'The value of a query parameter is not permissible.');
  }
  const condition = query.get('monitorCondition');
  const from = now() - range * hourMs;
  const found = world.alerts
    .filter(({ firedAt, resolvedAt }) => (resolvedAt ?? firedAt) >= from)
    .filter((alert) => condition === null || conditionOf(alert) === condition)
    .toSorted((one, other) => other.firedAt - one.firedAt);
  const start = Number(query.get('ctoken') ?? 0);
  const page = found.slice(start, start + size);
  const isLast = start + size >= found.length;
  const next = new URLSearchParams(query);
  next.set('api-version', apiVersion);
  next.set('ctoken', String(start + size));
  return {
    status: 200,
    body: {
      value: page.map((alert) => shown(alert, { path, withContext, apiVersion })),
      ...(isLast ? {} : { nextLink: `${endpoint}${path}?${next.toString()}` }),
    },
  };
}

function conditionOf({ resolvedAt }: FiredAlert): 'Fired' | 'Resolved' {
  return resolvedAt === undefined ? 'Fired' : 'Resolved';
}

/** As the examples of the API have it: under its target, with names of its own for what is delivered otherwise. */
function shown(
  alert: FiredAlert,
  { path, withContext, apiVersion }: { path: string; withContext: boolean; apiVersion: string },
): object {
  const { instance, essentials, context, customProperties, firedAt, resolvedAt } = alert;
  const [target] = Array.isArray(essentials.alertTargetIDs) ? (essentials.alertTargetIDs as string[]) : [];
  const scope = target ?? path.slice(0, path.toLowerCase().indexOf('/providers/'));
  const parts = scope.split('/');
  return {
    id: `${scope}/providers/Microsoft.AlertsManagement/alerts/${instance}`,
    type: 'Microsoft.AlertsManagement/alerts',
    name: essentials.alertRule,
    properties: {
      essentials: {
        severity: essentials.severity,
        signalType: essentials.signalType,
        alertState: 'New',
        monitorCondition: conditionOf(alert),
        monitorService: essentials.monitoringService,
        targetResource: target,
        targetResourceName: parts.at(-1),
        targetResourceGroup: parts[4],
        targetResourceType: target === undefined ? undefined : parts.slice(6, 8).join('/'),
        alertRule: essentials.alertRuleID,
        sourceCreatedId: essentials.originAlertId,
        startDateTime: new Date(firedAt).toISOString(),
        lastModifiedDateTime: new Date(resolvedAt ?? firedAt).toISOString(),
        ...(resolvedAt === undefined ? {} : { monitorConditionResolvedDateTime: new Date(resolvedAt).toISOString() }),
        lastModifiedUserName: 'System',
        actionStatus: { isSuppressed: false },
        description: essentials.description,
      },
      ...(withContext ? { context } : {}),
      // Only its newest version tells them.
      ...(apiVersion === '2025-05-25-preview' ? { customProperties } : {}),
    },
  };
}

/** Puts an alert on record that has the delivered form; a Resolved one changes the alert of its instance. Throws for what is none. */
export function recordAlert(world: World, payload: unknown): void {
  const { essentials, alertContext, customProperties } = (payload as { data: Record<string, unknown> }).data as {
    essentials: Record<string, unknown>;
    alertContext: unknown;
    customProperties: unknown;
  };
  const instance = String(essentials.alertId).split('/').at(-1) ?? '';
  if (!/^[0-9a-f-]{36}$/i.test(instance)) throw new Error('The alert has no id that ends in a GUID.');
  const known = world.alerts.find((alert) => alert.instance === instance);
  if (essentials.monitorCondition === 'Resolved') {
    if (!known) throw new Error('There is no such alert to be resolved.');
    known.resolvedAt = now();
    return;
  }
  if (known) throw new Error('There is an alert of this id.');
  world.alerts.push({ instance, essentials, context: alertContext, customProperties, firedAt: now() });
}
