import type { Disk as ArmDisk } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { ManagedDisk } from '../ports';
import { readNetworkAccess } from './network-access';

/** Our view of ARM's managed disk. */
export function readDisk(disk: ArmDisk): ManagedDisk {
  return {
    id: disk.id ?? '',
    location: disk.location,
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
