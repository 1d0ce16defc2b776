/**
 * What an orchestrator answers: the cumulative list of actions, one per `yield`, without ids.
 * Source: durable-functions:lib/src/actions/*.js and lib/src/orchestrations/OrchestratorState.js
 */

export interface RetryOptions {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
  retryTimeoutInMilliseconds?: number;
}

/** The numbers of `actionType`, by the name that the library gives them. */
export const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  callEntity: 7,
  callHttp: 8,
  signalEntity: 9,
  whenAny: 11,
  whenAll: 12,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

type Types = typeof actionType;

interface ActivityCall {
  functionName: string;
  /** Already JSON text when the orchestrator passed a string (Utils.processInput); else the value itself. */
  input?: unknown;
}

interface SubOrchestrationCall {
  functionName: string;
  instanceId?: string;
  input?: unknown;
  version?: string;
}

export type Action =
  | ({ actionType: Types['callActivity'] } & ActivityCall)
  | ({ actionType: Types['callActivityWithRetry']; retryOptions: RetryOptions } & ActivityCall)
  | ({ actionType: Types['callSubOrchestrator'] } & SubOrchestrationCall)
  | ({ actionType: Types['callSubOrchestratorWithRetry']; retryOptions: RetryOptions } & SubOrchestrationCall)
  | { actionType: Types['continueAsNew']; input?: unknown }
  | { actionType: Types['createTimer']; fireAt: string; isCanceled: boolean }
  | { actionType: Types['waitForExternalEvent']; externalEventName: string }
  | { actionType: Types['whenAny'] | Types['whenAll']; compoundActions: Action[] }
  | {
      actionType: Types['callEntity' | 'callHttp' | 'signalEntity' | 'lockEntities' | 'releaseEntities'];
    };

/** One answer of an orchestrator. */
export interface OrchestratorReply {
  isDone: boolean;
  actions: Action[][];
  output?: unknown;
  error?: string;
  customStatus?: unknown;
}
