import type { ByteStore } from '../byte-store';
import type { Geometry } from './geometry';

/** Files' clusters: every copy of the table, and FAT32's count of free ones. */
export interface ClusterChains {
  /** The clusters from `first` on; none for 0, which is what an empty file has. Throws an Error for a damaged chain. */
  read(first: number): number[];
  /** Makes a chain longer or shorter and gives it. Throws an Error if the volume is full. */
  resize(chain: readonly number[], length: number): number[];
  readBytes(chain: readonly number[], offset: number, length: number): Buffer;
  writeBytes(chain: readonly number[], offset: number, bytes: Uint8Array): void;
}

const FIRST_CLUSTER = 2;
const FREE_COUNT_AT = 488;
const NEXT_FREE_AT = 492;
const INFORMATION_SIGNATURE = 0x61417272;
const UNKNOWN = 0xffffffff;

export function openClusterChains(store: ByteStore, geometry: Geometry): ClusterChains {
  const { clusterSize, lastCluster } = geometry;
  const entry =
    geometry.kind === 'fat32'
      ? { length: 4, mask: 0x0fffffff, end: 0x0ffffff8, mark: 0x0fffffff }
      : { length: 2, mask: 0xffff, end: 0xfff8, mark: 0xffff };

  function get(cluster: number): number {
    const place = (geometry.tableStarts[0] ?? 0) + cluster * entry.length;
    return (store.read(place, entry.length).readUIntLE(0, entry.length) & entry.mask) >>> 0;
  }
  function set(cluster: number, value: number): void {
    for (const start of geometry.tableStarts) {
      const bytes = store.read(start + cluster * entry.length, entry.length);
      // The upper four bits of FAT32 are not the file system's.
      const kept = (bytes.readUIntLE(0, entry.length) & ~entry.mask) >>> 0;
      bytes.writeUIntLE(kept + value, 0, entry.length);
      store.write(start + cluster * entry.length, bytes);
    }
  }
  function noteFree(change: number, next: number | undefined): void {
    if (geometry.informationStart === undefined) return;
    const information = store.read(geometry.informationStart, 512);
    if (information.readUInt32LE(484) !== INFORMATION_SIGNATURE) return;
    const free = information.readUInt32LE(FREE_COUNT_AT);
    if (free !== UNKNOWN) information.writeUInt32LE(free + change, FREE_COUNT_AT);
    if (next !== undefined) information.writeUInt32LE(next, NEXT_FREE_AT);
    store.write(geometry.informationStart, information);
  }
  function allocate(count: number, near: number): number[] {
    const found: number[] = [];
    for (let step = 0; step < lastCluster - 1 && found.length < count; step += 1) {
      const cluster = FIRST_CLUSTER + ((near - FIRST_CLUSTER + step) % (lastCluster - 1));
      if (get(cluster) === 0) found.push(cluster);
    }
    if (found.length < count)
      throw new Error(`The volume is full: ${count} clusters were asked for and ${found.length} are free.`);
    if (count > 0) noteFree(-count, found.at(-1));
    return found;
  }
  function link(chain: readonly number[]): void {
    for (const [index, cluster] of chain.entries()) set(cluster, chain[index + 1] ?? entry.mark);
  }
  function placeOf(chain: readonly number[], offset: number): number {
    const cluster = chain[Math.floor(offset / clusterSize)];
    if (cluster === undefined) throw new RangeError(`A chain of ${chain.length} clusters has no byte ${offset}.`);
    return geometry.dataStart + (cluster - FIRST_CLUSTER) * clusterSize + (offset % clusterSize);
  }

  return {
    read(first) {
      const chain: number[] = [];
      for (let cluster = first; cluster !== 0 && cluster < entry.end; cluster = get(cluster)) {
        if (cluster < FIRST_CLUSTER || cluster > lastCluster || chain.length > lastCluster)
          throw new Error(`The chain of clusters from ${first} is damaged.`);
        chain.push(cluster);
      }
      return chain;
    },
    resize(chain, length) {
      const kept = chain.slice(0, length);
      const freed = chain.slice(length);
      for (const cluster of freed) set(cluster, 0);
      if (freed.length > 0) noteFree(freed.length, undefined);
      const added = allocate(length - kept.length, ((kept.at(-1) ?? FIRST_CLUSTER) % lastCluster) + 1);
      const resized = [...kept, ...added];
      // From the last cluster that was kept on, whose link changes.
      link(resized.slice(Math.max(0, kept.length - 1)));
      return resized;
    },
    readBytes(chain, offset, length) {
      const result = Buffer.alloc(length);
      for (const piece of piecesOf(offset, length, clusterSize))
        store.read(placeOf(chain, piece.at), piece.length).copy(result, piece.at - offset);
      return result;
    },
    writeBytes(chain, offset, bytes) {
      for (const piece of piecesOf(offset, bytes.length, clusterSize)) {
        const from = piece.at - offset;
        store.write(placeOf(chain, piece.at), bytes.subarray(from, from + piece.length));
      }
    },
  };
}

function* piecesOf(offset: number, length: number, clusterSize: number): Generator<{ at: number; length: number }> {
  for (let at = offset; at < offset + length;) {
    const taken = Math.min(clusterSize - (at % clusterSize), offset + length - at);
    yield { at, length: taken };
    at += taken;
  }
}
