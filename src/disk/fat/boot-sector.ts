import { UnreadableError, type ByteSource } from '../byte-source';
import { isPowerOfTwo } from '../volumes/little-endian';

export type FatKind = 'fat12' | 'fat16' | 'fat32';

/** How a volume counts; sizes and offsets in bytes from the start of the volume. */
export interface FatGeometry {
  readonly kind: FatKind;
  readonly clusterSize: number;
  readonly clusterCount: number;
  readonly tableAt: number;
  readonly tableSize: number;
  /** Where cluster 2, the first one, lies. */
  readonly dataAt: number;
  readonly root: FixedRoot | ChainedRoot;
}

/** FAT12 and FAT16 keep their root directory at a fixed place, FAT32 in clusters like any other. */
interface FixedRoot {
  readonly kind: 'fixed';
  readonly start: number;
  readonly size: number;
}

interface ChainedRoot {
  readonly kind: 'chained';
  readonly cluster: number;
}

const JUMPS = [0xe9, 0xeb, 0x49];
const SECTOR_SIZES = [128, 256, 512, 1024, 2048, 4096];
const MEDIA = [0xf0, 0xf8, 0xf9, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const ENTRY_SIZE = 32;
const FLAG_MIRROR_DISABLED = 0x80;

/** From so many clusters on, what is not FAT32 is FAT16. Microsoft's paper says 4085; its driver decides. */
const FEWEST_OF_FAT16 = 4087;

/** One read. Throws `not-this-format`, with what the sector says. */
export async function readFatBootSector(volume: ByteSource): Promise<FatGeometry> {
  if (volume.size < 512) throw new UnreadableError('not-this-format', `a volume of ${volume.size} bytes`);
  const geometry = parseFatBootSector(await volume.read(0, 512));
  if ('refused' in geometry) throw new UnreadableError('not-this-format', `no boot sector of FAT: ${geometry.refused}`);
  return geometry;
}

/**
 * Whether a boot sector (512 bytes) is one of FAT, and which, as Windows' own driver decides: microsoft/
 * Windows-driver-samples:filesys/fastfat/fsctrl.c (FatIsBootSectorFat) and fat.h (IsBpbFat32, FatIndexBitSize,
 * FatNumberOfClusters). It is FAT32 where the table's 16-bit size is 0, whatever the number of clusters, and 55 AA at the
 * end is not asked for. Fields: Microsoft, "FAT: General Overview of On-Disk Format", 1.03
 * (https://staff.washington.edu/dittrich/misc/fatgen103.pdf), "BPB", whose rule by the number of clusters alone the driver
 * does not follow.
 */
export function parseFatBootSector(sector: Buffer): FatGeometry | { refused: string } {
  const sectorSize = sector.readUInt16LE(11);
  const sectorsPerCluster = sector.readUInt8(13);
  const reserved = sector.readUInt16LE(14);
  const tableCount = sector.readUInt8(16);
  const rootEntries = sector.readUInt16LE(17);
  const totalSectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const isFat32 = sector.readUInt16LE(22) === 0;
  const tableSectors = isFat32 ? sector.readUInt32LE(36) : sector.readUInt16LE(22);
  const refusals: [isRefused: boolean, why: string][] = [
    [!JUMPS.includes(sector.readUInt8(0)), `it begins with ${sector.readUInt8(0)}, which is no jump`],
    [!SECTOR_SIZES.includes(sectorSize), `sectors of ${sectorSize} bytes`],
    [!isPowerOfTwo(sectorsPerCluster), `clusters of ${sectorsPerCluster} sectors`],
    [reserved === 0, 'no reserved sectors'],
    [tableCount === 0, 'no allocation table'],
    [totalSectors === 0, 'no sectors'],
    [isFat32 && tableSectors === 0, 'an allocation table of 0 sectors'],
    [isFat32 && sector.readUInt16LE(42) !== 0, `version ${sector.readUInt16LE(42)} of FAT32`],
    [!MEDIA.includes(sector.readUInt8(21)), `the media byte ${sector.readUInt8(21)}`],
    [!isFat32 && rootEntries === 0, 'no root directory'],
    [isFat32 && (sector.readUInt16LE(40) & FLAG_MIRROR_DISABLED) !== 0, 'a conversion to FAT32 that did not end'],
  ];
  const refusal = refusals.find(([isRefused]) => isRefused);
  if (refusal) return { refused: refusal[1] };
  const rootSize = rootEntries * ENTRY_SIZE;
  const rootAt = (reserved + tableCount * tableSectors) * sectorSize;
  const rootSectors = isFat32 ? 0 : Math.floor(rootSize / sectorSize);
  const dataSectors = totalSectors - reserved - tableCount * tableSectors - rootSectors;
  const clusters = Math.floor(dataSectors / sectorsPerCluster);
  if (clusters < 1) return { refused: `${totalSectors} sectors, of which ${dataSectors} are for clusters` };
  const kind = kindOf(isFat32, clusters);
  const tableSize = tableSectors * sectorSize;
  return {
    kind,
    clusterSize: sectorSize * sectorsPerCluster,
    // Clusters that the table has no entry for are none (fastfat/allocsup.c, FatSetupAllocationSupport).
    clusterCount: Math.max(0, Math.min(clusters, Math.floor((tableSize * 8) / ENTRY_BITS[kind]) - 2)),
    tableAt: reserved * sectorSize,
    tableSize,
    dataAt: rootAt + rootSize,
    root: isFat32
      ? { kind: 'chained', cluster: sector.readUInt32LE(44) }
      : { kind: 'fixed', start: rootAt, size: rootSize },
  };
}

/** How wide an entry of the allocation table is. */
export const ENTRY_BITS = { fat12: 12, fat16: 16, fat32: 32 } as const satisfies Record<FatKind, number>;

function kindOf(isFat32: boolean, clusters: number): FatKind {
  if (isFat32) return 'fat32';
  return clusters < FEWEST_OF_FAT16 ? 'fat12' : 'fat16';
}
