import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import type { RepairStarter } from '../orchestrators/durable';
import { rejectSignal, signalOnRecord } from './accept-signal';
import { accepted, json, problem } from './answers';
import { readCommonAlert } from './common-alert';
import { machineOf } from './machine';
import { readJson } from './read-body';
import { asAlert, takeInAlert, type Alert, type SettledAlert } from './settle-alert';

/** How long the queue may take (ms). */
const parkWithinMs = 3_000;

/**
 * `POST /api/alerts`: alerts of Azure Monitor in the common alert schema. Answers at once: 202 with the repair, or with the
 * reason why its machine can be looked up only later; 200 with the reason why nothing is started. What cannot be put on record is parked in a queue of
 * another storage account, which upkeep takes in. Only if that fails too the answer is 503, which an action group sends again: five times within
 * about 75 s, and then it is silent for 15 minutes (https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups).
 */
export async function answerAlert(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
): Promise<HttpResponseInit> {
  const receivedAt = new Date().toISOString();
  const body = await readJson(request);
  if (!body.ok) return rejectSignal(tools, 'alert', body.text, body.rejection);
  const reading = readCommonAlert(body.value, tools.settings.alertRuleIds);
  if (!reading.ok) {
    return rejectSignal(tools, 'alert', body.text, { status: 400, code: 'unknown-schema', reason: reading.reason });
  }
  const alert = asAlert(reading.alert, receivedAt);
  const settled = await withDeadline(tools.settings.parkAfterSeconds * 1_000, () => settle(tools, starter, alert));
  return settled.ok ? answerWith(request, settled.value) : park(tools, alert, settled.reason);
}

async function settle(tools: Tools, starter: RepairStarter, alert: Alert): Promise<SettledAlert> {
  const known = await signalOnRecord(tools, alert.key);
  return known ? known.outcome : takeInAlert(tools, starter, alert, () => machineOf(tools, alert));
}

/**
 * Neither the ledger's fault nor its silence may cost the alert. What was begun for it goes on behind our back at most as far as a repetition
 * would: it is the same signal, with the same time.
 */
async function park({ parkedSignals, log }: Tools, alert: Alert, cause: string): Promise<HttpResponseInit> {
  const parked = parkedSignals
    ? await withDeadline(parkWithinMs, () => parkedSignals.park(alert))
    : { ok: false as const, reason: 'No queue is set for it.' };
  if (parked.ok) {
    log('signalParked', { door: 'alert', cause });
    return json(202, {
      parked: true,
      reason: 'The ledger does not answer: the alert is kept and is taken in when it does.',
    });
  }
  log('signalNotKept', { door: 'alert', cause, parking: parked.reason });
  return problem(503, 'fault', 'Neither the ledger nor the queue beside it can be reached. Send the alert again.');
}

function answerWith(request: HttpRequest, settled: SettledAlert): HttpResponseInit {
  switch (settled.kind) {
    case 'not-yet':
      return json(202, { pending: 'lookup', reason: settled.reason });
    case 'ignored':
      return json(200, { ignored: settled.code, reason: settled.reason });
    case 'started':
    case 'joined':
      return accepted(request, settled);
  }
}

/** What `act` gives, or why there is nothing: it failed, or it was not done in time. */
async function withDeadline<T>(
  limitMs: number,
  act: () => Promise<T>,
): Promise<{ ok: true; value: T } | { ok: false; reason: string }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ ok: false; reason: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `It took longer than ${limitMs} ms.` }), limitMs);
  });
  const done = act().then(
    (value) => ({ ok: true as const, value }),
    (error: unknown) => ({
      ok: false as const,
      reason: error instanceof Error ? error.message.slice(0, 500) : String(error),
    }),
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
