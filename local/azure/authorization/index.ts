/**
 * Microsoft.Authorization, read-only: locks and deny assignments that hold at a scope, and what the caller may do there.
 * https://learn.microsoft.com/rest/api/resources/management-locks, https://learn.microsoft.com/rest/api/authorization
 */
import type { ArmOperation, ArmRequest, ResourceProvider } from '../resource-provider';
import type { World } from '../world';
import { holdsAt, type DenyAssignment, type Lock } from './obstacles';
import { callsIn } from '../throttling';

const subscription = '/subscriptions/{subscriptionId}';
const group = `${subscription}/resourceGroups/{resourceGroup}`;
const resource = `${group}/providers/{namespace}/{type}/{name}`;
// A resource in a resource, such as a subnet, is a scope too (`parentResourcePath`):
// https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource
const scopes = [subscription, group, resource, `${resource}/{childType}/{childName}`];
const lockVersions = ['2016-09-01', '2020-05-01'] as const;
const accessVersions = ['2018-07-01', '2022-04-01'] as const;
/** assumed: as ARM's own reads. */
const quota = callsIn(3, { group: 'Authorization3Min', limit: 12_000 });
/** Everybody: https://learn.microsoft.com/azure/role-based-access-control/deny-assignments#all-principals */
const everybody = { id: '00000000-0000-0000-0000-000000000000', type: 'SystemDefined' };

export function authorizationProvider(world: World): ResourceProvider {
  const { obstacles } = world;
  return {
    namespace: 'Microsoft.Authorization',
    operations: [
      ...reads('locks', lockVersions, (request) => inView(request, obstacles.locks).map(lockBody)),
      ...reads('denyAssignments', accessVersions, (request) =>
        inView(request, obstacles.denyAssignments).map(denyAssignmentBody),
      ),
      ...reads('permissions', accessVersions, (request) =>
        request.rolesAt(scopeOf(request)).map(({ Actions, NotActions }) => ({
          actions: Actions,
          notActions: NotActions ?? [],
          dataActions: [],
          notDataActions: [],
        })),
      ),
    ],
  };
}

function reads(type: string, apiVersions: readonly string[], list: (request: ArmRequest) => object[]): ArmOperation[] {
  return scopes.map((scope) => ({
    method: 'GET',
    path: `${scope}/providers/Microsoft.Authorization/${type}`,
    apiVersions,
    action: `Microsoft.Authorization/${type}/read`,
    quota,
    handle: (request) => ({ status: 200, body: { value: list(request) } }),
  }));
}

function scopeOf({ path }: ArmRequest): string {
  return path.replace(/\/providers\/Microsoft\.Authorization\/[^/]+$/i, '');
}

/**
 * With `atScope()` what holds at the scope, from there or from above; without it also what is below (Get-AzResourceLock's
 * documentation says so of its -AtScope).
 */
function inView<T extends { scope: string }>(request: ArmRequest, all: readonly T[]): T[] {
  const scope = scopeOf(request);
  const isBounded = request.query.get('$filter')?.toLowerCase() === 'atscope()';
  return all.filter((one) => holdsAt(scope, one.scope) || (!isBounded && holdsAt(one.scope, scope)));
}

function lockBody({ name, scope, level, notes }: Lock): object {
  return {
    properties: { level, ...(notes ? { notes } : {}) },
    id: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
    type: 'Microsoft.Authorization/locks',
    name,
  };
}

function denyAssignmentBody(given: DenyAssignment): object {
  return {
    properties: {
      denyAssignmentName: given.name,
      description: null,
      permissions: [{ actions: given.actions, notActions: given.notActions, dataActions: [], notDataActions: [] }],
      scope: given.scope,
      doNotApplyToChildScopes: given.doNotApplyToChildScopes,
      principals: [everybody],
      excludePrincipals: given.excluded.map((id) => ({ id, type: 'ServicePrincipal' })),
      isSystemProtected: true,
    },
    id: `${given.scope}/providers/Microsoft.Authorization/denyAssignments/${given.id}`,
    type: 'Microsoft.Authorization/denyAssignments',
    name: given.id,
  };
}
