import { z } from 'zod';
import type { VirtualMachine } from '../../azure/ports';
import type { Purpose } from '../../policy/decide';
import { isSettled } from '../../resource-state';
import { permittedVm } from '../authorise';
import { inStep } from '../in-step';
import type { AboutRepair } from '../input';
import { done, end, progressOf, wait, type Progress, type Waiting } from '../progress';
import { errandOf, rollbackInput, rollbackStop } from '../rollback/errand';
import type { Tools } from '../toolbox';
import { debtOf, incurred, owe } from './debts';
import { recoveryInput, recoveryOf, type RecoveryInput } from './input';
import { powerOffOf } from './names';

/** How long Windows may take to shut down by itself, in ms; then the plug is pulled. */
const gracefulMs = 3 * 60_000;
/** Recorded in azure-cli's test_vm_os_disk_swap: 7.8 s from the request to "stopped". */
const usualMs = 8_000;

/** States in which a guest cannot write to its disk any more. */
const stoppedStates = ['stopped', 'deallocated'];

/** Whether its guest cannot write to its disk any more. */
export function isStopped({ powerState }: VirtualMachine): boolean {
  return powerState !== undefined && stoppedStates.includes(powerState);
}

/**
 * Whether nobody used the VM since it had stopped so. `not-told`: Azure does not say what that hangs on, and two times that are
 * both missing are not the same time.
 */
export function useSince(before: Stopped | undefined, vm: VirtualMachine): 'untouched' | 'used' | 'not-told' {
  const changedAt = vm.configuration?.changedAt;
  if (before?.changedAt === undefined) return 'used';
  if (vm.powerState === undefined || changedAt === undefined || !isSettled(vm)) return 'not-told';
  return isStopped(vm) && before.changedAt === changedAt ? 'untouched' : 'used';
}

/** How a swap is held up as long as Azure does not say whether somebody used the VM; `ending` if it never does. */
export function useNotTold(ending: 'not-repaired' | 'not-rolled-back'): Waiting {
  const reason = 'Azure does not say whether somebody used the VM since it had stopped.';
  return wait(reason, 2_000, { ending, code: 'vm-use-missing', reason: `${reason} Its OS disk was not exchanged.` });
}

const stopped = z.object({ changedAt: z.string().optional(), stoppedAt: z.iso.datetime() });
/** How the VM was when it had stopped: whoever finds it otherwise knows that somebody used it since. */
export type Stopped = z.infer<typeof stopped>;

/** Which stop this is: one for each round, and one before the original goes back in. */
export function stopName({ round, to }: Pick<RecoveryInput, 'round' | 'to'>): string {
  return to === 'original' ? 'back' : `round-${round}`;
}

/** How the VM was when this stop was done. */
export async function stoppedAs(tools: Tools, repairId: string, name: string): Promise<Stopped | undefined> {
  return readStopped(await tools.ledger.getDocument(repairId, stoppedDocument(name)));
}

/** Under this name the ledger keeps how the VM was when a stop was done. */
export function stoppedDocument(name: string): string {
  return `stopped-${name}`;
}

/** What such a document says; undefined if it is none, and then nothing is known of the stop. */
export function readStopped(document: unknown): Stopped | undefined {
  return stopped.safeParse(document).data;
}

/** What the patient is stopped for. */
interface Occasion {
  name: string;
  /** The disk that it must have. */
  osDiskId: string;
  purpose: Purpose;
  /** What was diagnosed, if something was. */
  found?: string;
  /** No permit is asked for. */
  isOwed: boolean;
}

const patientInput = z.union([recoveryInput, rollbackInput]);
type PatientInput = z.infer<typeof patientInput>;

/** What is on record of it, or how the repair ends because nothing is. */
async function occasionOf(
  tools: Tools,
  input: PatientInput,
): Promise<{ kind: 'occasion'; occasion: Occasion } | Exclude<Progress<never>, { kind: 'done' | 'wait' }>> {
  if (!('plan' in input)) {
    const errand = await errandOf(tools, input);
    if (errand.kind === 'end') return errand;
    const { copyId: osDiskId } = errand.errand;
    return { kind: 'occasion', occasion: { name: rollbackStop, osDiskId, purpose: 'roll-back', isOwed: false } };
  }
  const plan = await recoveryOf(tools, input);
  if (plan.kind === 'end') return plan;
  const { osDiskId } = plan.recovery;
  // The way back to the original disk needs no permit: leaving the VM with a copy that does not do would be worse.
  const isOwed = input.to === 'original';
  const found = input.plan.title;
  return { kind: 'occasion', occasion: { name: stopName(input), osDiskId, purpose: 'swap', found, isOwed } };
}

