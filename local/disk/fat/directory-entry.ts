/** Entries of FAT directories: fatgen103.doc ("FAT Directory Structure", "FAT Long Directory Entries"). */
export const ENTRY = 32;
export const ATTRIBUTE_DIRECTORY = 0x10;
export const ATTRIBUTE_ARCHIVE = 0x20;
export const DELETED = 0xe5;
const ATTRIBUTE_VOLUME_LABEL = 0x08;
const ATTRIBUTE_LONG_NAME = 0x0f;
const LAST_LONG_ENTRY = 0x40;
const UNITS_OF_LONG_ENTRY = 13;
/** Where the name's 13 units stand in a long entry. */
const LONG_NAME_PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/** Windows NT keeps "lower case all over" of an 8.3 name in two bits of a byte that was reserved. */
const LOWER_CASE_NAME = 0x08;
const LOWER_CASE_EXTENSION = 0x10;

/** A file or directory: its entry of 32 bytes, and where it and the entries of its long name stand. */
export interface DirectoryEntry {
  readonly name: string;
  readonly shortName: string;
  readonly isDirectory: boolean;
  readonly firstCluster: number;
  /** In bytes; 0 for a directory. */
  readonly size: number;
  /** Place of the first of its entries, in bytes from the directory's start, and of its own. */
  readonly firstAt: number;
  readonly at: number;
  readonly bytes: Buffer;
}

/** All files and directories of a directory's bytes, without `.` and `..` and the volume's label. */
export function decodeDirectory(directory: Buffer): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  let long: { units: string; firstAt: number; checksum: number } | undefined;
  for (let at = 0; at + ENTRY <= directory.length && directory[at] !== 0; at += ENTRY) {
    const bytes = Buffer.from(directory.subarray(at, at + ENTRY));
    const attributes = bytes.readUInt8(11);
    if (bytes.readUInt8(0) === DELETED) {
      long = undefined;
    } else if (attributes === ATTRIBUTE_LONG_NAME) {
      const isFirst = (bytes.readUInt8(0) & LAST_LONG_ENTRY) !== 0;
      const before = isFirst ? undefined : long;
      long = {
        units: unitsOf(bytes) + (before?.units ?? ''),
        firstAt: before?.firstAt ?? at,
        checksum: bytes.readUInt8(13),
      };
    } else {
      const belongs = long?.checksum === checksumOf(bytes.subarray(0, 11));
      const isFile = (attributes & ATTRIBUTE_VOLUME_LABEL) === 0 && bytes.readUInt8(0) !== 0x2e;
      if (isFile) entries.push(decodeEntry(bytes, at, belongs ? long : undefined));
      long = undefined;
    }
  }
  return entries;
}

function decodeEntry(bytes: Buffer, at: number, long: { units: string; firstAt: number } | undefined): DirectoryEntry {
  const shortName = shortNameOf(bytes);
  return {
    name: long?.units ?? shortName,
    shortName,
    isDirectory: (bytes.readUInt8(11) & ATTRIBUTE_DIRECTORY) !== 0,
    firstCluster: bytes.readUInt16LE(20) * 0x10000 + bytes.readUInt16LE(26),
    size: bytes.readUInt32LE(28),
    firstAt: long?.firstAt ?? at,
    at,
    bytes,
  };
}

function unitsOf(longEntry: Buffer): string {
  const units = LONG_NAME_PLACES.map((place) => longEntry.readUInt16LE(place));
  const end = units.indexOf(0);
  return String.fromCharCode(...(end < 0 ? units : units.slice(0, end)));
}

function shortNameOf(bytes: Buffer): string {
  const cases = bytes.readUInt8(12);
  // A first byte of 5 stands for E5, which would say that the entry is free.
  const first = bytes.readUInt8(0) === 5 ? '\u00e5' : bytes.toString('latin1', 0, 1);
  const base = (first + bytes.toString('latin1', 1, 8)).trimEnd();
  const extension = bytes.toString('latin1', 8, 11).trimEnd();
  const name = (cases & LOWER_CASE_NAME) === 0 ? base : base.toLowerCase();
  const end = (cases & LOWER_CASE_EXTENSION) === 0 ? extension : extension.toLowerCase();
  return end === '' ? name : `${name}.${end}`;
}

