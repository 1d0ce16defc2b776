import { z } from 'zod';
import type { Ending, ResourceRecord } from '../ledger/ports';
import { vmKeyOf } from '../repair-id';
import { aboutRepair } from './input';
import { conclusion, type Conclusion } from './progress';
import { disksOfRollback, disksOfSwap } from './recovery/names';
import type { Tools } from './toolbox';

const input = aboutRepair.extend({ conclusion, left: z.array(z.string()) });

type AboutEnd = Omit<z.infer<typeof input>, 'left'>;

/**
 * Writes the ending, closes what is open in the timeline, and frees the places and the VM. In this order: the VM is
 * free for the next repair only when this one is on record. Safe to repeat; the first ending stays.
 */
export async function closeRepair(tools: Tools, given: unknown): Promise<void> {
  const { left, ...about } = input.parse(given);
  const { repairId, vmId } = about;
  const { ledger, log } = tools;
  const endedAt = new Date().toISOString();
  const { steps } = await ledger.getTimeline(repairId);
  for (const { step } of steps.filter(({ outcome }) => outcome === undefined)) {
    await ledger.endStep(repairId, step, { endedAt, outcome: 'failed', detail: 'It did not come to its end.' });
  }
  const told = await asItIs(tools, about);
  const reason = [told.reason, ...left].join(' ');
  const { ending, code } = told;
  await ledger.updateRepair(repairId, { ending, endingCode: code, endingReason: reason, endedAt, phase: 'Ended' });
  await ledger.releaseSlot(repairId);
  await ledger.releaseLease(vmKeyOf(vmId), repairId);
  log('repairEnded', { repairId, ending, code });
}

/** A story that broke down, or gave up waiting, does not know what the clean-up found. */
async function asItIs(tools: Tools, { repairId, rollsBack, conclusion }: AboutEnd): Promise<Conclusion> {
  const { ledger } = tools;
  if (rollsBack === undefined) return withCopyTold(tools, repairId, conclusion);
  if (conclusion.ending === 'rolled-back') return conclusion;
  const origin = await ledger.getRepair(rollsBack);
  if (origin?.rolledBackBy !== repairId) return withDiskNotRolledBack(tools, repairId, conclusion);
  const reason = `${conclusion.reason} The VM has its original OS disk again all the same.`;
  return { ...conclusion, ending: 'rolled-back', reason };
}

/** Endings that say that nothing was done to the VM. */
const untouched: readonly Ending[] = ['refused', 'healthy', 'recovered-by-itself', 'diagnosed', 'not-recognised'];

/**
 * A repair that has exchanged the OS disk says in every ending which disk the VM has, as far as the record goes; and one that has not
 * proven the copy never ends as if the VM were as it was found.
 */
async function withCopyTold({ ledger }: Tools, repairId: string, conclusion: Conclusion): Promise<Conclusion> {
  const { resources } = await ledger.getTimeline(repairId);
  const disk = diskAfter(resources);
  if (!disk) return conclusion;
  const isUntouched = conclusion.ending === 'cancelled' || untouched.includes(conclusion.ending);
  const reason = [conclusion.reason, sentenceOf(disk, isUntouched)].join(' ');
  if (disk.is !== 'copy' || !isUntouched) return { ...conclusion, reason };
  return { ...conclusion, reason, ending: conclusion.ending === 'cancelled' ? 'cancelled' : 'not-repaired' };
}

/** Which disk the VM has after an exchange; `not-known`: it was begun, and neither its end nor that it was taken back is on record. */
interface DiskAfter {
  is: 'copy' | 'original' | 'not-known';
  copyId: string;
  originalId: string;
}

/** Undefined if nothing was exchanged: one that was on record and never came to be is none. */
function diskAfter(resources: readonly ResourceRecord[]): DiskAfter | undefined {
  const swaps = resources.flatMap(({ kind, purpose, lifetime, createdAt, deletedAt }): DiskAfter[] => {
    const disks = kind === 'os-disk-swap' ? disksOfSwap(purpose) : undefined;
    if (!disks || (deletedAt !== undefined && createdAt === undefined)) return [];
    if (deletedAt !== undefined) return [{ ...disks, is: 'original' }];
    return [{ ...disks, is: lifetime === 'kept' ? 'copy' : 'not-known' }];
  });
  return swaps.find(({ is }) => is !== 'original') ?? swaps.at(-1);
}

function sentenceOf({ is, copyId, originalId }: DiskAfter, isUnproven: boolean): string {
  switch (is) {
    case 'copy':
      return isUnproven
        ? `The VM’s OS disk is ${copyId}, which was not proven; a rollback puts the original back.`
        : `The VM’s OS disk is the mended copy ${copyId}; its original ${originalId} is kept.`;
    case 'original':
      return `The VM’s OS disk is its original ${originalId}.`;
    case 'not-known':
      return `Which OS disk the VM has is not known: ${copyId} or its original ${originalId}.`;
  }
}

/** A rollback that has begun to exchange the disks, and did not see it done, says which one the VM has. */
async function withDiskNotRolledBack({ ledger }: Tools, repairId: string, conclusion: Conclusion): Promise<Conclusion> {
  const { resources } = await ledger.getTimeline(repairId);
  const exchange = resources.find(({ kind }) => kind === 'os-disk-swap');
  const disks = exchange && disksOfRollback(exchange.purpose);
  if (!disks) return conclusion;
  const sentence =
    exchange.deletedAt === undefined
      ? sentenceOf({ ...disks, is: 'not-known' }, true)
      : `The VM’s OS disk is still the mended copy ${disks.copyId}.`;
  return { ...conclusion, reason: `${conclusion.reason} ${sentence}` };
}
