/**
 * The events of an orchestration's history, as `durable-functions` reads them and as the store keeps them.
 * Numbers and names: durable-functions:lib/src/history/HistoryEventType.js
 */

export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

/** The number's name as the management API writes it. */
export const eventTypeNames: Record<number, string> = {
  0: 'ExecutionStarted',
  1: 'ExecutionCompleted',
  3: 'ExecutionTerminated',
  4: 'TaskScheduled',
  5: 'TaskCompleted',
  6: 'TaskFailed',
  7: 'SubOrchestrationInstanceCreated',
  8: 'SubOrchestrationInstanceCompleted',
  9: 'SubOrchestrationInstanceFailed',
  10: 'TimerCreated',
  11: 'TimerFired',
  12: 'OrchestratorStarted',
  13: 'OrchestratorCompleted',
  15: 'EventRaised',
  19: 'ExecutionSuspended',
  20: 'ExecutionResumed',
};

type Types = typeof eventType;

interface EventBase {
  /** The sequence id for what the orchestrator asked for; −1 for what arrives. */
  EventId: number;
  IsPlayed: boolean;
  /** ISO 8601, local time of this host. */
  Timestamp: string;
}

/** What `setExceptionPropertiesProvider` makes of an error; see durable-functions:lib/src/history/FailureDetailsPayload */
export interface FailureDetails {
  ErrorType: string;
  ErrorMessage: string;
  StackTrace?: string;
  IsNonRetriable: boolean;
  Properties?: Record<string, unknown>;
}

interface Failure {
  Reason: string;
  Details: string;
  FailureDetails?: FailureDetails;
}

/** Event bodies by type: all that an event has beyond its id, time and whether it was played. JSON texts are named so. */
export type EventBody =
  | { EventType: Types['executionStarted']; Name: string; Input: string; Version?: string }
  | { EventType: Types['executionCompleted']; OrchestrationStatus: string; Result: string }
  | { EventType: Types['executionTerminated']; Input: string }
  | { EventType: Types['taskScheduled']; Name: string; Input: string | null }
  | { EventType: Types['taskCompleted']; TaskScheduledId: number; Result: string }
  | ({ EventType: Types['taskFailed']; TaskScheduledId: number } & Failure)
  | { EventType: Types['subOrchestrationCreated']; Name: string; InstanceId: string; Input: string }
  | { EventType: Types['subOrchestrationCompleted']; TaskScheduledId: number; Result: string }
  | ({ EventType: Types['subOrchestrationFailed']; TaskScheduledId: number } & Failure)
  | { EventType: Types['timerCreated']; FireAt: string }
  | { EventType: Types['timerFired']; TimerId: number; FireAt: string }
  | { EventType: Types['orchestratorStarted'] }
  | { EventType: Types['orchestratorCompleted'] }
  | { EventType: Types['eventRaised']; Name: string; Input: string }
  | { EventType: Types['executionSuspended']; Reason: string }
  | { EventType: Types['executionResumed']; Reason: string };

export type HistoryEvent = EventBody & EventBase;

export type RaisedEvent = Extract<HistoryEvent, { EventType: Types['eventRaised'] }>;

/** An event that arrives, or frames an episode, at `time` (ms). */
export function arrival(body: EventBody, time: number): HistoryEvent {
  return { ...body, EventId: -1, IsPlayed: false, Timestamp: new Date(time).toISOString() };
}

/** An event for what the orchestrator asked for under the sequence id `id`. */
export function request(body: EventBody, id: number, time: number): HistoryEvent {
  return { ...body, EventId: id, IsPlayed: false, Timestamp: new Date(time).toISOString() };
}
