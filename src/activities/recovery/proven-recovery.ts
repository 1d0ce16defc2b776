import type { Ledger, RecoveryPair } from '../../ledger/ports';
import type { MachineToMake, RecoveryPlan } from '../plan';

/** What this installation has seen to work: a recovery VM of which image, with an OS disk of which generation. */
function pairOf({ machine, diskGeneration }: RecoveryPlan): RecoveryPair {
  const recoveryVm = machine.kind === 'made' ? nameOf(machine) : machine.vmId.toLowerCase();
  return { recoveryVm, generation: diskGeneration };
}

/** Whatever its version: a new one comes each month. */
function nameOf({ image: { publisher, offer, sku } }: MachineToMake): string {
  return [publisher, offer, sku].join(':').toLowerCase();
}

/** Whether a recovery has worked with this pair, in any repair. */
export async function hasWorkedBefore(ledger: Ledger, recovery: RecoveryPlan): Promise<boolean> {
  return (await ledger.getProvenRecovery(pairOf(recovery))) !== undefined;
}

/** Puts on record that it has; the first repair stays. */
export async function recordThatItWorked(ledger: Ledger, recovery: RecoveryPlan, repairId: string): Promise<void> {
  await ledger.recordProvenRecovery({ ...pairOf(recovery), repairId, at: new Date().toISOString() });
}
