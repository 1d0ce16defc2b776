/**
 * What a disk may be asked to be, by its sku, its size and its generation. That it is refused has a source beside each; the words are
 * assumed.
 */
import { invalidParameter, type ArmResponse } from '../arm-errors';

/** A disk's properties as a request names them, and what they have to fit. */
export interface AskedDisk {
  sku: string;
  zones: readonly string[];
  sizeGiB: number;
  hyperVGeneration?: string;
  /** `properties` of the body. */
  properties: Record<string, unknown>;
  creationData: Record<string, unknown>;
}

type Check = (asked: AskedDisk) => boolean;

const isPremium: Check = ({ sku }) => sku === 'Premium_LRS' || sku === 'Premium_ZRS';
const isProvisioned: Check = ({ sku }) => sku === 'UltraSSD_LRS' || sku === 'PremiumV2_LRS';
const named = (value: unknown) => value !== undefined && value !== null;

/** By the property that is refused. */
const refusals: Readonly<Record<string, Check>> = {
  // "Currently only supported for premium SSD managed disks": https://learn.microsoft.com/azure/virtual-machines/disks-change-performance
  tier: (asked) => named(asked.properties.tier) && !isPremium(asked),
  // "It can only be enabled for Premium_LRS and Premium_ZRS, with disk size greater than 512 GB": terraform-provider-azurerm#14137
  burstingEnabled: (asked) => asked.properties.burstingEnabled === true && (!isPremium(asked) || asked.sizeGiB <= 512),
  // "Shared disks can be used with ultra disks, premium SSD v2, premium SSD and standard SSD": https://learn.microsoft.com/azure/virtual-machines/disks-shared
  maxShares: ({ properties, sku }) => Number(properties.maxShares ?? 1) > 1 && sku.startsWith('Standard_'),
  // "Only settable for UltraSSD disks": @azure/arm-compute 24.1, diskIOPSReadWrite; premium SSDs v2 have them too
  diskIOPSReadWrite: (asked) => named(asked.properties.diskIOPSReadWrite) && !isProvisioned(asked),
  diskMBpsReadWrite: (asked) => named(asked.properties.diskMBpsReadWrite) && !isProvisioned(asked),
  // "Logical sector size in bytes for Ultra disks": @azure/arm-compute 24.1; premium SSDs v2 have it too
  'creationData.logicalSectorSize': (asked) => named(asked.creationData.logicalSectorSize) && !isProvisioned(asked),
  // A zone-redundant disk is in every zone: https://learn.microsoft.com/azure/virtual-machines/disks-redundancy
  zones: ({ sku, zones }) => zones.length > 0 && sku.endsWith('_ZRS'),
  // NVMe needs generation 2: https://learn.microsoft.com/azure/virtual-machines/enable-nvme-interface. assumed: any controller that is
  // named for generation 1 is refused, as it is of a VM (microsoft/lisa#2628)
  'supportedCapabilities.diskControllerTypes': ({ properties, hyperVGeneration }) =>
    hyperVGeneration !== 'V2' && named(objectOf(properties.supportedCapabilities).diskControllerTypes),
  // Trusted launch and confidential VMs are of generation 2: https://learn.microsoft.com/azure/virtual-machines/generation-2
  'supportedCapabilities.supportedSecurityOption': ({ properties, hyperVGeneration }) =>
    hyperVGeneration !== 'V2' && named(objectOf(properties.supportedCapabilities).supportedSecurityOption),
};

/** The answer to a request for a disk that cannot be so; undefined if it can. */
export function refuseProperties(asked: AskedDisk): ArmResponse | undefined {
  const refused = Object.entries(refusals).find(([, check]) => check(asked));
  return refused && invalidParameter(refused[0], `The value of parameter ${refused[0]} is invalid.`);
}

/**
 * The tier that Azure shows of a disk which was asked for none, by its size; not to be handed on where the sku has no choice. "e.g, P4,
 * S10": @azure/arm-compute 24.1, `tier`; sizes: https://learn.microsoft.com/azure/virtual-machines/disks-types
 */
export function usualTier(sku: string, sizeGiB: number): string | undefined {
  const letter = sku.startsWith('Premium_') ? 'P' : sku.startsWith('StandardSSD') ? 'E' : 'S';
  if (sku === 'UltraSSD_LRS' || sku === 'PremiumV2_LRS') return undefined;
  const steps: readonly [number, number][] = [
    [32, 4],
    [64, 6],
    [128, 10],
    [256, 15],
    [512, 20],
    [1024, 30],
    [2048, 40],
  ];
  return `${letter}${steps.find(([largest]) => sizeGiB <= largest)?.[1] ?? 50}`;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
