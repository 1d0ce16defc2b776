/** ARM's words when a lock or a deny assignment is in the way. */
import { error, type ArmResponse, type ClientNames } from '../arm-errors';

// Quoted in many public logs, e.g. microsoft/azure-container-apps' troubleshooting pages; 409: Azure/azure-powershell issues
export function scopeLocked(
  scope: string,
  operation: 'write' | 'delete',
  lockedScopes: readonly string[],
): ArmResponse {
  const list = lockedScopes.map((one) => `'${one}'`).join(',');
  const message = `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are locked: ${list}. Please remove the lock and try again.`;
  return error(409, 'ScopeLocked', message);
}

interface Denied {
  action: string;
  scope: string;
  by: { name: string; id: string; scope: string };
}

// Quoted whole in MicrosoftDocs/azure-docs:articles/network-function-manager/delete-functions.md and in logs of managed applications
export function deniedByAssignment(client: ClientNames, { action, scope, by }: Denied): ArmResponse {
  const message = `The client '${client.clientId}' with object id '${client.objectId}' has permission to perform action '${action}' on scope '${scope}'; however, the access is denied because of the deny assignment with name '${by.name}' and Id '${by.id.replaceAll('-', '')}' at scope '${by.scope}'.`;
  return error(403, 'DenyAssignmentAuthorizationFailed', message);
}

// Azure/OpenShift#186
export function linkedDenied(
  client: ClientNames,
  granted: { action: string; scope: string },
  denied: { action: string; scope: string },
): ArmResponse {
  const message = `The client '${client.clientId}' with object id '${client.objectId}' has permission to perform action '${granted.action}' on scope '${granted.scope}'; however, it does not have permission to perform action '${denied.action}' on the '0' linked scope(s) '' or the linked scope(s) are invalid and is blocked by deny assignments on the '1' linked scope(s) '${denied.scope}'.`;
  return error(403, 'LinkedAuthorizationFailed', message);
}
