/** Reads binary XML back: as much of it as events need that are written by templates. */
import { token } from './binary-xml';

/** A value as it lies in the log, or a text as it stands in a template. */
export type Piece = { kind: 'text'; text: string } | { kind: 'value'; type: number; bytes: Buffer } | XmlElement;

export interface XmlElement {
  kind: 'element';
  name: string;
  attributes: Map<string, Piece[]>;
  content: Piece[];
}

/** What stands in a chunk, and where the reading is; inside a template the values of its instance. */
interface Reading {
  chunk: Buffer;
  at: number;
  values: readonly Value[] | undefined;
  hasDependencyIds: boolean;
}

interface Value {
  type: number;
  at: number;
  size: number;
}

const binaryXml = 0x21;

/** The elements of a record whose binary XML begins at `start`. Throws an Error for what this reader does not know. */
export function readFragment(chunk: Buffer, start: number): Piece[] {
  return readPieces({ chunk, at: start, values: undefined, hasDependencyIds: true });
}

/** Up to and with the token that ends them. */
function readPieces(reading: Reading): Piece[] {
  const pieces: Piece[] = [];
  for (;;) {
    const kind = readUInt8(reading);
    if (kind === token.end || kind === token.endElement) return pieces;
    pieces.push(...readPiece(reading, kind));
  }
}

function readPiece(reading: Reading, kind: number): Piece[] {
  switch (kind) {
    case token.fragment:
      reading.at += 3;
      return [];
    case token.element:
    case token.elementWithAttributes:
      return [readElement(reading, kind === token.elementWithAttributes)];
    case token.text:
      reading.at += 1;
      return [{ kind: 'text', text: readText(reading) }];
    case token.hole:
    case token.optionalHole:
      return readHole(reading);
    case token.instance:
      return readInstance(reading);
    default:
      throw new Error(
        `The event log holds the token ${kind} at ${reading.at - 1} of a chunk, which is not known here.`,
      );
  }
}

function readElement(reading: Reading, hasAttributes: boolean): XmlElement {
  if (reading.hasDependencyIds) reading.at += 2;
  reading.at += 4;
  const element: XmlElement = { kind: 'element', name: readName(reading), attributes: new Map(), content: [] };
  if (hasAttributes) reading.at += 4;
  for (;;) {
    const kind = readUInt8(reading);
    if (kind === token.closeEmpty) return element;
    if (kind === token.closeStart) return { ...element, content: readPieces(reading) };
    if (kind !== token.attribute && kind !== token.lastAttribute) {
      throw new Error(`The event log holds the token ${kind} where an attribute should be.`);
    }
    const name = readName(reading);
    element.attributes.set(name, readPiece(reading, readUInt8(reading)));
  }
}

/** A missing value leaves nothing behind. */
function readHole(reading: Reading): Piece[] {
  const value = reading.values?.[readUInt16(reading)];
  reading.at += 1;
  if (value === undefined) throw new Error('The event log holds a template with a hole that has no value.');
  if (value.type === 0) return [];
  const { chunk } = reading;
  if (value.type !== binaryXml) {
    return [{ kind: 'value', type: value.type, bytes: Buffer.from(chunk.subarray(value.at, value.at + value.size)) }];
  }
  if (value.size === 0) return [];
  if (chunk.readUInt8(value.at) === token.fragment) return readFragment(chunk, value.at);
  const inside: Reading = { chunk, at: value.at, values: undefined, hasDependencyIds: false };
  return readPiece(inside, readUInt8(inside));
}

function readInstance(reading: Reading): Piece[] {
  reading.at += 5;
  const definition = readUInt32(reading);
  // At its first use in a chunk the definition stands here: next, GUID, size, and as many bytes.
  if (definition === reading.at) reading.at += 24 + reading.chunk.readUInt32LE(definition + 20);
  const count = readUInt32(reading);
  const descriptors = reading.at;
  reading.at += 4 * count;
  const values: Value[] = [];
  for (let index = 0; index < count; index += 1) {
    const size = reading.chunk.readUInt16LE(descriptors + 4 * index);
    values.push({ type: reading.chunk.readUInt8(descriptors + 4 * index + 2), at: reading.at, size });
    reading.at += size;
  }
  return readPieces({ ...reading, at: definition + 24, values, hasDependencyIds: true });
}

function readName(reading: Reading): string {
  const place = readUInt32(reading);
  const text = readText({ ...reading, at: place + 6 });
  // At its first use in a chunk the name stands here: next, hash, length, units and a NUL.
  if (place === reading.at) reading.at += 8 + 2 * text.length + 2;
  return text;
}

function readText(reading: Reading): string {
  const length = readUInt16(reading);
  const start = reading.at;
  reading.at += 2 * length;
  return reading.chunk.toString('utf16le', start, reading.at);
}

function readUInt8(reading: Reading): number {
  reading.at += 1;
  return reading.chunk.readUInt8(reading.at - 1);
}

function readUInt16(reading: Reading): number {
  reading.at += 2;
  return reading.chunk.readUInt16LE(reading.at - 2);
}

function readUInt32(reading: Reading): number {
  reading.at += 4;
  return reading.chunk.readUInt32LE(reading.at - 4);
}
