import { z } from 'zod';
import { rounds } from '../../ledger/ports';
import type { OutcomeCode } from '../../outcome-codes';
import { repairIdPattern } from '../../repair-id';
import { readDocument } from '../documents';
import { aboutRepair, type AboutRepair } from '../input';
import { end, type Progress } from '../progress';
import type { StopName } from '../steps';
import type { Tools } from '../toolbox';

/** What each step of a rollback is told. */
export const rollbackInput = aboutRepair.extend({ rollsBack: z.string().regex(repairIdPattern) });

/** Under this name is on record how the VM was when it had stopped for the rollback. */
export const rollbackStop = 'rollback' satisfies StopName;

const documentName = 'rollback';

const errand = z.object({
  /** The repair whose exchange is taken back. */
  rollsBack: z.string().regex(repairIdPattern),
  /** Of the exchange. */
  round: z.literal(rounds),
  copyId: z.string(),
  originalId: z.string(),
  lossSince: z.iso.datetime(),
});
/** What the rollback is to do, decided once, before anything was touched. */
export type Errand = z.infer<typeof errand>;

/** Puts it on record; the first word stays. */
export async function putErrand(tools: Tools, { repairId }: AboutRepair, what: Errand): Promise<void> {
  await tools.ledger.putDocument(repairId, documentName, what);
}

/** What is on record, if anything. */
export function readErrand(tools: Tools, { repairId }: AboutRepair): Promise<Errand | undefined> {
  return readDocument(tools.ledger, repairId, documentName, errand);
}

/**
 * What is on record, or how the rollback ends because this is not it: whoever holds the Durable system key can start any story
 * with any input.
 */
export async function errandOf(
  tools: Tools,
  about: AboutRepair,
): Promise<{ kind: 'errand'; errand: Errand } | Exclude<Progress<never>, { kind: 'done' | 'wait' }>> {
  const [known, repair] = await Promise.all([readErrand(tools, about), tools.ledger.getRepair(about.repairId)]);
  const isOnRecord = known?.rollsBack === about.rollsBack && repair?.rollsBack === about.rollsBack;
  if (!known || !isOnRecord || about.rollsBack === undefined) return end('refused', ...rollbackNotOnRecord);
  return { kind: 'errand', errand: known };
}

/** Code and reason of a rollback that nobody has asked for at the door. */
export const rollbackNotOnRecord = [
  'rollback-not-on-record',
  'This is not the rollback that a person asked for, so nothing was touched.',
] as const satisfies readonly [code: OutcomeCode, reason: string];
