import type { z } from 'zod';
import { LedgerFault } from '../ledger/errors';
import type { Ledger } from '../ledger/ports';

const unreadable = 'UnreadableDocument';

/** So many things that are wrong with a document are told. */
const mostIssues = 5;

/**
 * A document of the repair as its schema has it; undefined if it was never written. One that is there and is not what we write is
 * a LedgerFault that names document and field: what was read in a guest decides what is written there, so nothing of it is guessed,
 * and nothing is done anew as if it were not there.
 */
export async function readDocument<T>(
  ledger: Ledger,
  repairId: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const document = await ledger.getDocument(repairId, name);
  if (document === undefined) return undefined;
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const message = `The document ${name} of the repair ${repairId} is not what we write: ${issuesOf(parsed.error)}.`;
  throw new LedgerFault(message, { code: unreadable });
}

/** Whether a fault is that of a document which is not what we write: for a clean-up, which must not stop at one. */
export function isUnreadableDocument(error: unknown): error is LedgerFault {
  return error instanceof LedgerFault && error.code === unreadable;
}

/** Fields and rules only: the values may be hostile, and so may the names of fields that should not be there. */
function issuesOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, mostIssues)
    .map((issue) => {
      const field = issue.path.map(String).join('.') || 'the whole';
      return issue.code === 'unrecognized_keys' ? `${field}: has a field too many` : `${field}: ${issue.message}`;
    })
    .join('; ')
    .slice(0, 1_000);
}
