import type { ResourceSku, ResourceSkuRestrictions } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { SizeAvailability } from '../sizes';

/** Where a size is wanted. */
export interface Wanted {
  location: string;
  zone?: string;
}

/** Our view of a sku of ARM's. Restrictions: https://learn.microsoft.com/rest/api/compute/resource-skus/list */
export function readSize(sku: ResourceSku, wanted: Wanted): SizeAvailability {
  const capabilities = new Map(sku.capabilities?.map(({ name, value }) => [name, value]));
  const listOf = (name: string) =>
    capabilities
      .get(name)
      ?.split(',')
      .map((one) => one.trim());
  return {
    size: sku.name ?? '',
    unusable: whyUnusable(sku, wanted),
    family: sku.family ?? '',
    vCpus: numberOf(capabilities.get('vCPUs')) ?? 0,
    memoryGb: numberOf(capabilities.get('MemoryGB')),
    generations: listOf('HyperVGenerations') ?? [],
    diskControllerTypes: listOf('DiskControllerTypes') ?? ['SCSI'],
    architecture: capabilities.get('CpuArchitectureType') ?? 'x64',
    premiumStorage: isTrue(capabilities.get('PremiumIO')),
    maxDataDisks: numberOf(capabilities.get('MaxDataDiskCount')),
  };
}

/** A size that Azure does not offer in a region. */
export function notOffered(size: string): SizeAvailability {
  return {
    size,
    unusable: 'not-offered',
    family: '',
    vCpus: 0,
    generations: [],
    diskControllerTypes: [],
    architecture: 'x64',
  };
}

function whyUnusable(sku: ResourceSku, { location, zone }: Wanted): SizeAvailability['unusable'] {
  const restrictions = sku.restrictions ?? [];
  if (restrictions.some((one) => isOfLocation(one, location))) return 'restricted';
  if (zone === undefined) return undefined;
  if (restrictions.some(({ type, restrictionInfo }) => type === 'Zone' && restrictionInfo?.zones?.includes(zone))) {
    return 'restricted';
  }
  const there = sku.locationInfo?.find((one) => isSame(one.location, location));
  // A region that is not told of, or whose zones are not, may have the size in this one: making the VM tells.
  return there?.zones === undefined || there.zones.includes(zone) ? undefined : 'not-in-zone';
}

function isOfLocation({ type, values, restrictionInfo }: ResourceSkuRestrictions, location: string): boolean {
  if (type !== 'Location') return false;
  return [...(values ?? []), ...(restrictionInfo?.locations ?? [])].some((one) => isSame(one, location));
}

function isSame(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/** Undefined if nothing is said. */
function isTrue(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text.toLowerCase() === 'true';
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text ?? NaN);
  return Number.isFinite(number) ? number : undefined;
}
