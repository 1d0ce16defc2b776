/** `Microsoft.Compute/skus` and `locations/usages`: what sizes there are, and how much of them the subscription may have. */
import { diskUsages } from './disk-quota';
import type { ArmOperation, ArmRequest } from '../resource-provider';
import { quotas, virtualMachineVersions } from './api-versions';
import type { ComputeContext } from './context';
import { familyLimit, sizes, vCpusInUse, type Capacity, type Size } from './sizes';

export function skuOperations({ world }: ComputeContext): ArmOperation[] {
  const { capacity } = world;
  const { location } = world.fleet;
  return [
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/skus',
      apiVersions: ['2019-04-01', '2021-07-01'],
      action: 'Microsoft.Compute/skus/read',
      quota: quotas.highCostGet,
      handle: (request) => ({
        status: 200,
        body: { value: isAskedFor(request, location) ? skus(capacity, location) : [] },
      }),
    },
    {
      method: 'GET',
      path: '/subscriptions/{subscriptionId}/providers/Microsoft.Compute/locations/{location}/usages',
      apiVersions: virtualMachineVersions,
      action: 'Microsoft.Compute/locations/usages/read',
      quota: quotas.lowCostGet,
      handle: () => ({ status: 200, body: { value: usages() } }),
    },
  ];

  function usages(): object[] {
    const families = [...new Set(sizes.map(({ family }) => family))];
    return [
      usage('cores', 'Total Regional vCPUs', vCpusInUse(world), capacity.regionalLimit),
      ...diskUsages(world).map(({ name, used, limit }) => usage(name, name, used, limit)),
      usage('virtualMachines', 'Virtual Machines', world.machines.size, 25_000),
      ...families.map((family) =>
        usage(family, `${family} vCPUs`, vCpusInUse(world, family), familyLimit(capacity, family)),
      ),
    ];
  }
}

/** "Only location filter is supported": https://learn.microsoft.com/rest/api/compute/resource-skus/list */
function isAskedFor({ query }: ArmRequest, location: string): boolean {
  const [, asked] = /^location eq '([^']*)'$/i.exec(query.get('$filter') ?? '') ?? [];
  return asked === undefined || asked.toLowerCase() === location;
}

function usage(value: string, localizedValue: string, currentValue: number, limit: number): object {
  return { limit, unit: 'Count', currentValue, name: { value, localizedValue } };
}

/** As `az vm list-skus` prints them; a disk's sku stands among them, as in Azure's answer. */
function skus(capacity: Capacity, location: string): object[] {
  const disk = { resourceType: 'disks', name: 'Premium_LRS', tier: 'Premium', size: 'P10', locations: [location] };
  return [disk, ...sizes.map((size) => sku(size, capacity, location))];
}

function sku(size: Size, capacity: Capacity, location: string): object {
  const capabilities = {
    vCPUs: size.vCpus,
    MemoryGB: size.memoryGb,
    HyperVGenerations: size.generations.join(','),
    DiskControllerTypes: size.controllers.join(','),
    CpuArchitectureType: size.architecture,
    PremiumIO: size.hasPremium ? 'True' : 'False',
    MaxDataDiskCount: size.maxDataDisks,
  };
  return {
    resourceType: 'virtualMachines',
    name: size.name,
    tier: 'Standard',
    size: size.name.replace('Standard_', ''),
    family: size.family,
    locations: [location],
    locationInfo: [{ location, zones: size.zones, zoneDetails: [] }],
    capabilities: Object.entries(capabilities).map(([name, value]) => ({ name, value: String(value) })),
    restrictions: restrictions(capacity.restricted[size.name], location),
  };
}

function restrictions(restricted: Capacity['restricted'][string] | undefined, location: string): object[] {
  const reasonCode = 'NotAvailableForSubscription';
  if (restricted === undefined) return [];
  if (restricted === 'everywhere') {
    return [{ type: 'Location', values: [location], restrictionInfo: { locations: [location] }, reasonCode }];
  }
  const restrictionInfo = { locations: [location], zones: restricted };
  return [{ type: 'Zone', values: [location], restrictionInfo, reasonCode }];
}
