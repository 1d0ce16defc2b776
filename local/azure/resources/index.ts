/** Microsoft.Resources: resource groups, and the tags of any resource. */
import { idKey, resourceGroupOf } from '../arm-id';
import { invalidRequestContent, resourceGroupNotFound, resourceNotFound, type ArmResponse } from '../arm-errors';
import type { ArmOperation, ResourceProvider } from '../resource-provider';
import { readObject } from '../request-body';
import type { Tags, World } from '../world';
import { callsIn } from '../throttling';

const apiVersions = ['2021-04-01', '2022-09-01', '2023-07-01', '2024-03-01', '2025-04-01'] as const;
/** assumed: ARM's own reads are not counted by a Compute group; a wide number stands for "never". */
const quota = callsIn(3, { group: 'Resources3Min', limit: 12_000 });
const group = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroup}';

export function resourcesProvider(world: World): ResourceProvider {
  return { namespace: 'Microsoft.Resources', operations: [getGroup(world), ...tagOperations(world)] };
}

/** GET of a resource group, recorded in test_run_command_v2. */
function getGroup(world: World): ArmOperation {
  return {
    method: 'GET',
    path: group,
    apiVersions,
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
    quota,
    handle({ segments }) {
      const found = world.resourceGroups.get((segments.resourceGroup ?? '').toLowerCase());
      if (!found) return resourceGroupNotFound(segments.resourceGroup ?? '');
      return {
        status: 200,
        body: {
          id: `/subscriptions/${world.fleet.subscriptionId}/resourceGroups/${found.name}`,
          name: found.name,
          type: 'Microsoft.Resources/resourceGroups',
          location: found.location,
          tags: found.tags,
          properties: { provisioningState: 'Succeeded' },
        },
      };
    },
  };
}

/**
 * https://learn.microsoft.com/rest/api/resources/tags: read, and PATCH with Merge, Replace or Delete. Names of tags are compared
 * without case, values with it (https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources). What it deletes
 * is said to go "by names or name/value pairs"; how a name alone is spelled in a dictionary is not. assumed, the strict way: an empty
 * value, as the Azure CLI sends it for a name alone, is a value like any other, and deletes no tag that has another.
 */
function tagOperations(world: World): ArmOperation[] {
  const path = `${group}/providers/{namespace}/{type}/{name}/providers/Microsoft.Resources/tags/default`;
  const on = (method: 'GET' | 'PATCH', action: string): ArmOperation => ({
    method,
    path,
    apiVersions,
    action,
    quota,
    handle(request) {
      const id = request.path.replace(/\/providers\/Microsoft\.Resources\/tags\/default$/i, '');
      const resource = findTagged(world, id);
      const { namespace = '', type = '', name = '' } = request.segments;
      if (!resource) return resourceNotFound(`${namespace}/${type}`, name, resourceGroupOf(id) ?? '');
      return method === 'GET' ? tagsAnswer(id, resource.tags) : patchTags(id, resource, request.body);
    },
  });
  return [on('GET', 'Microsoft.Resources/tags/read'), on('PATCH', 'Microsoft.Resources/tags/write')];
}

function findTagged(world: World, id: string): { tags: Tags } | undefined {
  const key = idKey(id);
  return world.machines.get(key) ?? world.snapshots.get(key) ?? world.disks.get(key);
}

function tagsAnswer(id: string, tags: Tags): ArmResponse {
  const body = {
    id: `${id}/providers/Microsoft.Resources/tags/default`,
    name: 'default',
    type: 'Microsoft.Resources/tags',
    properties: { tags },
  };
  return { status: 200, body };
}

function patchTags(id: string, resource: { tags: Tags }, body: unknown): ArmResponse {
  const object = readObject(body);
  if (!object.ok) return object.response;
  const properties = readObject(object.value.properties);
  const given = properties.ok ? ((properties.value.tags ?? {}) as Tags) : {};
  const isOther = (name: string) => !Object.keys(given).some((one) => isSameName(one, name));
  const others = Object.fromEntries(Object.entries(resource.tags).filter(([name]) => isOther(name)));
  switch (object.value.operation) {
    case 'Merge':
      resource.tags = { ...others, ...given };
      break;
    case 'Replace':
      resource.tags = { ...given };
      break;
    case 'Delete':
      resource.tags = Object.fromEntries(
        Object.entries(resource.tags).filter(([name, value]) => isOther(name) || valueOf(given, name) !== value),
      );
      break;
    default:
      return invalidRequestContent();
  }
  return tagsAnswer(id, resource.tags);
}

function valueOf(tags: Tags, name: string): string | undefined {
  return Object.entries(tags).find(([one]) => isSameName(one, name))?.[1];
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
