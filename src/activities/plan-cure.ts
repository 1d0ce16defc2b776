import type { Evidence } from '../guest/evidence';
import type { Finding } from '../signatures/diagnose';
import { signatureOf } from '../signatures';
import type { AboutRepair } from './input';
import { makePlan, type Obstacle, type Plan, type RecoveryPlan, type Route } from './plan';
import { done, type Progress } from './progress';
import { checkRecoveryRoute } from './recovery/check-route';
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
  const guest: Obstacle | undefined =
    guestProblem === undefined ? undefined : { code: 'guest-not-reachable', reason: guestProblem };
  const ways: { route: Route; obstacle: Obstacle | undefined }[] = [
    { route: 'run-command', obstacle: guest },
    { route: 'recovery-vm', obstacle: recovery.kind === 'closed' ? recovery.obstacle : undefined },
  ];
  const routes = ways.flatMap(({ route, obstacle }) => (obstacle ? [] : [route]));
  const closed = ways.flatMap(({ route, obstacle }) => (obstacle ? [{ route, ...obstacle }] : []));
  const using: { recovery?: RecoveryPlan } = recovery.kind === 'open' ? { recovery: recovery.recovery } : {};
  const noWay: { obstacle?: Obstacle } =
    routes.length === 0 ? { obstacle: { code: 'no-route', reason: reasonOf(closed) } } : {};
  return done(makePlan({ signature, title, routes, closed, ...noWay, changes: [...cure.changes], ...using }), '');
}

function reasonOf(closed: Plan['closed']): string {
  const names: Record<Route, string> = { 'run-command': 'By Run Command', 'recovery-vm': 'By a recovery VM' };
  return closed.map(({ route, code, reason }) => `${names[route]} (${code}): ${reason}`).join(' ');
}
