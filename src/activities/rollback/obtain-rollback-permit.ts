import { inStep } from '../in-step';
import { done, wait, type Progress } from '../progress';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { errandOf, rollbackInput } from './errand';
import { permitted } from './permitted';

/** Asks policy once more, and takes one of the places for repairs that change something. */
export async function obtainRollbackPermit(tools: Tools, given: unknown): Promise<Progress<'permitted'>> {
  const about = rollbackInput.parse(given);
  const step: Step = { step: 'permit', title: 'Ask policy whether the OS disk may be exchanged' };
  return inStep(tools, about.repairId, step, async () => {
    const errand = await errandOf(tools, about);
    if (errand.kind === 'end') return errand;
    const permit = await permitted(tools, about);
    if (permit.kind !== 'permitted') return permit;
    const cap = tools.settings.maximumMutatingRepairs;
    if (await tools.ledger.acquireSlot(about.repairId, cap)) return done('permitted', 'Policy permits the exchange.');
    return wait(`All ${cap} places for repairs that change something are taken.`);
  });
}
