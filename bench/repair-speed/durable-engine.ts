/**
 * An engine that plays the real orchestrators with the real activities, and charges each durable hop: the completion of an
 * activity, the start and the completion of a sub-orchestration, and a timer. Nothing is retried: a fault ends the measurement.
 */
import { activities, type ActivityName } from '../../src/activities';
import type { Progress } from '../../src/activities/progress';
import type { Tools } from '../../src/activities/toolbox';
import type { Steps, Story, UntilDoneInput } from '../../src/orchestrators/durable';
import { mendOnCopy } from '../../src/orchestrators/mend-on-copy';
import { repair } from '../../src/orchestrators/repair';
import { untilDone } from '../../src/orchestrators/until-done';
import type { Span } from './measured';
import type { VirtualTime } from './virtual-time';

type Task =
  | { kind: 'activity'; name: ActivityName; input: unknown }
  | { kind: 'orchestrator'; name: string; input: unknown }
  | { kind: 'timer'; due: number }
  | { kind: 'all'; tasks: Task[] };

export interface EngineOptions {
  time: VirtualTime;
  tools: Tools;
  /** What a hop costs, in ms. */
  hopMs: number;
  /** A timer that waits for something fires after this many ms, however long it was set for. */
  everyMs?: number;
}

/** Plays a repair from its start; gives its conclusion and everything that took time. */
export async function playStory(options: EngineOptions, input: unknown): Promise<{ result: unknown; spans: Span[] }> {
  const spans: Span[] = [];
  // The singleton of the VM is started by the door, and starts the story.
  await hop(options, spans, 'repairVm');
  return { result: await run({ kind: 'orchestrator', name: 'repair', input }, options, spans), spans };
}

/** Plays the clean-up after it. Throws where it does not come to its end. */
export async function playCleanUp(options: EngineOptions, input: unknown): Promise<void> {
  const late = { ending: 'not-repaired', code: 'clean-up-late', reason: 'Late.' } as const;
  const patience = { deadlineMs: 15 * 60_000, late };
  const rest: UntilDoneInput = { activity: 'cleanUp', input, firstWaitMs: 0, patience };
  const answer = (await run(
    { kind: 'orchestrator', name: 'untilDone', input: rest },
    options,
    [],
  )) as Progress<unknown>;
  if (answer.kind !== 'done') throw new Error(`The clean-up did not end: ${JSON.stringify(answer)}`);
}

const orchestrators: Record<string, (story: Story, input: never) => Steps<unknown>> = { repair, mendOnCopy, untilDone };

async function run(task: Task, options: EngineOptions, spans: Span[], about = 'repair'): Promise<unknown> {
  const { time } = options;
  switch (task.kind) {
    case 'all':
      return Promise.all(task.tasks.map((one) => run(one, options, spans, about)));
    case 'timer': {
      const from = time.now();
      const asked = Math.max(0, task.due - Date.now());
      await time.pause(Math.min(asked, options.everyMs ?? asked));
      spans.push({ kind: 'timer', name: about, from, to: time.now() });
      return hop(options, spans, about);
    }
    case 'activity': {
      const from = time.now();
      const answer = await activities[task.name](options.tools, task.input);
      const { kind } = (answer ?? {}) as Partial<Progress<unknown>>;
      spans.push({ kind: 'activity', name: task.name, from, to: time.now(), answer: kind });
      await hop(options, spans, task.name);
      // As it comes back from the engine: JSON.
      return JSON.parse(JSON.stringify(answer)) as unknown;
    }
    case 'orchestrator': {
      const { activity } = task.input as Partial<UntilDoneInput>;
      const inside = activity ?? task.name;
      await hop(options, spans, inside);
      const result = await tell(task, options, spans, inside);
      await hop(options, spans, inside);
      return result;
    }
  }
}

async function tell(
  { name, input }: Extract<Task, { kind: 'orchestrator' }>,
  options: EngineOptions,
  spans: Span[],
  inside: string,
): Promise<unknown> {
  const orchestrator = orchestrators[name];
  if (!orchestrator) throw new Error(`There is no orchestrator ${name}.`);
  const story = orchestrator(storyOf(), input as never);
  let next = story.next();
  while (next.done !== true) {
    next = story.next(await run(next.value as unknown as Task, options, spans, inside));
  }
  return next.value;
}

/** Of durable-functions' context what `durable.ts` uses. */
function storyOf(): Story {
  const df = {
    get currentUtcDateTime() {
      return new Date();
    },
    callActivityWithRetry: (name: ActivityName, _retries: unknown, input: unknown): Task => ({
      kind: 'activity',
      name,
      input,
    }),
    callSubOrchestrator: (name: string, input: unknown): Task => ({ kind: 'orchestrator', name, input }),
    createTimer: (due: Date): Task => ({ kind: 'timer', due: due.getTime() }),
    Task: { all: (tasks: Task[]): Task => ({ kind: 'all', tasks }) },
  };
  return { df } as unknown as Story;
}

async function hop({ time, hopMs }: EngineOptions, spans: Span[], name: string): Promise<void> {
  const from = time.now();
  if (hopMs > 0) await time.pause(hopMs);
  spans.push({ kind: 'hop', name, from, to: time.now() });
}
