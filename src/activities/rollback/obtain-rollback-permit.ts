import { inStep } from '../in-step';
import { askForPlace } from '../place';
import { done, type Progress } from '../progress';
import { ofReading, readAgain } from '../readings';
import type { Step } from '../steps';
import type { Tools } from '../toolbox';
import { errandOf, rollbackInput } from './errand';
import { permitted } from './permitted';

/**
 * Asks policy once more, and waits in the queue for one of the places for repairs that change something. Where what was seen is too old by
 * then, it is looked at again first.
 */
export async function obtainRollbackPermit(
  tools: Tools,
  given: unknown,
): Promise<Progress<'permitted' | 'read-again'>> {
  const about = rollbackInput.parse(given);
  const step: Step = { step: ofReading('permit', about), title: 'Ask policy whether the OS disk may be exchanged' };
  return inStep(tools, about.repairId, step, async () => {
    const errand = await errandOf(tools, about);
    if (errand.kind === 'end') return errand;
    const permit = await permitted(tools, about);
    if (permit.kind !== 'permitted') return permit;
    const { placeWaitHours } = tools.settings;
    const reason = `For ${placeWaitHours} hours too many other repairs were changing VMs, so this one changed nothing.`;
    const place = await askForPlace(tools, about, { ending: 'not-rolled-back', reason });
    if (place.kind !== 'held') return place;
    const again = await readAgain(tools, about);
    if (again) return again;
    return done('permitted', ['Policy permits the exchange.', place.waited ?? ''].join(' ').trim());
  });
}
