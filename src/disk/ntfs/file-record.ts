import { isWithin, UnreadableError } from '../byte-source';
import { readUint64 } from '../volumes/little-endian';
import { withFixUps } from './fix-ups';

/** A place in the master file table, and which use of that place is meant. */
export interface FileReference {
  readonly number: number;
  readonly sequence: number;
}

interface AttributeHeader {
  readonly type: number;
  readonly name: string;
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
}

export interface ResidentAttribute extends AttributeHeader {
  readonly resident: true;
  readonly value: Buffer;
}

/** A (part of a) value outside the record; sizes in bytes, and only the part that begins at cluster 0 tells them. */
export interface NonResidentAttribute extends AttributeHeader {
  readonly resident: false;
  readonly firstCluster: number;
  readonly lastCluster: number;
  readonly mappingPairs: Buffer;
  readonly dataSize: number;
  readonly initializedSize: number;
}

export type Attribute = ResidentAttribute | NonResidentAttribute;

export interface FileRecord {
  readonly reference: FileReference;
  readonly isInUse: boolean;
  readonly isDirectory: boolean;
  /** The record that this one extends, if it is not a file's first. */
  readonly base: FileReference | undefined;
  readonly attributes: readonly Attribute[];
}

/** Numbers of attribute types: https://flatcap.github.io/linux-ntfs/ntfs/attributes/index.html. */
export const ATTRIBUTE = {
  standardInformation: 0x10,
  attributeList: 0x20,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  reparsePoint: 0xc0,
} as const;

const END_OF_ATTRIBUTES = 0xffffffff;
const FLAG_COMPRESSED = 0x00ff;
const FLAG_ENCRYPTED = 0x4000;

/**
 * A record of the master file table from its bytes as they lie on disk
 * (https://flatcap.github.io/linux-ntfs/ntfs/concepts/file_record.html). Throws `damaged`.
 */
export function parseFileRecord(bytes: Buffer, number: number): FileRecord {
  const what = `file record ${number}`;
  const record = withFixUps(bytes, 'FILE', what);
  const flags = record.readUInt16LE(22);
  const used = record.readUInt32LE(24);
  if (used > record.length)
    throw new UnreadableError('damaged', `${what} says it uses ${used} of ${record.length} bytes`);
  const base = readReference(record, 32);
  return {
    reference: { number, sequence: record.readUInt16LE(16) },
    isInUse: (flags & 1) !== 0,
    isDirectory: (flags & 2) !== 0,
    base: base.number === 0 && base.sequence === 0 ? undefined : base,
    attributes: parseAttributes(record.subarray(0, used), record.readUInt16LE(20), what),
  };
}

/** A file reference: 48 bits of record number, 16 of sequence. */
export function readReference(bytes: Buffer, offset: number): FileReference {
  return { number: bytes.readUIntLE(offset, 6), sequence: bytes.readUInt16LE(offset + 6) };
}

function parseAttributes(record: Buffer, firstAt: number, what: string): Attribute[] {
  const attributes: Attribute[] = [];
  let at = firstAt;
  for (;;) {
    if (!isWithin(record.length, at, 4))
      throw new UnreadableError('damaged', `${what} ends at ${record.length} without the mark that its attributes end`);
    if (record.readUInt32LE(at) === END_OF_ATTRIBUTES) return attributes;
    const length = isWithin(record.length, at, 24) ? record.readUInt32LE(at + 4) : 0;
    // Every attribute moves on by at least its header, so a record's size bounds how many there are.
    if (length < 24 || !isWithin(record.length, at, length))
      throw new UnreadableError('damaged', `${what} has an attribute of ${length} bytes at ${at}`);
    attributes.push(parseAttribute(record.subarray(at, at + length), `${what}, attribute at ${at}`));
    at += length;
  }
}

/** https://flatcap.github.io/linux-ntfs/ntfs/concepts/attribute_header.html */
function parseAttribute(bytes: Buffer, what: string): Attribute {
  const flags = bytes.readUInt16LE(12);
  const header = {
    type: bytes.readUInt32LE(0),
    name: part(bytes, bytes.readUInt16LE(10), bytes.readUInt8(9) * 2, what).toString('utf16le'),
    isCompressed: (flags & FLAG_COMPRESSED) !== 0,
    isEncrypted: (flags & FLAG_ENCRYPTED) !== 0,
  };
  if (bytes[8] === 0)
    return { ...header, resident: true, value: part(bytes, bytes.readUInt16LE(20), bytes.readUInt32LE(16), what) };
  if (bytes.length < 64) throw new UnreadableError('damaged', `${what} is too short for a value outside the record`);
  const pairsAt = bytes.readUInt16LE(32);
  return {
    ...header,
    resident: false,
    firstCluster: readUint64(bytes, 16),
    // An empty value has a last cluster of -1.
    lastCluster: Number(bytes.readBigInt64LE(24)),
    mappingPairs: part(bytes, pairsAt, Math.max(bytes.length - pairsAt, 0), what),
    dataSize: readUint64(bytes, 48),
    initializedSize: readUint64(bytes, 56),
  };
}

function part(bytes: Buffer, offset: number, length: number, what: string): Buffer {
  if (!isWithin(bytes.length, offset, length))
    throw new UnreadableError('damaged', `${what} points to ${length} bytes at ${offset} of its ${bytes.length}`);
  return bytes.subarray(offset, offset + length);
}
