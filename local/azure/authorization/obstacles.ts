/** What keeps a caller from something that its roles allow: locks and deny assignments. */
import { idKey } from '../arm-id';

export interface Lock {
  name: string;
  /** The resource, group or subscription that is locked, with all that is below. */
  scope: string;
  level: 'CanNotDelete' | 'ReadOnly';
  notes?: string;
}

export interface DenyAssignment {
  id: string;
  name: string;
  scope: string;
  actions: string[];
  notActions: string[];
  /** At the scope itself only. */
  doNotApplyToChildScopes: boolean;
  /** Object ids that are spared. */
  excluded: string[];
}

export interface Obstacles {
  locks: Lock[];
  denyAssignments: DenyAssignment[];
}

/** Whether something at `above` holds at `scope` too. */
export function holdsAt(scope: string, above: string): boolean {
  return `${idKey(scope)}/`.startsWith(`${idKey(above)}/`);
}

/** Whether a pattern of a role or a deny assignment means an action: `*` stands for anything. */
export function meansAction(pattern: string, action: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(action);
}

/** The first deny assignment that keeps this caller from an action, or undefined. */
export function findDenial(
  { denyAssignments }: Obstacles,
  objectId: string,
  demand: { action: string; scope: string },
): DenyAssignment | undefined {
  return denyAssignments.find(({ scope, actions, notActions, doNotApplyToChildScopes, excluded }) => {
    if (excluded.includes(objectId) || !holdsAt(demand.scope, scope)) return false;
    if (doNotApplyToChildScopes && idKey(demand.scope) !== idKey(scope)) return false;
    const isMeant = (patterns: readonly string[]) => patterns.some((pattern) => meansAction(pattern, demand.action));
    return isMeant(actions) && !isMeant(notActions);
  });
}

/**
 * Locks that keep a call from being made. "Read-only … prevents all operations that require a POST request":
 * https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
 */
export function findLocks({ locks }: Obstacles, method: string, scope: string): Lock[] {
  if (method === 'GET') return [];
  return locks.filter((lock) => holdsAt(scope, lock.scope) && (lock.level === 'ReadOnly' || method === 'DELETE'));
}
