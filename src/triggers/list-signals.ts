import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { z } from 'zod';
import type { Tools } from '../activities/toolbox';
import { issuesOf, json, problem } from './answers';

const query = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

/**
 * `GET /api/signals`: the newest signals and what became of each, and those that still wait to be understood. An action group shows nobody what it was answered,
 * so this is where a person learns why an alert started nothing.
 */
export async function listSignals(tools: Tools, request: HttpRequest): Promise<HttpResponseInit> {
  const { code: _functionKey, ...given } = Object.fromEntries(request.query.entries());
  const parsed = query.safeParse(given);
  if (!parsed.success) return problem(400, 'invalid-query', issuesOf(parsed.error));
  const [signals, pending] = await Promise.all([
    tools.ledger.listSignals(parsed.data.limit),
    tools.ledger.listPendingSignals(),
  ]);
  return json(200, { signals, pending: pending.slice(0, parsed.data.limit) });
}
