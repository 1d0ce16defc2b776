import { UnreadableError } from '../byte-source';
import type { Cell, Cells } from './cells';
import { decodeName } from './names';

/**
 * Values of keys: their records (`vk`), their data, and the data's type.
 * Format: https://github.com/msuhanov/regf, "Key value", "Big data".
 */

/** The longest data that is read, in bytes; what this tool asks for is a few bytes long. */
const maxValueSize = 16 * 1024 * 1024;

/** Longer data lies in segments of this size, if the hive's minor version is above 3. */
const segmentSize = 16_344;

const compressedNameFlag = 0x0001;
const residentFlag = 0x8000_0000;

/** The types whose data is decoded, by their number. */
const typeNames = new Map([
  [1, 'REG_SZ'],
  [2, 'REG_EXPAND_SZ'],
  [3, 'REG_BINARY'],
  [4, 'REG_DWORD'],
  [7, 'REG_MULTI_SZ'],
  [11, 'REG_QWORD'],
] as const);

/**
 * A value. `bytes` is its data as stored, `typeCode` the number of its type as stored. Strings end at their first NUL.
 * `other` is any other type, and data that does not fit its type (a REG_DWORD of two bytes).
 */
export type RegistryValue = {
  /** Empty for the key's default value. */
  name: string;
  typeCode: number;
  bytes: Buffer;
} & (
  | { type: 'REG_SZ' | 'REG_EXPAND_SZ'; text: string }
  | { type: 'REG_MULTI_SZ'; texts: string[] }
  | { type: 'REG_DWORD'; number: number }
  | { type: 'REG_QWORD'; number: bigint }
  | { type: 'REG_BINARY' | 'other' }
);

/** A value's record, before its data is read. */
export interface ValueRecord {
  name: string;
  typeCode: number;
  /** In bytes. */
  size: number;
  /** The data itself when it is four bytes or less, else the cell that holds it. */
  data: { kind: 'resident'; bytes: Buffer } | { kind: 'cell'; offset: number };
}

/** Reads the record of a value. Throws `damaged` if there is none at the offset. */
export async function readValueRecord(cells: Cells, offset: number): Promise<ValueRecord> {
  const cell = await cells.get(offset, 'value');
  const head = await cell.read(0, 20);
  if (head.toString('latin1', 0, 2) !== 'vk') throw new UnreadableError('damaged', `no value at ${offset}`);
  const sizeField = head.readUInt32LE(4);
  const isCompressed = (head.readUInt16LE(16) & compressedNameFlag) !== 0;
  const name = decodeName(await cell.read(20, head.readUInt16LE(2)), isCompressed);
  const typeCode = head.readUInt32LE(12);
  if (sizeField < residentFlag) {
    return { name, typeCode, size: sizeField, data: { kind: 'cell', offset: head.readUInt32LE(8) } };
  }
  const size = sizeField - residentFlag;
  if (size > 4) throw new UnreadableError('damaged', `a value says that ${size} bytes lie in its four`);
  return { name, typeCode, size, data: { kind: 'resident', bytes: head.subarray(8, 8 + size) } };
}

/** Reads a value's data and decodes it. Throws `too-large` above 16 MiB, `damaged` if the data is not all there. */
export async function readValue(cells: Cells, record: ValueRecord): Promise<RegistryValue> {
  // Copied, so that a small value does not keep a block of the cache alive.
  const bytes = Buffer.from(await readData(cells, record));
  return decodeValue(record.name, record.typeCode, bytes);
}

async function readData(cells: Cells, { data, size }: ValueRecord): Promise<Buffer> {
  if (data.kind === 'resident') return data.bytes;
  if (size === 0) return Buffer.alloc(0);
  if (size > maxValueSize) throw new UnreadableError('too-large', `a value of ${size} bytes`);
  const cell = await cells.get(data.offset, 'value data');
  // Data of this size in one cell is how version 1.3 and other writers store it; a big data record is far smaller.
  if (cell.capacity < size && size > segmentSize) return readSegments(cells, cell, size);
  const pieces = [];
  for (let at = 0; at < size; at += segmentSize) pieces.push(await cell.read(at, Math.min(segmentSize, size - at)));
  return Buffer.concat(pieces);
}

async function readSegments(cells: Cells, record: Cell, size: number): Promise<Buffer> {
  const head = await record.read(0, 8);
  const count = Math.ceil(size / segmentSize);
  if (head.toString('latin1', 0, 2) !== 'db' || head.readUInt16LE(2) < count) {
    throw new UnreadableError('damaged', `the data of a value of ${size} bytes is neither in one cell nor in ${count}`);
  }
  const list = await (await cells.get(head.readUInt32LE(4), 'list of data segments')).read(0, count * 4);
  const pieces = [];
  for (let index = 0; index < count; index += 1) {
    const segment = await cells.get(list.readUInt32LE(index * 4), 'data segment');
    pieces.push(await segment.read(0, Math.min(segmentSize, size - index * segmentSize)));
  }
  return Buffer.concat(pieces);
}

function decodeValue(name: string, typeCode: number, bytes: Buffer): RegistryValue {
  const type = (typeNames as Map<number, typeof typeNames extends Map<number, infer Name> ? Name : never>).get(
    typeCode,
  );
  const value = { name, typeCode, bytes };
  if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') return { ...value, type, text: firstText(utf16(bytes)) };
  if (type === 'REG_MULTI_SZ') return { ...value, type, texts: severalTexts(utf16(bytes)) };
  if (type === 'REG_DWORD' && bytes.length === 4) return { ...value, type, number: bytes.readUInt32LE(0) };
  if (type === 'REG_QWORD' && bytes.length === 8) return { ...value, type, number: bytes.readBigUInt64LE(0) };
  if (type === 'REG_BINARY') return { ...value, type };
  return { ...value, type: 'other' };
}

function utf16(bytes: Buffer): string {
  return decodeName(bytes, false);
}

function firstText(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Texts one after the other, each ended by NUL, the list by an empty one or by the end of the data. */
function severalTexts(text: string): string[] {
  const texts = text.split('\0');
  const end = texts.indexOf('');
  return end < 0 ? texts : texts.slice(0, end);
}
