import { isSubscriptionAllowed } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { RepairStarter } from '../orchestrators/durable';
import { readMode } from '../policy/modes';
import { shortHash } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { acceptSignal, answerOnRecord, ignoreSignal, noteSignal, signalOnRecord } from './accept-signal';
import { readHealthEvent, type HealthEventReading } from './health-event';
import { readMachine } from './machine';
import { occasionOfHealthEvents } from './occasion';
import { occurredBy, whyOutOfDate } from './read-time';

/** A machine that may be acted on. */
type MachineEvent = HealthEventReading & { vmId: string };

/**
 * The Event Grid function `vmHealthEvent`. A machine that Resource Health calls unavailable is a reason to look, unless
 * somebody stopped or restarted it on purpose. The events are those of a whole subscription, so machines without the tag
 * are left alone here already. Throws if the ledger or Azure cannot be asked now: Event Grid delivers again.
 */
export async function takeHealthEvent(tools: Tools, starter: RepairStarter, event: unknown): Promise<void> {
  const reading = readHealthEvent(event);
  if (!reading) return rejectEvent(tools, event);
  const { vmId } = reading;
  if (await signalOnRecord(tools, reading.key)) return;
  if (typeof reading.meaning === 'object') return ignore(tools, reading, reading.meaning.ignored);
  // Disks, scale sets and their machines, and what tells nothing: far too many to be kept on record.
  if (vmId === undefined || reading.meaning === 'nothing') return;
  if (!isSubscriptionAllowed(tools, vmId)) {
    const reason = 'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.';
    return ignore(tools, reading, { code: 'subscription-not-allowed', reason });
  }
  const machine = { ...reading, vmId };
  if (reading.meaning === 'unavailable') return start(tools, starter, machine);
  return note(tools, machine, reading.meaning);
}

async function start(tools: Tools, starter: RepairStarter, event: MachineEvent): Promise<void> {
  const signal = { ...signalOf(event), vmId: event.vmId };
  const ignored = whyOutOfDate(signal) ?? (await answerOnRecord(tools, signal)) ?? (await whyNot(tools, event));
  if (ignored) await ignoreSignal(tools, signal, ignored);
  else await acceptSignal(tools, starter, signal);
}

/** The event as a signal that came just now. */
function signalOf({ key, title, facts, vmId, occurredAt }: HealthEventReading) {
  const receivedAt = new Date().toISOString();
  const times = { receivedAt, occurredAt: occurredBy(occurredAt, receivedAt) };
  return { key, door: 'event' as const, title, facts, vmId, ...times, occasion: occasionOfHealthEvents };
}

/** Why the machine is not one to be repaired, before anything is begun for it. */
async function whyNot(tools: Tools, { vmId }: MachineEvent): Promise<IgnoredSignal | undefined> {
  const machine = await readMachine(tools, vmId);
  if (machine.kind === 'not-yet') throw new Error(machine.reason);
  if (machine.kind === 'none') return machine;
  const tagged = readMode(machine.vm.tags);
  if (tagged.kind === 'unknown-value' || tagged.tagged) return undefined;
  return {
    code: 'not-opted-in',
    reason: 'The VM has no tag rdp-lifeline, and nobody asked for it by an alert rule.',
  };
}

/** Tells the machine's running repair; without one it is kept for an event that is still to come, or to come again. */
async function note(tools: Tools, event: MachineEvent, meaning: 'available' | 'asked-for'): Promise<void> {
  const says = meaning === 'available' ? 'recovered' : 'asked-for';
  const signal = { ...signalOf(event), vmId: event.vmId, says } as const;
  // Whoever stops a thousand machines at night must not fill the record: it is for those that we would have looked at.
  if ((await noteSignal(tools, signal)) || (await whyNot(tools, event))) return;
  await ignoreSignal(
    tools,
    signal,
    says === 'recovered'
      ? { code: 'resolved-without-repair', reason: 'The VM is available again, and no repair of it is running.' }
      : { code: 'user-initiated', reason: 'Somebody who may do so stopped or restarted the VM.' },
  );
}

async function ignore(tools: Tools, event: HealthEventReading, ignored: IgnoredSignal): Promise<void> {
  await ignoreSignal(tools, signalOf(event), ignored);
}

/** Recorded once by its text. Not thrown: Event Grid would deliver it again and again. */
async function rejectEvent(tools: Tools, event: unknown): Promise<void> {
  const key = shortHash(`health-event\n${textOf(event)}`, 40);
  const reason = 'The body is no event in the CloudEvents 1.0 schema or in Event Grid’s own.';
  const now = new Date().toISOString();
  const signal = {
    key,
    door: 'event',
    title: 'an unreadable event',
    facts: {},
    receivedAt: now,
    occurredAt: now,
  } as const;
  await ignoreSignal(tools, signal, { code: 'unknown-schema', reason });
}

/** JSON that is nested too deep cannot be written again; all such events count as one. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event) ?? '';
  } catch {
    return 'not to be written as text';
  }
}
