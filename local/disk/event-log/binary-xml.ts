/**
 * Binary XML as event logs hold it: what can be written, and the writing.
 * Format: [MS-EVEN6] 2.2.12, and libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Binary XML".
 */
import { createHash } from 'node:crypto';
import { chunkSize, headerSize, nameBuckets, templateBuckets } from './chunk-layout';

/** Content of an element or an attribute. */
export type Content =
  | { kind: 'text'; text: string }
  | { kind: 'cdata'; text: string }
  | { kind: 'character'; code: number }
  | { kind: 'entity'; name: string }
  | { kind: 'instruction'; target: string; data: string }
  | { kind: 'value'; index: number; type: number; isOptional: boolean }
  | ElementContent
  | InstanceContent;

export interface ElementContent {
  kind: 'element';
  name: string;
  attributes?: Record<string, Content[]>;
  content?: Content[];
}

/** `template` is the identity: a further instance in a chunk refers to the first one's definition. */
export interface InstanceContent {
  kind: 'instance';
  template: string;
  definition: ElementContent;
  values: Value[];
}

/** A value for a hole of a template, by the number of its type; 0x21 is binary XML itself. */
export type Value = { type: number; bytes: Buffer } | { type: 0x21; content: Content };

/** Tokens. `hasMore` in the upper bits says that attributes follow. */
export const token = {
  end: 0x00,
  element: 0x01,
  elementWithAttributes: 0x41,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  text: 0x05,
  lastAttribute: 0x06,
  attribute: 0x46,
  cdata: 0x07,
  character: 0x08,
  entity: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  instance: 0x0c,
  hole: 0x0d,
  optionalHole: 0x0e,
  fragment: 0x0f,
} as const;

const tooLong = 'The event is too long for an event log.';

/** No element of a template depends on a value of its own. */
const noDependency = 0xffff;

/** A chunk that is being written to, with room behind its end so that a record may turn out too long for it. */
export interface ChunkInWork {
  /** The chunk from its start, its header's tables included. */
  bytes: Buffer;
  /** Where the next byte goes. */
  offset: number;
}

/** Room for a chunk and for a record that does not fit any more. */
export function chunkInWork(chunk: Buffer, offset: number): ChunkInWork {
  const bytes = Buffer.alloc(2 * chunkSize);
  chunk.copy(bytes);
  return { bytes, offset };
}

/** Writes a whole document, or what stands for one in a value. Throws an Error for what is too long. */
export function putFragment(chunk: ChunkInWork, content: Content, putting: Putting = { hasDependencyIds: true }): void {
  put(chunk, token.fragment, 1, 1, 0);
  putContent(chunk, content, putting);
  put(chunk, token.end);
}

interface Putting {
  /** Whether elements outside templates carry one; those in templates always do. */
  hasDependencyIds: boolean;
}

function putContent(chunk: ChunkInWork, content: Content, putting: Putting): void {
  switch (content.kind) {
    case 'text':
      put(chunk, token.text, 0x01);
      return putText(chunk, content.text);
    case 'cdata':
      put(chunk, token.cdata);
      return putText(chunk, content.text);
    case 'character':
      put(chunk, token.character);
      return putUInt16(chunk, content.code);
    case 'entity':
      put(chunk, token.entity);
      return putName(chunk, content.name);
    case 'instruction':
      put(chunk, token.instructionTarget);
      putName(chunk, content.target);
      put(chunk, token.instructionData);
      return putText(chunk, content.data);
    case 'value':
      put(chunk, content.isOptional ? token.optionalHole : token.hole);
      putUInt16(chunk, content.index);
      return put(chunk, content.type);
    case 'element':
      return putElement(chunk, content, putting);
    case 'instance':
      return putInstance(chunk, content);
  }
}

function putElement(chunk: ChunkInWork, element: ElementContent, putting: Putting): void {
  const attributes = Object.entries(element.attributes ?? {});
  put(chunk, attributes.length > 0 ? token.elementWithAttributes : token.element);
  if (putting.hasDependencyIds) putUInt16(chunk, noDependency);
  const endSize = beginSize(chunk);
  putName(chunk, element.name);
  if (attributes.length > 0) {
    const endList = beginSize(chunk);
    attributes.forEach(([name, value], index) => {
      put(chunk, index + 1 < attributes.length ? token.attribute : token.lastAttribute);
      putName(chunk, name);
      for (const part of value) putContent(chunk, part, putting);
    });
    endList();
  }
  if (element.content) {
    put(chunk, token.closeStart);
    for (const part of element.content) putContent(chunk, part, putting);
    put(chunk, token.endElement);
  } else {
    put(chunk, token.closeEmpty);
  }
  endSize();
}

