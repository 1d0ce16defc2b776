import type { HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import type { Mode, SignalOutcome, SignalRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { repairIdOf, shortHash, vmKeyOf } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { problem } from './answers';
import { startLeased } from './start-leased';

/** A signal that asks for a repair of one VM. */
export interface RepairRequest {
  key: string;
  door: SignalRecord['door'];
  title: string;
  facts: Record<string, string>;
  vmId: string;
  requestedMode?: Mode;
}

/**
 * Begins a repair for the signal, or joins it to the VM's running one. Safe to repeat: the lease decides who is
 * first, and what a crash left half-done is finished by the redelivery or by upkeep.
 */
export async function acceptSignal(
  tools: Tools,
  starter: RepairStarter,
  request: RepairRequest,
): Promise<Extract<SignalOutcome, { repairId: string }>> {
  const { ledger, log } = tools;
  const receivedAt = new Date().toISOString();
  const vmId = request.vmId.toLowerCase();
  const repairId = repairIdOf(request.key, receivedAt);
  const { requestedMode } = request;
  const lease = { vmKey: vmKeyOf(vmId), repairId, vmId, acquiredAt: receivedAt, requestedMode };
  const answer = await ledger.acquireLease(lease);
  const holder = answer.lease.repairId;
  if (answer.kind === 'acquired') {
    await startLeased(tools, starter, lease);
  }
  const kind = answer.kind === 'acquired' ? 'started' : 'joined';
  const { key, door, title, facts } = request;
  const record = {
    key,
    door,
    title,
    facts,
    receivedAt,
    vmId,
    outcome: { kind, repairId: holder },
  } satisfies SignalRecord;
  const { signal } = await ledger.recordSignal(record);
  await ledger.addSignalToRepair(holder, signal);
  log(kind === 'started' ? 'signalStarted' : 'signalJoined', { repairId: holder, door });
  return record.outcome;
}

/**
 * Hands a signal that starts nothing by itself to the VM's running repair, which asks for such before its next step. Gives
 * undefined if no repair of the VM is running.
 */
export async function noteSignal(
  tools: Tools,
  signal: Omit<SignalRecord, 'receivedAt' | 'outcome'> & { vmId: string },
): Promise<Extract<SignalOutcome, { repairId: string }> | undefined> {
  const { ledger, log } = tools;
  const lease = await ledger.getLease(vmKeyOf(signal.vmId));
  if (!lease) return undefined;
  const outcome = { kind: 'joined', repairId: lease.repairId } as const;
  const record = { ...signal, receivedAt: new Date().toISOString(), outcome };
  // First where the repair looks: a redelivery finds the other record and stops.
  await ledger.addSignalToRepair(lease.repairId, record);
  await ledger.recordSignal(record);
  log('signalJoined', { repairId: lease.repairId, door: signal.door });
  return outcome;
}

/** Records a signal that starts nothing, once. */
export async function ignoreSignal(
  tools: Tools,
  signal: Omit<SignalRecord, 'receivedAt' | 'outcome'>,
  ignored: IgnoredSignal,
): Promise<void> {
  const receivedAt = new Date().toISOString();
  await tools.ledger.recordSignal({ ...signal, receivedAt, outcome: { kind: 'ignored', ...ignored } });
  tools.log('signalIgnored', { door: signal.door, code: ignored.code });
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
  await ignoreSignal(tools, { key, door, title: 'an unreadable body', facts: {} }, { code, reason });
  return problem(status, code, reason);
}
