import { z } from 'zod';
import type { SnapshotReadFailure } from '../azure/ports';
import type { UnreadableDiskCode } from '../guest/snapshot-disk/windows-volume';

/**
 * Why the snapshot gave no evidence: one table, from which the type, the schema of what is kept and the table of docs/operate.md are
 * derived. They end no repair, so they are no outcome codes; `encrypted` and `no-windows` also keep a recovery VM from inspecting.
 */

/** What a code stands for. */
interface SnapshotProblemEntry {
  meaning: string;
  advice: string;
}

export const snapshotProblems = {
  'export-denied': {
    meaning:
      '`networkAccessPolicy`, `publicNetworkAccess` or `dataAccessAuthMode` of the disk keeps its bytes from being read; the snapshot took that over.',
    advice: 'Nothing: a recovery VM inspects the disk, if it may.',
  },
  encrypted: {
    meaning: 'BitLocker or Azure Disk Encryption: the content is not readable without its key.',
    advice: '[By hand](#by-hand), with the key.',
  },
  'no-windows': {
    meaning: 'No volume with Windows was found on it, or several and none that the boot store names.',
    advice: '[By hand](#by-hand).',
  },
  'not-readable': {
    meaning: 'It is no disk that we can read; the reason says what was wrong.',
    advice: 'If the reason says that our own reader broke: tell the maintainers.',
  },
  'budget-exceeded': {
    meaning: 'Reading took more bytes or requests than one disk may cost.',
    advice: 'Nothing: a recovery VM inspects the disk, if it may.',
  },
  'access-denied': { meaning: 'Azure Storage refused a read.', advice: 'Ask again.' },
  'unknown-blob-host': {
    meaning: 'Azure named a host for the bytes that is not its own storage, so we fetched nothing.',
    advice: 'Tell the maintainers.',
  },
  'not-available': { meaning: 'Azure Storage did not answer.', advice: 'Ask again.' },
  'out-of-time': { meaning: 'It took longer than two minutes.', advice: 'Ask again.' },
  'permission-missing': {
    meaning: 'No role grants the action that the reason names.',
    advice: '[Grant it](deploy.md) and ask again.',
  },
  'not-found': { meaning: 'The snapshot is not there any more.', advice: 'Look in the activity log who deleted it.' },
  'azure-rejected': {
    meaning: 'Azure refused access to the bytes for another reason; the reason quotes it.',
    advice: 'Remove what the reason names, then ask again.',
  },
} as const satisfies Record<UnreadableDiskCode, SnapshotProblemEntry> & Record<string, SnapshotProblemEntry>;

export type SnapshotProblem = keyof typeof snapshotProblems;

/** A code that is read back from a document. */
export const snapshotProblem = z.enum(Object.keys(snapshotProblems) as SnapshotProblem[]);

/** Our code for what Azure said, which has codes of its own without end. */
export function snapshotProblemOf(failure: Exclude<SnapshotReadFailure, { kind: 'wait' }>): SnapshotProblem {
  switch (failure.kind) {
    case 'export-denied':
    case 'not-fetched':
    case 'out-of-time':
      return failure.code;
    case 'forbidden':
      return 'permission-missing';
    case 'not-found':
      return 'not-found';
    case 'rejected':
      return 'azure-rejected';
  }
}
