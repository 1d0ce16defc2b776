import { parseScQuery } from '../../windows/sc-query';
import type { Parsed } from '../../windows/parsed';
import type { Change } from '../changes';
import { outputOf, type GuestCommandResult } from '../command';
import { serviceStatus } from '../evidence';
import { nothingToUndo, undoBy } from '../undo';
import type { LiveChange, ReadBack } from './live-change';

/**
 * The row of `sc.exe query` that says "4  RUNNING". Its label may be translated; of the other rows that may show a 4,
 * exit codes have a bracket after it.
 */
const runningRow = String.raw`^ +[^:\r\n]+: +4 +[^ (\r\n]`;

/** ERROR_SERVICE_ALREADY_RUNNING: https://learn.microsoft.com/windows/win32/debug/system-error-codes--1000-1299- */
const alreadyRunning = 1056;

/** Starts a service. One that is still starting when it is looked at again counts: verification looks once more. */
export function startService({ service }: Extract<Change, { kind: 'start-service' }>): LiveChange {
  return {
    look: { file: 'sc.exe', arguments: ['query', service] },
    write: { file: 'sc.exe', arguments: ['start', service] },
    right: runningRow,
    read,
    known(evidence) {
      const status = serviceStatus(evidence, service);
      return status && readBack(status.state, status.win32ExitCode);
    },
    isWanted: (state) => state === 2 || state === 4,
    harmlessErrors: [alreadyRunning],
    undo: (before) => (before?.value === 4 ? nothingToUndo('it ran already') : undoBy('sc.exe', 'stop', service)),
  };
}

/** The same for "1  STOPPED". */
const stoppedRow = String.raw`^ +[^:\r\n]+: +1 +[^ (\r\n]`;

/** ERROR_SERVICE_NOT_ACTIVE */
const notActive = 1062;

/** Stops a service that hangs. One that is still stopping counts: starting it will tell. */
export function stopService({ service }: Extract<Change, { kind: 'stop-service' }>): LiveChange {
  return {
    ...startService({ kind: 'start-service', service }),
    write: { file: 'sc.exe', arguments: ['stop', service] },
    right: stoppedRow,
    isWanted: (state) => state === 1 || state === 3,
    harmlessErrors: [notActive],
    undo: () => nothingToUndo('it hung, and there is no way back to that'),
  };
}

function read(result: GuestCommandResult | undefined): Parsed<ReadBack> {
  const output = outputOf(result);
  if (!output.ok) return output;
  const status = parseScQuery(output.value);
  return status.ok ? { ok: true, value: readBack(status.value.state, status.value.win32ExitCode) } : status;
}

function readBack(state: number, win32ExitCode: number): ReadBack {
  const names = ['stopped', 'start pending', 'stop pending', 'running', 'continue pending', 'pause pending', 'paused'];
  return { value: state, text: `state ${state} (${names[state - 1] ?? 'unknown'}), exit code ${win32ExitCode}` };
}
