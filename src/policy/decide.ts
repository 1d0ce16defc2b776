import type { VirtualMachine } from '../azure/ports';
import type { Mode } from '../ledger/ports';
import type { OutcomeSubset } from '../outcome-codes';
import { lesserMode, modeTag, reaches, readMode } from './modes';

/**
 * The one place that says yes or no. Pure: it decides on facts that were just read, and is asked again before every
 * change, because a permit given an hour ago is not a permit.
 */

/**
 * What is to be done: `look` makes a snapshot and reads inside the guest, `change` writes in the guest, `swap` stops the VM and
 * gives it another OS disk, `roll-back` stops it and gives it its original OS disk again because a person asked for that,
 * `look-again` reads in it once more to see whether it recovered by itself.
 */
export type Purpose = 'look' | 'look-again' | 'change' | 'swap' | 'roll-back';

/** Everything that a decision may depend on. */
export interface Facts {
  purpose: Purpose;
  vm: VirtualMachine;
  subscriptionAllowed: boolean;
  requestedMode?: Mode;
  /** The kill switch, by setting or by the ledger's row, and who says so. */
  killSwitch?: string;
  cancelRequested: boolean;
  /** This repair has stopped the VM, and owes it a start. */
  stoppedByUs: boolean;
  /** Every alert that asked for this repair was resolved before anything was changed. */
  alertResolved: boolean;
}

/** Go ahead, as far as `mode`. */
export interface Permit {
  kind: 'permit';
  mode: Mode;
}

/** No, with a stable code and the reason for people. */
export interface Refusal {
  kind: 'refusal';
  code: RefusalCode;
  reason: string;
}

/** A person must say yes first. */
export interface NeedsApproval {
  kind: 'needs-approval';
  reason: string;
}

/** Neither yes nor no: Azure does not say what it hangs on. To be asked again; the code is for whoever asks in vain. */
export interface NotTold {
  kind: 'not-told';
  code: MissingCode;
  reason: string;
}

/** What is decided once everything is known that it hangs on. */
export type Verdict = Permit | Refusal | NeedsApproval;

export type Decision = Verdict | NotTold;

export type MissingCode = OutcomeSubset<'os-type-missing' | 'os-disk-missing' | 'power-state-missing'>;

export type RefusalCode = OutcomeSubset<
  | 'cancelled'
  | 'kill-switch'
  | 'subscription-not-allowed'
  | 'not-windows'
  | 'scale-set-instance'
  | 'opted-out'
  | 'not-opted-in'
  | 'unknown-mode'
  | 'mode-diagnose'
  | 'unmanaged-os-disk'
  | 'ephemeral-os-disk'
  | 'not-provisioned'
  | 'not-running'
  | 'alert-resolved'
>;

function refuse(code: RefusalCode, reason: string): Refusal {
  return { kind: 'refusal', code, reason };
}

/** Whether this may be done to this VM now. The first reason against it wins; the order is from brakes to details. */
export function decide(facts: Facts): Decision {
  const refusal = brakes(facts) ?? kindOfMachine(facts.vm) ?? optIn(facts) ?? stateOfMachine(facts);
  // A no that holds whatever is missing needs no second question.
  const decision = refusal ?? missingOf(facts.vm) ?? permit(facts);
  // Last, because it says least: a VM that must not be touched is not to be touched for its own reason. Nobody is asked for a yes either.
  const isYes = decision.kind === 'permit' || decision.kind === 'needs-approval';
  return isYes && facts.alertResolved && !heedless.includes(facts.purpose) ? resolved : decision;
}

/** What goes on although every alert was resolved: a person asked for it, or it is what follows from that. */
const heedless: readonly Purpose[] = ['look-again', 'roll-back'];

const resolved = refuse('alert-resolved', 'The alert was resolved before anything was changed, so nothing was.');

