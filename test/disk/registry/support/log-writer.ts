import { marvin32 } from '../../../../local/disk/registry/marvin32';

/**
 * Writes dirty hives and logs as https://github.com/msuhanov/regf describes them, for cases that no real log at hand
 * shows: the old format, and everything that can be wrong with the new one. Its hashes are those of the simulator's
 * hives, which share no code with the readers under test.
 */

const page = 4096;

/** One write: pages of 4,096 bytes by their offset from the start of the hive bins. */
export interface Entry {
  sequence: number;
  pages: { offset: number; bytes: Buffer }[];
  /** As in the hive that the log is for, unless given. */
  hiveBinsSize?: number;
}

/** The pages of a hive that differ between two states of it, as they are in the second. */
export function changedPages(before: Buffer, after: Buffer): Entry['pages'] {
  const pages = [];
  for (let at = page; at < after.length; at += page) {
    const bytes = after.subarray(at, at + page);
    if (!before.subarray(at, at + page).equals(bytes)) pages.push({ offset: at - page, bytes });
  }
  return pages;
}

/** A copy of the hive with these sequence numbers and a right checksum. */
export function withSequences(hive: Buffer, primary: number, secondary: number): Buffer {
  const copy = Buffer.from(hive);
  copy.writeUInt32LE(primary, 4);
  copy.writeUInt32LE(secondary, 8);
  return withChecksum(copy);
}

/** The checksum of the base block put right, in place. */
export function withChecksum(hive: Buffer): Buffer {
  let sum = 0;
  for (let offset = 0; offset < 508; offset += 4) sum ^= hive.readInt32LE(offset);
  hive.writeInt32LE(sum, 508);
  return hive;
}

/** A log in the new format; the number of its first entry is that of its base block. */
export function logWithEntries(hive: Buffer, entries: Entry[]): Buffer {
  const first = entries[0]?.sequence ?? 0;
  return Buffer.concat([logBaseBlock(hive, 6, first), ...entries.map((entry) => logEntry(hive, entry))]);
}

function logEntry(hive: Buffer, { sequence, pages, hiveBinsSize = hive.readUInt32LE(40) }: Entry): Buffer {
  const references = Buffer.alloc(pages.length * 8);
  for (const [index, { offset, bytes }] of pages.entries()) {
    references.writeUInt32LE(offset, index * 8);
    references.writeUInt32LE(bytes.length, index * 8 + 4);
  }
  const content = Buffer.concat([references, ...pages.map(({ bytes }) => bytes)]);
  const entry = Buffer.alloc(Math.ceil((40 + content.length) / 512) * 512);
  entry.write('HvLE', 'latin1');
  entry.writeUInt32LE(entry.length, 4);
  entry.writeUInt32LE(sequence, 12);
  entry.writeUInt32LE(hiveBinsSize, 16);
  entry.writeUInt32LE(pages.length, 20);
  content.copy(entry, 40);
  return withHashes(entry);
}

/** The hashes of an entry put right, in place. */
export function withHashes(entry: Buffer): Buffer {
  marvin32(entry.subarray(40)).copy(entry, 24);
  marvin32(entry.subarray(0, 32)).copy(entry, 32);
  return entry;
}

/** A log in the old format, sectors of 512 bytes. */
export function logWithDirtyVector(hive: Buffer, sequence: number, pages: Entry['pages']): Buffer {
  const sector = 512;
  const bitmap = Buffer.alloc(hive.readUInt32LE(40) / sector / 8);
  // A page of 4,096 bytes is eight of the vector's: one byte of the bitmap.
  for (const { offset } of pages) bitmap[offset / page] = 0xff;
  const vector = Buffer.alloc(Math.ceil((4 + bitmap.length) / sector) * sector);
  vector.write('DIRT', 'latin1');
  bitmap.copy(vector, 4);
  return Buffer.concat([logBaseBlock(hive, 1, sequence), vector, ...pages.map(({ bytes }) => bytes)]);
}

function logBaseBlock(hive: Buffer, fileType: number, sequence: number): Buffer {
  const head = withSequences(hive.subarray(0, 512), sequence, sequence);
  head.writeUInt32LE(fileType, 28);
  return withChecksum(head);
}
