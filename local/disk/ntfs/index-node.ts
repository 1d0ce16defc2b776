import { roundUp } from './file-record';
import { updateSequenceLength, withoutUpdateSequence, withUpdateSequence } from './update-sequence';

/** An entry of a directory: whose file, its `$FILE_NAME`, and the node with the names before it. The last has no name. */
export interface IndexEntry {
  /** Eight bytes: a file reference. */
  readonly reference: Buffer;
  /** A value of `$FILE_NAME`; empty at the end of a node. */
  readonly key: Buffer;
  /** Where the names before this one stand; undefined in a leaf. */
  readonly child: number | undefined;
}

const FLAG_HAS_CHILD = 1;
const FLAG_LAST = 2;
const HEADER = 16;
const BLOCK_HEADER_AT = 24;

/** Entries of a node, https://flatcap.github.io/linux-ntfs/ntfs/concepts/index_record.html; `header` begins at the node's header. */
export function decodeNode(header: Buffer): IndexEntry[] {
  const entries: IndexEntry[] = [];
  const end = header.readUInt32LE(4);
  for (let at = header.readUInt32LE(0); at < end;) {
    const length = header.readUInt16LE(at + 8);
    if (length < HEADER || at + length > header.length) throw new Error('A directory of the volume is damaged.');
    const flags = header.readUInt16LE(at + 12);
    const isLast = (flags & FLAG_LAST) !== 0;
    entries.push({
      reference: header.subarray(at, at + 8),
      key: header.subarray(at + 16, at + 16 + (isLast ? 0 : header.readUInt16LE(at + 10))),
      child: (flags & FLAG_HAS_CHILD) === 0 ? undefined : Number(header.readBigUInt64LE(at + length - 8)),
    });
    if (isLast) return entries;
    at += length;
  }
  throw new Error('A directory of the volume is damaged: a node has no end.');
}

/** A node's header and entries, without padding. */
export function encodeNode(entries: readonly IndexEntry[], entriesAt: number, allocated?: number): Buffer {
  const encoded = Buffer.concat(entries.map(encodeEntry));
  const node = Buffer.alloc(entriesAt + encoded.length);
  node.writeUInt32LE(entriesAt, 0);
  node.writeUInt32LE(node.length, 4);
  node.writeUInt32LE(allocated ?? node.length, 8);
  node.writeUInt8(entries[0]?.child === undefined ? 0 : 1, 12);
  encoded.copy(node, entriesAt);
  return node;
}

function encodeEntry({ reference, key, child }: IndexEntry): Buffer {
  const length = entryLength({ key, child });
  const bytes = Buffer.alloc(length);
  reference.copy(bytes, 0);
  bytes.writeUInt16LE(length, 8);
  bytes.writeUInt16LE(key.length, 10);
  bytes.writeUInt16LE((child === undefined ? 0 : FLAG_HAS_CHILD) | (key.length === 0 ? FLAG_LAST : 0), 12);
  key.copy(bytes, 16);
  if (child !== undefined) bytes.writeBigUInt64LE(BigInt(child), length - 8);
  return bytes;
}

/** How many bytes an entry takes. */
export function entryLength({ key, child }: Pick<IndexEntry, 'key' | 'child'>): number {
  return roundUp(HEADER + key.length, 8) + (child === undefined ? 0 : 8);
}

/** The entry at a node's end. */
export function lastEntry(child: number | undefined): IndexEntry {
  return { reference: Buffer.alloc(8), key: Buffer.alloc(0), child };
}

/** The entries of an index block as it stands on disk. */
export function decodeBlock(onDisk: Buffer): IndexEntry[] {
  return decodeNode(withoutUpdateSequence(onDisk, 'INDX').subarray(BLOCK_HEADER_AT));
}

/** An index block as it shall stand on disk, or undefined if the entries do not fit. `former` is what stood there. */
export function encodeBlock(
  entries: readonly IndexEntry[],
  blockNumber: number,
  size: number,
  former: Buffer,
): Buffer | undefined {
  const sequenceAt = BLOCK_HEADER_AT + HEADER;
  const entriesAt = roundUp(sequenceAt + 2 * updateSequenceLength(size), 8) - BLOCK_HEADER_AT;
  const node = encodeNode(entries, entriesAt, size - BLOCK_HEADER_AT);
  if (node.length > size - BLOCK_HEADER_AT) return undefined;
  const block = Buffer.alloc(size);
  block.write('INDX', 0, 'latin1');
  block.writeUInt16LE(sequenceAt, 4);
  block.writeUInt16LE(updateSequenceLength(size), 6);
  block.writeBigUInt64LE(BigInt(blockNumber), 16);
  node.copy(block, BLOCK_HEADER_AT);
  if (former.toString('latin1', 0, 4) === 'INDX') former.copy(block, sequenceAt, sequenceAt, sequenceAt + 2);
  return withUpdateSequence(block);
}
