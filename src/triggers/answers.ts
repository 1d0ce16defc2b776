import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import type { SignalOutcome } from '../ledger/ports';
import { statusUrlOf } from './status-url';

/** An answer that a caller can act on: a stable code and what to do. */
export function problem(status: number, code: string, message: string): HttpResponseInit {
  return { status, jsonBody: { error: { code, message } }, headers: safeHeaders };
}

/** A JSON answer. Guest output may stand in it, so a browser must never take it for markup. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, jsonBody: body, headers: { ...safeHeaders, ...headers } };
}

const safeHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

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
