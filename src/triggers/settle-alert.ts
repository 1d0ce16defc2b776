import { isSubscriptionAllowed } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { SignalOutcome } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import type { IgnoredSignal } from '../signal-codes';
import { acceptSignal, ignoreSignal, noteSignal } from './accept-signal';

/** An alert that is to be understood: at the door, or later by upkeep. */
export interface NamedAlert {
  key: string;
  title: string;
  facts: Record<string, string>;
  /** `recovered`: it was resolved. */
  says?: 'recovered';
  vmId?: string;
  vmName?: string;
}

/** The alert's machine; why there is none; or why that cannot be said yet. */
export type MachineOfAlert =
  { kind: 'known'; vmId: string } | ({ kind: 'none' } & IgnoredSignal) | { kind: 'not-yet'; reason: string };

/** The machine's id: the alert's own, or what Resource Graph knows under its name. */
export async function machineOf({ arm, settings }: Tools, alert: NamedAlert): Promise<MachineOfAlert> {
  const { vmId, vmName = '' } = alert;
  if (vmId !== undefined) return { kind: 'known', vmId };
  const found = await arm.findVirtualMachines(vmName, settings.allowedSubscriptions);
  if (!found.ok) {
    const why = `${found.failure.code}: ${found.failure.message}`;
    const reason = `The alert names "${vmName}" only, and Resource Graph was not able to say who that is: ${why}`;
    return found.failure.kind === 'wait'
      ? { kind: 'not-yet', reason }
      : { kind: 'none', code: 'lookup-failed', reason };
  }
  const [only, ...others] = found.value;
  if (only === undefined) {
    const reason = `No virtual machine called "${vmName}" is in a subscription that may be looked at.`;
    return { kind: 'none', code: 'vm-not-found', reason };
  }
  if (others.length > 0) {
    const reason = `Several virtual machines are called "${vmName}"; split the rule by a column of resource ids.`;
    return { kind: 'none', code: 'several-virtual-machines', reason };
  }
  return { kind: 'known', vmId: only.toLowerCase() };
}

/**
 * Begins a repair for an alert whose machine is known, joins it to the running one, or records why nothing is started. Safe to
 * repeat.
 */
export async function settleAlert(
  tools: Tools,
  starter: RepairStarter,
  alert: NamedAlert,
  vmId: string,
): Promise<SignalOutcome> {
  if (!isSubscriptionAllowed(tools, vmId)) {
    const reason = 'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.';
    return ignoreAlert(tools, alert, { code: 'subscription-not-allowed', reason });
  }
  const { key, title, facts } = alert;
  // A Resolved alert never starts anything; the VM's running repair asks for such before its next step.
  if (alert.says === 'recovered') {
    const noted = await noteSignal(tools, { key, door: 'alert', title, facts, vmId, says: 'recovered' });
    if (noted) return noted;
    const reason = 'The alert was resolved, and no repair of this VM is running.';
    return ignoreAlert(tools, alert, { code: 'resolved-without-repair', reason });
  }
  const vm = await tools.arm.getVirtualMachine(vmId);
  if (!vm.ok && vm.failure.kind === 'not-found') {
    const reason = `Azure does not know the VM: ${vm.failure.message}`;
    return ignoreAlert(tools, alert, { code: 'vm-not-found', reason });
  }
  // Any other failure of ARM is the repair's to wait out or to report.
  return acceptSignal(tools, starter, { key, door: 'alert', title, facts, vmId });
}

/** Records that an alert starts nothing. */
export async function ignoreAlert(
  tools: Tools,
  { key, title, facts, vmId }: NamedAlert,
  { code, reason }: IgnoredSignal,
): Promise<SignalOutcome> {
  await ignoreSignal(tools, { key, door: 'alert', title, facts, vmId }, { code, reason });
  return { kind: 'ignored', code, reason };
}
