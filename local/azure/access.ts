/**
 * Role-based access: custom roles as files (infra/roles/*.json), identities and assignments as data of the fleet.
 * https://learn.microsoft.com/azure/role-based-access-control/role-definitions#actions-format
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { idKey } from './arm-id';
import { holdsAt, meansAction } from './authorization/obstacles';

/** A custom role as Azure takes it from a JSON file. */
export interface RoleDefinition {
  Name: string;
  Actions: string[];
  NotActions?: string[];
}

/** A managed identity, or a person, with its roles. `role` is the role file's name without `.json`, or a built-in role. */
export interface Identity {
  name: string;
  clientId: string;
  objectId: string;
  assignments: readonly { role: string; scope: string }[];
}

export interface AccessControl {
  isGranted: (identity: Identity, action: string, scope: string) => boolean;
  /** The roles that an identity has at a scope, without the actions that were taken out. */
  rolesAt: (identity: Identity, scope: string) => RoleDefinition[];
  /** Gives an identity a role at one more scope. Throws when there is no such role. */
  assign: (identity: string, assignment: { role: string; scope: string }) => void;
  /** Takes every role away that an identity has at exactly this scope. */
  withdraw: (identity: string, scope: string) => void;
  /** Takes an action out of every role but the built-in ones, as if none had ever named it. */
  removeAction: (action: string) => void;
  /** Puts every removed action and withdrawn role back, and takes every further assignment away. */
  restoreActions: () => void;
}

/** Roles that every Azure has: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged#contributor */
const builtInRoles: readonly RoleDefinition[] = [
  {
    Name: 'Contributor',
    Actions: ['*'],
    NotActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
      'Microsoft.Blueprint/blueprintAssignments/write',
      'Microsoft.Blueprint/blueprintAssignments/delete',
      'Microsoft.Compute/galleries/share/action',
      'Microsoft.Purview/consents/write',
      'Microsoft.Purview/consents/delete',
    ],
  },
];

/** Reads every role of a folder. Throws when a file is no role or when an identity is assigned a role without a file. */
export function createAccessControl(rolesFolder: string, identities: readonly Identity[]): AccessControl {
  const roles = new Map([
    ...builtInRoles.map((role) => [role.Name, role] as const),
    ...readdirSync(rolesFolder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [basename(file, '.json'), readRole(join(rolesFolder, file))] as const),
  ]);
  for (const { role } of identities.flatMap((identity) => identity.assignments)) {
    if (!roles.has(role)) throw new Error(`No role "${role}" in ${rolesFolder}: put ${role}.json there.`);
  }
  const removed = new Set<string>();
  const added = new Map<string, { role: string; scope: string }[]>();
  const withdrawn = new Set<string>();
  const keyOf = (identity: string, scope: string) => `${identity} ${idKey(scope)}`;

  function rolesOf(identity: Identity, scope: string): RoleDefinition[] {
    return [...identity.assignments, ...(added.get(identity.name) ?? [])]
      .filter((assignment) => !withdrawn.has(keyOf(identity.name, assignment.scope)))
      .filter((assignment) => holdsAt(scope, assignment.scope))
      .flatMap(({ role }) => roles.get(role) ?? []);
  }
  return {
    isGranted(identity, action, scope) {
      const isRemoved = removed.has(action.toLowerCase());
      return rolesOf(identity, scope).some(
        (role) => grants(role, action) && (!isRemoved || builtInRoles.includes(role)),
      );
    },
    rolesAt: (identity, scope) =>
      rolesOf(identity, scope).map((role) => ({
        ...role,
        Actions: role.Actions.filter((action) => !removed.has(action.toLowerCase())),
      })),
    assign(identity, assignment) {
      if (!roles.has(assignment.role)) throw new Error(`There is no role "${assignment.role}".`);
      added.set(identity, [...(added.get(identity) ?? []), assignment]);
    },
    withdraw(identity, scope) {
      withdrawn.add(keyOf(identity, scope));
    },
    removeAction(action) {
      removed.add(action.toLowerCase());
    },
    restoreActions() {
      removed.clear();
      withdrawn.clear();
      added.clear();
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

function grants(role: RoleDefinition, action: string): boolean {
  if (!role.Actions.some((pattern) => meansAction(pattern, action))) return false;
  return !(role.NotActions ?? []).some((pattern) => meansAction(pattern, action));
}
