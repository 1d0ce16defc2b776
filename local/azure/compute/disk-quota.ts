/** How many managed disks a subscription may have in a region, by kind. */
import type { ArmResponse } from '../arm-errors';
import type { World } from '../world';
import { diskQuotaExceeded } from './compute-errors';

/** Of each kind: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#managed-virtual-machine-disks */
const usualLimit = 50_000;

/** Names of the usages, as regions list them; which disks count to which is assumed. */
const usageOf: Readonly<Record<string, string>> = {
  Standard_LRS: 'StandardDiskCount',
  StandardSSD_LRS: 'StandardSSDDiskCount',
  StandardSSD_ZRS: 'StandardSSDDiskCount',
  Premium_LRS: 'PremiumDiskCount',
  Premium_ZRS: 'PremiumDiskCount',
};

/** Each kind with what is used of it. */
export function diskUsages(world: World): { name: string; used: number; limit: number }[] {
  return [...new Set(Object.values(usageOf))].map((name) => ({
    name,
    used: [...world.disks.values()].filter(({ sku }) => usageOf[sku] === name).length,
    limit: world.capacity.diskLimits[name] ?? usualLimit,
  }));
}

/** The refusal of one more disk of this SKU; undefined if there is room. */
export function withoutRoomFor(world: World, sku: string, location: string): ArmResponse | undefined {
  const full = diskUsages(world).find(({ name, used, limit }) => name === usageOf[sku] && used >= limit);
  return full && diskQuotaExceeded({ ...full, location });
}
