/**
 * One episode of an instance: takes the messages that are due, lets the orchestrator run, and commits everything that
 * follows from it in one transaction. Killed before the commit, the episode happens again as if it never had; killed
 * after it, it is done. That is all there is to exactly-once histories.
 */
import { randomUUID } from 'node:crypto';
import { messageOf, type Log } from '../log';
import type { DurableSettings } from '../host-json';
import type { AppRegistrations } from '../worker/functions-core';
import { orchestratorFailureText, subOrchestrationFailure } from './failures';
import { unknownFunction } from './functions';
import { arrival, eventType, request, type HistoryEvent, type RaisedEvent } from './history';
import { runOrchestrator } from './orchestrator-function';
import { OrchestrationFault, type Decision, type Plan } from './plan';
import { isFinished, type Instance, type Message, type RuntimeStatus, type Store, type WorkItem } from './store';
import type { TimerDue } from './timer-due';
import { acceptsVersion } from './versions';

export interface EpisodeContext {
  app: AppRegistrations;
  store: Store;
  settings: DurableSettings;
  log: Log;
  /** False once the host stops: then nothing may be written any more. */
  isRunning: () => boolean;
  timerDue: TimerDue;
}

/** What the engine has to do after the commit. Times in ms. */
export interface EpisodeEffects {
  /** Instances that were sent a message that is due. */
  woken: string[];
  /** When timers that were set are due. */
  dueTimes: number[];
  work: WorkItem[];
}

const control: number[] = [eventType.executionTerminated, eventType.executionSuspended, eventType.executionResumed];

/** Custom statuses beyond this are refused by the extension (16 KB of UTF-16). */
const maximumCustomStatus = 8 * 1024;

type Outcome =
  | { kind: 'running' }
  | { kind: 'ended'; status: RuntimeStatus; output: string | null; failure?: string }
  | { kind: 'continued-as-new'; input: string; carryOver: RaisedEvent[] };

const nothing: EpisodeEffects = { woken: [], dueTimes: [], work: [] };

/** Runs the episode. Rejects only when the store fails; then nothing has been written. */
export async function runEpisode(context: EpisodeContext, instanceId: string): Promise<EpisodeEffects> {
  const { store, settings, log } = context;
  const now = Date.now();
  const instance = store.instance(instanceId);
  if (!instance || isFinished(instance.status)) {
    // Messages for who is gone: answers to an instance that was terminated, or was purged meanwhile.
    await store.commit(() => store.deleteMessagesOf(instanceId));
    return nothing;
  }
  if (!acceptsVersion(settings, instance.version)) return rejectVersion(context, instance);

  const intake = takeMessages(instance, store.dueMessages(instanceId, now));
  if (intake.consumed.length === 0) return nothing;
  store.take('inbox', intake.consumed, now + settings.storageProvider.controlQueueVisibilityTimeout);

  const past = store.history(instanceId).map((event) => ({ ...event, IsPlayed: true }));
  const arrived = [arrival({ EventType: eventType.orchestratorStarted }, now), ...intake.events];
  if (intake.terminated !== undefined) {
    const output = JSON.stringify(intake.terminated);
    const outcome: Outcome = { kind: 'ended', status: 'Terminated', output, failure: intake.terminated };
    return commit(context, { ...instance, output }, { intake, past, arrived, outcome });
  }
  const changed = applySuspension(instance, intake);
  if (!intake.deliverable) return commit(context, changed, { intake, past, arrived, outcome: { kind: 'running' } });

  // The answers to an orchestrator are all in the history, so nothing else may change while it runs.
  const turn = await takeTurn(context, changed, [...past, ...arrived]);
  if (!context.isRunning()) return nothing;
  if (turn.outcome.kind === 'ended' && turn.outcome.failure !== undefined) {
    log('warn', `Instance '${instanceId}' (${instance.name}) failed: ${turn.outcome.failure}`);
  }
  const running = { ...changed, status: 'Running' as const, customStatus: turn.customStatus };
  return commit(context, running, { intake, past, arrived, ...turn });
}