function putInstance(chunk: ChunkInWork, instance: InstanceContent): void {
  const guid = createHash('md5').update(instance.template).digest();
  put(chunk, token.instance, 0x01);
  // The template's identifier is the start of its GUID.
  putBytes(chunk, guid.subarray(0, 4));
  const bucket = bucketOf(hashOf([0, 2, 4, 6, 8, 10, 12, 14].map((at) => guid.readUInt16LE(at))), templateBuckets);
  const known = findInBucket(chunk, bucket, (at) => chunk.bytes.subarray(at + 4, at + 20).equals(guid));
  putUInt32(chunk, known ?? chunk.offset + 4);
  if (known === undefined) {
    addToBucket(chunk, bucket);
    putBytes(chunk, guid);
    const endSize = beginSize(chunk);
    putFragment(chunk, instance.definition);
    endSize();
  }
  putUInt32(chunk, instance.values.length);
  let descriptor = chunk.offset;
  putBytes(chunk, Buffer.alloc(4 * instance.values.length));
  for (const value of instance.values) {
    const start = chunk.offset;
    putValue(chunk, value);
    if (chunk.offset - start > 0xffff) throw new Error(tooLong);
    chunk.bytes.writeUInt16LE(chunk.offset - start, descriptor);
    chunk.bytes.writeUInt8(value.type, descriptor + 2);
    descriptor += 4;
  }
}

function putValue(chunk: ChunkInWork, value: Value): void {
  if ('bytes' in value) return putBytes(chunk, value.bytes);
  // An element directly in a value has no dependency identifier; a template instance stands in a fragment.
  if (value.content.kind === 'instance') return putFragment(chunk, value.content);
  putContent(chunk, value.content, { hasDependencyIds: false });
}

/** In place at the first use in a chunk, by its place afterwards. */
function putName(chunk: ChunkInWork, name: string): void {
  const hash = hashOf(unitsOf(name));
  const bucket = bucketOf(hash, nameBuckets);
  const text = Buffer.from(name, 'utf16le');
  const known = findInBucket(
    chunk,
    bucket,
    (at) =>
      chunk.bytes.readUInt16LE(at + 6) === name.length &&
      chunk.bytes.subarray(at + 8, at + 8 + text.length).equals(text),
  );
  putUInt32(chunk, known ?? chunk.offset + 4);
  if (known !== undefined) return;
  addToBucket(chunk, bucket);
  putUInt16(chunk, hash);
  putText(chunk, name);
  putUInt16(chunk, 0);
}

function unitsOf(name: string): number[] {
  return Array.from({ length: name.length }, (_, index) => name.charCodeAt(index));
}

/** [MS-EVEN6] 2.2.12, the production of NameHash. Logs of Windows use it for the GUIDs of templates as well. */
function hashOf(units: readonly number[]): number {
  return units.reduce((hash, unit) => (Math.imul(hash, 65_599) + unit) >>> 0, 0) & 0xffff;
}

/**
 * The chunk's header has a table of names and one of templates: by their hash, the place of the last one written, which
 * begins with the place of the one before. In logs of Windows the newest one stands first.
 */
function bucketOf(hash: number, table: { start: number; count: number }): number {
  return table.start + 4 * (hash % table.count);
}

function findInBucket(chunk: ChunkInWork, bucket: number, isIt: (place: number) => boolean): number | undefined {
  for (let at = chunk.bytes.readUInt32LE(bucket); at >= headerSize; at = chunk.bytes.readUInt32LE(at)) {
    if (isIt(at)) return at;
  }
  return undefined;
}

function addToBucket(chunk: ChunkInWork, bucket: number): void {
  const before = chunk.bytes.readUInt32LE(bucket);
  chunk.bytes.writeUInt32LE(chunk.offset, bucket);
  putUInt32(chunk, before);
}

function beginSize(chunk: ChunkInWork): () => void {
  const place = chunk.offset;
  putUInt32(chunk, 0);
  return () => void chunk.bytes.writeUInt32LE(chunk.offset - place - 4, place);
}

function putText(chunk: ChunkInWork, text: string): void {
  putUInt16(chunk, text.length);
  putBytes(chunk, Buffer.from(text, 'utf16le'));
}

function putUInt16(chunk: ChunkInWork, value: number): void {
  demandRoom(chunk, 2);
  chunk.offset = chunk.bytes.writeUInt16LE(value, chunk.offset);
}

function putUInt32(chunk: ChunkInWork, value: number): void {
  demandRoom(chunk, 4);
  chunk.offset = chunk.bytes.writeUInt32LE(value, chunk.offset);
}

function put(chunk: ChunkInWork, ...bytes: number[]): void {
  putBytes(chunk, Buffer.from(bytes));
}

function putBytes(chunk: ChunkInWork, bytes: Uint8Array): void {
  demandRoom(chunk, bytes.length);
  chunk.bytes.set(bytes, chunk.offset);
  chunk.offset += bytes.length;
}

function demandRoom(chunk: ChunkInWork, length: number): void {
  if (chunk.offset + length > chunk.bytes.length) throw new Error(tooLong);
}