/**
 * Powers the patient off and sees it stopped: Windows shuts down by itself, or is cut off after three minutes. Host and address
 * stay. That it is to be started again is on record before.
 */
export async function stopPatient(tools: Tools, given: unknown): Promise<Progress<'stopped'>> {
  const input = patientInput.parse(given);
  const name = 'plan' in input ? stopName(input) : rollbackStop;
  return inStep(tools, input.repairId, { step: `stop-${name}`, title: 'Stop the VM' }, async () => {
    const known = await occasionOf(tools, input);
    if (known.kind === 'end') return known;
    const { occasion } = known;
    const debt = await debtOf(tools, input.repairId, powerOffOf(input, name));
    const look = await tools.arm.getVirtualMachine(input.vmId);
    if (!look.ok) return progressOf(look.failure, 'look whether the VM has stopped');
    const vm = look.value;
    // Until the operation has ended, its end is still to be the last thing that happened to the VM.
    const isOver = isSettled(vm);
    const untold = untoldOf(vm);
    if (untold) return untold;
    // What somebody else does with the VM is waited for; only what we have begun has a time limit of its own.
    const obstacle = debt ? undefined : await busyWith(tools, vm, occasion.osDiskId);
    if (obstacle) return obstacle;
    const changedAt = vm.configuration?.changedAt;
    if (debt && isOver && isStopped(vm) && changedAt !== undefined) {
      const document: Stopped = { changedAt, stoppedAt: new Date().toISOString() };
      await tools.ledger.putDocument(input.repairId, stoppedDocument(name), document);
      return done('stopped', `The VM is ${vm.powerState}.`);
    }
    const isUnderWay = !isOver || vm.powerState === 'stopping';
    if (!debt || (debt.createdAt === undefined && !isUnderWay)) return begin(tools, input, occasion, false);
    if (Date.now() - Date.parse(debt.createdAt ?? debt.registeredAt) >= gracefulMs) {
      return begin(tools, input, occasion, true);
    }
    return isUnderWay ? wait(`The VM is ${vm.powerState}.`, 2_000) : begin(tools, input, occasion, false);
  });
}

/** What has to be known of the VM before its power-off as much as after it: a stop that cannot be told from another is of no use. */
function untoldOf(vm: VirtualMachine): Waiting | undefined {
  const isTold = vm.powerState !== undefined && (!isSettled(vm) || vm.configuration?.changedAt !== undefined);
  if (isTold) return undefined;
  const reason = 'Azure does not say whether the VM runs, or when that last changed.';
  return wait(reason, 2_000, { ending: 'not-repaired', code: 'power-state-missing', reason });
}

/** Another operation on the VM or its disk, before ours is begun. */
async function busyWith(
  { arm }: Tools,
  vm: VirtualMachine,
  osDiskId: string,
): Promise<Exclude<Progress<never>, { kind: 'done' }> | undefined> {
  const disk = await arm.getDisk(osDiskId);
  if (!disk.ok) return progressOf(disk.failure, 'read the OS disk');
  if (isSettled(vm) && isSettled(disk.value)) return undefined;
  const reason = 'Azure is in the middle of another operation on the VM or its OS disk.';
  return wait(reason, 5_000, {
    ending: 'not-repaired',
    code: 'disk-busy',
    reason: `${reason} The VM was not stopped.`,
  });
}

/** Begins a power-off, also one that is begun again: policy is asked just before each. */
async function begin(
  tools: Tools,
  about: AboutRepair,
  { name, osDiskId, purpose, found, isOwed }: Occasion,
  skipShutdown: boolean,
): Promise<Progress<'stopped'>> {
  if (!isOwed) {
    const permit = await permittedVm(tools, about, purpose, found);
    if (permit.kind !== 'permitted') return permit;
    const { vm } = permit;
    if (vm.osDiskId?.toLowerCase() !== osDiskId.toLowerCase()) {
      return end(
        'not-repaired',
        'os-disk-changed',
        `The VM has another OS disk now than when it was looked at: ${vm.osDiskId}.`,
      );
    }
  }
  const { repairId, vmId } = about;
  const resourceId = powerOffOf(about, name);
  const stopping = 'The VM is stopped, and to be started again';
  await owe(tools, repairId, { resourceId, kind: 'power-off', purpose: stopping });
  const begun = await tools.recovery.beginPowerOff(vmId, { skipShutdown });
  if (!begun.ok) return progressOf(begun.failure, 'stop the VM');
  // From now on Windows has its three minutes; a request that Azure did not take is none.
  const debt = await debtOf(tools, repairId, resourceId);
  if (debt) await incurred(tools, repairId, debt);
  return wait(
    skipShutdown ? 'Windows did not shut down in time, so the VM is cut off.' : 'Windows is shutting down.',
    usualMs,
  );
}
