import { isSubscriptionAllowed } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { RepairStarter } from '../orchestrators/durable';
import { readMode } from '../policy/modes';
import { shortHash } from '../repair-id';
import type { IgnoredSignal } from '../signal-codes';
import { acceptSignal, ignoreSignal, noteSignal } from './accept-signal';
import { readHealthEvent, type HealthEventReading } from './health-event';

/** Event Grid tries for a day to deliver: what is older than this (ms) says nothing of now. */
const freshMs = 60 * 60_000;

/** An annotation "Customer Initiated" within this time (ms) before a machine is unavailable is taken for its cause (assumed). */
const askedForMs = 15 * 60_000;

/** How far back in the list of signals an annotation is looked for. */
const signalsLookedAt = 500;

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
  if (await tools.ledger.getSignal(reading.key)) return;
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
  const ignored = (await staleness(tools, event)) ?? (await whyNot(tools, event));
  if (ignored) return ignore(tools, event, ignored);
  const { key, title, facts, vmId } = event;
  await acceptSignal(tools, starter, { key, door: 'event', title, facts, vmId });
}

/** Why an event is no reason to look at the machine now, by what else is known of it. */
async function staleness({ ledger }: Tools, { vmId, occurredAt }: MachineEvent): Promise<IgnoredSignal | undefined> {
  const now = Date.now();
  if (occurredAt !== undefined && now - occurredAt > freshMs) {
    return { code: 'event-too-old', reason: 'It happened more than an hour ago.' };
  }
  const signals = await ledger.listSignals(signalsLookedAt);
  const asked = signals.find(
    (signal) =>
      signal.says === 'asked-for' && signal.vmId === vmId && now - Date.parse(signal.receivedAt) <= askedForMs,
  );
  if (!asked) return undefined;
  return { code: 'user-initiated', reason: `Somebody who may do so stopped or restarted it (${asked.title}).` };
}

/** Why the machine is not one to be repaired, before anything is begun for it. */
async function whyNot({ arm }: Tools, { vmId }: MachineEvent): Promise<IgnoredSignal | undefined> {
  const vm = await arm.getVirtualMachine(vmId);
  if (vm.ok) {
    const tagged = readMode(vm.value.tags);
    if (tagged.kind === 'unknown-value' || tagged.tagged) return undefined;
    return {
      code: 'not-opted-in',
      reason: 'The VM has no tag rdp-lifeline, and nobody asked for it by an alert rule.',
    };
  }
  switch (vm.failure.kind) {
    case 'wait':
      throw new Error(`Azure does not answer for the VM (${vm.failure.code}).`);
    case 'forbidden':
      return { code: 'permission-missing', reason: `No role grants ${vm.failure.action} on it.` };
    case 'not-found':
      return { code: 'vm-not-found', reason: `Azure does not know the VM: ${vm.failure.message}` };
    case 'rejected':
      return { code: 'azure-rejected', reason: `Azure refused to show the VM: ${vm.failure.message}` };
  }
}

/** Tells the machine's running repair; without one, only what may explain an event that is still to come is kept. */
async function note(tools: Tools, event: MachineEvent, meaning: 'available' | 'asked-for'): Promise<void> {
  const says = meaning === 'available' ? 'recovered' : 'asked-for';
  const { key, title, facts, vmId } = event;
  const signal = { key, door: 'event', title, facts, vmId, says } as const;
  const joined = await noteSignal(tools, signal);
  // Whoever stops a thousand machines at night must not fill the record: it is for those that we would have looked at.
  if (joined || says === 'recovered' || (await whyNot(tools, event))) return;
  const reason = 'Somebody who may do so stopped or restarted the VM.';
  await ignoreSignal(tools, signal, { code: 'user-initiated', reason });
}

async function ignore(
  tools: Tools,
  { key, title, facts, vmId }: HealthEventReading,
  ignored: IgnoredSignal,
): Promise<void> {
  await ignoreSignal(tools, { key, door: 'event', title, facts, vmId }, ignored);
}

/** Recorded once by its text. Not thrown: Event Grid would deliver it again and again. */
async function rejectEvent(tools: Tools, event: unknown): Promise<void> {
  const key = shortHash(`health-event\n${textOf(event)}`, 40);
  const reason = 'The body is no event in the CloudEvents 1.0 schema or in Event Grid’s own.';
  await ignoreSignal(
    tools,
    { key, door: 'event', title: 'an unreadable event', facts: {} },
    { code: 'unknown-schema', reason },
  );
}

/** JSON that is nested too deep cannot be written again; all such events count as one. */
function textOf(event: unknown): string {
  try {
    return JSON.stringify(event) ?? '';
  } catch {
    return 'not to be written as text';
  }
}
