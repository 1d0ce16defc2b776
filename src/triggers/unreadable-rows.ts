import type { Tools } from '../activities/toolbox';
import { isUnreadable, type UnreadableRow } from '../ledger/readable-rows';

/** Places that this process has told of: each stays as it is until somebody mends it, and upkeep comes by every few minutes. */
const told = new Set<string>();
const maximumTold = 1_000;

/** Logs each row that was skipped because it cannot be read: once in a process. */
export function tellUnreadable({ log }: Pick<Tools, 'log'>, unreadable: readonly UnreadableRow[]): void {
  for (const { place, problem } of unreadable) {
    if (told.has(place)) continue;
    if (told.size >= maximumTold) told.clear();
    told.add(place);
    log('rowUnreadable', { place, problem: problem.slice(0, 500) });
  }
}

/**
 * Does one of several things that rest on different rows: where a row of its own cannot be read, that is logged, and nothing of it is done.
 * Undefined then.
 */
export async function unlessUnreadable<T>(tools: Pick<Tools, 'log'>, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    tellUnreadable(tools, [{ place: error.place ?? error.message, rowKey: '', problem: error.message }]);
    return undefined;
  }
}

/** What an answer says of them. */
export function namesOf(unreadable: readonly UnreadableRow[]): Pick<UnreadableRow, 'place' | 'problem'>[] {
  return unreadable.map(({ place, problem }) => ({ place, problem }));
}
