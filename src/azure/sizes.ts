/** Sizes of virtual machines, and how much of them a subscription may have. Pure. */

/** A size, and whether it can be had where it is wanted. */
export interface SizeAvailability {
  size: string;
  /** Why it cannot be had; undefined: it is offered there. Whether Azure has one left is known only by asking for it. */
  unusable?: 'not-offered' | 'restricted' | 'not-in-zone';
  /** As in `ComputeQuota.families`. */
  family: string;
  vCpus: number;
  memoryGb?: number;
  /** `V1`, `V2`. */
  generations: string[];
  /** `SCSI`, `NVMe`; SCSI if Azure does not say. */
  diskControllerTypes: string[];
  /** `x64` or `Arm64`. */
  architecture: string;
  /** Undefined if Azure does not say. */
  premiumStorage?: boolean;
  maxDataDisks?: number;
}

/** vCPUs in use, and how many there may be. */
export interface Usage {
  used: number;
  limit: number;
}

/** The quota of a region; what Azure does not tell is missing. */
export interface ComputeQuota {
  regional?: Usage;
  /** By family, in lower case; only those that were asked for. */
  families: Record<string, Usage>;
}

/**
 * The quota that has no room for one more VM of this size; undefined: there is room, or Azure does not tell: making the VM
 * will.
 */
export function exhaustedQuota(
  { family, vCpus }: SizeAvailability,
  quota: ComputeQuota,
): 'regional' | 'family' | undefined {
  const isFull = (usage: Usage | undefined) => usage !== undefined && usage.used + vCpus > usage.limit;
  if (isFull(quota.regional)) return 'regional';
  return isFull(quota.families[family.toLowerCase()]) ? 'family' : undefined;
}

/** What a recovery VM needs of its size. */
export interface SizeNeeds {
  /** Of its own image. */
  generation: 'V1' | 'V2';
  /** The copy is a premium disk: https://learn.microsoft.com/azure/virtual-machines/disks-types */
  premiumStorage: boolean;
}

/**
 * What a size lacks to be a recovery VM's; undefined: nothing. Azure would tell some of it only when the copy is attached, and the
 * patient is stopped by then.
 */
export function unfitFor(size: SizeAvailability, needs: SizeNeeds): string | undefined {
  if (size.architecture.toLowerCase() !== 'x64') return `it is ${size.architecture}`;
  const boots = size.generations.map((one) => one.toUpperCase());
  if (boots.length > 0 && !boots.includes(needs.generation))
    return `it boots no disk of generation ${needs.generation}`;
  if (!size.diskControllerTypes.some((one) => one.toUpperCase() === 'SCSI')) return 'it has no SCSI controller';
  if (needs.premiumStorage && size.premiumStorage === false) return 'it takes no premium disk';
  return size.maxDataDisks === 0 ? 'it takes no data disk' : undefined;
}

/** What Azure does not say of a size that a recovery VM needs to know: missing is not "no", and the report tells it. */
export function untoldOf(size: SizeAvailability, needs: SizeNeeds): string | undefined {
  const untold = [
    ...(size.generations.length === 0 ? [`boots a disk of generation ${needs.generation}`] : []),
    ...(needs.premiumStorage && size.premiumStorage === undefined ? ['takes a premium disk'] : []),
    ...(size.maxDataDisks === undefined ? ['takes a data disk'] : []),
  ];
  return untold.length === 0 ? undefined : `Azure does not say whether ${size.size} ${untold.join(', or ')}.`;
}
