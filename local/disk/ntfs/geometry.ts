import type { ByteStore } from '../byte-store';

/** A volume's measures, all in bytes but for the clusters' numbers. */
export interface Geometry {
  readonly clusterSize: number;
  readonly clusterCount: number;
  readonly recordSize: number;
  readonly indexBlockSize: number;
  /** What index blocks are numbered in: clusters, or sectors where a cluster is larger than a block. */
  readonly indexUnit: number;
  readonly tableCluster: number;
  readonly mirrorCluster: number;
}

/** Whether a partition's first sector is that of an NTFS volume. */
export function isNtfs(store: ByteStore): boolean {
  return store.size >= 512 && store.read(3, 8).toString('latin1') === 'NTFS    ';
}

/** The boot sector: https://flatcap.github.io/linux-ntfs/ntfs/files/boot.html. Throws an Error if it is not NTFS's. */
export function readGeometry(store: ByteStore): Geometry {
  if (!isNtfs(store)) throw new Error('There is no NTFS volume: its name is not in the boot sector.');
  const boot = store.read(0, 512);
  const sectorSize = boot.readUInt16LE(11);
  const factor = boot.readUInt8(13);
  const clusterSize = sectorSize * (factor > 0x80 ? 2 ** (256 - factor) : factor);
  const indexBlockSize = sizeOf(boot.readInt8(68), clusterSize);
  return {
    clusterSize,
    clusterCount: Math.floor((Number(boot.readBigUInt64LE(40)) * sectorSize) / clusterSize),
    recordSize: sizeOf(boot.readInt8(64), clusterSize),
    indexBlockSize,
    indexUnit: clusterSize <= indexBlockSize ? clusterSize : 512,
    tableCluster: Number(boot.readBigUInt64LE(48)),
    mirrorCluster: Number(boot.readBigUInt64LE(56)),
  };
}

/** Positive: clusters; negative: a power of two in bytes. */
function sizeOf(value: number, clusterSize: number): number {
  return value > 0 ? value * clusterSize : 2 ** -value;
}
