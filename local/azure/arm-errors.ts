/**
 * Azure Resource Manager's error answers, word by word. Each names where its words come from; words that could not
 * be found are marked `assumed`.
 */

/** What a handler answers, and what these functions make. */
export interface ArmResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An error body as ARM writes it; `more` is e.g. its `target`. */
export function error(status: number, code: string, message: string, more: object = {}): ArmResponse {
  return { status, body: { error: { code, message, ...more } } };
}

const challenge = (tenantId: string, description: string) =>
  `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="${description}"`;

function unauthorized(tenantId: string, code: string, message: string): ArmResponse {
  return { ...error(401, code, message), headers: { 'www-authenticate': challenge(tenantId, message) } };
}

// https://learn.microsoft.com/rest/api/azure/ (answers to a call without or with a wrong token)
export function authenticationFailed(tenantId: string): ArmResponse {
  return unauthorized(
    tenantId,
    'AuthenticationFailed',
    "Authentication failed. The 'Authorization' header is missing.",
  );
}

export function invalidAuthenticationToken(tenantId: string): ArmResponse {
  return unauthorized(tenantId, 'InvalidAuthenticationToken', 'The access token is invalid.');
}

// MicrosoftDocs/azure-docs:articles/logic-apps (error of an expired token quoted there)
export function expiredAuthenticationToken(tenantId: string, expiresAt: number, now: number): ArmResponse {
  const shown = (at: number) => new Date(at).toLocaleString('en-US', { timeZone: 'UTC' }).replace(',', '');
  const message = `The access token expiry UTC time '${shown(expiresAt)}' is earlier than current UTC time '${shown(now)}'.`;
  return unauthorized(tenantId, 'ExpiredAuthenticationToken', message);
}

// Azure/azure-sdk-for-python issues on InvalidAuthenticationTokenAudience
export function invalidAudience(tenantId: string, audience: string, allowed: readonly string[]): ArmResponse {
  const list = allowed.map((one) => `'${one}'`).join(',');
  const message = `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences ${list}.`;
  return unauthorized(tenantId, 'InvalidAuthenticationTokenAudience', message);
}

/** Who asks, as ARM's messages name a service principal. */
export interface ClientNames {
  clientId: string;
  objectId: string;
}

// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-authorization-failed
export function authorizationFailed(client: ClientNames, action: string, scope: string): ArmResponse {
  const message = `The client '${client.clientId}' with object id '${client.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
  return error(403, 'AuthorizationFailed', message);
}

// Same text in several public logs, e.g. MicrosoftDocs/SupportArticles-docs on snapshots of managed disks
export function linkedAuthorizationFailed(
  client: ClientNames,
  granted: { action: string; scope: string },
  missing: { action: string; scope: string },
): ArmResponse {
  const message = `The client '${client.clientId}' with object id '${client.objectId}' has permission to perform action '${granted.action}' on scope '${granted.scope}'; however, it does not have permission to perform action(s) '${missing.action}' on the linked scope(s) '${missing.scope}' (respectively) or the linked scope(s) are invalid.`;
  return error(403, 'LinkedAuthorizationFailed', message);
}

// microsoft/api-guidelines:azure/Guidelines.md
export function missingApiVersion(): ArmResponse {
  return error(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

export function invalidApiVersion(version: string, supported: readonly string[]): ArmResponse {
  const message = `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`;
  return error(400, 'InvalidApiVersionParameter', message);
}

// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider
export function noRegisteredProvider(given: {
  location: string;
  version: string;
  type: string;
  supported: readonly string[];
}): ArmResponse {
  const message = `No registered resource provider found for location '${given.location}' and API version '${given.version}' for type '${given.type}'. The supported api-versions are '${given.supported.join(', ')}'. The supported locations are '${given.location}'.`;
  return error(400, 'NoRegisteredProviderFound', message);
}

export function invalidResourceNamespace(namespace: string): ArmResponse {
  return error(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`);
}

export function invalidResourceType(namespace: string, type: string, version: string): ArmResponse {
  const message = `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.`;
  return error(404, 'InvalidResourceType', message);
}