interface Intake {
  /** Ids of messages that this episode removes. */
  consumed: number[];
  events: HistoryEvent[];
  /** Among the events is one that the orchestrator has to see. */
  deliverable: boolean;
  suspended: boolean;
  /** The reason of the last suspension or resumption in this episode. */
  reason?: string;
  /** The reason, when the instance is terminated. */
  terminated?: string;
}

/** Decides what of the due messages is taken now. While an instance is suspended everything but control waits. */
function takeMessages(instance: Instance, messages: Message[]): Intake {
  const intake: Intake = { consumed: [], events: [], deliverable: false, suspended: instance.status === 'Suspended' };
  const valid = messages.filter(({ id, executionId }) => {
    if (executionId === null || executionId === instance.executionId) return true;
    intake.consumed.push(id);
    return false;
  });
  const started = valid.filter(({ event }) => event.EventType === eventType.executionStarted);
  for (const { id, event } of valid) {
    if (!control.includes(event.EventType) || intake.terminated !== undefined) continue;
    intake.consumed.push(id);
    takeControl(intake, event);
  }
  if (intake.suspended || intake.terminated !== undefined) return intake;
  // The start comes before whatever was raised early, also when events were carried over by a continue-as-new.
  const others = valid.filter((message) => !control.includes(message.event.EventType) && !started.includes(message));
  for (const { id, event } of [...started, ...others]) {
    intake.consumed.push(id);
    intake.events.push(event);
    intake.deliverable = true;
  }
  return intake;
}

function takeControl(intake: Intake, event: HistoryEvent): void {
  if (event.EventType === eventType.executionTerminated) {
    intake.terminated = event.Input;
    intake.events.push(event);
    return;
  }
  if (event.EventType !== eventType.executionSuspended && event.EventType !== eventType.executionResumed) return;
  const suspends = event.EventType === eventType.executionSuspended;
  if (suspends === intake.suspended) return;
  intake.suspended = suspends;
  intake.reason = event.Reason;
  intake.events.push(event);
}

function applySuspension(instance: Instance, intake: Intake): Instance {
  if (intake.reason === undefined) return instance;
  // The reason shows as the instance's output, as the Azure Storage provider writes it (AzureTableTrackingStore.cs).
  return {
    ...instance,
    status: intake.suspended ? 'Suspended' : 'Running',
    output: JSON.stringify(intake.reason),
  };
}

interface Turn {
  outcome: Outcome;
  customStatus: string | null;
  plan?: Plan;
}

async function takeTurn(context: EpisodeContext, instance: Instance, history: HistoryEvent[]): Promise<Turn> {
  const { app, log } = context;
  const { customStatus } = instance;
  const unknown = unknownFunction(app, 'sub-orchestration', instance.name);
  if (unknown) return { outcome: failed(unknown), customStatus };
  try {
    const { reply, plan } = await runOrchestrator(app, instance, history, log);
    const status = reply.customStatus === undefined ? customStatus : JSON.stringify(reply.customStatus);
    if (status && status.length > maximumCustomStatus) {
      throw new OrchestrationFault(`The custom status of instance '${instance.instanceId}' is larger than 16 KB.`);
    }
    return { plan, customStatus: status, outcome: outcomeOf(instance, reply, plan) };
  } catch (error) {
    const text =
      error instanceof OrchestrationFault ? error.message : orchestratorFailureText(instance.name, messageOf(error));
    return { outcome: failed(text), customStatus };
  }
}

function outcomeOf(
  instance: Instance,
  reply: { isDone: boolean; error?: string; output?: unknown },
  plan: Plan,
): Outcome {
  // An instance lives until all that it began has ended, whether its code still waits for it or not.
  if (!plan.settled || (!reply.isDone && reply.error === undefined)) return { kind: 'running' };
  if (reply.error !== undefined) return failed(orchestratorFailureText(instance.name, reply.error));
  if (plan.continueAsNew) {
    const input = jsonText(plan.continueAsNew.input) ?? 'null';
    return { kind: 'continued-as-new', input, carryOver: plan.unconsumedEvents };
  }
  return { kind: 'ended', status: 'Completed', output: JSON.stringify(reply.output ?? null) };
}

