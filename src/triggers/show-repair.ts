import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { Tools } from '../activities/toolbox';
import { repairIdPattern } from '../repair-id';
import { reportOf } from '../report/repair-report';
import { json, problem } from './answers';
import { tellUnreadable } from './unreadable-rows';

/** `GET /api/repairs/{repairId}`: everything that is known of one repair. */
export async function showRepair(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const repairId = request.params.repairId ?? '';
  if (!repairIdPattern.test(repairId)) return problem(400, 'invalid-repair-id', 'This is not the id of a repair.');
  const detail = await tools.ledger.getReadableDetail(repairId);
  if (!detail) return problem(404, 'repair-not-found', `There is no repair ${repairId}.`);
  tellUnreadable(tools, detail.unreadable);
  return json(200, reportOf(detail));
}
