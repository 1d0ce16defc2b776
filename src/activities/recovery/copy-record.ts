import type { OfflineResult } from '../../guest/offline-changes';
import { nothingToUndo } from '../../guest/undo';
import type { Bench } from './disk-bench';
import type { RecoveryInput } from './input';
import { changeOnCopy } from './names';

/** What is written on a copy, as the ledger keeps it: the copy as a whole, and each change under a name of its own. */

/** Where a copy is worked on. */
export type CopyBench = Bench<RecoveryInput>;

/**
 * On record before the copy is written. What each change found and wrote follows when the run has told it: the ledger keeps the
 * first value before, so that it is recorded only then.
 */
export async function recordWayBack({ tools, input }: CopyBench): Promise<void> {
  await tools.ledger.recordChange(input.repairId, { ...wholeCopy(input), at: new Date().toISOString() });
}

/** What came of all of it. */
export async function recordOutcome({ tools, input }: CopyBench, results: OfflineResult[]): Promise<void> {
  await tools.ledger.recordChange(input.repairId, {
    ...wholeCopy(input),
    after: results.map(sentenceOf).join(' '),
    written: results.some(({ outcome }) => outcome === 'changed' || outcome === 'failed'),
    at: new Date().toISOString(),
  });
}

function wholeCopy({ round }: RecoveryInput) {
  return {
    change: `copy-${round}`,
    place: { kind: 'copy', round } as const,
    title: `Mend copy ${round} of the OS disk`,
    before: 'as the disk of the stopped VM was',
    undo: nothingToUndo('the original disk has it as it was'),
  };
}

/** What a change of the cure found and wrote. */
export async function recordChange({ tools, input }: CopyBench, result: OfflineResult): Promise<void> {
  const at = new Date().toISOString();
  const { change, title } = result;
  const about = {
    change: changeOnCopy(change, input.round),
    place: { kind: 'copy', round: input.round } as const,
    title: `${title} (on copy ${input.round} of the disk)`,
    at,
  };
  switch (result.outcome) {
    case 'changed':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: result.after,
        undo: result.undo,
        written: true,
      });
    case 'right-already':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: `left alone: ${result.before}`,
        undo: nothingToUndo('nothing was written'),
        written: false,
      });
    case 'comes-with-boot':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: 'Windows was off',
        after: result.reason,
        undo: nothingToUndo('nothing was written'),
        written: false,
      });
    case 'failed':
      return tools.ledger.recordChange(input.repairId, {
        ...about,
        before: result.before,
        after: `failed: ${result.reason}`,
        undo: nothingToUndo('the copy was discarded'),
      });
  }
}

/** An option that failed half-way goes in with the copy, so what it wrote is on record with its undo. */
export async function recordOption(bench: CopyBench, result: OfflineResult): Promise<void> {
  if (result.outcome !== 'failed') return recordChange(bench, result);
  const { tools, input } = bench;
  await tools.ledger.recordChange(input.repairId, {
    change: changeOnCopy(result.change, input.round),
    place: { kind: 'copy', round: input.round },
    title: `${result.title} (on copy ${input.round} of the disk)`,
    at: new Date().toISOString(),
    before: result.before,
    after: `failed: ${result.reason}`,
    undo: result.undo,
    // Where the run gave no answer it is not known.
    ...(result.undoOffline.length > 0 ? { written: true } : {}),
  });
}

/** For the timeline. */
export function sentenceOf(result: OfflineResult): string {
  switch (result.outcome) {
    case 'changed':
      return `${result.title}: ${result.before} → ${result.after}.`;
    case 'right-already':
      return `${result.title}: was right already, left alone.`;
    case 'comes-with-boot':
      return `${result.title}: ${result.reason}`;
    case 'failed':
      return `${result.title}: failed, ${result.reason}.`;
  }
}