/** An entry of 32 bytes; `shortName` are its 11 bytes. */
export function encodeEntry(shortName: Buffer, attributes: number, milliseconds: number): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  shortName.copy(bytes);
  bytes.writeUInt8(attributes, 11);
  const { date, time } = dateAndTime(milliseconds);
  bytes.writeUInt16LE(time, 14);
  bytes.writeUInt16LE(date, 16);
  return withTime(bytes, milliseconds);
}

/** The entry with another content. */
export function withContent(bytes: Buffer, firstCluster: number, size: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt16LE(Math.floor(firstCluster / 0x10000), 20);
  changed.writeUInt16LE(firstCluster % 0x10000, 26);
  changed.writeUInt32LE(size, 28);
  return changed;
}

/** The entry written at another time (in ms since the Unix epoch). FAT has local time; an Azure VM's is UTC. */
export function withTime(bytes: Buffer, milliseconds: number): Buffer {
  const changed = Buffer.from(bytes);
  const { date, time } = dateAndTime(milliseconds);
  changed.writeUInt16LE(date, 18);
  changed.writeUInt16LE(time, 22);
  changed.writeUInt16LE(date, 24);
  return changed;
}

function dateAndTime(milliseconds: number): { date: number; time: number } {
  const at = new Date(milliseconds);
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}

/** The entries of a long name, in the order in which they stand before the file's own. */
export function encodeLongName(name: string, shortName: Buffer): Buffer[] {
  const count = Math.ceil(name.length / UNITS_OF_LONG_ENTRY);
  const entries = Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(ENTRY);
    bytes.writeUInt8((index + 1) | (index === count - 1 ? LAST_LONG_ENTRY : 0), 0);
    bytes.writeUInt8(ATTRIBUTE_LONG_NAME, 11);
    bytes.writeUInt8(checksumOf(shortName), 13);
    for (const [unit, place] of LONG_NAME_PLACES.entries()) {
      const at = index * UNITS_OF_LONG_ENTRY + unit;
      // A zero ends the name; what is left after it is filled.
      bytes.writeUInt16LE(at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff, place);
    }
    return bytes;
  });
  return entries.reverse();
}

function checksumOf(shortName: Buffer): number {
  return shortName.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

/** The 11 bytes of a name that is an 8.3 name in upper case already; undefined for any other. */
export function asShortName(name: string): Buffer | undefined {
  const match = /^([A-Z0-9_$~!#%&\-{}()@'`^]{1,8})(?:\.([A-Z0-9_$~!#%&\-{}()@'`^]{1,3}))?$/u.exec(name);
  return match ? shortBytes(match[1] ?? '', match[2] ?? '') : undefined;
}

/** An 8.3 name for a long one, unlike those that are taken: the same in upper case where that will do, or its start and a number. */
export function shortNameFor(name: string, isTaken: (shortName: string) => boolean): Buffer {
  const sameInUpperCase = asShortName(name.toUpperCase());
  if (sameInUpperCase && !isTaken(name.toUpperCase())) return sameInUpperCase;
  const lastDot = name.lastIndexOf('.');
  const base = shortened(lastDot > 0 ? name.slice(0, lastDot) : name);
  const extension = lastDot > 0 ? shortened(name.slice(lastDot + 1)).slice(0, 3) : '';
  for (let number = 1; number < 1_000_000; number += 1) {
    const tail = `~${number}`;
    const start = (base.slice(0, 8 - tail.length) || '_') + tail;
    if (!isTaken(extension === '' ? start : `${start}.${extension}`)) return shortBytes(start, extension);
  }
  throw new Error(`There is no free short name for "${name}".`);
}

function shortened(part: string): string {
  return part
    .toUpperCase()
    .replaceAll(/[ .]/gu, '')
    .replaceAll(/[^A-Z0-9_$~!#%&\-{}()@'`^]/gu, '_');
}

function shortBytes(base: string, extension: string): Buffer {
  return Buffer.from(base.padEnd(8) + extension.padEnd(3), 'latin1');
}
