import { permittedVm } from './authorise';
import { inStep } from './in-step';
import { plannedInput, planOf } from './plan';
import { done, end, wait, type Progress } from './progress';
import type { Tools } from './toolbox';

/** Asks policy whether the plan may be carried out, and takes one of the places for repairs that change something. */
export async function obtainPermit(tools: Tools, given: unknown): Promise<Progress<'permitted'>> {
  const about = plannedInput.parse(given);
  return inStep(tools, about.repairId, { step: 'permit', title: 'Ask policy whether it may be mended' }, async () => {
    const known = await planOf(tools.ledger, about);
    if (known.kind === 'end') return known;
    const { plan } = known;
    const permit = await permittedVm(tools, about, 'change', plan.title);
    if (permit.kind !== 'permitted') return permit;
    const { obstacle, title } = plan;
    if (obstacle) return end('not-repaired', obstacle.code, `${title}. Nothing was changed: ${obstacle.reason}`);
    const cap = tools.settings.maximumMutatingRepairs;
    if (!(await tools.ledger.acquireSlot(about.repairId, cap))) {
      return wait(`All ${cap} places for repairs that change something are taken.`);
    }
    await tools.ledger.updateRepair(about.repairId, { permittedPlan: plan.hash });
    return done('permitted', 'Policy permits the change.');
  });
}
