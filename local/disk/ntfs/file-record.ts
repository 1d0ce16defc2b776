import { decodeRuns, encodeRuns, clustersIn, type Run } from './run-list';
import { updateSequenceLength } from './update-sequence';

/** Attribute types that this room knows: https://flatcap.github.io/linux-ntfs/ntfs/attributes/index.html */
export const ATTRIBUTE = {
  standardInformation: 0x10,
  attributeList: 0x20,
  fileName: 0x30,
  securityDescriptor: 0x50,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  bitmap: 0xb0,
} as const;

const FLAG_IN_USE = 1;
const FLAG_DIRECTORY = 2;
/** Compressed, encrypted, sparse. */
const SPECIAL_FLAGS = 0xc0ff;

/** What every attribute has. */
interface AttributeHead {
  readonly type: number;
  readonly name: string;
  readonly id: number;
  readonly flags: number;
  /** As it stood on the disk; a changed attribute has none and is encoded anew. */
  readonly encoded?: Buffer;
}

export interface ResidentAttribute extends AttributeHead {
  readonly place: 'record';
  readonly isIndexed: boolean;
  readonly value: Buffer;
}

export interface NonResidentAttribute extends AttributeHead {
  readonly place: 'clusters';
  readonly runs: readonly Run[];
  /** In bytes. */
  readonly dataSize: number;
  /** In bytes: what lies behind reads as zeros. */
  readonly initializedSize: number;
}

export type Attribute = ResidentAttribute | NonResidentAttribute;

/** A file or directory. `attributes` is replaced as a whole when one changes; nothing is on the disk until it is written. */
export interface FileRecord {
  readonly number: number;
  sequence: number;
  linkCount: number;
  isInUse: boolean;
  readonly isDirectory: boolean;
  nextId: number;
  /** The number of the update sequence that was found on the disk. */
  readonly updateSequenceNumber: number;
  attributes: readonly Attribute[];
}

/** Which record, and which of those that stood in its place one after another. */
export interface FileReference {
  readonly number: number;
  readonly sequence: number;
}

/** Reads a reference of 8 bytes. */
export function readReference(bytes: Buffer, at: number): FileReference {
  return { number: bytes.readUIntLE(at, 6), sequence: bytes.readUInt16LE(at + 6) };
}

/** Writes a reference of 8 bytes. */
export function writeReference(bytes: Buffer, at: number, { number, sequence }: FileReference): void {
  bytes.writeUIntLE(number, at, 6);
  bytes.writeUInt16LE(sequence, at + 6);
}

/**
 * A record from its bytes (https://flatcap.github.io/linux-ntfs/ntfs/concepts/file_record.html), the update sequence
 * already taken out.
 */
export function decodeRecord(bytes: Buffer, number: number): FileRecord {
  const attributes: Attribute[] = [];
  for (let at = bytes.readUInt16LE(20); bytes.readUInt32LE(at) !== 0xffffffff;) {
    const length = bytes.readUInt32LE(at + 4);
    if (length < 16 || at + length > bytes.length) throw new Error(`File record ${number} is damaged.`);
    attributes.push(decodeAttribute(bytes.subarray(at, at + length)));
    at += length;
  }
  const flags = bytes.readUInt16LE(22);
  return {
    number,
    sequence: bytes.readUInt16LE(16),
    linkCount: bytes.readUInt16LE(18),
    isInUse: (flags & FLAG_IN_USE) !== 0,
    isDirectory: (flags & FLAG_DIRECTORY) !== 0,
    nextId: bytes.readUInt16LE(40),
    updateSequenceNumber: bytes.readUInt16LE(bytes.readUInt16LE(4)),
    attributes,
  };
}

function decodeAttribute(encoded: Buffer): Attribute {
  const nameAt = encoded.readUInt16LE(10);
  const nameLength = encoded.readUInt8(9);
  const head = {
    type: encoded.readUInt32LE(0),
    name: nameLength === 0 ? '' : encoded.toString('utf16le', nameAt, nameAt + 2 * nameLength),
    flags: encoded.readUInt16LE(12),
    id: encoded.readUInt16LE(14),
    encoded,
  };
  if (encoded.readUInt8(8) === 0) {
    const valueAt = encoded.readUInt16LE(20);
    const value = encoded.subarray(valueAt, valueAt + encoded.readUInt32LE(16));
    return { ...head, place: 'record', isIndexed: encoded.readUInt8(22) !== 0, value };
  }
  return {
    ...head,
    place: 'clusters',
    runs: decodeRuns(encoded.subarray(encoded.readUInt16LE(32))),
    dataSize: Number(encoded.readBigUInt64LE(48)),
    initializedSize: Number(encoded.readBigUInt64LE(56)),
  };
}

