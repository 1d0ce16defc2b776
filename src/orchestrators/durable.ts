import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { HttpHandler, HttpMethod, InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import type { Activities, ActivityName } from '../activities';
import type { AboutRepair } from '../activities/input';
import type { Conclusion, Progress } from '../activities/progress';
import { causeOf } from '../fault-cause';
import { isRecordAway } from '../record-away';
import type { WaitableActivity } from './waitable';

/**
 * The only file that knows durable-functions. Orchestrators are written against the helpers here, doors against
 * `RepairStarter`, so that a change of engine is a change of this file.
 */

/** The context of a running orchestrator. */
export type Story = OrchestrationContext;

/** A piece of an orchestrator: yields durable tasks, gives a T. */
export type Steps<T> = Generator<Task, T, unknown>;

type ActivityAnswer<Name extends ActivityName> = Awaited<ReturnType<Activities[Name]>>;
type ProgressValue<Name extends ActivityName> = ActivityAnswer<Name> extends Progress<infer T> ? T : never;

/**
 * Faults (an unreachable ledger, a bug) are tried again with growing pauses; expected failures come back as data.
 * Five attempts over about half a minute; then the orchestration fails and its parent ends the repair.
 */
function faultRetries(): df.RetryOptions {
  const retries = new df.RetryOptions(2_000, 5);
  retries.backoffCoefficient = 2;
  return retries;
}

/** A record that is away is waited for by timers: from 5 s growing to a minute, for six hours; in ms. */
const recordAway = { firstPauseMs: 5_000, longestPauseMs: 60_000, patienceMs: 6 * 60 * 60_000 };

/**
 * Calls an activity and gives its answer. A record that can't be reached ends nothing: it is waited for, and how long that took is in
 * `awayMs`. Throws when the activity still fails after the retries, or when the record is away for too long.
 */
export function* callTold<Name extends ActivityName>(
  story: Story,
  name: Name,
  input: unknown,
): Steps<{ answer: ActivityAnswer<Name>; awayMs: number }> {
  const since = nowIn(story);
  let awayMs = 0;
  for (let pauseMs = recordAway.firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, recordAway.longestPauseMs)) {
    const answer: unknown = yield story.df.callActivityWithRetry(name, faultRetries(), input);
    if (!isRecordAway(answer)) return { answer: answer as ActivityAnswer<Name>, awayMs };
    awayMs = nowIn(story) - since;
    if (awayMs >= recordAway.patienceMs) {
      throw new Error(`The record was away for ${Math.round(awayMs / 3_600_000)} hours: ${answer.reason}`);
    }
    yield* sleep(story, pauseMs);
  }
}

/** The same where nothing hangs on how long the record was away. */
export function* call<Name extends ActivityName>(
  story: Story,
  name: Name,
  input: unknown,
): Steps<ActivityAnswer<Name>> {
  return (yield* callTold(story, name, input)).answer;
}

/**
 * How long `persist` goes on asking (ms), and how the repair ends if that was not enough. A declared wait, which its activity ends, may
 * last for longer.
 */
export interface Patience {
  deadlineMs: number;
  late: Conclusion;
  /** The story goes on by the code of `late`: it stays, whatever was waited for. Otherwise what was waited for tells its own. */
  goesOnBy?: 'late';
}

/** How often at most a declared wait is handed on: with deadlines of an hour for more than five days, the longest of all. */
const mostTurns = 130;

/** The input of the orchestrator `untilDone`; with `firstWaitMs` 0 it asks at once. */
export interface UntilDoneInput {
  activity: WaitableActivity;
  input: unknown;
  firstWaitMs?: number;
  /** A fault is given back as an end, not thrown. */
  faultEnds?: boolean;
  patience: Patience;
}

/**
 * Calls an activity until it is done or ends the repair. What has to wait is handed to the sub-orchestrator
 * `untilDone`, so that the story's own history stays short.
 */
