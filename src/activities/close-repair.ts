import { z } from 'zod';
import { isOpen } from '../ledger/is-open';
import { ofKind } from '../ledger/of-kind';
import type { Ending, Ledger, RepairRecord, ResourceRecord } from '../ledger/ports';
import { isUnreadable, type UnreadableRow } from '../ledger/readable-rows';
import { vmKeyOf } from '../repair-id';
import { toldUnreadable } from './clean-up';
import { aboutRepair, type AboutRepair } from './input';
import { cleanedUp, conclusionOnRecord, permittedPlan } from './on-record';
import { conclusion, done, end, type Conclusion, type Progress } from './progress';
import { recordThatItWorked } from './recovery/proven-recovery';
import type { Tools } from './toolbox';

/**
 * Writes the ending, closes what is open in the timeline, and frees the places and the VM. In this order: the VM is
 * free for the next repair only when this one is on record. It rests on what the clean-up has put on record, and not on what its caller says.
 * Safe to repeat; the first ending stays.
 */
export async function closeRepair(tools: Tools, given: unknown): Promise<Progress<'closed'>> {
  const about = aboutRepair.parse(given);
  const { repairId, vmId } = about;
  const { ledger, log } = tools;
  const concluded = await conclusionOnRecord(ledger, repairId);
  if (!concluded) return end('refused', 'not-concluded', 'This repair has not been cleaned up, so it has not ended.');
  const endedAt = new Date().toISOString();
  const { steps, resources, unreadable } = await ledger.getReadableTimeline(repairId);
  for (const { step } of steps.filter(({ outcome }) => outcome === undefined)) {
    await ledger.endStep(repairId, step, { endedAt, outcome: 'failed', detail: 'It did not come to its end.' });
  }
  const { ending, code, reason: told } = await asItIs(tools, about, { concluded, resources, unreadable });
  const left = (await cleanedUp(ledger, repairId)) ?? [
    ...resources.flatMap(stillThere),
    ...unreadable.map(toldUnreadable),
  ];
  const reason = [told, ...left].join(' ');
  if (fixes.includes(ending) && diskAfter(resources)?.is === 'copy') await recordRecovery(ledger, repairId);
  await ledger.updateRepair(repairId, { ending, endingCode: code, endingReason: reason, endedAt, phase: 'Ended' });
  await ledger.releaseSlot(repairId);
  await ledger.releaseLease(vmKeyOf(vmId), repairId);
  log('repairEnded', { repairId, ending, code });
  return done('closed', reason);
}

/** Endings after which the VM runs mended: with its copy in, the whole route has worked. */
const fixes: readonly Ending[] = ['repaired', 'fixed-rdp-unproven'];

async function recordRecovery(ledger: Ledger, repairId: string): Promise<void> {
  const plan = await permittedPlan({ ledger }, repairId);
  if (plan?.recovery) await recordThatItWorked(ledger, plan.recovery, repairId);
}

/** Of a clean-up that did not come to its end. */
function stillThere(resource: ResourceRecord): string[] {
  return isOpen(resource) ? [`${resource.resourceId} was not seen gone after 15 minutes.`] : [];
}

interface Recorded {
  concluded: Conclusion;
  resources: readonly ResourceRecord[];
  unreadable: readonly UnreadableRow[];
}

/** A story that broke down, or gave up waiting, does not know what the clean-up found. */
async function asItIs(tools: Tools, { repairId, rollsBack }: AboutRepair, recorded: Recorded): Promise<Conclusion> {
  const { concluded } = recorded;
  if (rollsBack === undefined) return withDiskTold(await asProven(tools, repairId, concluded), recorded);
  if (concluded.ending === 'rolled-back') return concluded;
  const origin: RepairRecord | undefined = await tools.ledger.getRepair(rollsBack);
  if (origin?.rolledBackBy !== repairId) return notRolledBack(recorded);
  const reason = `${concluded.reason} The VM has its original OS disk again all the same.`;
  return { ...concluded, ending: 'rolled-back', reason };
}

const verified = z.looseObject({ conclusion });

/** Nothing is called repaired that the record does not show to be proven. */
async function asProven({ ledger }: Tools, repairId: string, concluded: Conclusion): Promise<Conclusion> {
  if (concluded.ending !== 'repaired') return concluded;
  const document = await readableOrNone(() => ledger.getDocument(repairId, 'verification'));
  const proof = verified.safeParse(document);
  if (proof.success && proof.data.conclusion.ending === 'repaired') return concluded;
  const reason = `${concluded.reason} No proof of that is on record.`;
  return { ...concluded, ending: 'not-repaired', code: 'not-verified', reason };
}

/** A proof that cannot be read is none, and must not keep the repair from its end. */
async function readableOrNone(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** Endings that say that nothing was done to the VM. */
const untouched: readonly Ending[] = ['refused', 'healthy', 'recovered-by-itself', 'diagnosed', 'not-recognised'];

function saysUntouched({ ending }: Conclusion): boolean {
  return untouched.includes(ending);
}

function wasStopped({ resources }: Recorded): boolean {
  return ofKind(resources, 'power-off').some(({ createdAt }) => createdAt !== undefined);
}

/**
 * A repair that has swapped the OS disk says in every ending which disk the VM has, as far as the record goes; and one that has stopped the
 * VM, or has not proven its copy, never ends as if the VM were as it was found.
 */
function withDiskTold(concluded: Conclusion, recorded: Recorded): Conclusion {
  const disk = diskAfter(recorded.resources);
  // What cannot be read may say that it was.
  const isTouched = wasStopped(recorded) || disk?.is === 'copy' || recorded.unreadable.length > 0;
  const ending = saysUntouched(concluded) && isTouched ? 'not-repaired' : concluded.ending;
  if (!disk) return { ...concluded, ending };
  const isUnproven = concluded.ending === 'cancelled' || saysUntouched(concluded);
  return { ...concluded, ending, reason: [concluded.reason, sentenceOf(disk, isUnproven)].join(' ') };
}

/** Which disk the VM has after a swap; `not-known`: it was begun, and neither its end nor that it was taken back is on record. */
interface DiskAfter {
  is: 'copy' | 'original' | 'not-known';
  copyId: string;
  originalId: string;
}

/** Undefined if nothing was swapped: one that was on record and never came to be is none. */
function diskAfter(resources: readonly ResourceRecord[]): DiskAfter | undefined {
  const swaps = ofKind(resources, 'os-disk-swap').flatMap(
    ({ details: { copyId, originalId }, lifetime, createdAt, deletedAt }): DiskAfter[] => {
      if (deletedAt !== undefined && createdAt === undefined) return [];
      if (deletedAt !== undefined) return [{ copyId, originalId, is: 'original' }];
      return [{ copyId, originalId, is: lifetime === 'kept' ? 'copy' : 'not-known' }];
    },
  );
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
function notRolledBack(recorded: Recorded): Conclusion {
  const { concluded, resources } = recorded;
  const ending = saysUntouched(concluded) && wasStopped(recorded) ? 'not-rolled-back' : concluded.ending;
  const [exchange] = ofKind(resources, 'os-disk-swap');
  if (!exchange) return { ...concluded, ending };
  const { copyId, originalId } = exchange.details;
  const sentence =
    exchange.deletedAt === undefined
      ? sentenceOf({ copyId, originalId, is: 'not-known' }, true)
      : `The VM’s OS disk is still the mended copy ${copyId}.`;
  return { ...concluded, ending, reason: `${concluded.reason} ${sentence}` };
}
