import { z } from 'zod';
import { admitByRecord } from './guard';
import { aboutRepair } from './input';
import { done, end, type Progress } from './progress';
import type { Tools } from './toolbox';

const input = aboutRepair.partial({ vmId: true }).extend({ orchestrationStartedAt: z.iso.datetime() });

/** How far the clocks of two hosts may differ, in ms: an orchestration says that it began now, not some day. */
const clockSkewMs = 5 * 60_000;

/**
 * The first activity of an orchestration: says that it works on the repair from now on, and gets its generation. What an
 * orchestration before it still has under way (Durable Functions ends a parent, and not its children) is of a lower
 * generation and writes nothing more. Repeated by the same orchestration it gives the same.
 */
export async function takeUpRepair(tools: Tools, given: unknown): Promise<Progress<number>> {
  const said = input.parse(given);
  const { repairId, orchestrationStartedAt } = said;
  if (Date.parse(orchestrationStartedAt) > Date.now() + clockSkewMs) {
    const reason = `An orchestration that begins at ${orchestrationStartedAt} is none of now, so nothing was done.`;
    return end('refused', 'not-this-repair', reason);
  }
  const refused = await admitByRecord(tools, said);
  if (refused) return refused;
  const generation = await tools.ledger.takeUpRepair(repairId, orchestrationStartedAt);
  return generation === undefined ? end('cancelled', 'superseded', begunAgain) : done(generation, '');
}

const begunAgain = 'The repair was begun again by a later orchestration: this one does nothing.';
