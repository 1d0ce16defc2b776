import type { ArmFailure, ManagedDisk, VirtualMachine } from '../../azure/ports';
import { parseVirtualMachineId } from '../../azure/resource-id';
import type { SizeAvailability } from '../../azure/sizes';
import { standingProblem } from '../../policy/standing-recovery-vm';
import type { AboutRepair } from '../input';
import { progressOf, type Progress } from '../progress';
import type { Tools } from '../toolbox';
import { dataDiskLun } from './names';

/** Standing recovery VMs: the operator's own, named by the settings. They are lent to one repair at a time, and never changed. */

/** Those of the patient's subscription: a disk is attached within one subscription only. */
export function standingVmsFor({ settings }: Tools, patientId: string): string[] {
  const subscriptionOf = (id: string) => parseVirtualMachineId(id)?.subscriptionId.toLowerCase();
  return settings.standingRecoveryVms.filter((id) => subscriptionOf(id) === subscriptionOf(patientId));
}

interface Patient {
  vm: VirtualMachine;
  disk: ManagedDisk;
}

type Found =
  | {
      kind: 'looked';
      vmId: string | undefined;
      passedOver: string[];
      /** The first of those passed over that may be had later. */
      awaited: string | undefined;
    }
  | Extract<Progress<never>, { kind: 'wait' }>;

/** The first that can be taken now, and why those before it cannot; those of other regions are not spoken of. Nothing is lent yet. */
export async function findStandingVm(tools: Tools, about: AboutRepair, patient: Patient): Promise<Found> {
  const passedOver: string[] = [];
  let awaited: string | undefined;
  for (const vmId of standingVmsFor(tools, patient.vm.id)) {
    const look = await lookAtStanding(tools, about, patient, vmId);
    if (look.kind === 'wait') return look;
    if (look.kind === 'usable') return { kind: 'looked', vmId, passedOver, awaited: undefined };
    if (look.kind === 'elsewhere') continue;
    passedOver.push(look.problem);
    if (look.kind === 'busy') awaited ??= vmId;
  }
  return { kind: 'looked', vmId: undefined, passedOver, awaited };
}

type Look =
  | { kind: 'usable' }
  | { kind: 'problem'; problem: string }
  /** Not now, but that may pass. */
  | { kind: 'busy'; problem: string }
  | { kind: 'elsewhere' }
  | Extract<Progress<never>, { kind: 'wait' }>;

/** Whether this one can be taken now. */
export async function lookAtStanding(
  tools: Tools,
  about: AboutRepair,
  { vm, disk }: Patient,
  vmId: string,
): Promise<Look> {
  const sentence = (why: string) => `The standing recovery VM ${vmId} cannot be taken: ${why}.`;
  const passed = (why: string): Look => ({ kind: 'problem', problem: sentence(why) });
  const unclear = (failure: ArmFailure): Look => {
    if (failure.kind === 'not-found') return passed('it is not there');
    const progress = progressOf(failure, 'read it');
    return progress.kind === 'wait' ? progress : passed(progress.conclusion.reason.replace(/\.$/, ''));
  };
  const machine = await tools.arm.getVirtualMachine(vmId);
  if (!machine.ok) return unclear(machine.failure);
  if (machine.value.osDiskId === undefined)
    return { kind: 'busy', problem: sentence('Azure does not say which OS disk it has') };
  const ownDisk = await tools.arm.getDisk(machine.value.osDiskId);
  if (!ownDisk.ok) return unclear(ownDisk.failure);
  if (machine.value.location.toLowerCase() !== vm.location.toLowerCase()) return { kind: 'elsewhere' };
  const problem = standingProblem({
    lun: dataDiskLun,
    patient: vm,
    disk,
    machine: machine.value,
    ownDisk: ownDisk.value,
    size: await sizeOf(tools, machine.value),
    borrower: await otherBorrower(tools, about, vmId),
  });
  if (problem === undefined) return { kind: 'usable' };
  return problem.lasts === 'passing' ? { kind: 'busy', problem: sentence(problem.why) } : passed(problem.why);
}

/** What its size can do, where Azure shows that; it takes a right on the subscription. */
async function sizeOf({ recovery }: Tools, machine: VirtualMachine): Promise<SizeAvailability | undefined> {
  const size = machine.configuration?.size;
  if (size === undefined) return undefined;
  const subscriptionId = parseVirtualMachineId(machine.id)?.subscriptionId ?? '';
  const found = await recovery.findSizes({ subscriptionId, location: machine.location, sizes: [size] });
  return found.ok ? found.value[0] : undefined;
}

/** Another repair that has it. One that has ended has it no more, whatever kept it from giving it back. */
async function otherBorrower({ ledger }: Tools, { repairId }: AboutRepair, vmId: string): Promise<string | undefined> {
  const borrower = await ledger.getBorrower(vmId);
  if (borrower === undefined || borrower === repairId) return undefined;
  const repair = await ledger.getRepair(borrower);
  if (repair && repair.ending === undefined) return borrower;
  await ledger.takeRecoveryVmBack(vmId, borrower);
  return undefined;
}
