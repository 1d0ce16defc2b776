import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import type { SignalOutcome } from '../ledger/ports';
import type { OutcomeSubset } from '../outcome-codes';
import type { RollbackObstacleCode } from '../policy/rollback';
import { plainJson } from '../plain-characters';
import type { SignalCode } from '../signal-codes';
import { statusUrlOf } from './status-url';

/**
 * Codes of an answer that is no signal's and no outcome: what is wrong with the request itself (`invalid-…`, `repair-…`), or with us
 * (`settings`, `fault`).
 */
type OwnProblemCode =
  | 'invalid-repair-id'
  | 'invalid-query'
  | 'repair-not-found'
  | 'repair-ended'
  | 'record-unreadable'
  | 'settings'
  | 'fault';

/** The code of a problem: of its own, why a signal starts nothing, or what stands against a rollback. */
export type ProblemCode =
  OwnProblemCode | SignalCode | RollbackObstacleCode | OutcomeSubset<'loss-not-acknowledged' | 'repair-runs'>;

/** An answer that a caller can act on: a stable code and what to do. */
export function problem(status: number, code: ProblemCode, message: string): HttpResponseInit {
  return json(status, { error: { code, message } });
}

/**
 * A JSON answer. Guest output may stand in it, so a browser must never take it for markup, and what is not seen, or acts on a terminal, is
 * escaped: the values are the same once they are parsed.
 */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, body: plainJson(body), headers: { ...safeHeaders, ...headers } };
}

const safeHeaders = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** What is wrong with an input, field by field, in one line. */
export function issuesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': ')).join('; ');
}

/** The answer to a signal that began a repair or joined one: where to look for it. */
export function accepted(
  request: HttpRequest,
  { kind, repairId }: Extract<SignalOutcome, { repairId: string }>,
): HttpResponseInit {
  const statusUrl = statusUrlOf(request, repairId);
  return json(202, { repairId, statusUrl, joined: kind === 'joined' }, { location: statusUrl });
}