/** How the record fits: its bytes without the update sequence, or undefined if they are more than a record has. */
export function encodeRecord(record: FileRecord, recordSize: number, clusterSize: number): Buffer | undefined {
  const attributes = record.attributes.map((attribute) => attribute.encoded ?? encodeAttribute(attribute, clusterSize));
  const sequenceLength = updateSequenceLength(recordSize);
  const firstAt = roundUp(48 + 2 * sequenceLength, 8);
  const used = firstAt + attributes.reduce((sum, attribute) => sum + attribute.length, 0) + 8;
  if (used > recordSize) return undefined;
  const bytes = Buffer.alloc(recordSize);
  bytes.write('FILE', 0, 'latin1');
  bytes.writeUInt16LE(48, 4);
  bytes.writeUInt16LE(sequenceLength, 6);
  bytes.writeUInt16LE(record.sequence, 16);
  bytes.writeUInt16LE(record.linkCount, 18);
  bytes.writeUInt16LE(firstAt, 20);
  bytes.writeUInt16LE((record.isInUse ? FLAG_IN_USE : 0) | (record.isDirectory ? FLAG_DIRECTORY : 0), 22);
  bytes.writeUInt32LE(used, 24);
  bytes.writeUInt32LE(recordSize, 28);
  bytes.writeUInt16LE(record.nextId, 40);
  bytes.writeUInt32LE(record.number, 44);
  bytes.writeUInt16LE(record.updateSequenceNumber, 48);
  Buffer.concat(attributes).copy(bytes, firstAt);
  bytes.writeUInt32LE(0xffffffff, used - 8);
  return bytes;
}

function encodeAttribute(attribute: Attribute, clusterSize: number): Buffer {
  const name = Buffer.from(attribute.name, 'utf16le');
  const headLength = attribute.place === 'record' ? 24 : 64;
  const contentAt = roundUp(headLength + name.length, 8);
  const content = attribute.place === 'record' ? attribute.value : encodeRuns(attribute.runs);
  const bytes = Buffer.alloc(roundUp(contentAt + content.length, 8));
  bytes.writeUInt32LE(attribute.type, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes.writeUInt8(attribute.place === 'record' ? 0 : 1, 8);
  bytes.writeUInt8(attribute.name.length, 9);
  bytes.writeUInt16LE(name.length > 0 ? headLength : 0, 10);
  bytes.writeUInt16LE(attribute.flags, 12);
  bytes.writeUInt16LE(attribute.id, 14);
  if (attribute.place === 'record') {
    bytes.writeUInt32LE(attribute.value.length, 16);
    bytes.writeUInt16LE(contentAt, 20);
    bytes.writeUInt8(attribute.isIndexed ? 1 : 0, 22);
  } else {
    const clusters = clustersIn(attribute.runs);
    bytes.writeBigInt64LE(BigInt(clusters - 1), 24);
    bytes.writeUInt16LE(contentAt, 32);
    bytes.writeBigUInt64LE(BigInt(clusters * clusterSize), 40);
    bytes.writeBigUInt64LE(BigInt(attribute.dataSize), 48);
    bytes.writeBigUInt64LE(BigInt(attribute.initializedSize), 56);
  }
  name.copy(bytes, headLength);
  content.copy(bytes, contentAt);
  return bytes;
}

/** The attribute of a type and name. Throws an Error for a record whose attributes lie in other records as well. */
export function findAttribute(record: FileRecord, type: number, name = ''): Attribute | undefined {
  if (record.attributes.some((attribute) => attribute.type === ATTRIBUTE.attributeList))
    throw new Error(`File record ${record.number} has an attribute list, which this room does not read.`);
  return record.attributes.find((attribute) => attribute.type === type && attribute.name === name);
}

/** As `findAttribute`; throws an Error if there is none. */
export function demandAttribute(record: FileRecord, type: number, name = ''): Attribute {
  const found = findAttribute(record, type, name);
  if (!found) throw new Error(`File record ${record.number} has no attribute ${type.toString(16)} "${name}".`);
  return found;
}

/** A value that stands in the record, a copy. Throws an Error if there is none. */
export function demandResident(record: FileRecord, type: number, name = ''): Buffer {
  const attribute = demandAttribute(record, type, name);
  if (attribute.place === 'record') return Buffer.from(attribute.value);
  throw new Error(`File record ${record.number}: attribute ${type.toString(16)} is not in the record.`);
}

/** Throws an Error for an attribute that is compressed, encrypted or sparse: this room does not write those. */
export function demandPlain(record: FileRecord, attribute: Attribute): void {
  if ((attribute.flags & SPECIAL_FLAGS) !== 0)
    throw new Error(
      `File record ${record.number} is compressed, encrypted or sparse, which this room does not handle.`,
    );
}

/** Puts `next` in the place of `previous`. */
export function replaceAttribute(record: FileRecord, previous: Attribute, next: Attribute): void {
  record.attributes = record.attributes.map((attribute) => (attribute === previous ? next : attribute));
}

/** Takes an attribute out of the record; its clusters stay as they are. */
export function removeAttribute(record: FileRecord, removed: Attribute): void {
  record.attributes = record.attributes.filter((attribute) => attribute !== removed);
}

/** Puts an attribute where the order of types and names wants it, with an id of its own, and gives it. */
export function addAttribute<Added extends Omit<Attribute, 'id'>>(
  record: FileRecord,
  added: Added,
): Added & { id: number } {
  const attribute = { ...added, id: record.nextId };
  record.nextId += 1;
  record.attributes = [...record.attributes, attribute as unknown as Attribute].sort(
    (left, right) => left.type - right.type || compareNames(left.name, right.name),
  );
  return attribute;
}

function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The next multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
