import { deleteAttribute, readValue, sizeOf, writeValue, type VolumeParts } from './attribute-value';
import {
  addAttribute,
  ATTRIBUTE,
  demandAttribute,
  demandResident,
  findAttribute,
  replaceAttribute,
  type FileRecord,
} from './file-record';
import { decodeBlock, decodeNode, encodeBlock, encodeNode, lastEntry, type IndexEntry } from './index-node';

/** Every directory's index is named so. */
export const INDEX_NAME = '$I30';

/** The node in the record itself; the others are index blocks, by number. */
export const ROOT = -1;

const ROOT_HEADER_AT = 16;

/** In bytes, once there are blocks: the list of their places shall find room in the record as well. */
const LONGEST_ROOT = 256;

/** A directory's nodes. Blocks are written at once; the record is changed in memory, and its owner writes it. */
export interface IndexStorage {
  read(node: number): IndexEntry[];
  /** Whether the entries fit; if they do not, nothing is changed. */
  write(node: number, entries: readonly IndexEntry[]): boolean;
  allocateBlock(): number;
  freeBlock(node: number): void;
  /** Gives all blocks back: the directory fits into its record again. */
  dropBlocks(): void;
}

/** The value of `$INDEX_ROOT` of an empty directory. */
export function emptyIndexRoot(parts: VolumeParts): Buffer {
  const { indexBlockSize, indexUnit } = parts.geometry;
  const head = Buffer.alloc(ROOT_HEADER_AT);
  head.writeUInt32LE(ATTRIBUTE.fileName, 0);
  // Names in upper case, by the volume's table.
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(indexBlockSize, 8);
  head.writeUInt8(indexBlockSize / indexUnit, 12);
  return Buffer.concat([head, encodeNode([lastEntry(undefined)], 16)]);
}

export function openIndexStorage(parts: VolumeParts, directory: FileRecord): IndexStorage {
  const blockSize = demandResident(directory, ATTRIBUTE.indexRoot, INDEX_NAME).readUInt32LE(8);
  const unitsOfBlock = blockSize / parts.geometry.indexUnit;

  function blocks() {
    return demandAttribute(directory, ATTRIBUTE.indexAllocation, INDEX_NAME);
  }
  function placeOf(node: number): number {
    return node * parts.geometry.indexUnit;
  }
  function writeRoot(entries: readonly IndexEntry[]): boolean {
    const attribute = demandAttribute(directory, ATTRIBUTE.indexRoot, INDEX_NAME);
    const head = demandResident(directory, ATTRIBUTE.indexRoot, INDEX_NAME).subarray(0, ROOT_HEADER_AT);
    const value = Buffer.concat([head, encodeNode(entries, 16)]);
    const isTooLong =
      entries[0]?.child !== undefined && value.length > LONGEST_ROOT && value.length > sizeOf(attribute);
    if (isTooLong) return false;
    const next = { ...attribute, place: 'record' as const, isIndexed: false, value, encoded: undefined };
    replaceAttribute(directory, attribute, next);
    if (parts.records.fits(directory)) return true;
    replaceAttribute(directory, next, attribute);
    return false;
  }
  function markBlock(block: number, isTaken: boolean): void {
    const bitmap = demandAttribute(directory, ATTRIBUTE.bitmap, INDEX_NAME);
    const byte = readValue(parts, directory, bitmap, block >> 3, 1).readUInt8(0);
    const bit = 1 << (block & 7);
    writeValue(parts, directory, bitmap, block >> 3, Buffer.of(isTaken ? byte | bit : byte & ~bit));
  }
  /** Room for more blocks: a quarter more, so that a directory that grows beside other files stays in few pieces. */
  function growBlocks(): void {
    const allocation =
      findAttribute(directory, ATTRIBUTE.indexAllocation, INDEX_NAME) ??
      addAttribute(directory, {
        ...{ type: ATTRIBUTE.indexAllocation, name: INDEX_NAME, flags: 0, runs: [], dataSize: 0, initializedSize: 0 },
        place: 'clusters' as const,
      });
    const bitmap =
      findAttribute(directory, ATTRIBUTE.bitmap, INDEX_NAME) ??
      addAttribute(directory, {
        ...{ type: ATTRIBUTE.bitmap, name: INDEX_NAME, flags: 0, isIndexed: false, value: Buffer.alloc(8) },
        place: 'record' as const,
      });
    const before = sizeOf(allocation) / blockSize;
    const added = Math.max(1, Math.floor(before / 4));
    const empty = Buffer.alloc(added * blockSize);
    writeValue(parts, directory, allocation, before * blockSize, empty);
    const bitmapSize = Math.ceil((before + added) / 64) * 8;
    if (bitmapSize > sizeOf(bitmap))
      writeValue(parts, directory, bitmap, sizeOf(bitmap), Buffer.alloc(bitmapSize - sizeOf(bitmap)));
  }
  function findFreeBlock(): number | undefined {
    const allocation = findAttribute(directory, ATTRIBUTE.indexAllocation, INDEX_NAME);
    const bitmap = findAttribute(directory, ATTRIBUTE.bitmap, INDEX_NAME);
    if (!allocation || !bitmap) return undefined;
    const bits = readValue(parts, directory, bitmap);
    for (let block = 0; block < sizeOf(allocation) / blockSize; block += 1)
      if ((((bits[block >> 3] ?? 0) >> (block & 7)) & 1) === 0) return block;
    return undefined;
  }

  return {
    read(node) {
      if (node === ROOT)
        return decodeNode(demandResident(directory, ATTRIBUTE.indexRoot, INDEX_NAME).subarray(ROOT_HEADER_AT));
      return decodeBlock(readValue(parts, directory, blocks(), placeOf(node), blockSize));
    },
    write(node, entries) {
      if (node === ROOT) return writeRoot(entries);
      const former = readValue(parts, directory, blocks(), placeOf(node), blockSize);
      const block = encodeBlock(entries, node, blockSize, former);
      if (block) writeValue(parts, directory, blocks(), placeOf(node), block);
      return block !== undefined;
    },
    allocateBlock() {
      let block = findFreeBlock();
      if (block === undefined) {
        growBlocks();
        block = findFreeBlock();
      }
      if (block === undefined) throw new Error('A directory did not grow.');
      markBlock(block, true);
      return block * unitsOfBlock;
    },
    freeBlock(node) {
      markBlock(node / unitsOfBlock, false);
    },
    dropBlocks() {
      for (const type of [ATTRIBUTE.indexAllocation, ATTRIBUTE.bitmap]) {
        const attribute = findAttribute(directory, type, INDEX_NAME);
        if (attribute) deleteAttribute(parts, directory, attribute);
      }
    },
  };
}
