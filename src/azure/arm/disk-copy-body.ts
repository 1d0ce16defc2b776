import type { Disk, SupportedCapabilities } from '@azure/arm-compute' with { 'resolution-mode': 'import' };
import type { ManagedDisk } from '../ports';
import type { DiskCopyRequest } from '../recovery-ports';
import { networkAccessToSend } from './network-access';

/**
 * The body of a copy: everything of the original that the copy does not get by itself, and only what holds for a disk of its sku,
 * size and generation. What Azure shows of a disk is more than what it takes for one: a value that is the default for every disk is
 * left out, because for some it may not be said at all.
 *
 * | property                                  | is sent                                                                          |
 * | ----------------------------------------- | -------------------------------------------------------------------------------- |
 * | `tier`                                    | of premium SSDs: others have one that cannot be chosen                           |
 * | `burstingEnabled`                         | if on: premium SSDs above 512 GiB alone can have it                              |
 * | `optimizedForFrequentAttach`, `supportsHibernation` | if on                                                                  |
 * | `supportedCapabilities.diskControllerTypes`, `supportedSecurityOption` | of generation 2: generation 1 has SCSI and no other security |
 * | `zones`                                   | of a zonal disk: not of a zone-redundant one                                     |
 * | `encryption.diskEncryptionSetId`          | with a type that is by a key of the customer's                                   |
 * | `diskAccessId`                            | with the policy `AllowPrivate`                                                   |
 * | `securityProfile`                         | never: Azure takes it from the source, and refuses a copy that asks for one (Azure/azure-powershell#24253) |
 * | `maxShares`                               | never: a disk that may be shared is not swapped, and one alone is the default    |
 * | `logicalSectorSize`, `diskIOPSReadWrite`, `diskMBpsReadWrite` | never: of ultra disks and premium SSDs v2, and no OS disk is one |
 *
 * https://learn.microsoft.com/rest/api/compute/disks/create-or-update; the sources of each stand below. Not Azure Disk Encryption, whose
 * VMs are not swapped at all.
 */
export function diskCopyBody({ sourceId, like, tags }: DiskCopyRequest): Disk {
  return {
    location: like.location,
    tags,
    creationData: { createOption: 'Copy', sourceResourceId: sourceId },
    sku: like.sku === undefined ? undefined : { name: like.sku },
    zones: zonesOf(like),
    osType: like.osType === 'Windows' || like.osType === 'Linux' ? like.osType : undefined,
    hyperVGeneration: like.hyperVGeneration,
    supportedCapabilities: capabilitiesOf(like),
    purchasePlan: like.purchasePlan,
    encryption: encryptionOf(like),
    tier: isPremium(like) ? like.tier : undefined,
    burstingEnabled: mayBurst(like) ? like.burstingEnabled : undefined,
    optimizedForFrequentAttach: onlyIfOn(like.optimizedForFrequentAttach),
    supportsHibernation: onlyIfOn(like.supportsHibernation),
    ...networkAccessToSend(like.network),
  };
}

function onlyIfOn(flag: boolean | undefined): true | undefined {
  return flag === true ? true : undefined;
}

/** "Currently only supported for premium SSD managed disks": https://learn.microsoft.com/azure/virtual-machines/disks-change-performance */
function isPremium({ sku }: ManagedDisk): boolean {
  return sku === 'Premium_LRS' || sku === 'Premium_ZRS';
}

/** For `Premium_LRS` and `Premium_ZRS` of more than 512 GiB: hashicorp/terraform-provider-azurerm#14137. */
function mayBurst(disk: ManagedDisk): boolean {
  const isLarge = (disk.sizeBytes ?? 0) > 512 * 1024 ** 3;
  return disk.burstingEnabled === true && isPremium(disk) && isLarge;
}

/** A zone-redundant disk is in all of them: https://learn.microsoft.com/azure/virtual-machines/disks-redundancy */
function zonesOf({ zones, sku }: ManagedDisk): string[] | undefined {
  return zones.length > 0 && sku?.toUpperCase().endsWith('_ZRS') !== true ? zones : undefined;
}

/**
 * NVMe, trusted launch and confidential VMs are of generation 2: https://learn.microsoft.com/azure/virtual-machines/enable-nvme-interface,
 * https://learn.microsoft.com/azure/virtual-machines/generation-2. A VM refuses to be told its controller in generation 1
 * (microsoft/lisa#2628).
 */
function capabilitiesOf({ capabilities, hyperVGeneration }: ManagedDisk): SupportedCapabilities | undefined {
  if (capabilities === undefined) return undefined;
  const { acceleratedNetwork, architecture, diskControllerTypes, supportedSecurityOption } = capabilities;
  const ofBoth = { acceleratedNetwork, architecture };
  return hyperVGeneration === 'V2' ? { ...ofBoth, diskControllerTypes, supportedSecurityOption } : ofBoth;
}

/** https://learn.microsoft.com/rest/api/compute/disks/create-or-update#encryptiontype */
function encryptionOf({ encryptionType: type, diskEncryptionSetId }: ManagedDisk): Disk['encryption'] {
  if (type === undefined) return undefined;
  return /CustomerKeys?$/.test(type) ? { type, diskEncryptionSetId } : { type };
}