export function* persist<Name extends WaitableActivity>(
  story: Story,
  name: Name,
  input: unknown,
  patience: Patience,
): Steps<Exclude<Progress<ProgressValue<Name>>, { kind: 'wait' }>> {
  const first = (yield* call(story, name, input)) as Progress<ProgressValue<Name>>;
  return first.kind === 'wait' ? yield* handOn(story, { name, input, patience }, first.afterMs) : first;
}

/** What a story waits for by itself before it hands the waiting on: how often, and for how long each time (ms). */
const shortWaits = { count: 4, eachMs: 10_000 };

/**
 * As `persist`, for what is mostly done within a few looks: waits for that in the story, which saves the start and the end of a
 * sub-orchestration. What takes longer is handed on all the same.
 */
export function* persistShortly<Name extends WaitableActivity>(
  story: Story,
  name: Name,
  input: unknown,
  patience: Patience,
): Steps<Exclude<Progress<ProgressValue<Name>>, { kind: 'wait' }>> {
  for (let waits = 0; ; waits += 1) {
    const told = (yield* call(story, name, input)) as Progress<ProgressValue<Name>>;
    if (told.kind !== 'wait') return told;
    const { afterMs } = told;
    if (afterMs === undefined || afterMs > shortWaits.eachMs || waits === shortWaits.count) {
      return yield* handOn(story, { name, input, patience }, afterMs);
    }
    yield* sleep(story, afterMs);
  }
}

function* handOn<Name extends WaitableActivity>(
  story: Story,
  { name, input, patience }: { name: Name; input: unknown; patience: Patience },
  firstWaitMs: number | undefined,
): Steps<Exclude<Progress<ProgressValue<Name>>, { kind: 'wait' }>> {
  let afterMs = firstWaitMs;
  // A declared wait comes back after each deadline, so that no sub-orchestration's history grows without bound.
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const rest = { activity: name, input, firstWaitMs: afterMs, patience } satisfies UntilDoneInput;
    const last = (yield story.df.callSubOrchestrator('untilDone', rest)) as Progress<ProgressValue<Name>>;
    if (last.kind !== 'wait') return last;
    ({ afterMs } = last);
  }
  return { kind: 'end', conclusion: patience.late };
}

/** One thing to be asked until it is done, among others. */
export interface Question {
  activity: WaitableActivity;
  input: unknown;
  patience: Patience;
}

/**
 * Asks several activities side by side, each until it is done or ends the repair; gives all answers, in their order. A
 * fault of one is an end too, so that none of the others is still at work when the story goes on or ends.
 */
export function* persistTogether(
  story: Story,
  questions: Question[],
): Steps<Exclude<Progress<unknown>, { kind: 'wait' }>[]> {
  const tasks = questions.map((question) =>
    story.df.callSubOrchestrator('untilDone', {
      ...question,
      firstWaitMs: 0,
      faultEnds: true,
    } satisfies UntilDoneInput),
  );
  return (yield story.df.Task.all(tasks)) as Exclude<Progress<unknown>, { kind: 'wait' }>[];
}

/**
 * What was changed is changed, whatever breaks down while it is looked at: the record's storage may be away for minutes. Only after these
 * times the repair ends at a fault.
 */
export const afterFaults = { times: 4, pauseMs: 60_000 };

/**
 * Goes through a piece of a story again, after a pause, where it broke down at a fault: every activity may be repeated. The last fault is
 * thrown.
 */
export function* again<T>(
  story: Story,
  { times, pauseMs }: { times: number; pauseMs: number },
  piece: () => Steps<T>,
): Steps<T> {
  for (let time = 1; ; time += 1) {
    try {
      return yield* piece();
    } catch (error) {
      if (time >= times) throw error;
    }
    yield* sleep(story, pauseMs);
  }
}

/** Sleeps by a durable timer, which costs nothing and survives a restart. */
export function* sleep(story: Story, ms: number): Steps<void> {
  yield story.df.createTimer(new Date(nowIn(story) + ms));
}

