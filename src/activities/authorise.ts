import type { VirtualMachine } from '../azure/ports';
import { parseVirtualMachineId } from '../azure/resource-id';
import type { Mode } from '../ledger/ports';
import { decide, type Decision, type Purpose } from '../policy/decide';
import type { AboutRepair } from './input';
import { isEveryAlertResolved } from './resolved-alerts';
import { progressOf, wait, type Progress } from './progress';
import type { Tools } from './toolbox';

/** A decision with the VM that it was made on. */
export interface Authorisation {
  vm: VirtualMachine;
  decision: Decision;
}

/**
 * Reads everything that a decision depends on, now, and decides. Called before each thing that we create or change:
 * a permit given earlier is not a permit. An unreachable ledger throws: no record, no change.
 */
export async function authorise(
  tools: Tools,
  about: AboutRepair,
  purpose: Purpose,
): Promise<{ kind: 'authorised'; value: Authorisation } | Exclude<Progress<never>, { kind: 'done' }>> {
  const answer = await tools.arm.getVirtualMachine(about.vmId);
  if (!answer.ok) return progressOf(answer.failure, 'read the virtual machine');
  const [killSwitch, repair, timeline] = await Promise.all([
    readKillSwitch(tools),
    tools.ledger.getRepair(about.repairId),
    tools.ledger.getTimeline(about.repairId),
  ]);
  if (!repair) throw new Error(`The ledger has no repair ${about.repairId}: nothing is done without a record.`);
  const decision = decide({
    purpose,
    vm: answer.value,
    subscriptionAllowed: isSubscriptionAllowed(tools, about.vmId),
    requestedMode: about.requestedMode,
    killSwitch,
    // A repair that is on record as ended, by upkeep or by hand, must not change anything more.
    cancelRequested: repair.cancelRequestedAt !== undefined || repair.ending !== undefined,
    stoppedByUs: timeline.resources.some(({ kind, deletedAt }) => kind === 'power-off' && deletedAt === undefined),
    // A change is on record before it is made: from then on the repair goes through with it and proves it.
    // A signal that cannot be read may be one that asked for it and was not resolved.
    alertResolved:
      timeline.changes.length === 0 && timeline.unreadable.length === 0 && isEveryAlertResolved(timeline.signals),
  });
  return { kind: 'authorised', value: { vm: answer.value, decision } };
}

/** Whether the VM's subscription is one that we may look at. */
export function isSubscriptionAllowed(tools: Pick<Tools, 'settings'>, vmId: string): boolean {
  const subscriptionId = parseVirtualMachineId(vmId)?.subscriptionId.toLowerCase();
  return subscriptionId !== undefined && tools.settings.allowedSubscriptions.includes(subscriptionId);
}

/** Why the kill switch is on, or undefined. */
export async function readKillSwitch(tools: Pick<Tools, 'settings' | 'ledger'>): Promise<string | undefined> {
  if (tools.settings.killSwitch) return 'the setting KILL_SWITCH';
  const row = await tools.ledger.getKillSwitch();
  return row?.on ? `set by ${row.by} at ${row.at}: ${row.reason}` : undefined;
}

/** The permit's mode, how the repair ends without one, or that Azure has to be asked again for what it hangs on. `found` names what was diagnosed, once something was. */
export function permittedMode(
  tools: Tools,
  about: AboutRepair,
  decision: Decision,
  found?: string,
): { kind: 'permit'; mode: Mode } | Exclude<Progress<never>, { kind: 'done' }> {
  if (decision.kind === 'permit') return decision;
  if (decision.kind === 'not-told') {
    const { code, reason } = decision;
    return wait(reason, undefined, { ending: found === undefined ? 'refused' : 'diagnosed', code, reason });
  }
  const code = decision.kind === 'refusal' ? decision.code : 'approval-not-available';
  tools.log('changeRefused', { repairId: about.repairId, code });
  const reason =
    decision.kind === 'refusal' ? decision.reason : `${decision.reason} Approvals do not exist yet, so it ends here.`;
  if (code === 'cancelled' || code === 'alert-resolved')
    return { kind: 'end', conclusion: { ending: 'cancelled', code, reason } };
  if (found === undefined) return { kind: 'end', conclusion: { ending: 'refused', code, reason } };
  return { kind: 'end', conclusion: { ending: 'diagnosed', code, reason: `${found}. ${reason}` } };
}

/** The VM as it is now, if policy permits the purpose; otherwise how the repair ends, or that it has to wait. `found` as above. */
export async function permittedVm(
  tools: Tools,
  about: AboutRepair,
  purpose: Purpose,
  found?: string,
): Promise<{ kind: 'permitted'; vm: VirtualMachine } | Exclude<Progress<never>, { kind: 'done' }>> {
  const authorisation = await authorise(tools, about, purpose);
  if (authorisation.kind !== 'authorised') return authorisation;
  const { vm, decision } = authorisation.value;
  const permit = permittedMode(tools, about, decision, found);
  return permit.kind === 'permit' ? { kind: 'permitted', vm } : permit;
}
