import type { Evidence } from '../guest/evidence';
import type { Finding } from '../signatures/diagnose';
import { signatureOf } from '../signatures';
import type { AboutRepair } from './input';
import { makePlan, type Obstacle, type Plan, type RecoveryPlan, type Route } from './plan';
import { done, type Progress } from './progress';
import { checkRecoveryRoute, waitForRoute, type RecoveryRoute } from './recovery/check-route';
import type { Tools } from './toolbox';

/** What a plan is made of. */
export interface Diagnosed {
  finding: Finding;
  evidence: Evidence[];
  /** Why Run Command does not reach the guest; undefined if it does. */
  guestProblem: string | undefined;
}

/**
 * The cure of what was found, with the ways that are open, the gentlest first, and why the others are not. Waits while Azure does
 * not say what stands in the way.
 */
export async function planCure(tools: Tools, about: AboutRepair, diagnosed: Diagnosed): Promise<Progress<Plan>> {
  const { finding, evidence, guestProblem } = diagnosed;
  const { signature, title } = finding;
  const cure = signatureOf(signature).cure(evidence);
  if (cure.kind === 'none') {
    const obstacle: Obstacle = { code: 'no-cure', reason: cure.why };
    return done(makePlan({ signature, title, routes: [], closed: [], obstacle, changes: [] }), '');
  }
  const recovery = await checkRecoveryRoute(tools, about, diagnosed);
  if (recovery.kind === 'wait') return recovery;
  // Where the guest can be reached nothing is waited for: the recovery VM is the second way, and what is in its way may be gone then.
  const isOnlyWay = guestProblem !== undefined;
  const awaited = recovery.kind === 'busy' && isOnlyWay ? await waitForRoute(tools, about, recovery) : undefined;
  if (awaited) return awaited;
  const using = isOnlyWay ? recoveryNow(recovery) : recoveryLater(recovery);
  const guest: Obstacle | undefined =
    guestProblem === undefined ? undefined : { code: 'guest-not-reachable', reason: guestProblem };
  const ways: { route: Route; obstacle: Obstacle | undefined }[] = [
    { route: 'run-command', obstacle: guest },
    { route: 'recovery-vm', obstacle: using || recovery.kind === 'open' ? undefined : recovery.obstacle },
  ];
  const routes = ways.flatMap(({ route, obstacle }) => (obstacle ? [] : [route]));
  const closed = ways.flatMap(({ route, obstacle }) => (obstacle ? [{ route, ...obstacle }] : []));
  const noWay: { obstacle?: Obstacle } =
    routes.length === 0 ? { obstacle: { code: 'no-route', reason: reasonOf(closed) } } : {};
  return done(
    makePlan({
      signature,
      title,
      routes,
      closed,
      ...noWay,
      changes: [...cure.changes],
      ...(using ? { recovery: using } : {}),
    }),
    '',
  );
}

type Asked = Exclude<RecoveryRoute, { kind: 'wait' }>;

/** What the route works with, if it is open now. */
function recoveryNow(route: Asked): RecoveryPlan | undefined {
  return route.kind === 'open' ? route.recovery : undefined;
}

/** The same, if it is open now or may be once its turn comes. */
function recoveryLater(route: Asked): RecoveryPlan | undefined {
  if (route.kind !== 'busy') return recoveryNow(route);
  return route.recovery && { ...route.recovery, awaited: route.obstacle };
}

function reasonOf(closed: Plan['closed']): string {
  const names: Record<Route, string> = { 'run-command': 'By Run Command', 'recovery-vm': 'By a recovery VM' };
  return closed.map(({ route, code, reason }) => `${names[route]} (${code}): ${reason}`).join(' ');
}
