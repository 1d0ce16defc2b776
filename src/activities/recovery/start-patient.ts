import { z } from 'zod';
import { isSettled } from '../../resource-state';
import type { Tools } from '../toolbox';
import { inStep } from '../in-step';
import { done, progressOf, wait, type Progress } from '../progress';
import { aboutRepair, type AboutRepair } from '../input';
import { settled } from './debts';

// Whatever the patient was stopped for, it is to be started again: neither a plan nor another reason is asked for.
const startInput = aboutRepair.extend({ to: z.enum(['copy', 'original']).default('copy') });

/** assumed: from the request until Azure calls it running; a start is not in any recording. */
const usualMs = 10_000;

/** Starts the patient, and sees it run. No permit is asked for: that it is started again was promised when it was stopped. */
export async function startPatient(tools: Tools, given: unknown): Promise<Progress<'running'>> {
  const input = startInput.parse(given);
  const name = input.to === 'original' ? 'start-back' : 'start';
  return inStep(tools, input.repairId, { step: name, title: 'Start the VM' }, () => startAgain(tools, input));
}

/** The same, outside of the timeline: for the clean-up. */
export async function startAgain(tools: Tools, { repairId, vmId }: AboutRepair): Promise<Progress<'running'>> {
  const look = await tools.arm.getVirtualMachine(vmId);
  if (!look.ok) return progressOf(look.failure, 'look whether the VM runs');
  const { powerState, provisioningState } = look.value;
  // While Azure is at it, "running" may be what a power-off that was begun has not reached yet. Where Azure tells less than that, a
  // start does no harm.
  if (!isSettled(look.value) && (provisioningState !== undefined || powerState === 'running'))
    return wait('Azure is in the middle of another operation on the VM.', 2_000);
  if (powerState === 'running') {
    const { resources } = await tools.ledger.getTimeline(repairId);
    for (const debt of resources.filter(({ kind }) => kind === 'power-off')) await settled(tools, repairId, debt);
    return done('running', 'The VM runs.');
  }
  if (powerState === 'starting') return wait('The VM is starting.', 2_000);
  const begun = await tools.recovery.beginStart(vmId);
  return begun.ok ? wait('The VM is starting.', usualMs) : progressOf(begun.failure, 'start the VM');
}
