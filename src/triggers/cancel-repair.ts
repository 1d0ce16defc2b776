import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import { repairIdPattern, shortHash } from '../repair-id';
import { json, problem } from './answers';
import { statusUrlOf } from './status-url';

/** `POST /api/repairs/{repairId}/cancel`: the repair ends at its next safe point, before it creates or changes more. */
export async function cancelRepair(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const repairId = request.params.repairId ?? '';
  if (!repairIdPattern.test(repairId)) return problem(400, 'invalid-repair-id', 'This is not the id of a repair.');
  const repair = await tools.ledger.getRepair(repairId);
  if (!repair) return problem(404, 'repair-not-found', `There is no repair ${repairId}.`);
  if (repair.ending) return problem(409, 'repair-ended', `The repair has ended already: ${repair.ending}.`);
  const now = new Date().toISOString();
  // It also stands against signals of what happened before; should we die after this word, the person asks again.
  await tools.ledger.recordSignal({
    ...{
      key: shortHash(`cancel\n${repairId}`, 40),
      door: 'request',
      title: 'a person cancelled the repair',
      facts: {},
    },
    ...{ receivedAt: now, occurredAt: now, vmId: repair.vmId, says: 'cancelled' },
    outcome: { kind: 'joined', repairId },
  });
  await tools.ledger.updateRepair(repairId, { cancelRequestedAt: now });
  tools.log('cancelRequested', { repairId });
  return json(202, { repairId, statusUrl: statusUrlOf(request, repairId) });
}