function failed(message: string): Outcome {
  return { kind: 'ended', status: 'Failed', output: JSON.stringify(message), failure: message };
}

/** The library turns strings that go to activities and continue-as-new into JSON text itself, and nothing else. */
function jsonText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

interface Commit {
  intake: Intake;
  past: HistoryEvent[];
  arrived: HistoryEvent[];
  outcome: Outcome;
  plan?: Plan;
}

function commit(context: EpisodeContext, instance: Instance, episode: Commit): Promise<EpisodeEffects> {
  const { store } = context;
  return store.commit(() => {
    const effects: EpisodeEffects = { woken: [], dueTimes: [], work: [] };
    // Replaced (overridableExistingInstanceStates: AnyState) while its orchestrator ran.
    if (store.instance(instance.instanceId)?.executionId !== instance.executionId) return effects;
    for (const id of episode.intake.consumed) store.deleteMessage(id);
    if (episode.outcome.kind === 'continued-as-new') restart(context, instance, episode.outcome, effects);
    else append(context, instance, { ...episode, outcome: episode.outcome }, effects);
    return effects;
  });
}

function append(
  context: EpisodeContext,
  instance: Instance,
  episode: Commit & { outcome: Exclude<Outcome, { kind: 'continued-as-new' }> },
  effects: EpisodeEffects,
): void {
  const { store } = context;
  const { outcome, plan, past, arrived } = episode;
  const now = Date.now();
  const requested = (plan?.decisions ?? []).map((decision) => carryOut(context, instance, decision, effects));
  for (const timerId of plan?.cancelledTimers ?? []) store.deleteTimer(instance.instanceId, timerId);

  const closing: HistoryEvent[] = [];
  if (outcome.kind === 'ended') {
    const body = { OrchestrationStatus: outcome.status, Result: outcome.output ?? 'null' };
    closing.push(arrival({ EventType: eventType.executionCompleted, ...body }, now));
    store.deleteMessagesOf(instance.instanceId);
    tellParent(store, instance, outcome, effects);
  }
  closing.push(arrival({ EventType: eventType.orchestratorCompleted }, now));
  store.appendHistory(instance.instanceId, past.length, [...arrived, ...requested, ...closing]);
  const ended = outcome.kind === 'ended' ? { status: outcome.status, output: outcome.output } : {};
  store.updateInstance({ ...instance, ...ended, updatedTime: now });
}

/** Writes what a decision needs and gives the event that records it. */
function carryOut(
  context: EpisodeContext,
  instance: Instance,
  decision: Decision,
  effects: EpisodeEffects,
): HistoryEvent {
  const { store } = context;
  const now = Date.now();
  const { instanceId, executionId } = instance;
  switch (decision.kind) {
    case 'activity': {
      const input = jsonText(decision.input) ?? null;
      effects.work.push(store.putWork({ instanceId, executionId, taskId: decision.id, name: decision.name, input }));
      return request({ EventType: eventType.taskScheduled, Name: decision.name, Input: input }, decision.id, now);
    }
    case 'timer': {
      const FireAt = new Date(decision.fireAt).toISOString();
      const dueTime = context.timerDue(`${instanceId}/${decision.id}`, { fireAt: decision.fireAt, now });
      const fired = arrival({ EventType: eventType.timerFired, TimerId: decision.id, FireAt }, dueTime);
      if (!decision.cancelled) {
        store.putMessage(instanceId, { executionId, dueTime, event: fired });
        effects.dueTimes.push(dueTime);
      }
      return request({ EventType: eventType.timerCreated, FireAt }, decision.id, now);
    }
    case 'sub-orchestration': {
      const childId = decision.instanceId ?? `${executionId}:${decision.id.toString(16).padStart(4, '0')}`;
      const input = JSON.stringify(decision.input ?? null);
      startChild(context, instance, { ...decision, instanceId: childId, input }, effects);
      const body = { EventType: eventType.subOrchestrationCreated, Name: decision.name, InstanceId: childId };
      return request({ ...body, Input: input }, decision.id, now);
    }
  }
}

interface Child {
  id: number;
  name: string;
  instanceId: string;
  input: string;
  version?: string;
}

