import { assignmentsIn, deniedByPolicyCode } from './policy-refusal';
import type { ArmFailure } from './ports';

/**
 * Sorts what the SDK throws into the four kinds of failure that a story can decide on.
 * Error bodies: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 */

/** What the SDK's RestError carries, as far as it is used here. */
interface RestErrorLike {
  statusCode?: number;
  code?: string;
  message: string;
  response?: { headers?: { get(name: string): string | undefined } };
}

/** Said instead of an action that ARM did not name. */
const unnamed = '(not named by Azure)';

// AuthorizationFailed and LinkedAuthorizationFailed name the action between quotes; the linked form names first what
// is granted and then what is missing, so it is looked for first.
const linkedAction =
  /does not have permission to perform action\(?s?\)? '([^']{1,300})' on the linked scope\(?s?\)? '([^']{1,1000})'/;
const missingAction = /perform action '([^']{1,300})' over scope '([^']{1,1000})'/;

// A policy or a deny assignment answers 403 too, with other codes: no role would mend that.
const lacksRole = new Set(['AuthorizationFailed', 'LinkedAuthorizationFailed']);

// Status codes that pass: https://learn.microsoft.com/azure/architecture/best-practices/retry-service-specific
const passing = new Set([408, 429, 500, 502, 503, 504]);

const tokenFailures = new Set(['AuthenticationError', 'AggregateAuthenticationError', 'CredentialUnavailableError']);

// Codes that come with 409 and only mean "somebody is at it just now".
const busy = new Set([
  'AnotherOperationInProgress',
  'AttachDiskWhileBeingDetached',
  'Conflict',
  'ConflictingConcurrentWrite',
  'OperationPreempted',
]);

// Comes with 400, says "retry after 180 seconds" in words and nothing in Retry-After (gardenlinux/gardenlinux#4133): the
// network interface of a VM that could not be made is kept for it.
const reservedInterface = 'NicReservedForAnotherVm';
const reservedForMs = 180_000;

// What makes a SAS work. An answer that could not be parsed is quoted whole in the SDK's message, SAS and all.
const signature = /(?<![a-z])(sig|signature)(=|%3D)[^&\s"'<>\\]+/gi;

/** Turns an error thrown by the SDK into data; rethrows what is no answer of Azure (a bug of ours). */
export function toArmFailure(error: unknown): ArmFailure {
  if (isTokenFailure(error)) return { kind: 'wait', code: error.name, message: messageOf(error) };
  if (isTimeout(error)) return { kind: 'wait', code: 'RequestTimedOut', message: 'Azure did not answer in time.' };
  if (!isRestError(error)) throw error;
  const code = error.code ?? 'Unknown';
  const message = messageOf(error);
  const status = error.statusCode;
  if (status === undefined) return { kind: 'wait', code, message };
  if (passing.has(status) || (status === 409 && busy.has(code))) {
    return { kind: 'wait', code, message, retryAfterMs: retryAfterOf(error) };
  }
  if (code === reservedInterface) return { kind: 'wait', code, message, retryAfterMs: reservedForMs };
  if (status === 403 && lacksRole.has(code)) return { kind: 'forbidden', code, message, ...missingPermission(message) };
  if (status === 404) return { kind: 'not-found', code, message };
  if (code === deniedByPolicyCode) {
    return { kind: 'rejected', code, message, status, deniedBy: assignmentsIn(error.message) };
  }
  return { kind: 'rejected', code, message, status };
}

/** An error's message without the signature of any SAS, cut to a sane length. */
export function messageOf(error: { message: string }): string {
  return error.message.replace(signature, '$1$2(hidden)').slice(0, 2000);
}

/** The SDK's HTTP client aborts a request at its timeout, and says no more than that. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function isRestError(error: unknown): error is RestErrorLike {
  return error instanceof Error && error.name === 'RestError';
}

/**
 * A token that cannot be had (identity endpoint down or unknown identity) is no answer of ARM, whatever status it
 * carries, and passes too. Names as in @azure/identity; DefaultAzureCredential throws the aggregate one.
 */
function isTokenFailure(error: unknown): error is Error {
  return error instanceof Error && tokenFailures.has(error.name);
}

function missingPermission(message: string): { action: string; scope: string } {
  const match = linkedAction.exec(message) ?? missingAction.exec(message);
  return { action: match?.[1] ?? unnamed, scope: match?.[2] ?? unnamed };
}

/** Reads Retry-After (seconds or an HTTP date) of an error or an answer; in ms. */
export function retryAfterOf(answered: Pick<RestErrorLike, 'response'>): number | undefined {
  const text = answered.response?.headers?.get('retry-after');
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
