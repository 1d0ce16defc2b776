/** Resource ids: compared without case, shown with the case they were made with. */

/** What to look a resource up by. */
export function idKey(id: string): string {
  return id.toLowerCase().replace(/\/+$/, '');
}

/** The id of a resource in a resource group; `type` is e.g. `Microsoft.Compute/disks`. */
export function resourceId(subscriptionId: string, resourceGroup: string, type: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}

/** The resource group's name in a resource id, or undefined. */
export function resourceGroupOf(id: string): string | undefined {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
}
