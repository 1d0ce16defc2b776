import type { ManagedDisk, VirtualMachine } from '../azure/ports';
import type { SizeAvailability } from '../azure/sizes';
import { isSettled, powerWords } from '../resource-state';
import { isSameId } from '../same-id';
import type { Lasts } from './recovery-route';

/**
 * Whether a standing recovery VM, one of the operator's own that the settings name, can work on the copy of a patient's disk. All
 * that could stop it half-way is looked for before the patient is stopped. Pure.
 */

/** Everything that the decision depends on. */
export interface StandingFacts {
  /** The slot that the copy is attached at. */
  lun: number;
  patient: VirtualMachine;
  /** The patient's OS disk, whose traits the copy has. */
  disk: ManagedDisk;
  machine: VirtualMachine;
  /** Its own OS disk. */
  ownDisk: ManagedDisk;
  /** What its size can do; undefined where Azure does not show that. */
  size: SizeAvailability | undefined;
  /** Another repair that it is lent to. */
  borrower: string | undefined;
}

/** Why it cannot be taken, as the end of a sentence, and whether that may pass by itself. */
export interface StandingProblem {
  why: string;
  lasts: Lasts;
}

type Check = (facts: StandingFacts) => string | undefined;

/** What stays as it is. In the order in which they are told: whose it is, what it is, how it is. */
const finalChecks: readonly Check[] = [
  ({ machine, patient }) => (isSameId(machine.id, patient.id) ? 'it is the VM that is to be repaired' : undefined),
  ({ machine, patient }) =>
    machine.location.toLowerCase() === patient.location.toLowerCase()
      ? undefined
      : `it is in ${machine.location}, and a disk is attached within its region only`,
  // https://learn.microsoft.com/azure/virtual-machines/disks-types: a zonal disk goes to a VM of its zone, a regional one to a VM without.
  ({ machine, disk }) => {
    const [own = 'none'] = machine.configuration?.zones ?? [];
    const [wanted = 'none'] = disk.zones;
    const isZoneRedundant = disk.sku?.toUpperCase().endsWith('_ZRS') === true;
    return own === wanted || isZoneRedundant ? undefined : `its zone is ${own}, and the disk’s is ${wanted}`;
  },
  ({ machine }) => (machine.osType === 'Windows' ? undefined : 'it is no Windows VM'),
  // Two disks from one image have one identity, and Windows would give the copy a new one, of which its boot store knows nothing.
  ({ ownDisk, disk }) => {
    const [own, copy] = [ownDisk.hyperVGeneration ?? 'V1', disk.hyperVGeneration ?? 'V1'];
    return own === copy ? `its disk is of the same generation (${own}) as the one to be mended` : undefined;
  },
  ({ machine }) =>
    (machine.configuration?.diskControllerType ?? 'SCSI').toUpperCase() === 'SCSI'
      ? undefined
      : 'its disks are not on a SCSI controller, by whose slots the copy is found',
  ({ size, disk }) =>
    size?.premiumStorage === false && disk.sku?.toLowerCase().startsWith('premium') === true
      ? `its size ${size.size} takes no premium disk`
      : undefined,
  ({ size, machine }) =>
    size?.maxDataDisks !== undefined && (machine.configuration?.dataDisks.length ?? 0) >= size.maxDataDisks
      ? `it has ${size.maxDataDisks} data disks, as many as its size takes`
      : undefined,
  // Of one that is lent it is the disk of the other repair, which goes.
  ({ machine, lun, borrower }) =>
    borrower === undefined && machine.configuration?.dataDisks.some((one) => one.lun === lun)
      ? `its slot LUN ${lun} is taken`
      : undefined,
  ({ machine }) => (isOff(machine) ? `it is ${machine.powerState}` : undefined),
  ({ machine }) => (isAmiss(machine) ? `Azure shows it as ${machine.provisioningState}` : undefined),
];

/** What may pass by itself: it is lent, being changed or coming up, or Azure does not tell how it is. */
const passingChecks: readonly Check[] = [
  ({ borrower }) => (borrower === undefined ? undefined : `it works for the repair ${borrower}`),
  ({ machine }) => (machine.powerState === 'running' ? undefined : `it is ${powerWords(machine)}`),
  ({ machine }) => (isSettled(machine) ? undefined : 'Azure is in the middle of another operation on it'),
  ({ machine }) => (machine.agent.usable ? undefined : machine.agent.reason.replace(/\.$/, '')),
];

/** Nobody but its owner starts it. */
function isOff({ powerState }: VirtualMachine): boolean {
  return powerState === 'stopped' || powerState === 'deallocated' || powerState === 'deallocating';
}

function isAmiss({ provisioningState }: VirtualMachine): boolean {
  return provisioningState === 'Failed' || provisioningState === 'Canceled' || provisioningState === 'Deleting';
}

/** Why it cannot be taken now; undefined if it can. What stays comes first: nothing is waited for in vain. */
export function standingProblem(facts: StandingFacts): StandingProblem | undefined {
  const stays = firstOf(finalChecks, facts);
  if (stays !== undefined) return { why: stays, lasts: 'final' };
  const passes = firstOf(passingChecks, facts);
  return passes === undefined ? undefined : { why: passes, lasts: 'passing' };
}

function firstOf(checks: readonly Check[], facts: StandingFacts): string | undefined {
  for (const check of checks) {
    const problem = check(facts);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
