import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { isSubscriptionAllowed } from '../activities/authorise';
import type { Tools } from '../activities/toolbox';
import type { SignalRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { acceptSignal, ignoreSignal, noteSignal, rejectSignal } from './accept-signal';
import { accepted, json } from './answers';
import { readCommonAlert, type AlertReading } from './common-alert';
import { readJson } from './read-body';

/**
 * `POST /api/alerts`: alerts of Azure Monitor in the common alert schema. Answers at once: 202 with the repair, or
 * 200 with the reason why nothing is started. Never 429 or 503: an action group that gets one of those falls silent
 * for 15 minutes (https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups).
 */
export async function answerAlert(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
): Promise<HttpResponseInit> {
  const body = await readJson(request);
  if (!body.ok) return rejectSignal(tools, 'alert', body.text, body.rejection);
  const reading = readCommonAlert(body.value, tools.settings.alertRuleIds);
  if (!reading.ok) {
    return rejectSignal(tools, 'alert', body.text, { status: 400, code: 'unknown-schema', reason: reading.reason });
  }
  const known = await tools.ledger.getSignal(reading.alert.key);
  if (known) return answerAgain(request, known);
  return answerNew(tools, starter, request, reading.alert);
}

async function answerNew(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
  alert: AlertReading,
): Promise<HttpResponseInit> {
  if (alert.ignored) return ignore(tools, alert, alert.ignored);
  const machine = await machineOf(tools, alert);
  if (!machine.ok) return ignore(tools, alert, machine.ignored);
  const { vmId } = machine;
  if (!isSubscriptionAllowed(tools, vmId)) {
    const reason = 'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.';
    return ignore(tools, alert, { code: 'subscription-not-allowed', reason });
  }
  if (alert.condition === 'Resolved') return answerResolved(tools, request, alert, vmId);
  const vm = await tools.arm.getVirtualMachine(vmId);
  if (!vm.ok && vm.failure.kind === 'not-found') {
    return ignore(tools, alert, { code: 'vm-not-found', reason: `Azure does not know the VM: ${vm.failure.message}` });
  }
  // Any other failure of ARM is the repair's to wait out or to report.
  const { key, title, facts } = alert;
  const outcome = await acceptSignal(tools, starter, { key, door: 'alert', title, facts, vmId });
  return accepted(request, outcome);
}

/** The machine's id: the alert's own, or what Resource Graph knows under its name. */
async function machineOf(
  { arm, settings }: Tools,
  { vmId, vmName = '' }: AlertReading,
): Promise<{ ok: true; vmId: string } | { ok: false; ignored: { code: string; reason: string } }> {
  if (vmId !== undefined) return { ok: true, vmId };
  const found = await arm.findVirtualMachines(vmName, settings.allowedSubscriptions);
  const refused = (code: string, reason: string) => ({ ok: false, ignored: { code, reason } }) as const;
  if (!found.ok) {
    const why = `${found.failure.code}: ${found.failure.message}`;
    return refused(
      'lookup-failed',
      `The alert names "${vmName}" only, and Resource Graph was not able to say who that is: ${why}`,
    );
  }
  const [only, ...others] = found.value;
  if (only === undefined) {
    return refused('vm-not-found', `No virtual machine called "${vmName}" is in a subscription that may be looked at.`);
  }
  if (others.length > 0) {
    const reason = `Several virtual machines are called "${vmName}"; split the rule by a column of resource ids.`;
    return refused('several-virtual-machines', reason);
  }
  return { ok: true, vmId: only.toLowerCase() };
}

/** A Resolved alert never starts anything; the VM's running repair asks for such before its next step. */
async function answerResolved(
  tools: Tools,
  request: HttpRequest,
  alert: AlertReading,
  vmId: string,
): Promise<HttpResponseInit> {
  const { key, title, facts } = alert;
  const outcome = await noteSignal(tools, { key, door: 'alert', title, facts, vmId, says: 'recovered' });
  if (!outcome) {
    const reason = 'The alert was resolved, and no repair of this VM is running.';
    return ignore(tools, alert, { code: 'resolved-without-repair', reason });
  }
  return accepted(request, outcome);
}

async function ignore(
  tools: Tools,
  { key, title, facts, vmId }: AlertReading,
  ignored: { code: string; reason: string },
): Promise<HttpResponseInit> {
  await ignoreSignal(tools, { key, door: 'alert', title, facts, vmId }, ignored);
  return json(200, { ignored: ignored.code, reason: ignored.reason });
}

function answerAgain(request: HttpRequest, { outcome }: SignalRecord): HttpResponseInit {
  if (outcome.kind === 'ignored') return json(200, { ignored: outcome.code, reason: outcome.reason });
  return accepted(request, outcome);
}
