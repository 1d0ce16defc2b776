import { shortHash } from '../repair-id';

/**
 * What a signal and the word that answers it have in common.
 *
 * An alert that Azure Monitor keeps as an instance is one resource from `Fired` to `Resolved`, so both carry its id
 * (https://learn.microsoft.com/rest/api/monitor/alertsmanagement/alerts/get-all: `monitorCondition` and
 * `monitorConditionResolvedDateTime` of one alert). Resource Health makes an alert of its own of every change: there the rule is what they have in
 * common.
 */

// The same instance is addressed below its subscription and below its target; the GUID at the end is what stays.
const instance = /\/providers\/microsoft\.alertsmanagement\/alerts\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

/** The GUID of the alert's instance, in lower case; undefined for an id of another kind. */
export function alertInstanceOf(alertId: string): string | undefined {
  return instance.exec(alertId)?.[1]?.toLowerCase();
}

/** An alert, as far as its occasion hangs on it. */
export interface AlertIdentity {
  alertId: string;
  alertRuleId?: string | null;
  isOfResourceHealth: boolean;
}

const alertPrefix = 'alert:';

/** The occasion of an alert: its instance's, its rule's where each change is an instance of its own, or that of whatever id it has. */
export function occasionOfAlert({ alertId, alertRuleId, isOfResourceHealth }: AlertIdentity): string {
  if (isOfResourceHealth) return `resource-health:${shortHash((alertRuleId ?? '').toLowerCase(), 40)}`;
  return `${alertPrefix}${alertInstanceOf(alertId) ?? shortHash(alertId.toLowerCase(), 40)}`;
}

/** Whether the occasion is that of one alert, which Azure says to be over: of Resource Health it tells changes only. */
export function isOfInstance(occasion: string | undefined): boolean {
  return occasion?.startsWith(alertPrefix) === true;
}

/** The occasion of all events on the health of a machine: each tells of the same, its health. */
export const occasionOfHealthEvents = 'health-events';
