import { restOfLine } from '../../windows/console-text';
import type { Parsed } from '../../windows/parsed';
import type { Change } from '../changes';
import type { GuestCommandResult } from '../command';
import { factOf } from '../evidence';
import { readIsSafeBoot, safeBootKey } from '../live-boot';
import { nothingToUndo } from '../undo';
import type { LiveChange, ReadBack } from './live-change';

/**
 * ERROR_SHUTDOWN_IN_PROGRESS and ERROR_SHUTDOWN_IS_SCHEDULED: Windows goes down anyway. What it does then is seen, not
 * believed: https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299-
 */
const goingDownAlready = [1115, 1190];

/**
 * Restarts a Windows that runs in safe mode. Whether it does is asked again just before, so that a second run of the
 * same commands, after the restart, restarts nothing. A delay above 0 implies /f: programs are not asked.
 * https://learn.microsoft.com/windows-server/administration/windows-commands/shutdown
 */
export function restartFromSafeMode({ delaySeconds }: Extract<Change, { kind: 'restart-from-safe-mode' }>): LiveChange {
  return {
    look: { file: 'reg.exe', arguments: ['query', safeBootKey] },
    write: { file: 'shutdown.exe', arguments: ['/r', '/t', String(delaySeconds)] },
    // The list is shown, and `Option`, which is there in safe mode only, is not in it.
    right: String.raw`(?<![\s\S])(?=[\s\S]*\\SafeBoot\\Minimal${restOfLine})(?![\s\S]*\\SafeBoot\\Option${restOfLine})`,
    read,
    known(evidence) {
      const mode = factOf(evidence, 'boot-mode');
      return mode && readBack(mode.mode !== 'normal');
    },
    isWanted: () => true,
    harmlessErrors: goingDownAlready,
    heldBack: ({ value }) =>
      value === 'safe'
        ? 'it was not asked for: the boot entry is still flagged, so Windows would come back the same'
        : undefined,
    later: `a restart is to come ${delaySeconds} s later`,
    undo: () => nothingToUndo('a restart cannot be taken back'),
  };
}

function read(result: GuestCommandResult | undefined): Parsed<ReadBack> {
  const isSafe = readIsSafeBoot(result);
  return isSafe.ok ? { ok: true, value: readBack(isSafe.value) } : isSafe;
}

function readBack(isSafe: boolean): ReadBack {
  return isSafe ? { value: 'safe', text: 'it runs in safe mode' } : { value: 'normal', text: 'it runs normally' };
}
