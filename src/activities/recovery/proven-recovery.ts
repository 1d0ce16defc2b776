import type { Ledger, RecoveryPair } from '../../ledger/ports';
import type { MachineToMake, RecoveryPlan } from '../plan';
import { stepNamed } from '../steps';
import type { Tools } from '../toolbox';

/** What this installation has seen to work: a recovery VM of which image, with an OS disk of which generation. */
function pairOf({ machine, diskGeneration }: RecoveryPlan): RecoveryPair {
  const recoveryVm = machine.kind === 'made' ? nameOf(machine) : machine.vmId.toLowerCase();
  return { recoveryVm, generation: diskGeneration };
}

/** Whatever its version: a new one comes each month. */
function nameOf({ image: { publisher, offer, sku } }: MachineToMake): string {
  return [publisher, offer, sku].join(':').toLowerCase();
}

/**
 * Whether the repair is to rehearse on its trial copy: unless a recovery has worked with this pair, in any repair, or the settings want it
 * each time. One that it has begun it goes on with, until the trial copy is detached, whatever has worked since.
 */
export async function isRehearsalDue(
  { ledger, settings }: Pick<Tools, 'ledger' | 'settings'>,
  repairId: string,
  recovery: RecoveryPlan,
): Promise<boolean> {
  const { steps } = await ledger.getTimeline(repairId);
  if (stepNamed(steps, 'attach-trial-copy')) return stepNamed(steps, 'detach-trial-copy')?.outcome !== 'done';
  return settings.recoveryAlwaysRehearse || (await ledger.getProvenRecovery(pairOf(recovery))) === undefined;
}

/** Puts on record that it has; the first repair stays. */
export async function recordThatItWorked(ledger: Ledger, recovery: RecoveryPlan, repairId: string): Promise<void> {
  await ledger.recordProvenRecovery({ ...pairOf(recovery), repairId, at: new Date().toISOString() });
}
