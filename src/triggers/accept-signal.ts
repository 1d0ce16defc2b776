import type { HttpResponseInit } from '@azure/functions';
import { askedForMs, isAnsweredBy } from '../activities/resolved-alerts';
import type { Tools } from '../activities/toolbox';
import type { LeaseRecord, Mode, SignalOutcome, SignalRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { isBegunBy, repairIdOf, shortHash, vmKeyOf } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { problem } from './answers';
import { startLeased } from './start-leased';

/** A signal that was read, before it is known what becomes of it. */
export type Signal = Omit<SignalRecord, 'outcome'>;

/** A signal that asks for a repair of one VM. */
export type RepairRequest = Signal & { vmId: string; says?: undefined; requestedMode?: Mode };

/**
 * Begins a repair for the signal; keeps it until the VM's running repair has ended, which it does not change; or ignores it where a later
 * word on record answers it. Safe to repeat: the lease decides who is first, and what a crash left half-done is finished by the
 * redelivery or by upkeep.
 */
export async function acceptSignal(
  tools: Tools,
  starter: RepairStarter,
  request: RepairRequest,
): Promise<SignalOutcome> {
  const answered = await answerOnRecord(tools, request);
  if (answered) return ignoreSignal(tools, request, answered);
  const vmId = request.vmId.toLowerCase();
  const { requestedMode, ...signal } = { ...request, vmId };
  const repairId = repairIdOf(request.key, request.receivedAt);
  const acquiredAt = new Date().toISOString();
  const lease = { vmKey: vmKeyOf(vmId), repairId, vmId, acquiredAt, requestedMode };
  const { kind, lease: held } = await tools.ledger.acquireLease(lease);
  if (kind === 'acquired') await startLeased(tools, starter, held);
  const isOurs = kind === 'acquired' || isBegunBy(held.repairId, request.key);
  // Before the signal's own record: whoever finds that one does not come here again.
  if (!isOurs) await keepForLater(tools, signal, requestedMode, held);
  const outcome = { kind: isOurs ? 'started' : 'joined', repairId: held.repairId } as const;
  await recordAt(tools, { ...signal, outcome });
  return outcome;
}

/** A rollback was asked for by a person who knows how the VM is: what is said of it meanwhile asks for nothing more. */
async function keepForLater(
  { ledger }: Tools,
  { key, door, title, facts, receivedAt, occurredAt, occasion, vmId = '' }: Signal,
  requestedMode: Mode | undefined,
  { vmKey, repairId: joined, rollsBack }: LeaseRecord,
): Promise<void> {
  if (rollsBack !== undefined) return;
  const signal = { key, door, title, facts, receivedAt, occurredAt, occasion };
  await ledger.keepFollowUp({ ...signal, vmKey, vmId, requestedMode, joined });
}

/** Puts the signal on record, and on that of the repair that it began or joined. */
async function recordAt(
  { ledger, log }: Tools,
  record: Signal & { outcome: Extract<SignalOutcome, { repairId: string }> },
): Promise<void> {
  const { kind, repairId } = record.outcome;
  const { signal } = await ledger.recordSignal(record);
  await ledger.addSignalToRepair(repairId, signal);
  log(kind === 'started' ? 'signalStarted' : 'signalJoined', { repairId, door: record.door });
}

/**
 * The signal of this key, if it is on record; with all that belongs to its record, which a process that died, or a ledger that went away in the
 * middle, may have left unwritten.
 */
export async function signalOnRecord(
  { ledger }: Pick<Tools, 'ledger'>,
  key: string,
): Promise<SignalRecord | undefined> {
  const known = await ledger.getSignal(key);
  if (!known) return undefined;
  await ledger.recordSignal(known);
  if (known.outcome.kind !== 'ignored') await ledger.addSignalToRepair(known.outcome.repairId, known);
  return known;
}

/** Why the signal asks for nothing any more, by what was said of its VM later; whichever of the two came first. */
export async function answerOnRecord(
  { ledger }: Pick<Tools, 'ledger'>,
  signal: Pick<Signal, 'door' | 'occurredAt' | 'occasion'> & { vmId: string },
): Promise<IgnoredSignal | undefined> {
  if (signal.door === 'request') return undefined;
  const since = new Date(Date.parse(signal.occurredAt) - askedForMs).toISOString();
  const words = await ledger.listWords(signal.vmId, since);
  const word = words.find((one) => isAnsweredBy(signal, one));
  const at = word?.occurredAt;
  switch (word?.says) {
    case undefined:
      return undefined;
    case 'cancelled':
      return {
        code: 'cancelled-since',
        reason: `A person cancelled a repair of the VM at ${at}, after this had happened.`,
      };
    case 'asked-for':
      return {
        code: 'user-initiated',
        reason: `Somebody who may do so stopped or restarted it at ${at} (${word.title}).`,
      };
    case 'recovered':
      return {
        code: 'resolved-without-repair',
        reason: `It was over at ${at}, before a repair was begun for it (${word.title}).`,
      };
  }
}

/**
 * Hands a signal that starts nothing by itself to the VM's running repair, which asks for such before its next step. Gives
 * undefined if no repair of the VM is running.
 */
export async function noteSignal(
  tools: Tools,
  signal: Signal & { vmId: string },
): Promise<Extract<SignalOutcome, { repairId: string }> | undefined> {
  const { ledger, log } = tools;
  const lease = await ledger.getLease(vmKeyOf(signal.vmId));
  if (!lease) return undefined;
  const outcome = { kind: 'joined', repairId: lease.repairId } as const;
  const record = { ...signal, vmId: signal.vmId.toLowerCase(), outcome };
  // First where the repair looks: a redelivery finds the other record and stops.
  await ledger.addSignalToRepair(lease.repairId, record);
  await ledger.recordSignal(record);
  log('signalJoined', { repairId: lease.repairId, door: signal.door });
  return outcome;
}

/** Records a signal that starts nothing, once. */
export async function ignoreSignal(
  tools: Tools,
  signal: Signal,
  { code, reason }: IgnoredSignal,
): Promise<Extract<SignalOutcome, { kind: 'ignored' }>> {
  const outcome = { kind: 'ignored', code, reason } as const;
  const { key, door, title, facts, receivedAt, occurredAt, occasion, says } = signal;
  const vmId = signal.vmId?.toLowerCase();
  await tools.ledger.recordSignal({
    ...{ key, door, title, facts, receivedAt, occurredAt, occasion, says, vmId },
    outcome,
  });
  tools.log('signalIgnored', { door, code });
  return outcome;
}

/**
 * Refuses what cannot be taken as a signal: recorded once by its text, so that somebody who looks finds it, and
 * answered with the code and the reason.
 */
export async function rejectSignal(
  tools: Tools,
  door: SignalRecord['door'],
  text: string,
  rejection: { status: number } & IgnoredSignal,
): Promise<HttpResponseInit> {
  const { status, code, reason } = rejection;
  const key = shortHash(`${door}\n${code}\n${text}`, 40);
  const now = new Date().toISOString();
  const signal = { key, door, title: 'an unreadable body', facts: {}, receivedAt: now, occurredAt: now };
  await ignoreSignal(tools, signal, { code, reason });
  return problem(status, code, reason);
}
