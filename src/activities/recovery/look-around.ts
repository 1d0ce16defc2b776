import { deniedActions, missingActions } from '../../azure/permissions';
import type { ArmFailure } from '../../azure/ports';
import { parseVirtualMachineId } from '../../azure/resource-id';
import type { Barrier, MissingPermission } from '../../policy/recovery-route';
import type { Settings } from '../../settings';
import { wait } from '../progress';
import type { Tools } from '../toolbox';

/** Where something is to be done, and what. */
export interface Scope {
  scope: string;
  actions: readonly string[];
  /** What we make there is deleted by us, some day. */
  isOurs?: true;
  /** Nothing is changed there: locks do not count. */
  isOnlyRead?: true;
}

/** Locks, deny assignments and permissions at every scope where something is to be done. */
export async function lookAround(tools: Tools, scopes: readonly Scope[]): Promise<Seen> {
  const looks = await Promise.all(scopes.map((one) => lookAt(tools, one)));
  const waiting = looks.find((look) => look.kind === 'wait');
  if (waiting?.kind === 'wait') return waiting;
  const seen = looks.filter((look) => look.kind === 'seen');
  return {
    kind: 'seen',
    barriers: seen.flatMap(({ barriers }) => barriers),
    missing: seen.flatMap(({ missing }) => missing),
  };
}

/** The resource group of a resource. */
export function groupOf(id: string): string {
  return id.replace(/\/providers\/.*$/i, '');
}

/** The resource group of our snapshots and recovery VMs, in the VM's subscription. */
export function workbenchGroupOf({ workbenchResourceGroup }: Settings, vmId: string): string {
  const { subscriptionId = '' } = parseVirtualMachineId(vmId) ?? {};
  return `/subscriptions/${subscriptionId}/resourceGroups/${workbenchResourceGroup}`;
}

type Seen =
  | { kind: 'seen'; barriers: Barrier[]; missing: MissingPermission[] }
  | { kind: 'wait'; reason: string; afterMs?: number };

async function lookAt(tools: Tools, one: Scope): Promise<Seen> {
  return one.isOnlyRead ? lookWhatMayBeRead(tools, one) : lookWhatMayBeDone(tools, one);
}

/** Who may not even see what is granted there may not read it either: a role that lets it be read shows that too. */
async function lookWhatMayBeRead({ recovery }: Tools, { scope, actions }: Scope): Promise<Seen> {
  const permissions = await recovery.getPermissions(scope);
  if (!permissions.ok && permissions.failure.kind === 'wait') return waitToLook(permissions.failure);
  const missing = permissions.ok ? missingActions(permissions.value, actions) : actions;
  return { kind: 'seen', barriers: [], missing: missing.map((action) => ({ action, scope })) };
}

function waitToLook({ code, retryAfterMs }: Extract<ArmFailure, { kind: 'wait' }>): Seen {
  return wait(`Azure asks us to wait (${code}) before we look what stands in the way.`, retryAfterMs);
}

/**
 * A lock against deletion stops only where we delete: in the workbench and among the copies. One that forbids every change stops
 * everywhere. What may not be read closes the route by the name of the action: otherwise the calls themselves would tell,
 * half-way and with the VM stopped.
 */
async function lookWhatMayBeDone(tools: Tools, { scope, actions, isOurs }: Scope): Promise<Seen> {
  const [locks, denials, permissions] = await Promise.all([
    tools.recovery.getLocks(scope),
    tools.recovery.getDenyAssignments(scope),
    tools.recovery.getPermissions(scope),
  ]);
  const busy = [locks, denials, permissions].find((answer) => !answer.ok && answer.failure.kind === 'wait');
  if (busy && !busy.ok && busy.failure.kind === 'wait') return waitToLook(busy.failure);
  const deletes = isOurs === true || actions.some((action) => action.endsWith('/delete'));
  const stopping = (locks.ok ? locks.value : []).filter(({ level }) => level === 'ReadOnly' || deletes);
  const denied = deniedActions(denials.ok ? denials.value : [], { scope, actions });
  const missing = [
    ...(permissions.ok ? missingActions(permissions.value, actions) : ['Microsoft.Authorization/permissions/read']),
    ...(locks.ok ? [] : ['Microsoft.Authorization/locks/read']),
    ...(denials.ok ? [] : ['Microsoft.Authorization/denyAssignments/read']),
  ];
  return {
    kind: 'seen',
    barriers: [
      ...stopping.map(({ name }): Barrier => ({ kind: 'lock', name, scope })),
      ...denied.map(({ by }): Barrier => ({ kind: 'deny-assignment', name: by, scope })),
    ],
    missing: missing.map((action) => ({ action, scope })),
  };
}
