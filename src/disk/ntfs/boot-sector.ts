import { UnreadableError, type ByteSource } from '../byte-source';
import { isPowerOfTwo, readUint64 } from '../volumes/little-endian';

/** How a volume counts; sizes and offsets in bytes from the start of the volume. */
export interface NtfsGeometry {
  readonly clusterSize: number;
  /** The volume's size without its backup boot sector. */
  readonly volumeSize: number;
  readonly masterFileTableAt: number;
  readonly mirrorAt: number;
  /** Size of a record of the master file table. */
  readonly recordSize: number;
}

/** Windows formats with 512 to 4096 bytes a record; more is a number made up. */
const LARGEST_RECORD = 64 * 1024;
const LARGEST_CLUSTER = 2 * 1024 * 1024;

/** Fields: https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html. One read. Throws `not-this-format`, `damaged`. */
export async function readNtfsBootSector(volume: ByteSource): Promise<NtfsGeometry> {
  if (volume.size < 512) throw new UnreadableError('not-this-format', `a volume of ${volume.size} bytes`);
  const sector = await volume.read(0, 512);
  if (!isNtfsBootSector(sector)) throw new UnreadableError('not-this-format', 'no NTFS boot sector');
  const { sectorSize, clusterSize, recordSize, isSane } = readSizes(sector);
  if (!isSane)
    throw new UnreadableError(
      'damaged',
      `boot sector with sectors of ${sectorSize}, clusters of ${clusterSize} and records of ${recordSize} bytes`,
    );
  return {
    clusterSize,
    volumeSize: readUint64(sector, 40) * sectorSize,
    masterFileTableAt: readUint64(sector, 48) * clusterSize,
    mirrorAt: readUint64(sector, 56) * clusterSize,
    recordSize,
  };
}

/**
 * Whether a boot sector (512 bytes) says that it is NTFS's: by its name, and by 55 AA at its end or else by sizes that can
 * be true and nothing where FAT keeps its own. A file system driver does not need 55 AA, only a BIOS does
 * (torvalds/linux:fs/ntfs/super.c, is_boot_sector_ntfs).
 */
export function isNtfsBootSector(sector: Buffer): boolean {
  if (sector.toString('latin1', 3, 11) !== 'NTFS    ') return false;
  return sector.readUInt16LE(510) === 0xaa55 || (readSizes(sector).isSane && hasNoFatFields(sector));
}

/** Reserved sectors, tables, root entries, sectors, sectors of a table, and sectors in 32 bits: all zero on NTFS. */
function hasNoFatFields(sector: Buffer): boolean {
  const fields = [sector.subarray(14, 16), sector.subarray(16, 21), sector.subarray(22, 24), sector.subarray(32, 36)];
  return fields.every((field) => field.every((byte) => byte === 0));
}

function readSizes(sector: Buffer) {
  const sectorSize = sector.readUInt16LE(11);
  const clusterSize = sectorSize * scaled(sector.readUInt8(13), 0x80);
  const recordSize = sizeInClusters(sector.readInt8(64), clusterSize);
  const isSane =
    isPowerOfTwo(sectorSize) &&
    isPowerOfTwo(clusterSize) &&
    isPowerOfTwo(recordSize) &&
    sectorSize >= 256 &&
    clusterSize <= LARGEST_CLUSTER &&
    recordSize >= 512 &&
    recordSize <= LARGEST_RECORD;
  return { sectorSize, clusterSize, recordSize, isSane };
}

/**
 * Sectors per cluster: up to 0x80 as it stands, above as a negative power of two, for clusters over 64 KiB
 * (https://github.com/libyal/libfsntfs, documentation, "The volume header").
 */
function scaled(value: number, largestPlain: number): number {
  return value <= largestPlain ? value : 2 ** (256 - value);
}

/** Clusters if positive, else the power of two of bytes: -10 is 1024 bytes. */
function sizeInClusters(value: number, clusterSize: number): number {
  return value >= 0 ? value * clusterSize : 2 ** -value;
}
