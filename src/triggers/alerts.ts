import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import type { SignalOutcome } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { rejectSignal } from './accept-signal';
import { accepted, json } from './answers';
import { readCommonAlert, type AlertReading } from './common-alert';
import { readJson } from './read-body';
import { ignoreAlert, machineOf, settleAlert, type NamedAlert } from './settle-alert';

/**
 * `POST /api/alerts`: alerts of Azure Monitor in the common alert schema. Answers at once: 202 with the repair, or with the
 * reason why its machine can be looked up only later; 200 with the reason why nothing is started. Never 429 or 503: an action
 * group that gets one of those falls silent for 15 minutes (https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups).
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
  if (known) return answerWith(request, known.outcome);
  return answerNew(tools, starter, request, reading.alert);
}

async function answerNew(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
  reading: AlertReading,
): Promise<HttpResponseInit> {
  const alert = namedAlert(reading);
  if (reading.ignored) return answerWith(request, await ignoreAlert(tools, alert, reading.ignored));
  const machine = await machineOf(tools, alert);
  switch (machine.kind) {
    case 'known':
      return answerWith(request, await settleAlert(tools, starter, alert, machine.vmId));
    case 'none':
      return answerWith(request, await ignoreAlert(tools, alert, machine));
    case 'not-yet':
      return keepForLater(tools, alert, machine.reason);
  }
}

function namedAlert({ key, title, facts, condition, vmId, vmName }: AlertReading): NamedAlert {
  return { key, title, facts, vmId, vmName, ...(condition === 'Resolved' ? { says: 'recovered' as const } : {}) };
}

/** The machine cannot be looked up just now. Upkeep asks again; an action group that was answered 202 does not. */
async function keepForLater(
  tools: Tools,
  { key, title, facts, says, vmName = '' }: NamedAlert,
  reason: string,
): Promise<HttpResponseInit> {
  const receivedAt = new Date().toISOString();
  await tools.ledger.keepPendingSignal({ key, receivedAt, title, facts, says, vmName, reason });
  tools.log('signalPending', { door: 'alert' });
  return json(202, { pending: 'lookup', reason });
}

function answerWith(request: HttpRequest, outcome: SignalOutcome): HttpResponseInit {
  if (outcome.kind === 'ignored') return json(200, { ignored: outcome.code, reason: outcome.reason });
  return accepted(request, outcome);
}
