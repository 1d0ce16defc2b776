import type { OutcomeCode } from '../../outcome-codes';
import { permittedVm } from '../authorise';
import { getEvidence } from '../collected-evidence';
import { inStep } from '../in-step';
import { aboutRepair } from '../input';
import { askForPlace } from '../place';
import { done, end, type Progress } from '../progress';
import { ofReading, readAgain } from '../readings';
import type { Step } from '../steps';
import type { SnapshotProblem } from '../snapshot-problem';
import type { Tools } from '../toolbox';
import { checkRecoveryRoute, waitForRoute } from './check-route';
import { lookOnRecord, makeLookPlan, putLookPlan, type LookPlan } from './look-plan';

/** Why the snapshot could not be read, where a recovery VM would come no further: it has neither a key nor another Windows. */
const sameForIt = ['encrypted', 'no-windows'] as const satisfies readonly (SnapshotProblem & OutcomeCode)[];

/**
 * Asks whether a recovery VM may look at a disk of the snapshot, and decides what it works with. It takes the same permit, the same
 * looks around and one of the same places as a change: a VM is made, in a storm of alerts one for each.
 */
export async function planLook(tools: Tools, given: unknown): Promise<Progress<LookPlan | 'read-again'>> {
  const about = aboutRepair.parse(given);
  const { ledger, settings } = tools;
  const step: Step = { step: ofReading('look-route', about), title: 'Ask whether a recovery VM may look' };
  return inStep<LookPlan | 'read-again'>(tools, about.repairId, step, async () => {
    const known = await lookOnRecord(ledger, about.repairId);
    if (known) return done(known, decided);
    const snapshot = await getEvidence(ledger, about, 'snapshot-disk');
    const same = sameForIt.find((code) => code === snapshot?.code);
    if (same !== undefined) {
      return closed(same, 'It would find the same on a disk of the snapshot.');
    }
    const permit = await permittedVm(tools, about, 'swap');
    if (permit.kind !== 'permitted') return permit;
    const route = await checkRecoveryRoute(tools, about);
    if (route.kind === 'wait') return route;
    const awaited = route.kind === 'busy' ? await waitForRoute(tools, about, route) : undefined;
    if (awaited) return awaited;
    if (route.kind !== 'open') return closed(route.obstacle.code, route.obstacle.reason);
    const { placeWaitHours } = settings;
    const reason = `Too many other repairs were at work for ${placeWaitHours} hours.`;
    const place = await askForPlace(tools, about, { ending: 'not-recognised', reason });
    if (place.kind !== 'held') return place;
    const again = await readAgain(tools, about);
    if (again) return again;
    const look = makeLookPlan(route.recovery);
    await putLookPlan(ledger, about.repairId, look);
    return done(look, decided);
  });
}

const decided = 'A recovery VM may look at a disk of the snapshot.';

function closed(code: OutcomeCode, reason: string): Progress<LookPlan> {
  return end('not-recognised', code, `(${code}) ${reason}`);
}
