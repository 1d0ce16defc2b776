/**
 * What a caller may do at a scope, as ARM tells it. Pure.
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */

/** The actions of one role, or of one deny assignment: `actions` without `notActions`. */
export interface Permission {
  actions: string[];
  notActions: string[];
}

/** Something that keeps everybody, or nearly everybody, from actions that their roles allow. */
export interface DenyAssignment {
  name: string;
  /** Where it was set: the scope that was asked about, or one above. */
  scope: string;
  permissions: Permission[];
  /** It holds at its scope itself, not below. */
  atScopeOnly: boolean;
  /** Object ids that are spared. */
  excludedPrincipalIds: string[];
}

/** A lock on a scope, set there or above. */
export interface Lock {
  name: string;
  /** `CanNotDelete`, or `ReadOnly`: nothing may be changed, started or stopped. */
  level: string;
}

/** Those of the actions that no permission grants. */
export function missingActions(permissions: readonly Permission[], actions: readonly string[]): string[] {
  return actions.filter((action) => !permissions.some((permission) => means(permission, action)));
}

/** An action that is denied, and by what. */
export interface DeniedAction {
  action: string;
  by: string;
}

/**
 * Those of the actions that are denied at a scope. A caller is spared only if its object id is excluded by name; groups that it
 * may be in are not looked at, so that nothing is taken for allowed that is not.
 */
export function deniedActions(
  assignments: readonly DenyAssignment[],
  { scope, actions, objectId }: { scope: string; actions: readonly string[]; objectId?: string },
): DeniedAction[] {
  const holding = assignments.filter(
    (one) =>
      (!one.atScopeOnly || one.scope.toLowerCase() === scope.toLowerCase()) &&
      !(objectId !== undefined && one.excludedPrincipalIds.includes(objectId)),
  );
  return actions.flatMap((action) => {
    const by = holding.find(({ permissions }) => permissions.some((permission) => means(permission, action)));
    return by ? [{ action, by: by.name }] : [];
  });
}

function means({ actions, notActions }: Permission, action: string): boolean {
  const isNamed = (patterns: readonly string[]) => patterns.some((pattern) => matches(pattern, action));
  return isNamed(actions) && !isNamed(notActions);
}

/**
 * Whether a pattern means an action; `*` stands for anything, also for several segments. The parts between the stars are looked
 * for one after the other, so that no pattern costs more than the action is long for each part.
 */
function matches(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const text = action.toLowerCase();
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? '';
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