function startChild(context: EpisodeContext, parent: Instance, child: Child, effects: EpisodeEffects): void {
  const { store, settings } = context;
  const { instanceId, executionId } = parent;
  const now = Date.now();
  const existing = store.instance(child.instanceId);
  if (existing && !isFinished(existing.status)) {
    // assumed: Azure Storage would start a second execution over the first; refusing it is the safe half of that.
    const failure = subOrchestrationFailure(
      `An Orchestration instance with the status ${existing.status} already exists: '${child.instanceId}'.`,
    );
    const event = arrival({ EventType: eventType.subOrchestrationFailed, TaskScheduledId: child.id, ...failure }, now);
    store.putMessage(instanceId, { executionId, dueTime: now, event });
    effects.woken.push(instanceId);
    return;
  }
  createInstance(store, {
    instanceId: child.instanceId,
    name: child.name,
    input: child.input,
    version: child.version ?? settings.defaultVersion ?? null,
    parent: { instanceId, executionId, taskId: child.id },
  });
  effects.woken.push(child.instanceId);
}

/** Writes a new instance together with the message that starts it. Call inside a transaction, then wake the instance. */
export function createInstance(
  store: Store,
  given: Pick<Instance, 'instanceId' | 'name' | 'input' | 'version' | 'parent'>,
): void {
  const now = Date.now();
  const times = { createdTime: now, updatedTime: now };
  const created = store.putNewInstance({ ...given, ...times, status: 'Pending', output: null, customStatus: null });
  putStart(store, created, now);
}

function putStart(store: Store, instance: Instance, now: number): void {
  const { instanceId, executionId, name, input, version } = instance;
  const body = { EventType: eventType.executionStarted, Name: name, Input: input };
  const event = arrival(version === null ? body : { ...body, Version: version }, now);
  store.putMessage(instanceId, { executionId, dueTime: now, event });
}

function restart(
  { store }: EpisodeContext,
  instance: Instance,
  outcome: Extract<Outcome, { kind: 'continued-as-new' }>,
  effects: EpisodeEffects,
): void {
  const now = Date.now();
  const executionId = randomUUID().replaceAll('-', '');
  const { instanceId } = instance;
  const next: Instance = { ...instance, executionId, input: outcome.input, status: 'Running', updatedTime: now };
  store.deleteHistory(instanceId);
  store.updateInstance(next);
  putStart(store, next, now);
  for (const event of outcome.carryOver) {
    store.putMessage(instanceId, {
      executionId: null,
      dueTime: Date.parse(event.Timestamp),
      event: { ...event, IsPlayed: false },
    });
  }
  effects.woken.push(instanceId);
}

function tellParent(
  store: Store,
  instance: Instance,
  outcome: Extract<Outcome, { kind: 'ended' }>,
  effects: EpisodeEffects,
): void {
  const { parent } = instance;
  if (!parent) return;
  const now = Date.now();
  const body =
    outcome.status === 'Completed'
      ? { EventType: eventType.subOrchestrationCompleted, Result: outcome.output ?? 'null' }
      : { EventType: eventType.subOrchestrationFailed, ...subOrchestrationFailure(outcome.failure ?? outcome.status) };
  const event = arrival({ ...body, TaskScheduledId: parent.taskId }, now);
  store.putMessage(parent.instanceId, { executionId: parent.executionId, dueTime: now, event });
  effects.woken.push(parent.instanceId);
}

async function rejectVersion(context: EpisodeContext, instance: Instance): Promise<EpisodeEffects> {
  const { store, settings, log } = context;
  const { instanceId, version } = instance;
  const text = `Instance '${instanceId}' has version '${version ?? ''}', this host runs '${settings.defaultVersion ?? ''}'`;
  if (settings.versionFailureStrategy === 'Reject') {
    log('warn', `${text}: left waiting (versionFailureStrategy is Reject).`);
    return nothing;
  }
  const intake: Intake = { consumed: [], events: [], deliverable: false, suspended: false };
  const past = store.history(instanceId);
  return commit(context, instance, { intake, past, arrived: [], outcome: failed(`${text} (VersionMismatch).`) });
}
