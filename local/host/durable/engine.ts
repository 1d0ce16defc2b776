/**
 * The durable engine: decides which instance and which activity runs next, within the limits of host.json, and wakes
 * instances when their timers are due. It holds no state of its own that the store does not have, so that a restart
 * needs no more than reading what is due.
 */
import { after, realDelay } from '../../clock';
import { messageOf, type Log } from '../log';
import type { HostSettings } from '../host-json';
import type { TimerDue } from './timer-due';
import type { AppRegistrations } from '../worker/functions-core';
import { invoke } from '../worker/invocation';
import type { TypedData } from '../worker/rpc';
import { withTimeout } from '../worker/timeout';
import { createInstance, runEpisode, type EpisodeEffects } from './episode';
import { activityFailure } from './failures';
import { triggerBindingName } from './functions';
import { arrival, eventType, type EventBody } from './history';
import { isFinished, type Instance, type InstanceFilter, type RuntimeStatus, type Store, type WorkItem } from './store';

/** Longest wait that setTimeout takes, in real ms. */
const longestTimeout = 2 ** 31 - 1;
/** Pause in real ms before an episode is tried again whose commit failed. */
const retryPause = 5_000;

interface EngineOptions {
  app: AppRegistrations;
  store: Store;
  settings: HostSettings;
  log: Log;
  timerDue: TimerDue;
}

/** What came of a request to start an instance. */
export type StartResult = { kind: 'started' } | { kind: 'exists'; status: RuntimeStatus };

/** What came of a message to an instance. */
export type SendResult = 'sent' | 'not-found' | 'finished';

type PurgeResult = 'purged' | 'not-found' | { notFinished: RuntimeStatus };

export type Engine = ReturnType<typeof createEngine>;

