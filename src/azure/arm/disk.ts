import type { Disk as ArmDisk } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { ManagedDisk } from '../ports';
import { readNetworkAccess } from './network-access';

/** Our view of ARM's managed disk. */
export function readDisk(disk: ArmDisk): ManagedDisk {
  return {
    id: disk.id ?? '',
    location: disk.location,
    tags: disk.tags,
    provisioningState: disk.provisioningState,
    diskState: disk.diskState,
    managedBy: disk.managedBy,
    ownershipChangedAt: disk.lastOwnershipUpdateTime?.toISOString(),
    createdAt: disk.timeCreated?.toISOString(),
    sourceId: disk.creationData?.sourceResourceId,
    uniqueId: disk.uniqueId,
    completionPercent: disk.completionPercent,
    osType: disk.osType,
    capabilities: disk.supportedCapabilities,
    purchasePlan: disk.purchasePlan,
    secureVMDiskEncryptionSetId: disk.securityProfile?.secureVMDiskEncryptionSetId,
    tier: disk.tier,
    burstingEnabled: disk.burstingEnabled,
    maxShares: disk.maxShares,
    optimizedForFrequentAttach: disk.optimizedForFrequentAttach,
    supportsHibernation: disk.supportsHibernation,
    logicalSectorSize: disk.creationData?.logicalSectorSize,
    diskIopsReadWrite: disk.diskIopsReadWrite,
    diskMBpsReadWrite: disk.diskMBpsReadWrite,
    diskEncryption: disk.encryptionSettingsCollection?.enabled,
    sizeBytes: disk.diskSizeBytes,
    sku: disk.sku?.name,
    zones: disk.zones ?? [],
    hyperVGeneration: disk.hyperVGeneration,
    securityType: disk.securityProfile?.securityType,
    encryptionType: disk.encryption?.type,
    diskEncryptionSetId: disk.encryption?.diskEncryptionSetId,
    network: readNetworkAccess(disk),
  };
}
