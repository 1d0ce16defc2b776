/**
 * VM sizes: a few that stand for the kinds that differ in what they can boot and hold. Values as `az vm list-skus` prints them:
 * https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv5-series and its neighbours.
 */
import type { World } from '../world';

export interface Size {
  name: string;
  /** As in usages, e.g. `standardDSv5Family`. */
  family: string;
  vCpus: number;
  memoryGb: number;
  generations: readonly ('V1' | 'V2')[];
  controllers: readonly ('SCSI' | 'NVMe')[];
  architecture: 'x64' | 'Arm64';
  hasPremium: boolean;
  maxDataDisks: number;
  zones: readonly string[];
}

const both = ['V1', 'V2'] as const;
const scsi = ['SCSI'] as const;
const zones = ['1', '2', '3'] as const;
const common = { architecture: 'x64', hasPremium: true, zones } as const;

export const sizes: readonly Size[] = [
  {
    ...common,
    name: 'Standard_B2s',
    family: 'standardBSFamily',
    vCpus: 2,
    memoryGb: 4,
    generations: both,
    controllers: scsi,
    maxDataDisks: 4,
  },
  {
    ...common,
    name: 'Standard_D2s_v3',
    family: 'standardDSv3Family',
    vCpus: 2,
    memoryGb: 8,
    generations: both,
    controllers: scsi,
    maxDataDisks: 4,
  },
  {
    ...common,
    name: 'Standard_D2_v3',
    family: 'standardDv3Family',
    vCpus: 2,
    memoryGb: 8,
    generations: ['V1'],
    controllers: scsi,
    hasPremium: false,
    maxDataDisks: 4,
  },
  {
    ...common,
    name: 'Standard_D2s_v5',
    family: 'standardDSv5Family',
    vCpus: 2,
    memoryGb: 8,
    generations: both,
    controllers: scsi,
    maxDataDisks: 4,
  },
  {
    ...common,
    name: 'Standard_D4s_v5',
    family: 'standardDSv5Family',
    vCpus: 4,
    memoryGb: 16,
    generations: both,
    controllers: scsi,
    maxDataDisks: 8,
  },
  {
    ...common,
    name: 'Standard_E2bds_v5',
    family: 'standardEBDSv5Family',
    vCpus: 2,
    memoryGb: 16,
    generations: both,
    controllers: ['SCSI', 'NVMe'],
    maxDataDisks: 4,
  },
  {
    ...common,
    name: 'Standard_D2s_v6',
    family: 'standardDSv6Family',
    vCpus: 2,
    memoryGb: 8,
    generations: ['V2'],
    controllers: ['NVMe'],
    maxDataDisks: 8,
  },
  {
    ...common,
    name: 'Standard_D2ps_v5',
    family: 'standardDPSv5Family',
    vCpus: 2,
    memoryGb: 8,
    generations: ['V2'],
    controllers: scsi,
    architecture: 'Arm64',
    maxDataDisks: 4,
  },
];

/** A size by its name, in any case. */
export function findSize(name: string): Size | undefined {
  return sizes.find((size) => size.name.toLowerCase() === name.toLowerCase());
}

/** What the subscription may use and what the region has. */
export interface Capacity {
  /** vCPUs in the region, over all families. */
  regionalLimit: number;
  /** vCPUs of each family. */
  familyLimit: number;
  /** Limits of single families. */
  familyLimits: Record<string, number>;
  /** Sizes that the subscription cannot have: everywhere in the region, or in some zones. */
  restricted: Record<string, 'everywhere' | readonly string[]>;
  /** Sizes that are offered, but the region has none left: creating such a VM is refused all the same. */
  exhausted: readonly string[];
  /** How many disks of a kind the region may have, by the name of their usage (`PremiumDiskCount`); those not named have room. */
  diskLimits: Record<string, number>;
}

/** A subscription with room. */
export function amplyCapacity(): Capacity {
  return { regionalLimit: 100, familyLimit: 100, familyLimits: {}, restricted: {}, exhausted: [], diskLimits: {} };
}

/**
 * vCPUs in use, of a family or of all. Deallocated VMs count too: https://learn.microsoft.com/azure/virtual-machines/quotas
 */
export function vCpusInUse(world: World, family?: string): number {
  return [...world.machines.values()]
    .flatMap(({ model }) => findSize(model.size) ?? [])
    .filter((size) => family === undefined || size.family === family)
    .reduce((sum, { vCpus }) => sum + vCpus, 0);
}

/** The limit of a family. */
export function familyLimit(capacity: Capacity, family: string): number {
  return capacity.familyLimits[family] ?? capacity.familyLimit;
}
