/**
 * Typed values of binary XML as text.
 * Types: [MS-EVEN6] 3.1.4.7.3 (https://learn.microsoft.com/openspecs/windows_protocols/ms-even6/8aa98312-f199-4e37-a51f-d3a2ccb50d60)
 * and libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Value types"; their text: [MS-EVEN6]
 * 2.2.12.3 (https://msdn.microsoft.com/library/cc231370.aspx).
 */
import { UnreadableError } from '../byte-source';
import { fileTimeToIso } from '../file-time';

export const nullType = 0x00;
export const binaryXmlType = 0x21;
const arrayFlag = 0x80;
const sidType = 0x13;

/** The bytes of one value and what they are. */
export interface TypedValue {
  type: number;
  bytes: Buffer;
  /** Where the bytes lie in the chunk: embedded binary XML refers to names by their place in it. */
  offset: number;
}

/** A size_t: 32 or 64 bits wide, as the machine that wrote it was, and hexadecimal (libevtx, "Value types", SizeTType). */
const sizeType = 0x10;

/** How a type of fixed size is written; the size in bytes decides what is damaged. */
const fixedTypes: Partial<Record<number, { size: number; text: (bytes: Buffer) => string }>> = {
  0x03: { size: 1, text: (bytes) => String(bytes.readInt8()) },
  0x04: { size: 1, text: (bytes) => String(bytes.readUInt8()) },
  0x05: { size: 2, text: (bytes) => String(bytes.readInt16LE()) },
  0x06: { size: 2, text: (bytes) => String(bytes.readUInt16LE()) },
  0x07: { size: 4, text: (bytes) => String(bytes.readInt32LE()) },
  0x08: { size: 4, text: (bytes) => String(bytes.readUInt32LE()) },
  0x09: { size: 8, text: (bytes) => String(bytes.readBigInt64LE()) },
  0x0a: { size: 8, text: (bytes) => String(bytes.readBigUInt64LE()) },
  0x0b: { size: 4, text: (bytes) => String(bytes.readFloatLE()) },
  0x0c: { size: 8, text: (bytes) => String(bytes.readDoubleLE()) },
  0x0d: { size: 4, text: (bytes) => (bytes.readUInt32LE() === 0 ? 'false' : 'true') },
  0x0f: { size: 16, text: guidText },
  0x11: { size: 8, text: (bytes) => fileTimeToIso(bytes.readBigUInt64LE()) },
  0x12: { size: 16, text: systemTimeText },
  0x14: { size: 4, text: (bytes) => `0x${bytes.readUInt32LE().toString(16)}` },
  0x15: { size: 8, text: (bytes) => `0x${bytes.readBigUInt64LE().toString(16)}` },
};

export function isArray(value: TypedValue): boolean {
  return (value.type & arrayFlag) !== 0;
}

/** A value as text; an array as its items with spaces between. Throws an UnreadableError if the size does not fit the type. */
export function valueText(value: TypedValue): string {
  if (isArray(value)) return arrayItems(value).map(valueText).join(' ');
  const { type, bytes } = value;
  if (bytes.length === 0 || type === nullType) return '';
  if (type === 0x01) return unicodeText(bytes);
  // Which code page it was is written nowhere in the log; assumed: Latin.
  if (type === 0x02) return withoutTerminator(bytes.toString('latin1'));
  if (type === sidType) return sidText(bytes);
  if (type === sizeType) return sizeText(bytes);
  const fixed = fixedTypes[type];
  // Binary data, and types that no public description names: nothing is lost as hexadecimal.
  if (!fixed) return bytes.toString('hex').toUpperCase();
  if (bytes.length !== fixed.size) throw wrongSize(type, bytes.length, `${fixed.size}`);
  return fixed.text(bytes);
}

/** The items of an array value, each a value of the base type; at most one per byte. */
export function arrayItems(value: TypedValue): TypedValue[] {
  const type = value.type & ~arrayFlag;
  const items: TypedValue[] = [];
  let start = 0;
  while (start < value.bytes.length) {
    const size = itemSize(type, value.bytes, start);
    if (size === 0 || size > value.bytes.length - start) {
      throw wrongSize(value.type, value.bytes.length, `items of ${size}`);
    }
    items.push({ type, bytes: value.bytes.subarray(start, start + size), offset: value.offset + start });
    start += size;
  }
  return items;
}

function itemSize(type: number, bytes: Buffer, start: number): number {
  const rest = bytes.length - start;
  if (type === 0x01) return unicodeItemSize(bytes, start);
  if (type === 0x02) {
    const end = bytes.indexOf(0, start);
    return end < 0 ? rest : end + 1 - start;
  }
  if (type === sidType) return rest < 8 ? 0 : 8 + 4 * bytes.readUInt8(start + 1);
  // assumed: of a 64-bit machine, as Azure's are, wherever the length allows for that.
  if (type === sizeType) return bytes.length % 8 === 0 ? 8 : 4;
  // An array of a type that has no fixed size (binary data, XML) is not defined: one item.
  return fixedTypes[type]?.size ?? rest;
}

/** Up to and with the end-of-string character, or to the end where there is none. */
function unicodeItemSize(bytes: Buffer, start: number): number {
  for (let at = start; at + 2 <= bytes.length; at += 2) {
    if (bytes.readUInt16LE(at) === 0) return at + 2 - start;
  }
  return bytes.length - start;
}

function unicodeText(bytes: Buffer): string {
  if (bytes.length % 2 !== 0) throw wrongSize(0x01, bytes.length, 'an even number');
  return withoutTerminator(bytes.toString('utf16le'));
}

function withoutTerminator(text: string): string {
  return text.endsWith('\0') ? text.slice(0, -1) : text;
}

/** `{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}`; the first three fields are little-endian ([MS-DTYP] 2.3.4). */
function guidText(bytes: Buffer): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const head = `${hex(bytes.readUInt32LE(0), 8)}-${hex(bytes.readUInt16LE(4), 4)}-${hex(bytes.readUInt16LE(6), 4)}`;
  return `{${head}-${bytes.toString('hex', 8, 10)}-${bytes.toString('hex', 10, 16)}}`;
}

/** SYSTEMTIME (https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-systemtime). */
function systemTimeText(bytes: Buffer): string {
  const field = (index: number, digits: number) => String(bytes.readUInt16LE(index * 2)).padStart(digits, '0');
  return `${field(0, 4)}-${field(1, 2)}-${field(3, 2)}T${field(4, 2)}:${field(5, 2)}:${field(6, 2)}.${field(7, 3)}Z`;
}

/** `S-1-…` as in [MS-DTYP] 2.4.2.1: the authority is big-endian, the sub-authorities little-endian. */
function sidText(bytes: Buffer): string {
  if (bytes.length < 8) throw wrongSize(sidType, bytes.length, 'at least 8');
  const count = bytes.readUInt8(1);
  if (bytes.length !== 8 + 4 * count) throw wrongSize(sidType, bytes.length, `${8 + 4 * count}`);
  const subAuthorities = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + 4 * index));
  return ['S', bytes.readUInt8(0), bytes.readUIntBE(2, 6), ...subAuthorities].join('-');
}

function sizeText(bytes: Buffer): string {
  if (bytes.length === 4) return `0x${bytes.readUInt32LE().toString(16)}`;
  if (bytes.length === 8) return `0x${bytes.readBigUInt64LE().toString(16)}`;
  throw wrongSize(sizeType, bytes.length, '4 or 8');
}

function wrongSize(type: number, size: number, expected: string): UnreadableError {
  return new UnreadableError('damaged', `a value of type 0x${type.toString(16)} has ${size} bytes, not ${expected}`);
}
