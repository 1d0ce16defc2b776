import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import { isPowerOfTwo } from '../volumes/little-endian';
import { keptPages } from '../kept-pages';
import type { CaseFolding } from './case-folding';
import type { FileName } from './file-name';
import { ATTRIBUTE, type FileRecord, type FileReference } from './file-record';
import { attributeSource } from './find-attribute';
import { withFixUps } from './fix-ups';
import { parseIndexNode, type IndexEntry } from './index-node';
import type { MasterFileTable } from './master-file-table';

export interface NamedReference {
  readonly reference: FileReference;
  readonly fileName: FileName;
}

/** A directory: a tree of names in order, its root in the file's record, its further nodes in blocks outside. */
export interface DirectoryIndex {
  /** The entry of this name, by either of its names, walking from the root: one read for each level below it. */
  find(name: string): Promise<NamedReference | undefined>;
  /** All entries, without the short aliases of long names: one read for each 64 KiB of the directory. */
  list(): Promise<NamedReference[]>;
}

const INDEX_NAME = '$I30';
const ROOT_HEADER = 16;
const BLOCK_HEADER = 24;
const LARGEST_BLOCK = 64 * 1024;

/** Three levels hold some hundred thousand names; a deeper tree was made to be deep. */
const DEEPEST_TREE = 16;

const PAGE = 64 * 1024;
const LOOKUP_PAGE = 16 * 1024;
const PAGES_KEPT = 16;

interface Blocks {
  readonly lookup: ByteSource;
  readonly listing: ByteSource;
  readonly blockSize: number;
  /** What a block's number counts in: clusters, or 512 bytes if a cluster is larger than a block. */
  readonly unit: number;
}

/**
 * The index of a directory (https://flatcap.github.io/linux-ntfs/ntfs/attributes/index_root.html, index_allocation.html).
 * Throws `damaged` for a record that has none.
 */
export async function openDirectoryIndex(
  table: MasterFileTable,
  record: FileRecord,
  folding: CaseFolding,
): Promise<DirectoryIndex> {
  const what = `directory ${record.reference.number}`;
  const root = await attributeSource(table, record, ATTRIBUTE.indexRoot, INDEX_NAME);
  if (!root || root.size < ROOT_HEADER || root.size > table.geometry.recordSize)
    throw new UnreadableError('damaged', `${what} has no index`);
  const rootBytes = await root.read(0, root.size);
  const rootEntries = parseIndexNode(rootBytes.subarray(ROOT_HEADER), what);
  const blocks = await openBlocks(table, record, rootBytes.readUInt32LE(8), what);

  return {
    async find(name) {
      let entries = rootEntries;
      for (let depth = 0; depth < DEEPEST_TREE; depth += 1) {
        const order = await folding([name, ...entries.map((entry) => entry.fileName?.name ?? '')]);
        const next = entries.find(({ fileName }) => !fileName || order(name, fileName.name) <= 0);
        if (next?.fileName && order(name, next.fileName.name) === 0)
          return { reference: next.reference, fileName: next.fileName };
        if (next?.childBlock === undefined) return undefined;
        entries = await readBlock(blocks, 'lookup', next.childBlock, what);
      }
      throw new UnreadableError('too-deep', `${what} is a tree of more than ${DEEPEST_TREE} levels`);
    },
    async list() {
      const found: NamedReference[] = [];
      const seen = new Set<number>();
      async function walk(entries: readonly IndexEntry[], depth: number): Promise<void> {
        if (depth > DEEPEST_TREE) throw new UnreadableError('too-deep', `${what} has more than ${DEEPEST_TREE} levels`);
        for (const { reference, fileName, childBlock } of entries) {
          if (childBlock !== undefined) {
            if (seen.has(childBlock))
              throw new UnreadableError('damaged', `${what} comes to block ${childBlock} twice`);
            seen.add(childBlock);
            await walk(await readBlock(blocks, 'listing', childBlock, what), depth + 1);
          }
          if (fileName && !fileName.isShortAlias) found.push({ reference, fileName });
        }
      }
      await walk(rootEntries, 1);
      return found;
    },
  };
}

async function openBlocks(
  table: MasterFileTable,
  record: FileRecord,
  blockSize: number,
  what: string,
): Promise<Blocks | undefined> {
  const source = await attributeSource(table, record, ATTRIBUTE.indexAllocation, INDEX_NAME);
  if (!source) return undefined;
  if (!isPowerOfTwo(blockSize) || blockSize < 512 || blockSize > LARGEST_BLOCK)
    throw new UnreadableError('damaged', `${what} has blocks of ${blockSize} bytes`);
  const { clusterSize } = table.geometry;
  return {
    lookup: keptPages(source, { pageBytes: LOOKUP_PAGE, pages: PAGES_KEPT }),
    listing: keptPages(source, { pageBytes: PAGE, pages: PAGES_KEPT }),
    blockSize,
    unit: clusterSize <= blockSize ? clusterSize : 512,
  };
}

async function readBlock(
  blocks: Blocks | undefined,
  use: 'lookup' | 'listing',
  number: number,
  what: string,
): Promise<IndexEntry[]> {
  if (!blocks || !isWithin(blocks[use].size, number * blocks.unit, blocks.blockSize))
    throw new UnreadableError('damaged', `${what} points to block ${number}, which it does not have`);
  const place = `${what}, block ${number}`;
  const block = withFixUps(await blocks[use].read(number * blocks.unit, blocks.blockSize), 'INDX', place);
  if (block.readBigUInt64LE(16) !== BigInt(number))
    throw new UnreadableError('damaged', `${place} is of another place`);
  return parseIndexNode(block.subarray(BLOCK_HEADER), place);
}
