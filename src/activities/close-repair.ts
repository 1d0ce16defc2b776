import { z } from 'zod';
import { ofKind } from '../ledger/of-kind';
import type { Ending, RepairRecord, ResourceRecord } from '../ledger/ports';
import { vmKeyOf } from '../repair-id';
import { aboutRepair, type AboutRepair } from './input';
import { cleanedUp, conclusionOnRecord } from './on-record';
import { conclusion, done, end, type Conclusion, type Progress } from './progress';
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
  const { steps, resources } = await ledger.getTimeline(repairId);
  for (const { step } of steps.filter(({ outcome }) => outcome === undefined)) {
    await ledger.endStep(repairId, step, { endedAt, outcome: 'failed', detail: 'It did not come to its end.' });
  }
  const { ending, code, reason: told } = await asItIs(tools, about, { concluded, resources });
  const left = (await cleanedUp(ledger, repairId)) ?? resources.flatMap(stillThere);
  const reason = [told, ...left].join(' ');
  await ledger.updateRepair(repairId, { ending, endingCode: code, endingReason: reason, endedAt, phase: 'Ended' });
  await ledger.releaseSlot(repairId);
  await ledger.releaseLease(vmKeyOf(vmId), repairId);
  log('repairEnded', { repairId, ending, code });
  return done('closed', reason);
}

/** Of a clean-up that did not come to its end. */
function stillThere({ resourceId, lifetime, deletedAt }: ResourceRecord): string[] {
  return lifetime === 'temporary' && deletedAt === undefined
    ? [`${resourceId} was not seen gone after 15 minutes.`]
    : [];
}

interface Recorded {
  concluded: Conclusion;
  resources: readonly ResourceRecord[];
}

/** A story that broke down, or gave up waiting, does not know what the clean-up found. */
async function asItIs(tools: Tools, { repairId, rollsBack }: AboutRepair, recorded: Recorded): Promise<Conclusion> {
  const { ledger } = tools;
  const { concluded } = recorded;
  if (rollsBack === undefined) return withCopyTold(await asProven(tools, repairId, concluded), recorded);
  if (concluded.ending === 'rolled-back') return concluded;
  const origin: RepairRecord | undefined = await ledger.getRepair(rollsBack);
  if (origin?.rolledBackBy === repairId) {
    const reason = `${concluded.reason} The VM has its original OS disk again all the same.`;
    return { ...concluded, ending: 'rolled-back', reason };
  }
  return wasStopped(recorded) && saysUntouched(concluded) ? { ...concluded, ending: 'not-rolled-back' } : concluded;
}

const verified = z.looseObject({ conclusion });

/** Nothing is called repaired that the record does not show to be proven. */
async function asProven({ ledger }: Tools, repairId: string, concluded: Conclusion): Promise<Conclusion> {
  if (concluded.ending !== 'repaired') return concluded;
  const proof = verified.safeParse(await ledger.getDocument(repairId, 'verification'));
  if (proof.success && proof.data.conclusion.ending === 'repaired') return concluded;
  const reason = `${concluded.reason} No proof of that is on record.`;
  return { ...concluded, ending: 'not-repaired', code: 'not-verified', reason };
}

/** Endings that say that nothing was done to the VM. */
const untouched: readonly Ending[] = ['refused', 'healthy', 'recovered-by-itself', 'diagnosed', 'not-recognised'];

function saysUntouched({ ending }: Conclusion): boolean {
  return untouched.includes(ending);
}

function wasStopped({ resources }: Recorded): boolean {
  return ofKind(resources, 'power-off').some(({ createdAt }) => createdAt !== undefined);
}

/** A repair that has stopped the VM, or swapped its OS disk and not proven the copy, never ends as if the VM were as it was found. */
function withCopyTold(concluded: Conclusion, recorded: Recorded): Conclusion {
  const swap = ofKind(recorded.resources, 'os-disk-swap').find(
    ({ createdAt, deletedAt }) => createdAt !== undefined && deletedAt === undefined,
  );
  if (concluded.ending !== 'cancelled' && !saysUntouched(concluded)) return concluded;
  const ending = saysUntouched(concluded) && (swap || wasStopped(recorded)) ? 'not-repaired' : concluded.ending;
  if (!swap) return { ...concluded, ending };
  const reason = `${concluded.reason} The VM’s OS disk is ${swap.details.copyId}, which was not proven; a rollback puts the original back.`;
  return { ...concluded, ending, reason };
}
