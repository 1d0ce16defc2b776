import type { ManagedDisk, VirtualMachine } from '../azure/ports';
import type { RepairRecord, Round } from '../ledger/ports';
import type { OutcomeSubset } from '../outcome-codes';
import { isSameId } from '../same-id';

/**
 * Whether the exchange of a VM's OS disk that a repair has made can be taken back: the original disk under the VM again. Pure.
 * Asked at the door, so that a person is told at once, and again before anything is touched.
 */

/** An exchange of the OS disk, as a repair has it on record. */
export interface Exchange {
  /** Of the repair, in which its copy was made. */
  round: Round;
  copyId: string;
  originalId: string;
  /** When the VM had stopped (ISO 8601): whatever it wrote since is on the copy only. */
  lossSince: string;
  /** The VM has its original again. */
  isTakenBack: boolean;
}

export type RollbackObstacleCode = OutcomeSubset<
  | 'repair-runs'
  | 'nothing-exchanged'
  | 'already-back'
  | 'os-disk-changed'
  | 'original-gone'
  | 'original-in-use'
  | 'original-differs'
  | 'domain-controller'
  | 'domain-controller-unknown'
>;

/** Why it cannot be taken back. */
export interface RollbackObstacle {
  code: RollbackObstacleCode;
  reason: string;
}

/** What the record says against it, the first thing first; undefined if nothing. */
export function obstacleOnRecord(
  { repairId, ending, rollsBack, rolledBackBy }: RepairRecord,
  exchange: Exchange | undefined,
  { isDomainController }: { isDomainController: boolean },
): RollbackObstacle | undefined {
  if (ending === undefined) {
    return { code: 'repair-runs', reason: `The repair ${repairId} has not ended: wait for it, or cancel it.` };
  }
  if (rollsBack !== undefined) {
    const reason = `${repairId} is itself a rollback, of ${rollsBack}: the commands in its report lead back to the copy.`;
    return { code: 'nothing-exchanged', reason };
  }
  if (!exchange) {
    return { code: 'nothing-exchanged', reason: `The repair ${repairId} did not exchange the OS disk of its VM.` };
  }
  if (!exchange.isTakenBack) return isDomainController ? obstacleOfController('yes') : undefined;
  const who = rolledBackBy === undefined ? 'the repair itself' : `the rollback ${rolledBackBy}`;
  return { code: 'already-back', reason: `The VM has got its original disk again, by ${who}.` };
}

/** What the running guest says against it, when it was asked whether it is a domain controller; `not-told` if it gave no answer. */
export function obstacleOfController(answer: 'yes' | 'no' | 'not-told'): RollbackObstacle | undefined {
  switch (answer) {
    case 'yes':
      return {
        code: 'domain-controller',
        reason:
          'The VM is a domain controller: its directory must never go back to an older disk, so its OS disk is not exchanged, with or without a yes.',
      };
    case 'not-told':
      return {
        code: 'domain-controller-unknown',
        reason:
          'The VM’s agent is Ready, and the guest did not say whether it is a domain controller, which is never rolled back.',
      };
    case 'no':
      return undefined;
  }
}

/** Whether a person has shown to know what is lost. The same moment may be written in several ways. */
export function isLossAcknowledged(given: string, { lossSince }: Pick<Exchange, 'lossSince'>): boolean {
  return Date.parse(given) === Date.parse(lossSince);
}

/** What a person has to say to be taken at their word. */
export function acknowledgementOf({ lossSince, copyId }: Pick<Exchange, 'lossSince' | 'copyId'>): string {
  return `What the VM wrote since it stopped for the exchange, at ${lossSince}, is on ${copyId} only and not on the original disk. Say that you know, by "acknowledgeDataLossSince": "${lossSince}".`;
}

/** What the VM’s present disk says against it; undefined if it is the copy. */
export function obstacleOfPresentDisk(
  { osDiskId }: VirtualMachine,
  { copyId, originalId }: Pick<Exchange, 'copyId' | 'originalId'>,
): RollbackObstacle | undefined {
  if (isSameId(osDiskId, originalId)) {
    return { code: 'already-back', reason: `The VM has its original disk ${originalId} already.` };
  }
  if (isSameId(osDiskId, copyId)) return undefined;
  const reason = `The VM has neither the copy nor its original but ${osDiskId}: whoever gave it that must say what is to be done.`;
  return { code: 'os-disk-changed', reason };
}

/** The original disk as it was just read; `differences` names what Azure compares and finds different in the present disk. */
export interface OriginalNow {
  originalId: string;
  disk: ManagedDisk | 'gone';
  differences: string[];
}

/** What the original disk says against it; undefined if it can take its place. */
export function obstacleOfOriginal({ originalId, disk, differences }: OriginalNow): RollbackObstacle | undefined {
  if (disk === 'gone') {
    return { code: 'original-gone', reason: `The original disk ${originalId} does not exist any more.` };
  }
  // Where its state is not told, nobody has said that it is free.
  const isFree = disk.managedBy === undefined && disk.diskState === 'Unattached';
  if (!isFree) {
    const user = disk.managedBy ?? `somebody (it is ${disk.diskState ?? 'in a state that Azure does not tell'})`;
    return { code: 'original-in-use', reason: `The original disk ${originalId} is used by ${user}.` };
  }
  if (differences.length === 0) return undefined;
  const reason = `Azure would refuse the original disk ${originalId}: ${differences.join(', ')} differ from the present one.`;
  return { code: 'original-differs', reason };
}

/** What the repairing identity does in a rollback, by scope: of the VM, of its disks' groups, and of the workbench. */
export const rollbackActions = {
  patient: [
    'Microsoft.Compute/virtualMachines/powerOff/action',
    'Microsoft.Compute/virtualMachines/start/action',
    'Microsoft.Compute/virtualMachines/write',
    // The running guest is asked whether it is a domain controller.
    'Microsoft.Compute/virtualMachines/runCommands/write',
  ],
  disks: ['Microsoft.Compute/disks/write', 'Microsoft.Compute/disks/beginGetAccess/action'],
  workbench: ['Microsoft.Compute/snapshots/write'],
} as const;
