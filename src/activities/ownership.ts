import type { Conclusion, Progress } from './progress';
import { wait } from './progress';

/** What was found under a name that we would give, and whether a record of ours says that we have begun to make it. */
export interface Found {
  id: string;
  tags: Record<string, string> | undefined;
  isOnRecord: boolean;
}

/**
 * Undefined if it is this repair's. Whatever we make has tags from its first moment, so one of ours that shows none at all is
 * an answer that lacks them: asked for again, and nobody's in the end.
 */
export function notOurs(
  { id, tags = {}, isOnRecord }: Found,
  repairId: string,
): Exclude<Progress<never>, { kind: 'done' }> | undefined {
  if (isOnRecord && tags['rdp-lifeline-repair'] === repairId) return undefined;
  const conclusion: Conclusion = { ending: 'refused', code: 'name-taken', reason: `${id} exists, but it is not ours.` };
  const isUntold = isOnRecord && Object.keys(tags).length === 0;
  return isUntold ? wait(`Azure shows no tags of ${id}.`, undefined, conclusion) : { kind: 'end', conclusion };
}
