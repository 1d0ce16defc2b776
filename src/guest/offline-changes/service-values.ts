import { serviceTypes, startTypes, type Change } from '../changes';
import { setServiceAccount } from '../live-changes/service-account';
import { setStartType } from '../live-changes/service-start-type';
import { setServiceType } from '../live-changes/service-type';
import type { OfflineChange, OfflineTarget } from './offline-change';
import { serviceValueChange } from './registry-value';

/** Sets when a service starts: the number that Windows' own `sc.exe config` would write. */
export function setStartTypeOffline(
  change: Extract<Change, { kind: 'set-service-start-type' }>,
  target: OfflineTarget,
): OfflineChange {
  const { service, startType } = change;
  const data = String(startTypes[startType]);
  return serviceValueChange(setStartType(change), { service, name: 'Start', type: 'REG_DWORD', data }, target);
}

/** Sets the account that a service runs as; one that needs no password, so its name is all there is. */
export function setServiceAccountOffline(
  change: Extract<Change, { kind: 'set-service-account' }>,
  target: OfflineTarget,
): OfflineChange {
  const { service, account } = change;
  const value = { service, name: 'ObjectName', type: 'REG_SZ', data: account } as const;
  return serviceValueChange(setServiceAccount(change), value, target);
}

/** Gives a service a process of its own. */
export function setServiceTypeOffline(
  change: Extract<Change, { kind: 'set-service-type' }>,
  target: OfflineTarget,
): OfflineChange {
  const { service, type } = change;
  const data = String(serviceTypes[type]);
  return serviceValueChange(setServiceType(change), { service, name: 'Type', type: 'REG_DWORD', data }, target);
}
