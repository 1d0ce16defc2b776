/**
 * The heart of the engine: replays an orchestrator's actions against its history and says what is new.
 *
 * It does what the Durable Task extension does with an out-of-process orchestrator: action k+1 is invoked once action k
 * is settled, and every activity, timer and sub-orchestration takes the next sequence id when it is invoked. So the ids
 * come out as in Azure, which the library relies on: it counts the same ids by itself and never tells them.
 * Sources: Azure/azure-functions-durable-extension:src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs
 * (order of invocation), Azure/durabletask:src/DurableTask.Core/TaskOrchestrationContext.cs (ids, matching),
 * Azure/durabletask:src/DurableTask.Core/RetryInterceptor.cs (retries).
 */
import { actionType, type Action, type RetryOptions } from './actions';
import { eventType, type HistoryEvent, type RaisedEvent } from './history';

/** New work that an orchestrator asked for, with its sequence id. `input` is what goes to the function. */
export type Decision =
  | { kind: 'activity'; id: number; name: string; input: unknown }
  | { kind: 'timer'; id: number; fireAt: number; cancelled: boolean }
  | { kind: 'sub-orchestration'; id: number; name: string; instanceId?: string; input: unknown; version?: string };

type DecisionKind = Decision['kind'];

export interface Plan {
  /** What has no event in the history yet, in the order of ids. */
  decisions: Decision[];
  /** Everything awaited, by id, in words such as `activity 'x'`. */
  open: Map<number, string>;
  /** All timers that the orchestrator has cancelled. */
  cancelledTimers: number[];
  /** Every action has been invoked; else the library is ahead of the history (see local/host/README.md). */
  caughtUp: boolean;
  /** Every action is settled and nothing is awaited: the instance may end. */
  settled: boolean;
  continueAsNew?: { input: unknown };
  /** Raised events that no wait has taken. */
  unconsumedEvents: RaisedEvent[];
}

/** The orchestrator did not do again what its history says it did, or asks for what this host cannot do. */
export class OrchestrationFault extends Error {}

// The extension's constants for Azure Storage; they are also given to the library in the trigger's value.
export const maximumShortTimer = { milliseconds: 6 * 86_400_000, text: '6.00:00:00' };
export const longTimerInterval = { milliseconds: 3 * 86_400_000, text: '3.00:00:00' };

/** Called once when what was invoked has ended, well or badly. */
type Settle = (failed: boolean) => void;

interface PlanOptions {
  instanceId: string;
  history: HistoryEvent[];
  actions: Action[];
  /** Why this activity or orchestrator cannot be called, or undefined when it can. */
  unknownFunction: (kind: 'activity' | 'sub-orchestration', name: string) => string | undefined;
}

const unsupported: Record<number, string> = {
  [actionType.callEntity]: 'callEntity',
  [actionType.callHttp]: 'callHttp',
  [actionType.signalEntity]: 'signalEntity',
  [actionType.lockEntities]: 'lock',
  [actionType.releaseEntities]: 'lock',
};

