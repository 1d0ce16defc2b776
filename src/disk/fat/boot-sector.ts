import { UnreadableError, type ByteSource } from '../byte-source';
import { isPowerOfTwo } from '../volumes/little-endian';

/** How a volume counts; sizes and offsets in bytes from the start of the volume. */
export interface FatGeometry {
  readonly kind: 'fat16' | 'fat32';
  readonly clusterSize: number;
  readonly clusterCount: number;
  readonly tableAt: number;
  readonly tableSize: number;
  /** Where cluster 2, the first one, lies. */
  readonly dataAt: number;
  readonly root: FixedRoot | ChainedRoot;
}

/** FAT16 keeps its root directory at a fixed place, FAT32 in clusters like any other. */
interface FixedRoot {
  readonly kind: 'fixed';
  readonly start: number;
  readonly size: number;
}

interface ChainedRoot {
  readonly kind: 'chained';
  readonly cluster: number;
}

const SECTOR_SIZES = [512, 1024, 2048, 4096];
const ENTRY_SIZE = 32;

/** One read. Throws `not-this-format`. */
export async function readFatBootSector(volume: ByteSource): Promise<FatGeometry> {
  const sector = volume.size < 512 ? undefined : await volume.read(0, 512);
  const geometry = sector && parseFatBootSector(sector);
  if (!geometry) throw new UnreadableError('not-this-format', 'no boot sector of FAT16 or FAT32');
  return geometry;
}

/**
 * Fields and the rule that the count of clusters alone decides the kind: Microsoft, "FAT: General Overview of On-Disk
 * Format", 1.03 (https://staff.washington.edu/dittrich/misc/fatgen103.pdf), "BPB" and "FAT Type Determination". Nothing if
 * the sector is not of FAT16 or FAT32; FAT12 is of floppy disks and told as nothing too.
 */
export function parseFatBootSector(sector: Buffer): FatGeometry | undefined {
  const sectorSize = sector.readUInt16LE(11);
  const sectorsPerCluster = sector.readUInt8(13);
  const reserved = sector.readUInt16LE(14);
  const tableCount = sector.readUInt8(16);
  const rootEntries = sector.readUInt16LE(17);
  const totalSectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const isJump = sector[0] === 0xeb || sector[0] === 0xe9;
  const isSane =
    isJump &&
    sector.readUInt16LE(510) === 0xaa55 &&
    SECTOR_SIZES.includes(sectorSize) &&
    isPowerOfTwo(sectorsPerCluster) &&
    reserved > 0 &&
    tableCount > 0;
  if (!isSane) return undefined;
  const tableSectors = sector.readUInt16LE(22) || sector.readUInt32LE(36);
  const rootSectors = Math.ceil((rootEntries * ENTRY_SIZE) / sectorSize);
  const rootSector = reserved + tableCount * tableSectors;
  const dataSector = rootSector + rootSectors;
  const clusterCount = Math.floor((totalSectors - dataSector) / sectorsPerCluster);
  const kind = kindOf(clusterCount);
  if (tableSectors === 0 || !kind) return undefined;
  return {
    kind,
    clusterSize: sectorSize * sectorsPerCluster,
    clusterCount,
    tableAt: reserved * sectorSize,
    tableSize: tableSectors * sectorSize,
    dataAt: dataSector * sectorSize,
    root:
      kind === 'fat32'
        ? { kind: 'chained', cluster: sector.readUInt32LE(44) }
        : { kind: 'fixed', start: rootSector * sectorSize, size: rootEntries * ENTRY_SIZE },
  };
}

function kindOf(clusterCount: number): FatGeometry['kind'] | undefined {
  if (clusterCount < 4085 || clusterCount > 0x0fff_fff5) return undefined;
  return clusterCount < 65525 ? 'fat16' : 'fat32';
}
