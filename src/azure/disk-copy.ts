import type { ManagedDisk, NetworkAccess } from './ports';

/** Traits of a disk in which a copy may fall short of its original: ARM would refuse it, or the VM would be worse off. */
const traits = {
  location: (disk) => disk.location.toLowerCase(),
  zones: (disk) => disk.zones.toSorted().join(','),
  size: (disk) => disk.sizeBytes,
  sku: (disk) => disk.sku,
  osType: (disk) => disk.osType,
  // ARM takes a disk that has none for generation 1.
  hyperVGeneration: (disk) => disk.hyperVGeneration ?? 'V1',
  architecture: (disk) => disk.capabilities?.architecture,
  // Of generation 1 there is no choice, and nothing is said.
  diskControllerTypes: (disk, { hyperVGeneration }) => (hyperVGeneration === 'V2' ? controllersOf(disk) : undefined),
  securityType: (disk) => (disk.securityType === 'Standard' ? undefined : disk.securityType),
  encryption: (disk) => disk.encryptionType,
  diskEncryptionSet: (disk) => disk.diskEncryptionSetId?.toLowerCase(),
  purchasePlan: ({ purchasePlan: plan }) => plan && [plan.publisher, plan.product, plan.name].join(':').toLowerCase(),
  networkAccess: (disk) => networkOf(disk.network),
} satisfies Record<string, (disk: ManagedDisk, original: ManagedDisk) => unknown>;

/** Names of the traits in which a copy is not like its original; empty if it can take its place. */
export function differencesOf(original: ManagedDisk, copy: ManagedDisk): string[] {
  return Object.entries(traits).flatMap(([name, read]) =>
    read(original, original) === read(copy, original) ? [] : [name],
  );
}

/** What Azure compares when a VM is given another OS disk: sizes, prices and who may fetch the bytes are not among it. */
const compared: readonly (keyof typeof traits)[] = [
  'location',
  'zones',
  'osType',
  'hyperVGeneration',
  'architecture',
  'diskControllerTypes',
  'securityType',
];

/** Names of the traits by which Azure would refuse the one disk in the other's place; empty if there are none. */
export function obstaclesBetween(present: ManagedDisk, other: ManagedDisk): string[] {
  return differencesOf(present, other).filter((name) => compared.some((one) => one === name));
}

function controllersOf({ capabilities }: ManagedDisk): string {
  const types = capabilities?.diskControllerTypes ?? 'SCSI';
  return types
    .toUpperCase()
    .split(',')
    .map((type) => type.trim())
    .toSorted()
    .join(',');
}

/** What Azure says when nothing was asked for is the same as saying nothing. */
function networkOf(network: NetworkAccess): string {
  const { networkAccessPolicy = 'AllowAll', publicNetworkAccess = 'Enabled', dataAccessAuthMode = 'None' } = network;
  const diskAccessId = networkAccessPolicy === 'AllowPrivate' ? network.diskAccessId?.toLowerCase() : undefined;
  return [networkAccessPolicy, publicNetworkAccess, dataAccessAuthMode, diskAccessId].join('|');
}
