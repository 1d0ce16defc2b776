import type { VirtualMachineRunCommand } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { GuestRun, GuestRunFailure } from '../ports';

/** Output beyond this is cut: Run Command keeps 4,096 bytes, so more comes from something else than Azure. */
const maximumOutput = 16_384;

const ended = new Set(['Failed', 'Succeeded', 'TimedOut', 'Canceled']);

/** Succeeded with another exit code than 0 is a failure of the script, too. */
const codes: Readonly<Record<string, GuestRunFailure>> = {
  Failed: 'run-failed',
  Succeeded: 'run-failed',
  TimedOut: 'run-timed-out',
  Canceled: 'run-cancelled',
};

/**
 * Our view of a managed Run Command. The execution state and the exit code decide; `provisioningState: Succeeded`
 * says only that the script was launched. An `endTime` ends a run that still calls itself Running: recorded as
 * `Running`, exit code 0 with a failure in `executionMessage` (azure-cli test_run_command_v2 recording).
 */
export function readGuestRun(command: VirtualMachineRunCommand): GuestRun {
  const view = command.instanceView;
  const output = (view?.output ?? '').slice(-maximumOutput);
  const error = (view?.error ?? '').slice(-maximumOutput);
  const state = view?.executionState ?? 'Unknown';
  const failed = { state: 'failed' as const, output, error };
  if (command.provisioningState === 'Failed' && !view?.endTime) {
    return { ...failed, code: 'run-not-delivered', reason: 'Azure could not hand the command to the guest.' };
  }
  if (!ended.has(state) && !view?.endTime) return { state: 'running' };
  if (state === 'Succeeded' && view?.exitCode === 0) return { state: 'succeeded', output, error };
  const message = view?.executionMessage ? `: ${view.executionMessage.slice(0, 500)}` : '';
  const reason = `The run ended as ${state} with exit code ${view?.exitCode ?? 'unknown'}${message}`;
  return { ...failed, code: codes[state] ?? 'run-lost', reason };
}