/** Replays `actions` against `history`. Throws OrchestrationFault, naming the instance and the ids. */
export function plan(options: PlanOptions): Plan {
  const { instanceId, actions } = options;
  const unmatched = new Map<number, Decision>();
  const open = new Map<number, { words: string; settle: Settle }>();
  const cancelledTimers: number[] = [];
  const waits = new Map<string, Settle[]>();
  let buffered: RaisedEvent[] = [];
  let continueAsNew: { input: unknown } | undefined;
  let nextId = 0;
  let nextAction = 0;
  let settledActions = 0;
  let now = 0;

  function advance(): void {
    const action = actions[nextAction];
    if (!action) return;
    nextAction += 1;
    invoke(
      action,
      once(() => {
        settledActions += 1;
        advance();
      }),
    );
  }

  function schedule(make: (id: number) => Decision, settle: Settle): number {
    const id = nextId++;
    const decision = make(id);
    unmatched.set(id, decision);
    open.set(id, { words: wordsOf(decision), settle });
    return id;
  }

  function invoke(action: Action, settle: Settle): void {
    switch (action.actionType) {
      case actionType.callActivity:
        callActivity(action, settle);
        return;
      case actionType.callActivityWithRetry:
        retry(action.retryOptions, (settled) => callActivity(action, settled), settle);
        return;
      case actionType.callSubOrchestrator:
        callSubOrchestration(action, settle);
        return;
      case actionType.callSubOrchestratorWithRetry:
        retry(action.retryOptions, (settled) => callSubOrchestration(action, settled), settle);
        return;
      case actionType.createTimer:
        createTimer(Date.parse(action.fireAt), action.isCanceled, settle);
        return;
      case actionType.waitForExternalEvent:
        waitForEvent(action.externalEventName, settle);
        return;
      case actionType.whenAny: {
        const first = once(settle);
        for (const child of action.compoundActions) invoke(child, () => first(false));
        return;
      }
      case actionType.whenAll:
        whenAll(action.compoundActions, settle);
        return;
      case actionType.continueAsNew:
        continueAsNew = { input: action.input };
        settle(false);
        return;
      default:
        throw new OrchestrationFault(
          `Instance '${instanceId}' uses ${unsupported[action.actionType] ?? `action ${String(action.actionType)}`}, ` +
            'which the embedded host does not support. Use activities instead, or run the app with the real host.',
        );
    }
  }

  function callActivity(call: { functionName: string; input?: unknown }, settle: Settle): void {
    refuseUnknown('activity', call.functionName);
    schedule((id) => ({ kind: 'activity', id, name: call.functionName, input: call.input }), settle);
  }

  function callSubOrchestration(
    call: { functionName: string; instanceId?: string; input?: unknown; version?: string },
    settle: Settle,
  ): void {
    refuseUnknown('sub-orchestration', call.functionName);
    const { functionName: name, instanceId: childId, input, version } = call;
    schedule((id) => ({ kind: 'sub-orchestration', id, name, instanceId: childId, input, version }), settle);
  }

  function refuseUnknown(kind: 'activity' | 'sub-orchestration', name: string): void {
    const reason = options.unknownFunction(kind, name);
    if (reason) throw new OrchestrationFault(reason);
  }

  function createTimer(fireAt: number, cancelled: boolean, settle: Settle): void {
    // A timer of more than six days is a chain of three-day timers, each with an id of its own.
    const due = fireAt - now > maximumShortTimer.milliseconds ? now + longTimerInterval.milliseconds : fireAt;
    const id = schedule(
      (timerId) => ({ kind: 'timer', id: timerId, fireAt: due, cancelled }),
      () => (due < fireAt && now < fireAt ? createTimer(fireAt, false, settle) : settle(false)),
    );
    if (!cancelled) return;
    // The extension cancels the token right after it made the timer: the id is taken, the task ends at once.
    cancelledTimers.push(id);
    open.delete(id);
    settle(true);
  }

  function waitForEvent(name: string, settle: Settle): void {
    const early = buffered.find((event) => event.Name === name);
    if (early) {
      buffered = buffered.filter((event) => event !== early);
      settle(false);
      return;
    }
    waits.set(name, [...(waits.get(name) ?? []), settle]);
  }

  function raise(event: RaisedEvent): void {
    // The newest wait takes the event, both here and in the library. Names are compared exactly, as the library does.
    const settle = waits.get(event.Name)?.pop();
    if (settle) settle(false);
    else buffered.push(event);
  }

  // Waits for every child, also after one has failed: so does Azure, while the library goes on at the first failure.
  function whenAll(children: Action[], settle: Settle): void {
    let remaining = children.length;
    let anyFailed = false;
    for (const child of children) {
      invoke(
        child,
        once((failed) => {
          anyFailed ||= failed;
          remaining -= 1;
          if (remaining === 0) settle(anyFailed);
        }),
      );
    }
  }

  function retry(retryOptions: RetryOptions, call: (settle: Settle) => void, settle: Settle): void {
    const firstAttemptAt = now;
    function attempt(number: number): void {
      call((failed) => (failed ? afterFailure(number) : settle(false)));
    }
    function afterFailure(number: number): void {
      // After the last attempt comes a timer that is due at once ("dummy timer"), which the library counts on.
      if (number >= retryOptions.maxNumberOfAttempts) {
        schedule(
          (id) => ({ kind: 'timer', id, fireAt: now, cancelled: false }),
          () => settle(true),
        );
        return;
      }
      const delay = retryDelay(retryOptions, number, now - firstAttemptAt);
      if (delay === 0) {
        settle(true);
        return;
      }
      schedule(
        (id) => ({ kind: 'timer', id, fireAt: now + delay, cancelled: false }),
        () => attempt(number + 1),
      );
    }
    attempt(1);
  }

  function match(event: HistoryEvent, kind: DecisionKind, name: string | undefined): void {
    const decision = unmatched.get(event.EventId);
    const sameName = name === undefined || (decision && 'name' in decision && decision.name === name);
    if (decision?.kind !== kind || !sameName) {
      const was = name === undefined ? kind : `${kind} '${name}'`;
      const is = decision ? wordsOf(decision) : 'nothing';
      throw new OrchestrationFault(
        `Non-deterministic orchestration: the history of instance '${instanceId}' has ${was} under id ${event.EventId}, ` +
          `but the code now asks for ${is} under that id. Orchestrator code must do the same on every replay.`,
      );
    }
    unmatched.delete(event.EventId);
  }

  function settleOpen(id: number, failed: boolean): void {
    const task = open.get(id);
    open.delete(id);
    task?.settle(failed);
  }

  function apply(event: HistoryEvent): void {
    switch (event.EventType) {
      case eventType.orchestratorStarted:
        now = Date.parse(event.Timestamp);
        return;
      case eventType.executionStarted:
        advance();
        return;
      case eventType.taskScheduled:
        match(event, 'activity', event.Name);
        return;
      case eventType.subOrchestrationCreated:
        match(event, 'sub-orchestration', event.Name);
        return;
      case eventType.timerCreated:
        match(event, 'timer', undefined);
        return;
      case eventType.taskCompleted:
      case eventType.subOrchestrationCompleted:
        settleOpen(event.TaskScheduledId, false);
        return;
      case eventType.taskFailed:
      case eventType.subOrchestrationFailed:
        settleOpen(event.TaskScheduledId, true);
        return;
      case eventType.timerFired:
        settleOpen(event.TimerId, false);
        return;
      case eventType.eventRaised:
        raise(event);
        return;
      default:
    }
  }

  for (const event of options.history) apply(event);

  return {
    decisions: [...unmatched.values()],
    open: new Map([...open].map(([id, task]) => [id, task.words])),
    cancelledTimers,
    caughtUp: nextAction === actions.length,
    settled: settledActions === actions.length && open.size === 0,
    continueAsNew,
    unconsumedEvents: buffered,
  };
}

function wordsOf(decision: Decision): string {
  return decision.kind === 'timer' ? 'timer' : `${decision.kind} '${decision.name}'`;
}

function once(settle: Settle): Settle {
  let called = false;
  return (failed) => {
    if (called) return;
    called = true;
    settle(failed);
  };
}

/** The wait in ms after failed attempt `number` (from 1); 0 when the time for retries is over. */
function retryDelay(options: RetryOptions, number: number, elapsed: number): number {
  if (elapsed >= (options.retryTimeoutInMilliseconds ?? Infinity)) return 0;
  const delay = options.firstRetryIntervalInMilliseconds * (options.backoffCoefficient ?? 1) ** (number - 1);
  return Math.min(delay, options.maxRetryIntervalInMilliseconds ?? Infinity);
}