export function createEngine({ app, store, settings, log, timerDue }: EngineOptions) {
  const { durable } = settings;
  const ready = new Set<string>();
  const busy = new Set<string>();
  const queue: WorkItem[] = [];
  const inFlight = new Set<Promise<void>>();
  let runningActivities = 0;
  /** Whether what is in flight may still be written. */
  let running = false;
  /** Whether more is begun. */
  let begins = false;
  let alarm: { timer: NodeJS.Timeout; due: number } | undefined;

  function wake(instanceId: string): void {
    ready.add(instanceId);
    pump();
  }

  function pump(): void {
    if (!begins) return;
    for (const instanceId of ready) {
      if (busy.size >= durable.maxConcurrentOrchestratorFunctions) break;
      if (busy.has(instanceId)) continue;
      ready.delete(instanceId);
      busy.add(instanceId);
      track(episode(instanceId));
    }
    while (runningActivities < durable.maxConcurrentActivityFunctions) {
      const item = queue.shift();
      if (!item) return;
      runningActivities += 1;
      track(activity(item));
    }
  }

  function track(job: Promise<void>): void {
    inFlight.add(job);
    void job.finally(() => inFlight.delete(job));
  }

  async function episode(instanceId: string): Promise<void> {
    let effects: EpisodeEffects | undefined;
    const startedAt = Date.now();
    try {
      const isRunning = () => running;
      effects = await runEpisode({ app, store, settings: durable, log, isRunning, timerDue }, instanceId);
    } catch (error) {
      log('error', `Instance '${instanceId}': nothing was written and it will be tried again: ${messageOf(error)}`);
      if (running) setTimeout(() => wake(instanceId), retryPause).unref();
    }
    busy.delete(instanceId);
    if (effects) apply(effects);
    // A message that was due when it was sent is not, if the clock was set back since: nobody would be woken for it again.
    const later = running ? store.nextDueTime(startedAt, instanceId) : undefined;
    if (later !== undefined) setAlarm(later);
    pump();
  }

  function apply({ woken, dueTimes, work }: EpisodeEffects): void {
    queue.push(...work);
    for (const instanceId of woken) ready.add(instanceId);
    for (const due of dueTimes) setAlarm(due);
  }

  /** Makes sure that the engine looks again at `due` (local ms) at the latest. */
  function setAlarm(due: number): void {
    if (!begins || (alarm && alarm.due <= due)) return;
    clearTimeout(alarm?.timer);
    const wait = Math.min(Math.max(0, Math.ceil(realDelay(due - Date.now()))), longestTimeout);
    alarm = { due, timer: setTimeout(ring, wait) };
  }

  function ring(): void {
    alarm = undefined;
    const now = Date.now();
    for (const instanceId of store.instancesWithDueMessages(now)) ready.add(instanceId);
    const next = store.nextDueTime(now);
    if (next !== undefined) setAlarm(next);
    pump();
  }

  function takeUp(item: WorkItem): void {
    queue.push(item);
    pump();
  }

  async function activity(item: WorkItem): Promise<void> {
    try {
      // The queue is older than the store: meanwhile the instance may have been purged or replaced.
      if (store.hasWork(item.id)) await runActivity(item);
    } catch (error) {
      log('error', `Activity '${item.name}' of '${item.instanceId}' runs again at the next start: ${messageOf(error)}`);
    }
    runningActivities -= 1;
    pump();
  }

  async function runActivity(item: WorkItem): Promise<void> {
    const stopRenewing = holdWork(item.id);
    const answer = await answerOf(item).finally(stopRenewing);
    if (!running) return;
    const now = Date.now();
    const isSent = await store.commit(() => {
      if (!store.deleteWork(item.id)) return false;
      store.putMessage(item.instanceId, {
        executionId: item.executionId,
        dueTime: now,
        event: arrival(answer, now),
      });
      return true;
    });
    if (isSent) ready.add(item.instanceId);
  }

  /** Nobody else sees a work item that is carried out, however long that takes; a dead host's comes back when its time is over. */
  function holdWork(id: number): () => void {
    const { workItemQueueVisibilityTimeout } = durable.storageProvider;
    let stop: () => void = () => undefined;
    function renew(): void {
      store.take('work', [id], Date.now() + workItemQueueVisibilityTimeout);
      // Azure/durabletask:src/DurableTask.Core/TaskActivityDispatcher.cs (RenewUntil): 30 s before it ends, at least every 5 s.
      stop = after(Math.max(5_000, workItemQueueVisibilityTimeout - 30_000), renew, true);
    }
    renew();
    return () => stop();
  }

  async function answerOf(item: WorkItem): Promise<EventBody> {
    const TaskScheduledId = item.taskId;
    try {
      // assumed: called without an input, the function gets undefined (the extension hands over no value).
      const data: TypedData = item.input === null ? {} : { string: item.input };
      const call = invoke({
        app,
        functionName: item.name,
        request: { inputData: [{ name: triggerBindingName(app, item.name), data }] },
        log,
      });
      const { response } = await withTimeout(call, settings.functionTimeout, item.name);
      return { EventType: eventType.taskCompleted, TaskScheduledId, Result: resultText(response.returnValue) };
    } catch (error) {
      log('info', `Activity '${item.name}' of '${item.instanceId}' failed: ${messageOf(error)}`);
      return { EventType: eventType.taskFailed, TaskScheduledId, ...activityFailure(item.name, error) };
    }
  }

  async function send(instanceId: string, body: EventBody): Promise<SendResult> {
    const result = await store.commit<SendResult>(() => {
      const instance = store.instance(instanceId);
      if (!instance) return 'not-found';
      if (isFinished(instance.status)) return 'finished';
      const now = Date.now();
      store.putMessage(instanceId, { executionId: null, dueTime: now, event: arrival(body, now) });
      return 'sent';
    });
    if (result === 'sent') wake(instanceId);
    return result;
  }

  return {
    /** Begins to work: takes up everything that was left by the process before. */
    start(): void {
      running = true;
      begins = true;
      store.inheritMessages();
      for (const item of store.work()) {
        const hiddenMs = item.invisibleUntil - Date.now();
        if (hiddenMs <= 0) queue.push(item);
        else after(hiddenMs, () => takeUp(item), true);
      }
      ring();
    },

    /** Ends the work as a death does: nothing new begins and nothing is written any more. */
    die(): void {
      running = false;
      begins = false;
      clearTimeout(alarm?.timer);
    },

    /**
     * Ends the work: nothing new begins. Resolves when the orchestrators and activities in flight have ended, or after `patience` real
     * ms. With `useGracefulShutdown` their ends are written, and what had not ended is there for the next host at once; without, nothing is
     * written any more, and it is seen again only when its time is over.
     */
    async stop(patience: number): Promise<void> {
      begins = false;
      running = durable.useGracefulShutdown;
      clearTimeout(alarm?.timer);
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
      await Promise.race([Promise.allSettled(inFlight), enough]);
      clearTimeout(timer);
      running = false;
      if (durable.useGracefulShutdown) store.giveBack();
    },

    /** Starts an instance, unless one of that id exists and may not be replaced. `input` is a JSON text. */
    async startInstance(
      given: Pick<Instance, 'instanceId' | 'name' | 'input'> & { version?: string },
    ): Promise<StartResult> {
      const replaceable = durable.overridableExistingInstanceStates === 'AnyState';
      const version = given.version ?? durable.defaultVersion ?? null;
      const result = await store.commit<StartResult>(() => {
        const existing = store.instance(given.instanceId);
        if (existing && !isFinished(existing.status) && !replaceable)
          return { kind: 'exists', status: existing.status };
        createInstance(store, { ...given, version, parent: null });
        return { kind: 'started' };
      });
      if (result.kind === 'started') wake(given.instanceId);
      return result;
    },

    /** Raises an external event; `input` is a JSON text. */
    raiseEvent(instanceId: string, name: string, input: string): Promise<SendResult> {
      return send(instanceId, { EventType: eventType.eventRaised, Name: name, Input: input });
    },

    terminate(instanceId: string, reason: string): Promise<SendResult> {
      return send(instanceId, { EventType: eventType.executionTerminated, Input: reason });
    },

    suspend(instanceId: string, reason: string): Promise<SendResult> {
      return send(instanceId, { EventType: eventType.executionSuspended, Reason: reason });
    },

    resume(instanceId: string, reason: string): Promise<SendResult> {
      return send(instanceId, { EventType: eventType.executionResumed, Reason: reason });
    },

    /** Removes a finished instance with everything that belongs to it. */
    purge(instanceId: string): Promise<PurgeResult> {
      return store.commit<PurgeResult>(() => {
        const instance = store.instance(instanceId);
        if (!instance) return 'not-found';
        if (!isFinished(instance.status)) return { notFinished: instance.status };
        store.deleteInstance(instanceId);
        return 'purged';
      });
    },

    instance: (instanceId: string) => store.instance(instanceId),
    instances: (filter: InstanceFilter) => store.instances(filter),
    history: (instanceId: string) => store.history(instanceId),
  };
}

/** The JSON text that the orchestrator's library parses. */
function resultText(value: TypedData | null | undefined): string {
  if (value?.json !== undefined && value.json !== null) return value.json;
  if (value?.bytes) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return JSON.stringify(value?.string ?? value?.int ?? value?.double ?? null);
}
