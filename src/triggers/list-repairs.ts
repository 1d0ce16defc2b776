import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Tools } from '../activities/toolbox';
import { parseVirtualMachineId } from '../azure/resource-id';
import { endings } from '../ledger/ports';
import { LedgerInputError } from '../ledger/errors';
import { issuesOf, json, problem } from './answers';
import { statusUrlOf } from './status-url';
import { namesOf, tellUnreadable } from './unreadable-rows';

const query = z.strictObject({
  vmId: z
    .string()
    .refine((id) => parseVirtualMachineId(id) !== undefined, 'must be the ARM id of a virtual machine')
    .transform((id) => id.toLowerCase())
    .optional(),
  ending: z.enum([...endings, 'running']).optional(),
  pageSize: z.coerce.number().int().min(1).max(100).default(20),
  continuationToken: z.string().max(4096).optional(),
});

/** `GET /api/repairs`: repairs from the ledger, newest first, and the places of those that cannot be read; `?vmId=`, `?ending=`, `?pageSize=`, `?continuationToken=`. */
export async function listRepairs(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const { code: _functionKey, ...given } = Object.fromEntries(request.query.entries());
  const parsed = query.safeParse(given);
  if (!parsed.success) return problem(400, 'invalid-query', issuesOf(parsed.error));
  try {
    const page = await tools.ledger.listRepairs(parsed.data);
    const repairs = page.repairs.map((repair) => ({ ...repair, statusUrl: statusUrlOf(request, repair.repairId) }));
    tellUnreadable(tools, page.unreadable);
    const unreadable = namesOf(page.unreadable);
    return json(200, { repairs, unreadable, continuationToken: page.continuationToken });
  } catch (error) {
    if (error instanceof LedgerInputError) return problem(400, 'invalid-query', error.message);
    throw error;
  }
}
