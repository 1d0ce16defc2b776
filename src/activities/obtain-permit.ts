import { permittedVm } from './authorise';
import { inStep } from './in-step';
import { permittedPlan } from './on-record';
import { plannedInput, planOf } from './plan';
import { askForPlace } from './place';
import { done, end, type Progress } from './progress';
import { readAgain, ofReading } from './readings';
import type { Step } from './steps';
import type { Tools } from './toolbox';

/**
 * Asks policy whether the plan may be carried out, and waits in the queue for one of the places for repairs that change something. Where
 * what the plan rests on is too old by then, it is read again first, and nothing is permitted.
 */
export async function obtainPermit(tools: Tools, given: unknown): Promise<Progress<'permitted' | 'read-again'>> {
  const about = plannedInput.parse(given);
  const step: Step = { step: ofReading('permit', about), title: 'Ask policy whether it may be mended' };
  return inStep(tools, about.repairId, step, async () => {
    const known = await planOf(tools.ledger, about);
    if (known.kind === 'end') return known;
    const { plan } = known;
    const permit = await permittedVm(tools, about, 'change', plan.title);
    if (permit.kind !== 'permitted') return permit;
    const { obstacle, title } = plan;
    if (obstacle) return end('not-repaired', obstacle.code, `${title}. Nothing was changed: ${obstacle.reason}`);
    const { placeWaitHours } = tools.settings;
    const reason = `${title}. For ${placeWaitHours} hours too many other repairs were changing VMs, so this one changed nothing.`;
    const place = await askForPlace(tools, about, { ending: 'diagnosed', reason });
    if (place.kind !== 'held') return place;
    const isPermitted = (await permittedPlan({ ledger: tools.ledger }, about.repairId)) !== undefined;
    const again = isPermitted ? undefined : await readAgain(tools, about);
    if (again) return again;
    await tools.ledger.updateRepair(about.repairId, { permittedPlan: plan.hash });
    return done('permitted', ['Policy permits the change.', place.waited ?? ''].join(' ').trim());
  });
}
