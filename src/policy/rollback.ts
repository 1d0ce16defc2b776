import type { ManagedDisk, VirtualMachine } from '../azure/ports';
import type { RepairRecord } from '../ledger/ports';
import { exchangeObstacle, type ExchangeFacts, type RecoveryObstacleCode } from './recovery-route';

/**
 * Whether the exchange of a VM's OS disk that a repair has made can be taken back: the original disk under the VM again. Pure.
 * Asked at the door, so that a person is told at once, and again before anything is touched.
 */

/** An exchange of the OS disk, as a repair has it on record. */
export interface Exchange {
  copyId: string;
  originalId: string;
  /** When the VM had stopped (ISO 8601): whatever it wrote since is on the copy only. */
  lossSince: string;
  /** The VM has its original again. */
  isTakenBack: boolean;
}

export type RollbackObstacleCode =
  | 'repair-runs'
  | 'nothing-exchanged'
  | 'already-back'
  | 'loss-not-acknowledged'
  | 'os-disk-changed'
  | 'original-gone'
  | 'original-in-use'
  | 'original-differs'
  | RecoveryObstacleCode;

/** Why it cannot be taken back. */
export interface RollbackObstacle {
  code: RollbackObstacleCode;
  reason: string;
}

/** What the record says against it, the first thing first; undefined if nothing. */
export function obstacleOnRecord(
  { repairId, ending, rollsBack, rolledBackBy }: RepairRecord,
  exchange: Exchange | undefined,
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
  if (!exchange.isTakenBack) return undefined;
  const who = rolledBackBy === undefined ? 'the repair itself' : `the rollback ${rolledBackBy}`;
  return { code: 'already-back', reason: `The VM has got its original disk again, by ${who}.` };
}

/** Whether a person has shown to know what is lost. The same moment may be written in several ways. */
export function isLossAcknowledged(given: string, { lossSince }: Pick<Exchange, 'lossSince'>): boolean {
  return Date.parse(given) === Date.parse(lossSince);
}

/** What a person has to say to be taken at their word. */
export function acknowledgementOf({ lossSince, copyId }: Pick<Exchange, 'lossSince' | 'copyId'>): string {
  return `What the VM wrote since it stopped for the exchange, at ${lossSince}, is on ${copyId} only and not on the original disk. Say that you know, by "acknowledgeDataLossSince": "${lossSince}".`;
}

/** What is read of Azure before a disk goes back in; what could not be read is undefined. */
export interface DiskFacts {
  vm: VirtualMachine;
  exchange: Pick<Exchange, 'copyId' | 'originalId'>;
  /** `gone`: Azure does not know it. */
  original: ManagedDisk | 'gone' | undefined;
  copy: ManagedDisk | undefined;
  /** Names of what Azure compares and finds different between them. */
  differences: string[];
}

/** What stands against it among the VM and its two disks; undefined if nothing. */
export function obstacleAmongDisks({ vm, exchange, original, differences }: DiskFacts): RollbackObstacle | undefined {
  const { copyId, originalId } = exchange;
  if (isSame(vm.osDiskId, originalId)) {
    return { code: 'already-back', reason: `The VM has its original disk ${originalId} already.` };
  }
  if (!isSame(vm.osDiskId, copyId)) {
    const reason = `The VM has neither the copy nor its original but ${vm.osDiskId}: whoever gave it that must say what is to be done.`;
    return { code: 'os-disk-changed', reason };
  }
  if (original === 'gone') {
    return { code: 'original-gone', reason: `The original disk ${originalId} does not exist any more.` };
  }
  if (!original) return undefined;
  const isFree = original.managedBy === undefined && (original.diskState ?? 'Unattached') === 'Unattached';
  if (!isFree) {
    const user = original.managedBy ?? `somebody (it is ${original.diskState})`;
    return { code: 'original-in-use', reason: `The original disk ${originalId} is used by ${user}.` };
  }
  if (differences.length === 0) return undefined;
  const reason = `Azure would refuse the original disk ${originalId}: ${differences.join(', ')} differ from the present one.`;
  return { code: 'original-differs', reason };
}

/** Everything that is looked for before the VM is stopped. */
export function rollbackObstacle(facts: DiskFacts & ExchangeFacts): RollbackObstacle | undefined {
  return obstacleAmongDisks(facts) ?? exchangeObstacle(facts);
}

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** What the repairing identity does in a rollback, by scope: of the VM, of its disks' groups, and of the workbench. */
export const rollbackActions = {
  patient: [
    'Microsoft.Compute/virtualMachines/powerOff/action',
    'Microsoft.Compute/virtualMachines/start/action',
    'Microsoft.Compute/virtualMachines/write',
  ],
  disks: ['Microsoft.Compute/disks/write', 'Microsoft.Compute/disks/beginGetAccess/action'],
  workbench: ['Microsoft.Compute/snapshots/write'],
} as const;
