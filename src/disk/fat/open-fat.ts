import { memorySource, sliceSource, UnreadableError, type ByteSource } from '../byte-source';
import { extentSource } from '../volumes/extent-source';
import { splitPath, type FileVolume } from '../volumes/file-volume';
import { readFatBootSector } from './boot-sector';
import { clusterChain } from './cluster-chain';
import { parseDirectory, type FatEntry } from './directory';

/** 65,536 entries of 32 bytes: the most that a directory may have (fatgen103, see boot-sector.ts). */
const LARGEST_DIRECTORY = 65536 * 32;
const DIRECTORIES_KEPT = 32;

/**
 * A FAT12, FAT16 or FAT32 volume. One read to open; a path costs for each name a read of the directory's clusters, and the
 * allocation table in pieces of 16 KiB: `\EFI\Microsoft\Boot\BCD` is about eight. What was read for one path is kept for the
 * next. Throws `not-this-format`.
 */
export async function openFat(volume: ByteSource): Promise<FileVolume> {
  const geometry = await readFatBootSector(volume);
  const chain = clusterChain(volume, geometry);
  const directories = new Map<number, readonly FatEntry[]>();

  async function rootSource(): Promise<ByteSource> {
    const { root } = geometry;
    if (root.kind === 'fixed') return sliceSource(volume, root.start, root.size);
    return directorySource(root.cluster);
  }

  async function directorySource(cluster: number): Promise<ByteSource> {
    const extents = await chain(cluster, LARGEST_DIRECTORY);
    const size = extents.reduce((total, extent) => total + extent.length, 0);
    return extentSource(volume, extents, size);
  }

  /** Cluster 0 is the root's, as in the `..` of its children. */
  async function entriesOf(cluster: number): Promise<readonly FatEntry[]> {
    const known = directories.get(cluster);
    if (known) return known;
    const source = cluster === 0 ? await rootSource() : await directorySource(cluster);
    const entries = parseDirectory(await source.read(0, source.size));
    const oldest = directories.keys().next().value;
    if (directories.size >= DIRECTORIES_KEPT && oldest !== undefined) directories.delete(oldest);
    directories.set(cluster, entries);
    return entries;
  }

  /** The entry of a path, or nothing for the root itself. */
  async function resolve(path: string): Promise<FatEntry | undefined> {
    let entry: FatEntry | undefined;
    let walked = '';
    for (const name of splitPath(path)) {
      if (entry?.isDirectory === false)
        throw new UnreadableError('not-found', `${walked} is a file and has nothing below it`);
      const wanted = folded(name);
      const entries = await entriesOf(entry?.firstCluster ?? 0);
      walked += `\\${name}`;
      entry = entries.find((each) => folded(each.name) === wanted || folded(each.shortName) === wanted);
      if (!entry) throw new UnreadableError('not-found', `${walked} does not exist`);
    }
    return entry;
  }

  return {
    async openFile(path) {
      const entry = await resolve(path);
      if (entry?.isDirectory !== false) throw new UnreadableError('not-found', `${path} is a directory and not a file`);
      const { size, modified, firstCluster } = entry;
      if (size === 0) return { source: memorySource(Buffer.alloc(0)), size, modified };
      return { source: extentSource(volume, await chain(firstCluster, size), size), size, modified };
    },
    async listDirectory(path) {
      const entry = await resolve(path);
      if (entry?.isDirectory === false) throw new UnreadableError('not-found', `${path} is a file and not a directory`);
      const entries = await entriesOf(entry?.firstCluster ?? 0);
      return entries.map(({ name, isDirectory, size, modified }) => ({ name, isDirectory, size, modified }));
    },
  };
}

/** Without regard to case: one simple upper case for each UTF-16 unit, as Windows compares. */
function folded(name: string): string {
  return name.replace(/[^\0-@[-`{-\x7f]/gu, (character) => {
    const upper = character.toUpperCase();
    return upper.length === character.length ? upper : character;
  });
}
