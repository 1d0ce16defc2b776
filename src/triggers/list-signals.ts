import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Tools } from '../activities/toolbox';
import { parseVirtualMachineId } from '../azure/resource-id';
import { LedgerInputError } from '../ledger/errors';
import { signalCode } from '../signal-codes';
import { issuesOf, json, problem } from './answers';
import { namesOf, tellUnreadable } from './unreadable-rows';

const query = z.strictObject({
  vmId: z
    .string()
    .refine((id) => parseVirtualMachineId(id) !== undefined, 'must be the ARM id of a virtual machine')
    .transform((id) => id.toLowerCase())
    .optional(),
  outcome: z.enum(['started', 'joined', 'ignored']).optional(),
  ignoredCode: signalCode.optional(),
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  continuationToken: z.string().max(4096).optional(),
});

/** As many of those that wait to be understood are shown, on the first page. */
const mostPending = 200;

/**
 * `GET /api/signals`: signals and what became of each, newest first, and on the first page those that still wait to be understood. An action group
 * shows nobody what it was answered, so this is where a person learns why an alert started nothing. `?vmId=`, `?outcome=`,
 * `?ignoredCode=`, `?pageSize=`, `?continuationToken=`.
 */
export async function listSignals(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const { code: _functionKey, ...given } = Object.fromEntries(request.query.entries());
  const parsed = query.safeParse(given);
  if (!parsed.success) return problem(400, 'invalid-query', issuesOf(parsed.error));
  const { ignoredCode, ...asked } = parsed.data;
  const { vmId, outcome, continuationToken } = asked;
  try {
    const page = await tools.ledger.listSignals({ ...asked, code: ignoredCode });
    const isFirst = continuationToken === undefined && outcome === undefined && ignoredCode === undefined;
    const pending = isFirst ? await tools.ledger.listPendingSignals() : { rows: [], unreadable: [] };
    const shown = pending.rows.filter((signal) => vmId === undefined || signal.vmId === vmId).slice(0, mostPending);
    const unreadable = [...page.unreadable, ...pending.unreadable];
    tellUnreadable(tools, unreadable);
    return json(200, { ...page, pending: shown, unreadable: namesOf(unreadable) });
  } catch (error) {
    if (error instanceof LedgerInputError) return problem(400, 'invalid-query', error.message);
    throw error;
  }
}
