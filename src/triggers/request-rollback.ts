import { randomUUID } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import { isSubscriptionAllowed } from '../activities/authorise';
import { saysController } from '../activities/domain-controller';
import { lookAtDisks } from '../activities/rollback/disks';
import { exchangeOf } from '../activities/rollback/exchange';
import type { Tools } from '../activities/toolbox';
import type { LeaseRecord, RepairDetail, SignalRecord } from '../ledger/ports';
import type { RepairStarter } from '../orchestrators/durable';
import { acknowledgementOf, isLossAcknowledged, obstacleOnRecord, type Exchange } from '../policy/rollback';
import { repairIdOf, repairIdPattern, vmKeyOf } from '../repair-id';
import { rejectSignal } from './accept-signal';
import { accepted, issuesOf, problem, type ProblemCode } from './answers';
import { readJson } from './read-body';
import { startLeased } from './start-leased';

const order = z.strictObject({ acknowledgeDataLossSince: z.iso.datetime({ offset: true }) });

/** A rollback that a person asks for, and what is known of it. */
interface Asked {
  detail: RepairDetail;
  acknowledgedLossSince: string;
}

/**
 * `POST /api/repairs/{repairId}/rollback`: a person asks for the original OS disk back, in place of the copy that the repair has
 * left the VM with. They name the moment since which the original lacks what was written, as the repair's report does.
 */
export async function requestRollback(
  tools: Tools,
  starter: RepairStarter,
  request: HttpRequest,
): Promise<HttpResponseInit> {
  const repairId = request.params.repairId ?? '';
  if (!repairIdPattern.test(repairId)) return problem(400, 'invalid-repair-id', 'This is not the id of a repair.');
  const detail = await tools.ledger.getRepairDetail(repairId);
  if (!detail) return problem(404, 'repair-not-found', `There is no repair ${repairId}.`);
  const body = await readJson(request);
  if (!body.ok) return rejectSignal(tools, 'request', body.text, body.rejection);
  const parsed = order.safeParse(body.value);
  if (!parsed.success) {
    const exchange = exchangeOf(detail);
    const reason = `${issuesOf(parsed.error)}. ${exchange ? acknowledgementOf(exchange) : ''}`.trim();
    return rejectSignal(tools, 'request', body.text, { status: 400, code: 'invalid-request', reason });
  }
  if (!isSubscriptionAllowed(tools, detail.repair.vmId)) {
    const reason = 'The VM’s subscription is not in the setting ALLOWED_SUBSCRIPTIONS.';
    return problem(403, 'subscription-not-allowed', reason);
  }
  const asked = { detail, acknowledgedLossSince: parsed.data.acknowledgeDataLossSince };
  const refused = await refusalOf(tools, asked);
  if (refused?.kind === 'joined') return join(tools, request, asked, refused.lease);
  return refused?.answer ?? begin(tools, starter, request, asked);
}

type Refused = { kind: 'joined'; lease: LeaseRecord } | { kind: 'refused'; answer: HttpResponseInit };

/** Why it is not begun: it is under way already, or something stands against it. */
async function refusalOf(tools: Tools, { detail, acknowledgedLossSince }: Asked): Promise<Refused | undefined> {
  const { repair } = detail;
  const exchange = exchangeOf(detail);
  if (repair.ending !== undefined && exchange && !isLossAcknowledged(acknowledgedLossSince, exchange)) {
    return refuse('loss-not-acknowledged', acknowledgementOf(exchange));
  }
  const lease = await tools.ledger.getLease(vmKeyOf(repair.vmId));
  if (lease?.rollsBack === repair.repairId) return { kind: 'joined', lease };
  const onRecord = obstacleOnRecord(repair, exchange, { isDomainController: saysController(detail.documents) });
  if (onRecord) return refuse(onRecord.code, onRecord.reason);
  if (lease) return refuseBeside(lease);
  return exchange && lookAtMachine(tools, detail, exchange);
}

function refuse(code: ProblemCode, reason: string): Refused {
  return { kind: 'refused', answer: problem(409, code, reason) };
}

function refuseBeside({ repairId }: LeaseRecord): Refused {
  return refuse('repair-runs', `The VM has a repair that has not ended, ${repairId}: wait for it, or cancel it.`);
}

/** What Azure does not tell just now is looked for again by the story, as everything is. */
async function lookAtMachine(tools: Tools, { repair }: RepairDetail, exchange: Exchange): Promise<Refused | undefined> {
  const vm = await tools.arm.getVirtualMachine(repair.vmId);
  if (!vm.ok && vm.failure.kind === 'not-found') {
    return { kind: 'refused', answer: problem(404, 'vm-not-found', vm.failure.message) };
  }
  if (!vm.ok) return undefined;
  const look = await lookAtDisks(tools, vm.value, exchange);
  return look.kind === 'obstacle' ? refuse(look.obstacle.code, look.obstacle.reason) : undefined;
}

/** The VM's lease decides: nothing is begun beside a repair, and a rollback joins none but its own kind. */
async function begin(tools: Tools, starter: RepairStarter, request: HttpRequest, asked: Asked) {
  const { repairId: rollsBack, vmId } = asked.detail.repair;
  const receivedAt = new Date().toISOString();
  const key = randomUUID();
  const { acknowledgedLossSince } = asked;
  const answer = await tools.ledger.acquireLease({
    ...{ vmKey: vmKeyOf(vmId), repairId: repairIdOf(key, receivedAt), vmId, acquiredAt: receivedAt },
    ...{ rollsBack, acknowledgedLossSince },
  });
  if (answer.kind === 'held' && answer.lease.rollsBack !== rollsBack) {
    return problem(409, 'repair-runs', `The VM has a repair that has not ended, ${answer.lease.repairId}: ask again.`);
  }
  if (answer.kind === 'held') return join(tools, request, asked, answer.lease);
  await startLeased(tools, starter, answer.lease);
  const { repairId } = answer.lease;
  await record(tools, asked, { key, receivedAt, outcome: { kind: 'started', repairId } });
  return accepted(request, { kind: 'started', repairId });
}

async function join(tools: Tools, request: HttpRequest, asked: Asked, { repairId }: LeaseRecord) {
  const receivedAt = new Date().toISOString();
  await record(tools, asked, { key: randomUUID(), receivedAt, outcome: { kind: 'joined', repairId } });
  return accepted(request, { kind: 'joined', repairId });
}

async function record(
  { ledger, log }: Tools,
  { detail: { repair }, acknowledgedLossSince }: Asked,
  rest: Pick<SignalRecord, 'key' | 'receivedAt'> & {
    outcome: Extract<SignalRecord['outcome'], { repairId: string }>;
  },
): Promise<void> {
  const signal: SignalRecord = {
    ...rest,
    door: 'request',
    title: 'a person’s request for a rollback',
    facts: { rollsBack: repair.repairId, acknowledgedLossSince },
    vmId: repair.vmId,
  };
  await ledger.recordSignal(signal);
  const { kind, repairId } = rest.outcome;
  await ledger.addSignalToRepair(repairId, signal);
  log(kind === 'started' ? 'signalStarted' : 'signalJoined', { repairId, door: 'request' });
}
