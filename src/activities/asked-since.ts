import { z } from 'zod';
import type { AboutRepair } from './input';
import type { Tools } from './toolbox';

/** Something that was not there, or in the way, when it was asked for, and for how long that is waited for. */
export interface Awaited {
  /** Unique within the repair: a document of the ledger is named after it. */
  name: string;
  limitMs: number;
}

const record = z.object({ since: z.iso.datetime() });

/**
 * Whether it is still to be waited for: the time counts from the first call under this name, also across restarts. For what a
 * repair can go on without, so that the step's own deadline, which ends the repair, is not the only one.
 */
export async function isWorthWaiting(
  { ledger }: Pick<Tools, 'ledger'>,
  { repairId }: AboutRepair,
  { name, limitMs }: Awaited,
): Promise<boolean> {
  const document = `asked-since-${name}`;
  const known = record.safeParse(await ledger.getDocument(repairId, document)).data;
  if (known) return Date.now() - Date.parse(known.since) < limitMs;
  await ledger.putDocument(repairId, document, { since: new Date().toISOString() });
  return true;
}
