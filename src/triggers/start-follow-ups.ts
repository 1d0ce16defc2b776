import { isLookAtVm } from '../activities/steps';
import type { Tools } from '../activities/toolbox';
import type { FollowUp, RepairRecord, StepRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { reaches } from '../policy/modes';
import { repairIdOf } from '../repair-id';
import { answerOnRecord } from './accept-signal';
import { startLeased } from './start-leased';
import { tellUnreadable, unlessUnreadable } from './unreadable-rows';

/** A signal of what happened longer ago says nothing of now (ms). */
const youngMs = 24 * 60 * 60_000;

/**
 * Upkeep on a schedule: a signal that had joined a repair begins one of its own when the VM is free, if that repair has not answered it, nothing else
 * has, and it is young.
 */
export async function startFollowUps(tools: Tools, starter: RepairStarter): Promise<void> {
  const { rows, unreadable } = await tools.ledger.listFollowUps();
  tellUnreadable(tools, unreadable);
  for (const followUp of rows) await unlessUnreadable(tools, () => look(tools, starter, followUp));
}

async function look(tools: Tools, starter: RepairStarter, followUp: FollowUp): Promise<void> {
  const { ledger, log } = tools;
  const lease = await ledger.getLease(followUp.vmKey);
  const isTooOld = Date.now() - Date.parse(followUp.occurredAt) > youngMs;
  const isAnswered = isTooOld || (await answerOnRecord(tools, followUp)) !== undefined;
  if (isAnswered) return ledger.dropFollowUp(followUp);
  if (lease) return;
  const repair = await ledger.getRepair(followUp.joined);
  const { steps } = await ledger.getTimeline(followUp.joined);
  if (!isStillNeeded(followUp, repair, steps)) return ledger.dropFollowUp(followUp);
  const begun = await begin(tools, starter, followUp, repair);
  if (begun === 'held') return;
  await ledger.dropFollowUp(followUp);
  log('followUpStarted', { repairId: begun, joined: followUp.joined });
}

/** The id hangs on when the repair before ended, so that a repetition takes up what it began. */
async function begin(
  tools: Tools,
  starter: RepairStarter,
  followUp: FollowUp,
  repair: RepairRecord | undefined,
): Promise<string> {
  const { ledger } = tools;
  const { vmKey, vmId, requestedMode, joined, ...signal } = followUp;
  const repairId = repairIdOf(`${signal.key}\n${joined}`, repair?.endedAt ?? signal.receivedAt);
  const lease = { vmKey, repairId, vmId, acquiredAt: new Date().toISOString(), requestedMode };
  const answer = await ledger.acquireLease(lease);
  if (answer.kind === 'held') return 'held';
  await startLeased(tools, starter, answer.lease);
  const outcome = { kind: 'started', repairId } as const;
  await ledger.addSignalToRepair(repairId, { ...signal, vmId, outcome });
  await ledger.settleSignal(signal.key, outcome);
  return repairId;
}

/**
 * Whether the signal asks for more than the ended repair has done. One that went as far as the signal asks, and looked at the VM after what the signal
 * tells of, has answered it, whatever it found: to repeat it would only cost another downtime. Pure.
 */
export function isStillNeeded(
  { occurredAt, requestedMode }: Pick<FollowUp, 'occurredAt' | 'requestedMode'>,
  repair: RepairRecord | undefined,
  steps: readonly StepRecord[],
): boolean {
  // The lease was freed without a record: nothing was done.
  if (repair?.ending === undefined) return true;
  if (repair.rollsBack !== undefined) return false;
  // A person's word has been asked for before. One that ended because its own alert was resolved has not looked for this one.
  if (repair.ending === 'cancelled') return true;
  const isWell = wellEndings.some((ending) => ending === repair.ending);
  const wentAsFar = repair.requestedMode === undefined || reaches(repair.requestedMode, requestedMode ?? 'repair');
  if (!isWell && !wentAsFar) return true;
  return !isBefore(occurredAt, lastLookAt(steps) ?? repair.startedAt ?? repair.endedAt);
}

const wellEndings = ['repaired', 'fixed-rdp-unproven', 'healthy', 'recovered-by-itself'] as const;

/** When the repair began to look at the VM for the last time (ISO 8601): what happened after that it did not see. */
function lastLookAt(steps: readonly StepRecord[]): string | undefined {
  const looks = steps.filter(({ step }) => isLookAtVm(step)).map(({ startedAt }) => startedAt);
  return looks.sort((one, other) => Date.parse(other) - Date.parse(one))[0];
}

function isBefore(time: string, other: string | undefined): boolean {
  return other !== undefined && Date.parse(time) <= Date.parse(other);
}
