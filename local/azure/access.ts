/**
 * Role-based access: custom roles as files (infra/roles/*.json), identities and assignments as data of the fleet.
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { idKey } from './arm-id';

/** A custom role as Azure takes it from a JSON file. */
interface RoleDefinition {
  Name: string;
  Actions: string[];
  NotActions?: string[];
}

/** A managed identity with its roles. `role` is the role file's name without `.json`. */
export interface Identity {
  name: string;
  clientId: string;
  objectId: string;
  assignments: readonly { role: string; scope: string }[];
}

export interface AccessControl {
  isGranted: (identity: Identity, action: string, scope: string) => boolean;
  /** Takes an action out of every role, as if no role had ever named it. */
  removeAction: (action: string) => void;
  /** Puts every removed action back, and takes every further assignment away. */
  restoreActions: () => void;
  /** Assigns a role, as an owner of the scope would. Throws when there is no such role. */
  assign: (identityName: string, assignment: { role: string; scope: string }) => void;
}

/** Reads every role of a folder. Throws when a file is no role or when an identity is assigned a role without a file. */
export function createAccessControl(rolesFolder: string, identities: readonly Identity[]): AccessControl {
  const roles = new Map(
    readdirSync(rolesFolder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [basename(file, '.json'), readRole(join(rolesFolder, file))] as const),
  );
  for (const { role } of identities.flatMap((identity) => identity.assignments)) {
    if (!roles.has(role)) throw new Error(`No role "${role}" in ${rolesFolder}: put ${role}.json there.`);
  }
  const removed = new Set<string>();
  let further: { identityName: string; role: string; scope: string }[] = [];
  return {
    isGranted(identity, action, scope) {
      if (removed.has(action.toLowerCase())) return false;
      const assigned = further.filter(({ identityName }) => identityName === identity.name);
      return [...identity.assignments, ...assigned]
        .filter((assignment) => isWithin(scope, assignment.scope))
        .some((assignment) => grants(roles.get(assignment.role), action));
    },
    removeAction(action) {
      removed.add(action.toLowerCase());
    },
    restoreActions() {
      removed.clear();
      further = [];
    },
    assign(identityName, { role, scope }) {
      if (!roles.has(role)) throw new Error(`There is no role "${role}".`);
      further.push({ identityName, role, scope });
    },
  };
}

function readRole(file: string): RoleDefinition {
  const role = JSON.parse(readFileSync(file, 'utf8')) as Partial<RoleDefinition>;
  if (!role.Name || !Array.isArray(role.Actions)) {
    throw new Error(`${file} is no custom role: it needs "Name" and "Actions".`);
  }
  return { Name: role.Name, Actions: role.Actions, NotActions: role.NotActions };
}

function isWithin(scope: string, assigned: string): boolean {
  return `${idKey(scope)}/`.startsWith(`${idKey(assigned)}/`);
}

function grants(role: RoleDefinition | undefined, action: string): boolean {
  if (!role?.Actions.some((pattern) => matches(pattern, action))) return false;
  return !(role.NotActions ?? []).some((pattern) => matches(pattern, action));
}

function matches(pattern: string, action: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i').test(action);
}
