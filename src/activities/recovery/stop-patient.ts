import { z } from 'zod';
import type { VirtualMachine } from '../../azure/ports';
import type { ResourceDetails } from '../../ledger/ports';
import type { Purpose } from '../../policy/decide';
import { permittedVm } from '../authorise';
import { inStep } from '../in-step';
import type { AboutRepair } from '../input';
import { done, end, progressOf, wait, type Progress } from '../progress';
import { errandOf, rollbackInput, rollbackStop } from '../rollback/errand';
import type { StopName } from '../steps';
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
  return stoppedStates.includes(powerState);
}

const stopped = z.object({ changedAt: z.string().optional(), stoppedAt: z.iso.datetime() });
/** How the VM was when it had stopped: whoever finds it otherwise knows that somebody used it since. */
export type Stopped = z.infer<typeof stopped>;

/** Which stop this is: one for each round, and one before the original goes back in. */
export function stopName({ round, to }: Pick<RecoveryInput, 'round' | 'to'>): StopName {
  return to === 'original' ? 'back' : `round-${round}`;
}

/** How the VM was when this stop was done. */
export async function stoppedAs(tools: Tools, repairId: string, name: StopName): Promise<Stopped | undefined> {
  return readStopped(await tools.ledger.getDocument(repairId, stoppedDocument(name)));
}

/** Under this name the ledger keeps how the VM was when a stop was done. */
export function stoppedDocument(name: StopName): string {
  return `stopped-${name}`;
}

/** What such a document says; undefined if it is none, and then nothing is known of the stop. */
export function readStopped(document: unknown): Stopped | undefined {
  return stopped.safeParse(document).data;
}

/** What the patient is stopped for. */
interface Occasion {
  name: StopName;
  details: ResourceDetails['power-off'];
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
    const details = { occasion: 'rollback' } as const;
    return {
      kind: 'occasion',
      occasion: { name: rollbackStop, details, osDiskId, purpose: 'roll-back', isOwed: false },
    };
  }
  const plan = await recoveryOf(tools, input);
  if (plan.kind === 'end') return plan;
  const { osDiskId } = plan.recovery;
  // The way back to the original disk needs no permit: leaving the VM with a copy that does not do would be worse.
  const isOwed = input.to === 'original';
  const found = input.plan.title;
  const details = isOwed ? ({ occasion: 'swap-back' } as const) : ({ occasion: 'copy', round: input.round } as const);
  return { kind: 'occasion', occasion: { name: stopName(input), details, osDiskId, purpose: 'swap', found, isOwed } };
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
    const isOver = vm.provisioningState !== 'Updating';
    if (debt && isOver && isStopped(vm)) {
      const document: Stopped = { changedAt: vm.configuration?.changedAt, stoppedAt: new Date().toISOString() };
      await tools.ledger.putDocument(input.repairId, stoppedDocument(name), document);
      return done('stopped', `The VM is ${vm.powerState}.`);
    }
    const isUnderWay = vm.provisioningState === 'Updating' || vm.powerState === 'stopping';
    if (!debt || (debt.createdAt === undefined && !isUnderWay)) return begin(tools, input, occasion, false);
    if (Date.now() - Date.parse(debt.createdAt ?? debt.registeredAt) >= gracefulMs) {
      return begin(tools, input, occasion, true);
    }
    return isUnderWay ? wait(`The VM is ${vm.powerState}.`, 2_000) : begin(tools, input, occasion, false);
  });
}

/** Begins a power-off, also one that is begun again: policy is asked just before each. */
async function begin(
  tools: Tools,
  about: AboutRepair,
  { name, details, osDiskId, purpose, found, isOwed }: Occasion,
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
  await owe(tools, repairId, { resourceId, kind: 'power-off', details, purpose: stopping });
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
