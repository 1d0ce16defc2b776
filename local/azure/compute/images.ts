/**
 * Marketplace images: Windows Server, by its skus. Whatever the sku, Windows Server 2022 is inside. Two VMs from the same
 * image have disks of the same identity, which is why a copy of one cannot simply be brought online in the other
 * (Azure/repair-script-library:src/windows/win-sac-enabler, "collision").
 */
import { identifyAs } from '../../disk/partition-identity';
import { findPartitions } from '../../disk/partitions';
import type { SparseDisk } from '../../disk/sparse-disk';
import { openTemplate } from '../../disk/open-template';
import { installWindowsServer, type MachineIdentity } from '../../windows/default-content';
import { mountContent } from '../../windows/disk-content';
import { windowsDisk } from '../operating-system-disk';
import type { ImageReference } from './machine-settings';

export interface Image {
  sku: string;
  generation: 'V1' | 'V2';
  /** Trusted launch needs generation 2. */
  hasTrustedLaunch: boolean;
}

/** As `az vm image list-skus --publisher MicrosoftWindowsServer --offer WindowsServer` lists them, the usual ones. */
const skus = [
  '2016-datacenter',
  '2016-datacenter-gensecond',
  '2019-datacenter',
  '2019-datacenter-gensecond',
  '2022-datacenter',
  '2022-datacenter-g2',
  '2022-datacenter-smalldisk',
  '2022-datacenter-smalldisk-g2',
  '2022-datacenter-azure-edition',
  '2022-datacenter-core',
  '2022-datacenter-core-g2',
  '2025-datacenter',
  '2025-datacenter-g2',
];

/** The images that the fleet's disks are from: their identity is that of the templates. */
const templates = new Set(['2022-datacenter', '2022-datacenter-g2']);

/** An image by its reference, or undefined. */
export function findImage({ publisher, offer, sku }: ImageReference): Image | undefined {
  const isWindows = publisher.toLowerCase() === 'microsoftwindowsserver' && offer.toLowerCase() === 'windowsserver';
  const known = skus.find((one) => one === sku.toLowerCase());
  if (!isWindows || known === undefined) return undefined;
  const generation = /-(g2|gensecond|azure-edition)$/.test(known) ? 'V2' : 'V1';
  return { sku: known, generation, hasTrustedLaunch: generation === 'V2' };
}

/** A disk made from an image for a computer of this name, set up at `installedAt` (ms since the Unix epoch). */
export function imageDisk(image: Image, computerName: string, installedAt: number): SparseDisk {
  const machine: MachineIdentity = { computerName, language: 'en-US', generation: image.generation };
  if (templates.has(image.sku)) return windowsDisk(machine, installedAt);
  const disk = openTemplate(image.generation);
  const { system, windows } = findPartitions(disk);
  const identity = identifyAs(disk, image.sku);
  const content = mountContent(disk, { now: () => installedAt });
  installWindowsServer(content, {
    ...machine,
    disk:
      identity.style === 'mbr'
        ? { ...identity, systemPartitionOffset: system.start, windowsPartitionOffset: windows.start }
        : {
            style: 'gpt',
            diskId: identity.diskId,
            systemPartitionId: identity.partitionIds[system.number] ?? '',
            windowsPartitionId: identity.partitionIds[windows.number] ?? '',
          },
  });
  content.flush();
  return disk;
}
