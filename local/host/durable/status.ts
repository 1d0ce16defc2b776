/** What the management API says about an instance. */
import { eventType, eventTypeNames, type HistoryEvent } from './history';
import type { Instance } from './store';

interface StatusOptions {
  showInput: boolean;
  /** The history, when it is to be shown. */
  history?: HistoryEvent[];
  showHistoryOutput?: boolean;
}

/** The status body. Times are to the second, as the extension writes them (HttpApiHandler.cs, ConvertFrom). */
export function statusBody(instance: Instance, options: StatusOptions): Record<string, unknown> {
  const { history, showHistoryOutput = false } = options;
  return {
    name: instance.name,
    instanceId: instance.instanceId,
    runtimeStatus: instance.status,
    input: options.showInput ? parsed(instance.input) : null,
    customStatus: parsed(instance.customStatus),
    output: parsed(instance.output),
    createdTime: seconds(instance.createdTime),
    lastUpdatedTime: seconds(instance.updatedTime),
    ...(history ? { historyEvents: shownEvents(history, showHistoryOutput) } : {}),
  };
}

function parsed(text: string | null): unknown {
  return text === null ? null : (JSON.parse(text) as unknown);
}

function seconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * The history as the API shows it: event types by name, each answer joined with its request (FunctionName,
 * ScheduledTime), the frames of episodes left out, results only on demand.
 */
function shownEvents(history: HistoryEvent[], showOutput: boolean): Record<string, unknown>[] {
  const requests = new Map<number, { FunctionName?: string; ScheduledTime: string }>();
  const answered = new Set<number>();
  for (const event of history) {
    if (event.EventId >= 0) {
      requests.set(event.EventId, { FunctionName: nameOf(event), ScheduledTime: event.Timestamp });
    }
    const answers = answeredId(event);
    if (answers !== undefined) answered.add(answers);
  }
  return history
    .filter((event) => !isFrame(event) && !(isTask(event) && answered.has(event.EventId)))
    .map((event) => shownEvent(event, requests.get(answeredId(event) ?? -1), showOutput));
}

function shownEvent(
  event: HistoryEvent,
  asked: { FunctionName?: string; ScheduledTime: string } | undefined,
  showOutput: boolean,
): Record<string, unknown> {
  const { EventType, EventId: _id, IsPlayed: _played, ...body } = event;
  const shown: Record<string, unknown> = { EventType: eventTypeNames[EventType], ...body, ...asked };
  if ('Name' in event && EventType === eventType.executionStarted) shown.FunctionName = event.Name;
  if (isTask(event)) shown.FunctionName = nameOf(event);
  for (const hidden of ['TaskScheduledId', 'FailureDetails']) delete shown[hidden];
  for (const text of ['Input', 'Result']) {
    if (typeof shown[text] !== 'string') continue;
    if (text === 'Result' && showOutput) shown[text] = parsedOrText(shown[text]);
    else if (EventType !== eventType.eventRaised && EventType !== eventType.executionTerminated) delete shown[text];
  }
  return shown;
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function isFrame({ EventType }: HistoryEvent): boolean {
  return EventType === eventType.orchestratorStarted || EventType === eventType.orchestratorCompleted;
}

function isTask({ EventType }: HistoryEvent): boolean {
  return EventType === eventType.taskScheduled || EventType === eventType.subOrchestrationCreated;
}

function nameOf(event: HistoryEvent): string | undefined {
  return 'Name' in event ? event.Name : undefined;
}

function answeredId(event: HistoryEvent): number | undefined {
  if ('TaskScheduledId' in event) return event.TaskScheduledId;
  return undefined;
}