/** The story's own time (ms since the Unix epoch): the same at every replay. */
export function nowIn(story: Story): number {
  return story.df.currentUtcDateTime.getTime();
}

/**
 * The instance id of a child of a repair's orchestration. One that is begun again has children of its own: those of the one before
 * may still be at work, because Durable Functions ends a parent and not its children.
 */
export function childIdOf({ repairId, generation = 0 }: AboutRepair, name?: string): string {
  const again = generation > 1 ? `again-${generation - 1}` : undefined;
  return [repairId, name, again].filter((part) => part !== undefined).join('-');
}

/** Runs a child orchestration; its fault is given back as data, so that the parent can clean up. */
export function* attempt<T>(
  story: Story,
  name: string,
  input: unknown,
  instanceId: string,
): Steps<{ ok: true; value: T } | { ok: false; message: string }> {
  try {
    return { ok: true, value: (yield story.df.callSubOrchestrator(name, input, instanceId)) as T };
  } catch (error) {
    return { ok: false, message: causeOf(error) };
  }
}

/** How a repair ends at a fault of its own; `error` is what was thrown, or its message. */
export function endedByFault(error: unknown): Conclusion {
  const cause = causeOf(error).replace(/[.\s]+$/, '');
  const reason = `The repair stopped at a fault of its own: ${cause}. What it had done until then is in the steps.`;
  return { ending: 'not-repaired', code: 'fault', reason };
}

/** Registers an orchestrator under a name that, once released, stays. */
export function registerOrchestrator<Input>(
  name: string,
  orchestrator: (story: Story, input: Input) => Steps<unknown>,
): void {
  df.app.orchestration(name, function* (story): Generator<Task, unknown, unknown> {
    return yield* orchestrator(story, story.df.getInput<Input>());
  });
}

/** Registers an activity. */
export function registerActivity(
  name: string,
  handler: (input: unknown, context: InvocationContext) => Promise<unknown>,
): void {
  df.app.activity(name, { handler });
}

/** What a singleton orchestration is doing. */
export type SingletonState = 'pending' | 'running' | 'suspended' | 'ended' | 'failed' | 'terminated' | 'none';

/** A singleton orchestration, as far as doors and upkeep need to know it. */
export interface Singleton {
  state: SingletonState;
  /** The repair that it was started for; undefined if its input tells none. */
  repairId?: string;
  /** When it was started, in ms since the Unix epoch, to the second; 0 if it never was. */
  createdAt: number;
}

/** Whether its engine takes no other one of that id. That it moves is not said by this. */
export function isActive({ state }: Pick<Singleton, 'state'>): boolean {
  return state === 'pending' || state === 'running' || state === 'suspended';
}

/** How doors reach the durable engine. Durable's own URLs are never handed out: they carry the system key. */
export interface RepairStarter {
  /** Starts the VM's singleton unless it is active already. */
  start(singletonId: string, input: unknown): Promise<'started' | 'active-already'>;
  look(singletonId: string): Promise<Singleton>;
  /**
   * Asks for its end. It, and not what it has begun: children and activities go on
   * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#terminate-instances). An
   * orchestration that its engine does not take up, because it is of a newer version, is assumed not to take up this either, as a message
   * in its own queue: whoever has to know looks again.
   */
  terminate(singletonId: string, reason: string): Promise<void>;
}

/** Deletes the histories of ended instances that were created in this span, children without an id of ours too; gives how many. */
export type PurgeHistories = (from: Date, to: Date) => Promise<number>;

/**
 * By times, because the engine purges only the instance that it is given, none of its children
 * (https://github.com/Azure/azure-functions-durable-extension/issues/704), and those of `untilDone` have ids that it makes itself. A child that is
 * purged before its parent has ended does no harm: its result is in the parent's history
 * (https://github.com/Azure/azure-functions-durable-extension/issues/802).
 */
