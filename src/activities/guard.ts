import { z } from 'zod';
import type { ArmFailure } from '../azure/ports';
import { isOpen } from '../ledger/is-open';
import type { LeaseRecord, RepairRecord } from '../ledger/ports';
import { vmKeyOf } from '../repair-id';
import { isSameId } from '../same-id';
import { fenced, isHeld, type Writer } from './fence';
import { aboutRepair, type AboutRepair } from './input';
import { declaresWaits, endWait } from './place';
import { end, wait, type Progress } from './progress';
import type { Tools } from './toolbox';

/**
 * What every activity checks before it does anything, whoever calls it and by whatever key: that the repair is on record, that it is this
 * VM's, that its orchestration is the present one, and that it may still do something. It rests on the record: of the caller's word
 * only the repair's id counts, and whatever else is said must agree with the record.
 */

/**
 * Who may call an activity. `running`: a repair that has not ended and holds its VM's lease. `owed`: also one that has ended or has
 * lost the lease, as long as the record shows something open; the activity puts that right, and asks for no permit. `closing`: one that
 * has not ended, whoever holds the lease, or that has something open or its lease still.
 */
export type Access = 'running' | 'owed' | 'closing';

type Ended = Extract<Progress<never>, { kind: 'end' }>;
type Admission = { kind: 'admitted'; repair: RepairRecord } | Ended;

/** What a caller may say of a repair. */
const asked = z.looseObject({ ...aboutRepair.shape, vmId: aboutRepair.shape.vmId.optional() });
type Asked = z.infer<typeof asked>;
type Said = Pick<Asked, 'repairId' | 'vmId' | 'requestedMode' | 'rollsBack'>;

/** An activity as the engine calls it, and as it is written: told of the repair by the record. */
type Activity<T> = (tools: Tools, input: unknown) => Promise<Progress<T>>;

/**
 * The activity behind its guard and its fence. A call that comes while another one of the same activity is writing waits; one that is
 * not admitted ends, and nothing is done or written. Throws where the ledger cannot be reached: no record, no change.
 */
export function guarded<T>(name: string, access: Access, act: Activity<T>): Activity<T> {
  return async (tools, given) => {
    const said = asked.parse(given);
    const { repairId } = said;
    // Before anything is looked at: whoever writes after this has made what we see out of date.
    const seen = await tools.ledger.getWriteLock(repairId, name);
    const admission = await admit(tools, said, access);
    if (admission.kind === 'end') return admission;
    if (isHeld(seen)) return wait('Another call of this step is at work.', 1_000);
    const writer: Writer = { repairId, seen, isStopped: () => stopOf(tools, said, access) };
    const { repair } = admission;
    // Whatever comes after a wait ends it: what was declared for days must not hide that a later step hangs.
    if (!declaresWaits.some((one) => one === name)) await endWait(tools.ledger, repair);
    const { tools: fencedTools, release } = fenced(tools, writer);
    try {
      return await act({ ...fencedTools, repair }, { ...said, ...onRecord(repair) });
    } finally {
      await release();
    }
  };
}

/** What the record says of the repair, in place of what the caller said. */
function onRecord(repair: RepairRecord): Omit<AboutRepair, 'generation'> {
  const { repairId, vmId, requestedMode, rollsBack, reading = 1 } = repair;
  return { repairId, vmId, requestedMode, rollsBack, reading };
}

async function admit({ ledger }: Tools, said: Asked, access: Access): Promise<Admission> {
  // Whoever names a VM names the repair's or is not admitted, so its lease is read without waiting for the record.
  const record = knownBy(ledger, said);
  const named = access === 'closing' || said.vmId === undefined ? undefined : leaseOf(ledger, said.vmId);
  const [known] = await Promise.all([record, named]);
  if (known.kind === 'end') return known;
  const { repair } = known;
  if (said.generation !== (repair.generation ?? 0)) return superseded;
  const hasEnded = repair.ending !== undefined;
  if (!hasEnded && access === 'closing') return known;
  // One that has ended still has its lease where its host died before it freed its VM, which comes last.
  const mayRestOnLease = !hasEnded || access === 'closing';
  if (mayRestOnLease && holds(repair, await (named ?? leaseOf(ledger, repair.vmId)))) return known;
  if (access !== 'running' && (await hasOpen(ledger, repair))) return known;
  return hasEnded ? ended(repair) : leaseLost(repair);
}

/** For the activity that asks for a generation: why an orchestration may not take the repair up, or undefined. */
export async function admitByRecord({ ledger }: Tools, said: Said): Promise<Ended | undefined> {
  const known = await knownBy(ledger, said);
  if (known.kind === 'end') return known;
  return known.repair.ending === undefined || (await hasOpen(ledger, known.repair)) ? undefined : ended(known.repair);
}

async function knownBy(ledger: Tools['ledger'], said: Said): Promise<Admission> {
  const repair = await ledger.getRepair(said.repairId);
  if (!repair) return end('refused', 'repair-not-on-record', `There is no repair ${said.repairId}: nothing was done.`);
  if (agrees(said, repair)) return { kind: 'admitted', repair };
  const reason = `What was said of the repair ${said.repairId} is not what is on record, so nothing was done.`;
  return end('refused', 'not-this-repair', reason);
}

/** Whatever a caller says beside the id must be so; what is not said is taken from the record. */
function agrees({ vmId, requestedMode, rollsBack }: Said, repair: RepairRecord): boolean {
  return (
    (vmId === undefined || isSameId(vmId, repair.vmId)) &&
    (requestedMode === undefined || requestedMode === repair.requestedMode) &&
    (rollsBack === undefined || rollsBack === repair.rollsBack)
  );
}

function leaseOf(ledger: Tools['ledger'], vmId: string): Promise<LeaseRecord | undefined> {
  return ledger.getLease(vmKeyOf(vmId));
}

function holds({ repairId }: RepairRecord, lease: LeaseRecord | undefined): boolean {
  return lease?.repairId === repairId;
}

async function hasOpen(ledger: Tools['ledger'], { repairId }: RepairRecord): Promise<boolean> {
  const { resources } = await ledger.getTimeline(repairId);
  return resources.some(isOpen);
}

/** The same once more, just before a write: the answer that was right when the activity began may be so no longer. */
async function stopOf(tools: Tools, said: Asked, access: Access): Promise<ArmFailure | undefined> {
  const admission = await admit(tools, said, access);
  if (admission.kind === 'admitted') return undefined;
  // Asked again, the activity is not admitted and says why.
  const { code, reason } = admission.conclusion;
  return { kind: 'wait', code, message: reason, retryAfterMs: 0 };
}

const superseded = end(
  'cancelled',
  'superseded',
  'This orchestration was ended and the repair begun again: the present one goes on, this one does nothing more.',
);

function ended({ repairId, ending }: RepairRecord): Ended {
  return end(
    'refused',
    'repair-ended',
    `The repair ${repairId} has ended (${ending}): nothing more is done in its name.`,
  );
}

function leaseLost({ repairId }: RepairRecord): Ended {
  const reason = `The repair ${repairId} does not hold its VM’s lease any more: only what it owes the VM is done in its name.`;
  return end('not-repaired', 'lease-lost', reason);
}
