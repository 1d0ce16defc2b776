import { isWithin, UnreadableError } from '../byte-source';
import { readUint64 } from '../volumes/little-endian';
import { parseFileName, type FileName } from './file-name';
import { readReference, type FileReference } from './file-record';

/** An entry of a directory's tree: a name, except in the last one, and what sorts before it. */
export interface IndexEntry {
  readonly reference: FileReference;
  readonly fileName: FileName | undefined;
  /** Where the node is whose names sort before this entry's. */
  readonly childBlock: number | undefined;
}

const HEADER = 16;
const SMALLEST_ENTRY = 16;
const FLAG_HAS_CHILD = 1;
const FLAG_LAST = 2;

/**
 * The entries of a node, from its header on (https://flatcap.github.io/linux-ntfs/ntfs/concepts/node_header.html,
 * index_record.html). Ends with the entry that is marked as last; throws `damaged` if there is none.
 */
export function parseIndexNode(node: Buffer, what: string): IndexEntry[] {
  const used = node.length < HEADER ? -1 : node.readUInt32LE(4);
  if (!isWithin(node.length, 0, used) || used < HEADER)
    throw new UnreadableError('damaged', `${what} says it uses ${used} of ${node.length} bytes`);
  const entries: IndexEntry[] = [];
  let at = node.readUInt32LE(0);
  // Every entry moves on by at least its header, so the node's size bounds how many there are.
  for (;;) {
    const length = isWithin(used, at, SMALLEST_ENTRY) ? node.readUInt16LE(at + 8) : 0;
    if (length < SMALLEST_ENTRY || !isWithin(used, at, length))
      throw new UnreadableError('damaged', `${what} has an entry of ${length} bytes at ${at}`);
    const entry = node.subarray(at, at + length);
    entries.push(parseEntry(entry, what));
    if ((entry.readUInt16LE(12) & FLAG_LAST) !== 0) return entries;
    at += length;
  }
}

function parseEntry(entry: Buffer, what: string): IndexEntry {
  const flags = entry.readUInt16LE(12);
  const childBytes = (flags & FLAG_HAS_CHILD) !== 0 ? 8 : 0;
  const isLast = (flags & FLAG_LAST) !== 0;
  const keyLength = isLast ? 0 : entry.readUInt16LE(10);
  if (!isLast && keyLength === 0) throw new UnreadableError('damaged', `${what} has an entry without a name`);
  if (SMALLEST_ENTRY + keyLength + childBytes > entry.length)
    throw new UnreadableError('damaged', `${what} has a key of ${keyLength} bytes in an entry of ${entry.length}`);
  return {
    reference: readReference(entry, 0),
    fileName: keyLength === 0 ? undefined : parseFileName(entry.subarray(SMALLEST_ENTRY, SMALLEST_ENTRY + keyLength)),
    childBlock: childBytes === 0 ? undefined : readUint64(entry, entry.length - 8),
  };
}
