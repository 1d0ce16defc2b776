import { LedgerFault } from '../ledger/errors';
import { restFailureOf } from '../ledger/store-failures';
import type { RecordAway } from '../record-away';

/** Statuses by which a store that is well says that the request is wrong: those will not pass. */
const lasting = new Set([400, 405, 411, 413, 415, 416, 501]);

/** The activity's answer, or that the record was away. Any other fault is thrown. */
export async function orRecordAway<T>(act: () => Promise<T>): Promise<T | RecordAway> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof LedgerFault) || !mayPass(error)) throw error;
    return { kind: 'record-away', reason: error.message };
  }
}

/**
 * No connection, no answer in time, busy, or refused, which a firewall or a role is until somebody puts it right. A row or document that
 * can't be read, and a mistake of ours, stay as they are.
 */
function mayPass({ code, cause }: LedgerFault): boolean {
  if (code?.startsWith('Unreadable') === true) return false;
  const { status } = restFailureOf(cause);
  if (status !== undefined) return !lasting.has(status);
  if (cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError')) return true;
  return code !== undefined;
}