export function purgeHistoriesBy(client: df.DurableClient): PurgeHistories {
  const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
  const runtimeStatus = [Completed, Failed, Terminated, Canceled];
  return async (createdTimeFrom, createdTimeTo) => {
    const { instancesDeleted } = await client.purgeInstanceHistoryBy({ createdTimeFrom, createdTimeTo, runtimeStatus });
    return instancesDeleted;
  };
}

function starterOf(context: InvocationContext): RepairStarter {
  const client = df.getClient(context);
  async function look(singletonId: string): Promise<Singleton> {
    try {
      const { runtimeStatus, input, createdTime } = await client.getStatus(singletonId, { showInput: true });
      const state = stateOf(String(runtimeStatus));
      return { state, repairId: repairIdIn(input), createdAt: new Date(createdTime).getTime() };
    } catch (error) {
      if (saysUnknown(error)) return { state: 'none', createdAt: 0 };
      throw error;
    }
  }
  async function start(singletonId: string, input: unknown): Promise<'started' | 'active-already'> {
    if (isActive(await look(singletonId))) return 'active-already';
    try {
      await client.startNew('repairVm', { instanceId: singletonId, input });
      return 'started';
    } catch (error) {
      // Starting an instance that another call has just started fails; asking again tells whether that was it.
      if (isActive(await look(singletonId))) return 'active-already';
      throw error;
    }
  }
  async function terminate(singletonId: string, reason: string): Promise<void> {
    if (isActive(await look(singletonId))) await client.terminate(singletonId, reason);
  }
  return { start, look, terminate };
}

/**
 * Whether `getStatus` has thrown because there is no such instance. The package tells it by the beginning of a message only, so that is
 * read as a whole: anywhere else 404 may be part of an id (durable-functions:src/durableClient/DurableClient.ts, getStatus).
 */
export function saysUnknown(error: unknown): boolean {
  const words = 'DurableClient error: Durable Functions extension replied with HTTP 404 response.';
  return error instanceof Error && error.message.startsWith(words);
}

function stateOf(runtimeStatus: string): SingletonState {
  switch (runtimeStatus) {
    case 'Completed':
      return 'ended';
    case 'Failed':
    case 'Canceled':
      return 'failed';
    case 'Terminated':
      return 'terminated';
    case 'Pending':
      return 'pending';
    case 'Suspended':
      return 'suspended';
    default:
      return 'running';
  }
}

/** Whoever holds the system key can start an orchestration with any input. */
function repairIdIn(input: unknown): string | undefined {
  const repairId: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'repairId') : undefined;
  return typeof repairId === 'string' ? repairId : undefined;
}

/** A door: an HTTP route. */
export interface Door {
  name: string;
  methods: HttpMethod[];
  route: string;
  authLevel: 'anonymous' | 'function';
  handler: (
    request: Parameters<HttpHandler>[0],
    context: InvocationContext,
    starter: RepairStarter,
  ) => ReturnType<HttpHandler>;
}

/** Registers a door with access to the durable engine. */
export function registerDoor({ name, handler, ...options }: Door): void {
  app.http(name, {
    ...options,
    extraInputs: [df.input.durableClient()],
    handler: (request, context) => handler(request, context, starterOf(context)),
  });
}

/** Registers an Event Grid function, called once for each event, in whichever schema it was sent. A fault is delivered again. */
export function registerEventDoor(
  name: string,
  handler: (event: unknown, context: InvocationContext, starter: RepairStarter) => Promise<void>,
): void {
  app.eventGrid<unknown>(name, {
    extraInputs: [df.input.durableClient()],
    handler: (event, context) => handler(event, context, starterOf(context)),
  });
}

/** Registers something that runs on a schedule (NCRONTAB, six fields). */
export function registerUpkeep(
  name: string,
  schedule: string,
  handler: (starter: RepairStarter, context: InvocationContext, purgeHistories: PurgeHistories) => Promise<void>,
): void {
  app.timer(name, {
    schedule,
    extraInputs: [df.input.durableClient()],
    handler: (_timer: Timer, context) => handler(starterOf(context), context, purgeHistoriesBy(df.getClient(context))),
  });
}
