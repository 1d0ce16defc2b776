/** How failures are written into histories and statuses. */
import { messageOf } from '../log';
import type { FailureDetails } from './history';

interface FailureTexts {
  Reason: string;
  Details: string;
  FailureDetails?: FailureDetails;
}

/**
 * An activity's failure as the extension writes it: a reason, then a .NET exception as JSON. The orchestrator sees both
 * joined, so code must never match on the whole message. When the app has an exception properties provider, the library
 * makes the message a JSON text with the details; they are then handed over as such.
 * Source of the latter: durable-functions:lib/src/error/ExceptionPropertiesProvider.js
 */
export function activityFailure(functionName: string, error: unknown): FailureTexts {
  const details = providedDetails(messageOf(error));
  const message = details?.ErrorMessage ?? messageOf(error);
  const failure = {
    Reason: `Activity function '${functionName}' failed:  ${message}`,
    Details: dotnetException(message, error instanceof Error ? error.stack : undefined),
  };
  return details ? { ...failure, FailureDetails: details } : failure;
}

/** A sub-orchestration's failure, from the output of the failed instance. */
export function subOrchestrationFailure(message: string): FailureTexts {
  return { Reason: message, Details: dotnetException(message, undefined) };
}

/** What the status of a failed orchestration says. */
export function orchestratorFailureText(functionName: string, message: string): string {
  return `Orchestrator function '${functionName}' failed: ${message}`;
}

function dotnetException(message: string, stack: string | undefined): string {
  return JSON.stringify({
    $type: 'System.Exception, System.Private.CoreLib',
    ClassName: 'System.Exception',
    Message: message,
    StackTraceString: stack ?? null,
  });
}

function providedDetails(message: string): FailureDetails | undefined {
  if (!message.startsWith('{')) return undefined;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(message) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { errorType, errorMessage, stackTrace, isNonRetriable, properties } = value;
  if (typeof errorType !== 'string' || typeof errorMessage !== 'string') return undefined;
  if (typeof isNonRetriable !== 'boolean') return undefined;
  return {
    ErrorType: errorType,
    ErrorMessage: errorMessage,
    StackTrace: typeof stackTrace === 'string' ? stackTrace : undefined,
    IsNonRetriable: isNonRetriable,
    Properties: properties as Record<string, unknown> | undefined,
  };
}
