/**
 * Tells a story without an engine: steps an orchestrator's generator and answers what it yields. Time is the story's
 * own: a timer moves it on. The engine itself is tested in test/conformance.
 */
import type { Steps, Story } from '../../../src/orchestrators/durable';

/** What an orchestrator asked the engine for. */
export type Asked =
  | { kind: 'activity'; name: string; input: unknown }
  | { kind: 'orchestrator'; name: string; input: unknown; instanceId?: string }
  | { kind: 'timer'; ms: number };

/** Answers for activities and sub-orchestrators by name; a list is used up in order, its last answer stays. */
export type Answers = Record<string, unknown>;

/** An answer that is thrown into the story. */
export class Fault {
  constructor(readonly message: string) {}
}

/** Runs the story to its end: what it returned, everything it asked for in order, and how long its timers took (each early by so much). */
export function tell<T>(
  begin: (story: Story) => Steps<T>,
  answers: Answers,
  { earlyMs = 0 } = {},
): { result: T; asked: Asked[]; tookMs: number } {
  const start = Date.parse('2026-01-01T00:00:00Z');
  let now = start;
  const df = {
    get currentUtcDateTime() {
      return new Date(now);
    },
    callActivityWithRetry: (name: string, _retries: unknown, input: unknown) => ({ kind: 'activity', name, input }),
    callSubOrchestrator: (name: string, input: unknown, instanceId?: string) => ({
      kind: 'orchestrator',
      name,
      input,
      instanceId,
    }),
    Task: { all: (tasks: Asked[]) => ({ kind: 'all', tasks }) },
    createTimer: (due: Date) => ({ kind: 'timer', ms: due.getTime() - now }),
  };
  const asked: Asked[] = [];
  const used: Record<string, number> = {};
  const story = begin({ df } as unknown as Story);
  let next = story.next();
  while (next.done !== true) {
    const yielded = next.value as unknown as Asked | { kind: 'all'; tasks: Asked[] };
    if (yielded.kind === 'all') {
      asked.push(...yielded.tasks);
      next = story.next(yielded.tasks.map((task) => answerToTask(task, answers, used)));
      continue;
    }
    const question = yielded;
    asked.push(question);
    if (question.kind === 'timer') {
      // An engine may fire early, and takes a moment itself.
      now += earlyMs === 0 ? question.ms : Math.max(50, question.ms - earlyMs);
      next = story.next();
      continue;
    }
    const answer = answerTo(question.name, answers, used);
    next = answer instanceof Fault ? story.throw(new Error(answer.message)) : story.next(answer);
  }
  return { result: next.value, asked, tookMs: now - start };
}

/** What `untilDone` was asked to do is answered by the activity's own answer. */
function answerToTask(task: Asked, answers: Answers, used: Record<string, number>): unknown {
  return answerTo(nameOf(task), answers, used);
}

function nameOf(question: Asked): string {
  if (question.kind === 'timer') return 'timer';
  const { activity } = question.input as { activity?: string };
  return question.name === 'untilDone' && activity !== undefined ? activity : question.name;
}

function answerTo(name: string, answers: Answers, used: Record<string, number>): unknown {
  if (!(name in answers)) throw new Error(`The story asked for ${name}, for which there is no answer.`);
  const answer = answers[name];
  if (!Array.isArray(answer)) return answer;
  const index = used[name] ?? 0;
  used[name] = index + 1;
  return answer[Math.min(index, answer.length - 1)];
}

/** The names of what was asked for, in order, without timers. */
export function namesOf(asked: Asked[]): string[] {
  return asked.flatMap((question) => (question.kind === 'timer' ? [] : [nameOf(question)]));
}
