import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import type { Extent } from '../volumes/extent-source';
import { keptPages } from '../kept-pages';
import { ENTRY_BITS, type FatGeometry, type FatKind } from './boot-sector';

/**
 * The places of a file's clusters, from its first one to the end of its chain; `limit` (bytes) bounds how far a chain is
 * followed. Throws `damaged` for a chain that leaves the volume, comes to a free or bad cluster, or goes on past the limit,
 * as one that runs in circles does.
 */
export type ClusterChain = (firstCluster: number, limit: number) => Promise<Extent[]>;

const PAGE = 16 * 1024;
const PAGES_KEPT = 16;

/** A file in more pieces than this was made to be so. */
const MOST_EXTENTS = 65536;

/** From here on an entry ends its chain. */
const END_OF_CHAIN = { fat12: 0xff8, fat16: 0xfff8, fat32: 0x0fff_fff8 } as const satisfies Record<FatKind, number>;

/** Entries: fatgen103 (see boot-sector.ts), "FAT Data Structure". One read for each 16 KiB of the table touched. */
export function clusterChain(volume: ByteSource, geometry: FatGeometry): ClusterChain {
  const { clusterSize, clusterCount, tableAt, tableSize, dataAt } = geometry;
  const table = keptPages(volume, { pageBytes: PAGE, pages: PAGES_KEPT });
  const bits = ENTRY_BITS[geometry.kind];
  const endOfChain = END_OF_CHAIN[geometry.kind];

  async function following(cluster: number): Promise<number> {
    // An entry of 12 bits begins in the middle of a byte, or ends there: it is read with its neighbour's half.
    const place = Math.floor((cluster * bits) / 8);
    const width = bits === 32 ? 4 : 2;
    if (!isWithin(tableSize, place, width))
      throw new UnreadableError('damaged', `cluster ${cluster} is beyond the allocation table of ${tableSize} bytes`);
    const entry = (await table.read(tableAt + place, width)).readUIntLE(0, width);
    if (bits === 12) return cluster % 2 === 0 ? entry & 0xfff : entry >> 4;
    // The upper four bits of a FAT32 entry are reserved and to be ignored.
    return bits === 32 ? entry & 0x0fff_ffff : entry;
  }

  return async (firstCluster, limit) => {
    const extents: Extent[] = [];
    const most = Math.min(Math.ceil(limit / clusterSize), clusterCount);
    // Brent's search for circles: a mark that moves on after 1, 2, 4, 8… steps is met again by a chain that runs in one.
    let mark = 0;
    let markAt = 1;
    for (let cluster = firstCluster, count = 0; cluster < endOfChain; cluster = await following(cluster)) {
      if (cluster < 2 || cluster >= clusterCount + 2)
        throw new UnreadableError('damaged', `a chain comes to cluster ${cluster} of ${clusterCount}`);
      count += 1;
      if (count > most) throw new UnreadableError('damaged', `a chain is longer than the ${most} clusters it may have`);
      if (cluster === mark) throw new UnreadableError('damaged', `a chain runs in circles through cluster ${cluster}`);
      if (count === markAt) [mark, markAt] = [cluster, markAt * 2];
      append(extents, dataAt + (cluster - 2) * clusterSize, clusterSize);
    }
    return extents;
  };
}

/** Clusters that follow each other are one piece. */
function append(extents: Extent[], start: number, length: number): void {
  const last = extents.at(-1);
  const continues = last?.start !== null && last?.start !== undefined && last.start + last.length === start;
  if (continues) extents[extents.length - 1] = { start: last.start, length: last.length + length };
  else extents.push({ start, length });
  if (extents.length > MOST_EXTENTS)
    throw new UnreadableError('too-large', `a file in more than ${MOST_EXTENTS} pieces`);
}
