import { isOpen } from '../../ledger/is-open';
import { ofKind } from '../../ledger/of-kind';
import type { Ending, ResourceRecord, Round } from '../../ledger/ports';
import type { AboutRepair } from '../input';
import { conclusionOnRecord } from '../on-record';
import { end, type Progress } from '../progress';
import type { Tools } from '../toolbox';

/** A swap by a repair: the copy of a round in place of the original. */
export type SwapRecord = Extract<ResourceRecord, { kind: 'os-disk-swap' }> & {
  details: { direction: 'swap'; round: Round; copyId: string; originalId: string };
};

/** Whether it is a swap of a repair, and not the exchange of a rollback. */
export function isSwap(record: Extract<ResourceRecord, { kind: 'os-disk-swap' }>): record is SwapRecord {
  return record.details.direction === 'swap';
}

/** Ends by which the copy has proven itself: from then on only a person takes it out again. */
const proven: readonly Ending[] = ['repaired', 'fixed-rdp-unproven'];

/**
 * The swaps of this repair that are open: recorded, not taken back, and not proven. One is open from just before it is begun until the clean-up
 * has seen which disk the VM keeps. Otherwise how a call ends that would take one back, and the swaps that were taken back before.
 */
export async function openSwapOf(
  { ledger }: Tools,
  { repairId }: AboutRepair,
): Promise<
  { kind: 'open'; swaps: SwapRecord[] } | (Extract<Progress<never>, { kind: 'end' }> & { takenBack: SwapRecord[] })
> {
  const [{ resources }, concluded, repair] = await Promise.all([
    ledger.getTimeline(repairId),
    conclusionOnRecord(ledger, repairId),
    ledger.getRepair(repairId),
  ]);
  const isProven = [concluded?.ending, repair?.ending].some((ending) => proven.some((one) => one === ending));
  const all = ofKind(resources, 'os-disk-swap').filter(isSwap);
  const swaps = all.filter(isOpen);
  if (swaps.length > 0 && !isProven) return { kind: 'open', swaps };
  const reason = 'This repair has no swap on record that is open, so no disk is put back in its name.';
  const takenBack = all.filter(({ deletedAt }) => deletedAt !== undefined);
  return { ...end('refused', 'nothing-to-put-right', reason), takenBack };
}