function brakes({ cancelRequested, killSwitch, subscriptionAllowed }: Facts): Refusal | undefined {
  if (cancelRequested) return refuse('cancelled', 'A person cancelled this repair.');
  if (killSwitch) return refuse('kill-switch', `The kill switch is on (${killSwitch}): nothing is created or changed.`);
  if (!subscriptionAllowed) {
    return refuse('subscription-not-allowed', 'The subscription is not in the setting ALLOWED_SUBSCRIPTIONS.');
  }
  return undefined;
}

/** What Azure does not say of the VM, and anybody's yes would hang on. */
function missingOf({ osType, osDiskId, powerState }: VirtualMachine): NotTold | undefined {
  if (osType === 'unknown') return notTold('os-type-missing', 'which operating system the VM runs');
  if (osDiskId === undefined) return notTold('os-disk-missing', 'which OS disk the VM has');
  return powerState === undefined ? notTold('power-state-missing', 'whether the VM runs') : undefined;
}

function notTold(code: MissingCode, what: string): NotTold {
  return { kind: 'not-told', code, reason: `Azure does not say ${what}.` };
}

function kindOfMachine(vm: VirtualMachine): Refusal | undefined {
  if (vm.osType === 'Linux') {
    return refuse('not-windows', `The VM runs ${vm.osType}, and only Windows can be repaired.`);
  }
  if (vm.scaleSetId) {
    return refuse('scale-set-instance', 'The VM belongs to a scale set, which replaces its instances by itself.');
  }
  return undefined;
}

function optIn({ vm, requestedMode }: Facts): Refusal | undefined {
  const tagged = readMode(vm.tags);
  if (tagged.kind === 'unknown-value') {
    const values = '`repair`, `approve`, `diagnose` or `off`';
    return refuse('unknown-mode', `The tag ${modeTag} says "${tagged.value}"; it must be ${values}.`);
  }
  if (tagged.mode === 'off') return refuse('opted-out', `The tag ${modeTag} says off.`);
  const mode = requestedMode ? lesserMode(tagged.mode, requestedMode) : tagged.mode;
  if (reaches(mode, 'diagnose')) return undefined;
  const reason = tagged.tagged
    ? 'Only observing was asked for, so nothing was created and nothing was run.'
    : `The VM has no tag ${modeTag}, so it was only observed. Tag it diagnose, approve or repair to go further.`;
  return refuse('not-opted-in', reason);
}

function stateOfMachine({ vm, purpose, stoppedByUs }: Facts): Refusal | undefined {
  if (vm.osDiskEphemeral) {
    return refuse(
      'ephemeral-os-disk',
      'The OS disk is ephemeral: it cannot be snapshotted, so nothing could be undone.',
    );
  }
  if (vm.osDiskUnmanaged)
    return refuse('unmanaged-os-disk', 'The OS disk is not a managed disk, so it cannot be snapshotted.');
  if (vm.provisioningState === 'Deleting') return refuse('not-provisioned', 'The VM is being deleted.');
  // One that this repair has stopped itself is gone on with, also by a story that is begun again.
  if (vm.powerState !== undefined && vm.powerState !== 'running' && !stoppedByUs) {
    const why =
      purpose === 'roll-back' ? 'start it first, or put the disk back by hand' : 'so there is nothing to reach by RDP';
    return refuse('not-running', `The VM is not running (${vm.powerState}), ${why}.`);
  }
  return undefined;
}

function permit({ purpose, vm, requestedMode }: Facts): Decision {
  const tagged = readMode(vm.tags);
  const allowed = tagged.kind === 'mode' ? tagged.mode : 'observe';
  const mode = requestedMode ? lesserMode(allowed, requestedMode) : allowed;
  const isChange = purpose === 'change' || purpose === 'swap' || purpose === 'roll-back';
  if (!isChange || mode === 'repair') return { kind: 'permit', mode };
  if (mode === 'approve') {
    const reason = `The tag ${modeTag} says approve: a person must agree before anything is changed.`;
    return { kind: 'needs-approval', reason };
  }
  return refuse('mode-diagnose', 'Only a diagnosis was allowed, so nothing was changed.');
}
