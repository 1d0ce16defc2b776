/**
 * What the library awaits, read from its executor after an episode. The engine compares it with its own list: the two
 * count the same ids independently, so any difference means that the orchestrator, or this host, went another way.
 * Source: durable-functions:lib/src/orchestrations/TaskOrchestrationExecutor.js (openTasks)
 */
import { actionType, type Action } from './actions';
import { OrchestrationFault, type Plan } from './plan';

interface LibraryTask {
  /** `'noOp'` for the attempts and timers of a retry, which the library does not tell apart. */
  action?: Partial<Action> | 'noOp';
  parent?: LibraryTask & { isWaitingOnTimer?: boolean };
}

interface LibraryContext {
  df?: { taskOrchestratorExecutor?: { openTasks?: Record<string, LibraryTask> } };
}

/**
 * The open tasks by id, in the words of Plan.open and without cancelled timers; undefined when the library's inside is
 * not as expected, so that the comparison cannot be made.
 */
export function libraryTasks(context: unknown): Map<number, string> | undefined {
  const openTasks = (context as LibraryContext).df?.taskOrchestratorExecutor?.openTasks;
  if (!openTasks) return undefined;
  const live = Object.entries(openTasks).filter(([, task]) => !isCancelled(task));
  return new Map(live.map(([id, task]) => [Number(id), wordsOf(task)]));
}

function isCancelled(task: LibraryTask): boolean {
  return [task.action, task.parent?.action].some(
    (action) => typeof action === 'object' && 'isCanceled' in action && action.isCanceled === true,
  );
}

function wordsOf(task: LibraryTask): string {
  const action =
    task.action === 'noOp' ? (task.parent?.isWaitingOnTimer ? undefined : task.parent?.action) : task.action;
  if (typeof action !== 'object' || !('functionName' in action)) return 'timer';
  const isActivity =
    action.actionType === actionType.callActivity || action.actionType === actionType.callActivityWithRetry;
  return `${isActivity ? 'activity' : 'sub-orchestration'} '${String(action.functionName)}'`;
}

/**
 * Throws OrchestrationFault when the host awaits other tasks than the library does. While the library is ahead (it goes
 * on at the first failure of a `Task.all`) or has ended, it may know of more tasks than the host, never of other ones.
 */
export function assertSameTasks(
  instanceId: string,
  { open, caughtUp }: Plan,
  library: Map<number, string>,
  done: boolean,
): void {
  const foreign = [...open].filter(([id, words]) => library.get(id) !== words);
  const missing = caughtUp && !done ? [...library].filter(([id]) => !open.has(id)) : [];
  if (foreign.length === 0 && missing.length === 0) return;
  throw new OrchestrationFault(
    `Non-deterministic orchestration: in instance '${instanceId}' the history has outstanding ${list(open)}, ` +
      `while the code awaits ${list(library)}. Usual causes: the code or its inputs changed since the instance began; a ` +
      'child of Task.all that throws while another one retries; a retry timeout; a retried call that raced with a timer.',
  );
}

function list(tasks: Map<number, string>): string {
  if (tasks.size === 0) return 'nothing';
  return [...tasks].map(([id, words]) => `[${id}] ${words}`).join(', ');
}
