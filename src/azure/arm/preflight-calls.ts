import { z } from 'zod';
import type { DenyAssignment, Lock, Permission } from '../permissions';
import type { Answer } from '../ports';
import type { RecoveryArm } from '../recovery-ports';
import { parseSubnetId } from '../network-id';
import { parseDiskEncryptionSetId, parseDiskId, parseVirtualMachineId } from '../resource-id';
import type { SizeAvailability, Usage } from '../sizes';
import { answer, naming } from './answer';
import type { ComputeClients } from './compute-client';
import { send, type RestAccess } from './network-interface-calls';
import type { Clients } from './power-calls';
import { notOffered, readSize } from './size';

type PreflightCalls = Pick<
  RecoveryArm,
  'getLocks' | 'getDenyAssignments' | 'getPermissions' | 'findSizes' | 'getComputeQuota'
>;

/** https://learn.microsoft.com/rest/api/resources/management-locks and https://learn.microsoft.com/rest/api/authorization */
const lockVersion = '2020-05-01';
const accessVersion = '2022-04-01';
/** What holds at the scope, from there or from above; nothing that is below. */
const filter = 'atScope()';

const texts = z.array(z.string()).nullish();
const permission = z.object({ actions: texts, notActions: texts });
const permissionList = z.object({ value: z.array(permission), nextLink: z.string().nullish() });
const lockList = z.object({
  value: z.array(z.object({ name: z.string(), properties: z.object({ level: z.string() }) })),
  nextLink: z.string().nullish(),
});
const denyAssignmentList = z.object({
  value: z.array(
    z.object({
      properties: z.object({
        denyAssignmentName: z.string(),
        scope: z.string(),
        permissions: z.array(permission),
        doNotApplyToChildScopes: z.boolean().nullish(),
        excludePrincipals: z.array(z.object({ id: z.string() })).nullish(),
      }),
    }),
  ),
  nextLink: z.string().nullish(),
});

/** What could stand in the way of a recovery: locks, denials, missing rights, sizes that are not to be had. */
export function preflightCalls({ observe, repair }: Clients, access: RestAccess): PreflightCalls {
  /** Reads a list below a scope. One page is all that is read: a list that goes on is a fault, never half an answer. */
  async function list<T extends { nextLink?: string | null }>(
    clients: ComputeClients,
    { scope, type, version }: { scope: string; type: string; version: string },
    shape: z.ZodType<T>,
  ): Promise<Answer<T>> {
    const path = `${scope}/providers/Microsoft.Authorization/${type}`;
    const isFiltered = type !== 'permissions';
    const call = { method: 'GET', path, apiVersion: version, filter: isFiltered ? filter : undefined } as const;
    const found = await send(access, clients, subscriptionOf(scope), call);
    if (!found.ok) return found;
    const page = shape.parse(found.value);
    if (page.nextLink) throw new Error(`The list of ${type} is longer than a page.`);
    return { ok: true, value: page };
  }

  return {
    async getLocks(scope) {
      const found = await list(observe, { scope, type: 'locks', version: lockVersion }, lockList);
      if (!found.ok) return found;
      return { ok: true, value: found.value.value.map(({ name, properties: { level } }): Lock => ({ name, level })) };
    },

    async getDenyAssignments(scope) {
      const found = await list(observe, { scope, type: 'denyAssignments', version: accessVersion }, denyAssignmentList);
      if (!found.ok) return found;
      return {
        ok: true,
        value: found.value.value.map(({ properties }): DenyAssignment => ({
          name: properties.denyAssignmentName,
          scope: properties.scope,
          permissions: properties.permissions.map(readPermission),
          atScopeOnly: properties.doNotApplyToChildScopes === true,
          excludedPrincipalIds: (properties.excludePrincipals ?? []).map(({ id }) => id),
        })),
      };
    },

    async getPermissions(scope) {
      const found = await list(repair, { scope, type: 'permissions', version: accessVersion }, permissionList);
      return found.ok ? { ok: true, value: found.value.value.map(readPermission) } : found;
    },

    async findSizes({ subscriptionId, location, zone, sizes }) {
      const found = await answer(observe(subscriptionId), async ({ resourceSkus }) => {
        const known = new Map<string, SizeAvailability>();
        const wanted = new Set(sizes.map((size) => size.toLowerCase()));
        for await (const sku of resourceSkus.list({ filter: `location eq '${locationOf(location)}'` })) {
          const name = sku.name?.toLowerCase() ?? '';
          if (sku.resourceType === 'virtualMachines' && wanted.has(name))
            known.set(name, readSize(sku, { location, zone }));
        }
        return sizes.map((size) => known.get(size.toLowerCase()) ?? notOffered(size));
      });
      return naming(found, { action: 'Microsoft.Compute/skus/read', scope: `/subscriptions/${subscriptionId}` });
    },

    async getComputeQuota({ subscriptionId, location, families }) {
      const found = await answer(observe(subscriptionId), async (client) => {
        const usages = new Map<string, Usage>();
        for await (const { name, currentValue, limit } of client.usage.list(locationOf(location))) {
          if (name.value) usages.set(name.value.toLowerCase(), { used: currentValue, limit });
        }
        const asked = families.map((family) => family.toLowerCase());
        return {
          regional: usages.get('cores'),
          families: Object.fromEntries(asked.flatMap((family) => ofFamily(family, usages.get(family)))),
        };
      });
      const action = 'Microsoft.Compute/locations/usages/read';
      return naming(found, { action, scope: `/subscriptions/${subscriptionId}` });
    },
  };
}

function ofFamily(family: string, usage: Usage | undefined): [string, Usage][] {
  return usage ? [[family, usage]] : [];
}

function readPermission({ actions, notActions }: z.infer<typeof permission>): Permission {
  return { actions: actions ?? [], notActions: notActions ?? [] };
}

/** The subscription of a resource group, a VM, a disk, a disk encryption set or a subnet. Ids were checked at the door; a wrong one is a fault of ours. */
function subscriptionOf(scope: string): string {
  const inGroup = `${scope}/providers/Microsoft.Compute/virtualMachines/any`;
  const parsers = [parseVirtualMachineId, parseDiskId, parseDiskEncryptionSetId, parseSubnetId];
  const parts = parsers.flatMap((parse) => parse(scope) ?? [])[0] ?? parseVirtualMachineId(inGroup);
  if (!parts) throw new Error(`Not a resource group, a VM, a disk, a key set or a subnet: ${scope.slice(0, 300)}`);
  return parts.subscriptionId;
}

/** A region's name as it stands in paths and filters: letters and digits. */
function locationOf(location: string): string {
  if (!/^[A-Za-z0-9]{1,50}$/.test(location)) throw new Error(`Not a region: ${location.slice(0, 100)}`);
  return location.toLowerCase();
}