// https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found
export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmResponse {
  const message = `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return error(404, 'ResourceNotFound', message);
}

export function parentResourceNotFound(type: string, parentId: string): ArmResponse {
  const message = `Failed to perform 'write' on resource(s) of type '${type}', because the parent resource '${parentId}' could not be found.`;
  return error(404, 'ParentResourceNotFound', message);
}

export function resourceGroupNotFound(name: string): ArmResponse {
  return error(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
}

export function subscriptionNotFound(id: string): ArmResponse {
  return error(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`);
}

// Azure/azure-cli-extensions#5362: what a snapshot of a missing disk answers, and (Azure/azure-cli#11909, #9233) of a
// disk in another location than the snapshot's
export function sourceNotFound(name: string): ArmResponse {
  return error(404, 'NotFound', `Resource ${name} is not found.`);
}

export function propertyChangeNotAllowed(property: string): ArmResponse {
  return error(409, 'PropertyChangeNotAllowed', `Changing property '${property}' is not allowed.`, {
    target: property,
  });
}

export function invalidParameter(target: string, message: string): ArmResponse {
  return error(400, 'InvalidParameter', message, { target });
}

export function invalidRequestContent(): ArmResponse {
  const message = 'The request content was invalid and could not be deserialized.';
  return error(400, 'InvalidRequestContent', message);
}

// MicrosoftDocs/SupportArticles-docs:support/azure/virtual-machines/windows/reset-rdp.md
export function vmNotRunningForExtensions(): ArmResponse {
  return error(409, 'OperationNotAllowed', 'Cannot modify extensions in the VM when the VM is not running.');
}

export function vmNotRunning(): ArmResponse {
  return error(409, 'OperationNotAllowed', 'The operation requires the VM to be running (or set to run).');
}

// Azure/azure-cli#28510
export function conflictingUserInput(message: string): ArmResponse {
  return error(400, 'ConflictingUserInput', message);
}

/** assumed: status, code and words. That it is refused: https://learn.microsoft.com/azure/virtual-machines/disks-restrict-import-export-overview */
export function exportForbidden(name: string): ArmResponse {
  const message = `Access to '${name}' cannot be granted: its network access settings do not allow export.`;
  return error(409, 'OperationNotAllowed', message);
}

/**
 * assumed for a snapshot: Azure's words for a disk restore point (MicrosoftDocs/azure-docs, backup of VMs:
 * DiskRestorePointUsedByCustomer), and in part for a disk (download-vhd.md).
 */
export function accessOutstanding(name: string): ArmResponse {
  const message = `There is an active shared access signature outstanding for snapshot ${name}. Call EndGetAccess before deleting the snapshot.`;
  return error(409, 'OperationNotAllowed', message);
}

// Recorded: Azure/azure-xplat-cli, nic list-effective-nsg
export function nicNotOnRunningMachine(id: string): ArmResponse {
  const message = `A network interface must be attached to a running virtual machine to get effective security groups. The network interface ${id} is not attached to a running virtual machine.`;
  return error(400, 'NicMustBeAttachedToRunningVmToGetEffectiveSecurityGroups', message, { details: [] });
}

/** assumed: the words; the status and the code are Azure's for a resource that is being changed. */
export function beingChanged(type: string, name: string): ArmResponse {
  const message = `The request failed due to conflict with a concurrent request on '${type}/${name}'. Wait until it has ended and try again.`;
  return error(409, 'Conflict', message);
}

// https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-throttling-errors
export function tooManyRequests(group: string, retryAfterSeconds: number): ArmResponse {
  const details = [{ code: 'TooManyRequests', target: group, message: JSON.stringify({ operationGroup: group }) }];
  const message = 'The server rejected the request because too many requests have been received for this subscription.';
  return {
    ...error(429, 'OperationNotAllowed', message, { details }),
    headers: { 'retry-after': String(retryAfterSeconds) },
  };
}

/** The failure of an operation whose extension never answered. MicrosoftDocs and Azure/azure-powershell#5741. */
export function extensionTimedOut(vmName: string): { code: string; message: string } {
  const message = `VM '${vmName}' has not reported status for VM agent or extensions. Please verify the VM has a running VM agent, and can establish outbound connections to Azure storage.`;
  return { code: 'VMAgentStatusCommunicationError', message };
}

/** An error asked for by whoever tests with the simulation. */
export function injectedError(status: number, code: string, message: string, retryAfter?: number): ArmResponse {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { ...error(status, code, message), headers };
}
