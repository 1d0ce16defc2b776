import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import { repairIdPattern } from '../repair-id';
import { json, problem } from './answers';
import { statusUrlOf } from './status-url';

/** `POST /api/repairs/{repairId}/cancel`: the repair ends at its next safe point, before it creates or changes more. */
export async function cancelRepair(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const repairId = request.params.repairId ?? '';
  if (!repairIdPattern.test(repairId)) return problem(400, 'invalid-repair-id', 'This is not the id of a repair.');
  const repair = await tools.ledger.getRepair(repairId);
  if (!repair) return problem(404, 'repair-not-found', `There is no repair ${repairId}.`);
  if (repair.ending) return problem(409, 'repair-ended', `The repair has ended already: ${repair.ending}.`);
  await tools.ledger.updateRepair(repairId, { cancelRequestedAt: new Date().toISOString() });
  tools.log('cancelRequested', { repairId });
  return json(202, { repairId, statusUrl: statusUrlOf(request, repairId) });
}
