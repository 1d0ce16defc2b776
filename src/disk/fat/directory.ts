import type { DirectoryEntry } from '../volumes/file-volume';

/** A file or directory as its directory holds it. */
export interface FatEntry extends DirectoryEntry {
  /** The name in eight and three characters, by which it is found too. */
  readonly shortName: string;
  readonly firstCluster: number;
}

const ENTRY_SIZE = 32;
const ATTRIBUTE_VOLUME = 0x08;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LAST_LONG_ENTRY = 0x40;
const LOWER_BASE = 0x08;
const LOWER_EXTENSION = 0x10;

/** Where the 13 characters of a long name's entry lie. */
const LONG_NAME_PARTS: readonly (readonly [start: number, end: number])[] = [
  [1, 11],
  [14, 26],
  [28, 32],
];

interface LongNamePart {
  readonly order: number;
  readonly checksum: number;
  readonly text: string;
}

/**
 * The entries of a directory from its bytes, without deleted ones, the volume's label, `.` and `..`: fatgen103 (see
 * boot-sector.ts), "FAT Directory Structure" and "FAT Long Directory Entries". A long name counts only if all its parts
 * are there in order and carry the checksum of the short name that follows; else the short name is all there is.
 */
export function parseDirectory(bytes: Buffer): FatEntry[] {
  const entries: FatEntry[] = [];
  let longName: LongNamePart[] = [];
  for (let at = 0; at + ENTRY_SIZE <= bytes.length && bytes[at] !== 0; at += ENTRY_SIZE) {
    const entry = bytes.subarray(at, at + ENTRY_SIZE);
    const isDeleted = entry[0] === 0xe5;
    const attributes = entry.readUInt8(11);
    const isLongName = (attributes & 0x3f) === ATTRIBUTE_LONG_NAME;
    if (!isDeleted && isLongName) {
      longName = continued(longName, longNamePart(entry));
      continue;
    }
    const isListed = !isDeleted && (attributes & ATTRIBUTE_VOLUME) === 0 && entry[0] !== 0x2e;
    if (isListed) entries.push(parseEntry(entry, longName));
    longName = [];
  }
  return entries;
}

function longNamePart(entry: Buffer): LongNamePart {
  const text = LONG_NAME_PARTS.map(([start, end]) => entry.toString('utf16le', start, end)).join('');
  return { order: entry.readUInt8(0), checksum: entry.readUInt8(13), text };
}

/** The last part of a name comes first, and is marked; what does not continue a name is dropped. */
function continued(parts: LongNamePart[], part: LongNamePart): LongNamePart[] {
  if ((part.order & LAST_LONG_ENTRY) !== 0) return [part];
  const previous = parts.at(-1);
  const isNext =
    previous?.checksum === part.checksum && (previous.order & ~LAST_LONG_ENTRY) === part.order + 1 && part.order > 0;
  return isNext ? [...parts, part] : [];
}

function parseEntry(entry: Buffer, parts: readonly LongNamePart[]): FatEntry {
  const shortName = shortNameOf(entry);
  const lastPart = parts.at(-1);
  const isWhole = lastPart && (lastPart.order & ~LAST_LONG_ENTRY) === 1 && lastPart.checksum === checksumOf(entry);
  const longName = parts
    .map((part) => part.text)
    .reverse()
    .join('')
    .replace(/\0.*$/su, '');
  return {
    name: isWhole && longName !== '' ? longName : shortName,
    shortName,
    isDirectory: (entry.readUInt8(11) & ATTRIBUTE_DIRECTORY) !== 0,
    size: entry.readUInt32LE(28),
    modified: fatTime(entry.readUInt16LE(24), entry.readUInt16LE(22)),
    // The upper half is zero on FAT12 and FAT16.
    firstCluster: entry.readUInt16LE(20) * 0x10000 + entry.readUInt16LE(26),
  };
}

/** Windows keeps a name that is lower case throughout as two bits (torvalds/linux:fs/fat/dir.c, CASE_LOWER_BASE). */
function shortNameOf(entry: Buffer): string {
  const bytes = Buffer.from(entry.subarray(0, 11));
  // A name that begins with E5, which marks what is deleted, is written with 05.
  if (bytes[0] === 0x05) bytes[0] = 0xe5;
  const flags = entry.readUInt8(12);
  // assumed: names beyond ASCII depend on a code page that the volume does not name; the EFI partition has none.
  const base = bytes.toString('latin1', 0, 8).trimEnd();
  const extension = bytes.toString('latin1', 8, 11).trimEnd();
  const shownBase = (flags & LOWER_BASE) !== 0 ? base.toLowerCase() : base;
  const shownExtension = (flags & LOWER_EXTENSION) !== 0 ? extension.toLowerCase() : extension;
  return shownExtension === '' ? shownBase : `${shownBase}.${shownExtension}`;
}

function checksumOf(entry: Buffer): number {
  return entry.subarray(0, 11).reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** Local time of unknown zone, given as if UTC; nothing for a date that does not exist. */
function fatTime(date: number, time: number): Date | undefined {
  const [year, month, day] = [1980 + (date >> 9), (date >> 5) & 15, date & 31];
  if (month < 1 || month > 12 || day < 1) return undefined;
  return new Date(Date.UTC(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2));
}
