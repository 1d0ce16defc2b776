import type { ByteStore } from '../byte-store';

/** Where things lie on a FAT volume, in bytes unless said otherwise. */
export interface Geometry {
  readonly kind: 'fat16' | 'fat32';
  readonly clusterSize: number;
  /** The last cluster's number; the first is 2. */
  readonly lastCluster: number;
  readonly tableStarts: readonly number[];
  readonly dataStart: number;
  /** FAT32: the root directory is a chain like any other. FAT16: it has a place of its own, of this many bytes. */
  readonly root: { readonly cluster: number } | { readonly start: number; readonly size: number };
  /** FAT32's count of free clusters. */
  readonly informationStart: number | undefined;
}

/**
 * The boot sector: "Microsoft Extensible Firmware Initiative FAT32 File System Specification", 1.03
 * (https://download.microsoft.com/download/1/6/1/161ba512-40e2-4cc9-843a-923143f3456c/fatgen103.doc). Windows' driver takes
 * it for FAT32 where the 16-bit size of the table is 0, and else from 4,087 clusters on for FAT16
 * (microsoft/Windows-driver-samples:filesys/fastfat/fat.h, FatIndexBitSize). Throws an Error if there is neither.
 */
export function readGeometry(store: ByteStore): Geometry {
  const boot = store.read(0, 512);
  const sector = boot.readUInt16LE(11);
  const clusterSize = boot.readUInt8(13) * sector;
  if (boot.readUInt16LE(510) !== 0xaa55 || ![512, 1024, 2048, 4096].includes(sector) || clusterSize === 0)
    throw new Error('There is no FAT volume: its boot sector does not say so.');
  const reserved = boot.readUInt16LE(14) * sector;
  const tableSize = (boot.readUInt16LE(22) || boot.readUInt32LE(36)) * sector;
  const tableStarts = Array.from({ length: boot.readUInt8(16) }, (_, index) => reserved + index * tableSize);
  const rootStart = reserved + tableStarts.length * tableSize;
  const rootSize = Math.ceil((boot.readUInt16LE(17) * 32) / sector) * sector;
  const dataStart = rootStart + rootSize;
  const size = (boot.readUInt16LE(19) || boot.readUInt32LE(32)) * sector;
  const clusters = Math.floor((size - dataStart) / clusterSize);
  const isFat32 = boot.readUInt16LE(22) === 0;
  if (clusters < (isFat32 ? 1 : 4087))
    throw new Error('The volume is FAT12 or no FAT at all; FAT16 and FAT32 are what this room handles.');
  return {
    kind: isFat32 ? 'fat32' : 'fat16',
    clusterSize,
    lastCluster: clusters + 1,
    tableStarts,
    dataStart,
    root: isFat32 ? { cluster: boot.readUInt32LE(44) } : { start: rootStart, size: rootSize },
    informationStart: isFat32 ? boot.readUInt16LE(48) * sector : undefined,
  };
}
