import type { VirtualMachineRunCommandInstanceView } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import { readGuestRun } from '../../../src/azure/arm/guest-run';

const endTime = new Date('2026-01-02T03:04:05.000Z');

describe('azure/arm/guest-run', () => {
  it('succeeded when the script ended with exit code 0', () => {
    const run = read({ executionState: 'Succeeded', exitCode: 0, output: 'out', error: 'err', endTime });
    expect(run).toEqual({ state: 'succeeded', output: 'out', error: 'err' });
  });

  it.each(['Pending', 'Running', 'Unknown', undefined])('runs while the state is %s and there is no end', (state) => {
    expect(read({ executionState: state })).toEqual({ state: 'running' });
  });

  it('runs while there is no view of it: "provisioning succeeded" only says that it was launched', () => {
    expect(readGuestRun({ location: 'westeurope', provisioningState: 'Succeeded' })).toEqual({ state: 'running' });
  });

  // Recorded as Running with exit code 0 and an end: azure-cli test_run_command_v2.
  it('does not wait for a run that calls itself Running but has ended', () => {
    const run = read({ executionState: 'Running', exitCode: 0, endTime, executionMessage: 'RunCommand script failed' });
    expect(run).toMatchObject({
      state: 'failed',
      code: 'run-lost',
      reason: 'The run ended as Running with exit code 0: RunCommand script failed',
    });
  });

  it.each([
    ['Failed', 'run-failed'],
    ['TimedOut', 'run-timed-out'],
    ['Canceled', 'run-cancelled'],
  ])('failed when it ended as %s', (executionState, code) => {
    expect(read({ executionState, output: 'half' })).toEqual({
      state: 'failed',
      code,
      reason: `The run ended as ${executionState} with exit code unknown`,
      output: 'half',
      error: '',
    });
  });

  it('failed when the script ended with another exit code', () => {
    expect(read({ executionState: 'Succeeded', exitCode: 1, endTime })).toMatchObject({ state: 'failed' });
    expect(read({ executionState: 'Succeeded', endTime })).toMatchObject({ state: 'failed' });
  });

  it('failed when Azure could not hand it over', () => {
    expect(readGuestRun({ location: 'westeurope', provisioningState: 'Failed' })).toMatchObject({
      state: 'failed',
      code: 'run-not-delivered',
      reason: 'Azure could not hand the command to the guest.',
    });
  });

  it('bounds what it keeps, from the end', () => {
    const output = `${'x'.repeat(100_000)}end`;
    const run = read({ executionState: 'Failed', output, error: output, executionMessage: output });
    expect(run.state !== 'running' && run.output).toHaveLength(16_384);
    expect(run.state !== 'running' && run.error.endsWith('end')).toBe(true);
    expect(run.state === 'failed' && run.reason.length).toBeLessThan(600);
  });
});

function read(instanceView: VirtualMachineRunCommandInstanceView) {
  return readGuestRun({ location: 'westeurope', provisioningState: 'Succeeded', instanceView });
}
