import { ofKind } from '../../ledger/of-kind';
import type { Ledger } from '../../ledger/ports';
import { vmKeyOf } from '../../repair-id';
import { isSettled } from '../../resource-state';
import { inStep } from '../in-step';
import { aboutRepair, type AboutRepair } from '../input';
import { done, end, progressOf, wait, type Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { settled } from './debts';
import { isSwap } from './open-swap';

/** assumed: from the request until Azure calls it running; a start is not in any recording. */
const usualMs = 10_000;

/**
 * Starts the VM that this repair has stopped, whatever it was stopped for, and sees it run. No permit is asked for: that it is started
 * again was promised when it was stopped. A VM that this repair has not stopped is not started in its name.
 */
export async function startPatient(tools: Tools, given: unknown): Promise<Progress<'running'>> {
  const about = aboutRepair.parse(given);
  const { resources } = await tools.ledger.getTimeline(about.repairId);
  const isSwappedBack = ofKind(resources, 'os-disk-swap').some((one) => isSwap(one) && one.deletedAt !== undefined);
  const step: Step = { step: isSwappedBack ? 'start-back' : 'start', title: 'Start the VM' };
  return inStep(tools, about.repairId, step, () => startAgain(tools, about));
}

/** The same, outside of the timeline: for the clean-up. */
export async function startAgain(tools: Tools, { repairId, vmId }: AboutRepair): Promise<Progress<'running'>> {
  // A VM that the record shows as stopped by us gets its power back, whatever else of the record cannot be read.
  const stops = ofKind((await tools.ledger.getReadableTimeline(repairId)).resources, 'power-off');
  const open = stops.filter(({ deletedAt }) => deletedAt === undefined);
  if (stops.length === 0) {
    const reason = 'This repair has not stopped the VM, so it is not started in its name.';
    return end('refused', 'nothing-to-put-right', reason);
  }
  const look = await tools.arm.getVirtualMachine(vmId);
  if (!look.ok) return progressOf(look.failure, 'look whether the VM runs');
  const { powerState, provisioningState } = look.value;
  // While Azure is at it, "running" may be what a power-off that was begun has not reached yet. Where Azure tells less than that, a
  // start does no harm.
  if (!isSettled(look.value) && (provisioningState !== undefined || powerState === 'running'))
    return wait('Azure is in the middle of another operation on the VM.', 2_000);
  if (powerState === 'running') {
    for (const stop of open) await settled(tools, repairId, stop);
    return done('running', 'The VM runs.');
  }
  if (powerState === 'starting') return wait('The VM is starting.', 2_000);
  const refusal = await refusalToStart(tools.ledger, { repairId, vmId }, open.length);
  if (refusal) return refusal;
  const begun = await tools.recovery.beginStart(vmId);
  return begun.ok ? wait('The VM is starting.', usualMs) : progressOf(begun.failure, 'start the VM');
}

/** It was started again and somebody has stopped it since; or another repair has, and works on its disk. */
async function refusalToStart(
  ledger: Ledger,
  { repairId, vmId }: AboutRepair,
  open: number,
): Promise<Extract<Progress<never>, { kind: 'end' }> | undefined> {
  if (open === 0) {
    const reason = 'The VM was seen running again, and somebody else has stopped it since: it is left to them.';
    return end('not-repaired', 'stopped-by-others', reason);
  }
  const lease = await ledger.getLease(vmKeyOf(vmId));
  if (lease === undefined || lease.repairId === repairId) return undefined;
  const other = ofKind((await ledger.getTimeline(lease.repairId)).resources, 'power-off');
  if (other.every(({ deletedAt }) => deletedAt !== undefined)) return undefined;
  const reason = `The repair ${lease.repairId} has stopped the VM and will start it again.`;
  return end('not-repaired', 'stopped-by-others', reason);
}
