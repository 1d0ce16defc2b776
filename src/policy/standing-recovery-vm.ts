import type { ManagedDisk, VirtualMachine } from '../azure/ports';
import type { SizeAvailability } from '../azure/sizes';
import { isSameId } from '../same-id';

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

type Check = (facts: StandingFacts) => string | undefined;

/** In the order in which they are told: whose it is, what it is, how it is. */
const checks: readonly Check[] = [
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
  ({ borrower }) => (borrower === undefined ? undefined : `it works for the repair ${borrower}`),
  ({ machine, lun }) =>
    machine.configuration?.dataDisks.some((one) => one.lun === lun) ? `its slot LUN ${lun} is taken` : undefined,
  ({ machine }) => (machine.powerState === 'running' ? undefined : `it is ${machine.powerState}`),
  ({ machine }) =>
    machine.provisioningState === 'Succeeded' ? undefined : `Azure shows it as ${machine.provisioningState}`,
  ({ machine }) => (machine.agent.usable ? undefined : machine.agent.reason.replace(/\.$/, '')),
];

/** Why it cannot be taken, as the end of a sentence; undefined if it can. */
export function standingProblem(facts: StandingFacts): string | undefined {
  for (const check of checks) {
    const problem = check(facts);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
