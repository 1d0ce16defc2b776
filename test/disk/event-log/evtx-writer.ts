/**
 * A writer of .evtx files for tests only, made from the public description of the format (libyal/libevtx,
 * "documentation/Windows XML Event Log (EVTX).asciidoc", and [MS-EVEN6] 2.2.12): there is no tool that writes event
 * logs outside Windows. So these files are NOT made by Windows. What keeps them honest: evtxexport, which we did not
 * write, reads the committed ones and its answers are committed beside them (test/disk/images/make-event-log.sh), and
 * real-log.test.ts reads a log that Windows wrote.
 */
import { crc32 } from 'node:zlib';

const chunkSize = 65_536;
const headerBlockSize = 4096;
const recordsStart = 512;

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

/** `template` is the identity: a second instance in a chunk refers to the first one's definition. */
export interface InstanceContent {
  kind: 'instance';
  template: string;
  definition: ElementContent;
  values: Value[];
}

export type Value = { type: number; bytes: Buffer } | { type: 0x21; content: Content };

export interface EventToWrite {
  recordId: number;
  /** ISO 8601. */
  time: string;
  content: Content;
}

export interface ChunkToWrite {
  events: EventToWrite[];
  /** Events after what the chunk's header speaks of: an unfinished chunk. */
  unannounced?: EventToWrite[];
}

export interface LogToWrite {
  /** In the order of the file; undefined is a slot that was never used. */
  slots: (ChunkToWrite | undefined)[];
  isDirty?: boolean;
  /** What the file header says; by default the truth. */
  header?: { oldestSlot?: number; newestSlot?: number; nextRecordId?: number; chunkCount?: number };
}

export function writeLog(log: LogToWrite): Buffer {
  const used = log.slots.filter((slot) => slot !== undefined);
  const lastIds = log.slots.map((slot) => slot?.events.at(-1)?.recordId ?? 0);
  const lastId = Math.max(0, ...lastIds);
  const newestSlot = Math.max(0, lastIds.indexOf(lastId));
  const header = Buffer.alloc(headerBlockSize);
  header.write('ElfFile\0', 'latin1');
  header.writeBigUInt64LE(BigInt(log.header?.oldestSlot ?? (newestSlot + 1) % Math.max(1, used.length)), 8);
  header.writeBigUInt64LE(BigInt(log.header?.newestSlot ?? newestSlot), 16);
  header.writeBigUInt64LE(BigInt(log.header?.nextRecordId ?? lastId + 1), 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(headerBlockSize, 40);
  header.writeUInt16LE(log.header?.chunkCount ?? used.length, 42);
  header.writeUInt32LE(log.isDirty ? 1 : 0, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...log.slots.map((slot) => (slot ? writeChunk(slot) : Buffer.alloc(chunkSize)))]);
}

/** Writes the right checksums into a log whose bytes were changed: what a careful forger would do. */
export function sealChunks(file: Buffer): void {
  for (let start = headerBlockSize; start + chunkSize <= file.length; start += chunkSize) {
    const chunk = file.subarray(start, start + chunkSize);
    if (chunk.toString('latin1', 0, 7) === 'ElfChnk') sealChunk(chunk);
  }
}

function sealChunk(chunk: Buffer): void {
  const freeSpace = Math.min(chunkSize, Math.max(recordsStart, chunk.readUInt32LE(48)));
  chunk.writeUInt32LE(crc32(chunk.subarray(recordsStart, freeSpace)), 52);
  chunk.writeUInt32LE(crc32(Buffer.concat([chunk.subarray(0, 120), chunk.subarray(128, recordsStart)])), 124);
}

interface ChunkInWork {
  bytes: Buffer;
  offset: number;
  names: Map<string, number>;
  templates: Map<string, number>;
}

function writeChunk({ events, unannounced = [] }: ChunkToWrite): Buffer {
  const chunk: ChunkInWork = {
    bytes: Buffer.alloc(chunkSize),
    offset: recordsStart,
    names: new Map(),
    templates: new Map(),
  };
  let lastRecordOffset = recordsStart;
  for (const event of events) {
    lastRecordOffset = chunk.offset;
    writeRecord(chunk, event);
  }
  const { bytes } = chunk;
  const firstId = BigInt(events[0]?.recordId ?? 1);
  const lastId = BigInt(events.at(-1)?.recordId ?? 0);
  bytes.write('ElfChnk\0', 'latin1');
  bytes.writeBigUInt64LE(firstId, 8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, lastId), 16);
  bytes.writeBigUInt64LE(firstId, 24);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, lastId), 32);
  bytes.writeUInt32LE(128, 40);
  bytes.writeUInt32LE(lastRecordOffset, 44);
  bytes.writeUInt32LE(chunk.offset, 48);
  sealChunk(bytes);
  for (const event of unannounced) writeRecord(chunk, event);
  return bytes;
}

function writeRecord(chunk: ChunkInWork, event: EventToWrite): void {
  const start = chunk.offset;
  chunk.bytes.writeUInt32LE(0x2a2a, start);
  chunk.bytes.writeBigUInt64LE(BigInt(event.recordId), start + 8);
  chunk.bytes.writeBigUInt64LE(fileTime(event.time), start + 16);
  chunk.offset += 24;
  putFragment(chunk, event.content);
  // Records of Windows are multiples of eight bytes.
  chunk.offset += 8 - ((chunk.offset - start + 4) % 8);
  const size = chunk.offset + 4 - start;
  chunk.bytes.writeUInt32LE(size, start + 4);
  chunk.bytes.writeUInt32LE(size, chunk.offset);
  chunk.offset += 4;
}

function putFragment(chunk: ChunkInWork, content: Content): void {
  put(chunk, 0x0f, 1, 1, 0);
  putContent(chunk, content, { hasDependencyIds: true });
  put(chunk, 0);
}

interface Putting {
  hasDependencyIds: boolean;
}

function putContent(chunk: ChunkInWork, content: Content, putting: Putting): void {
  switch (content.kind) {
    case 'text':
      put(chunk, 0x05, 0x01);
      return putText(chunk, content.text);
    case 'cdata':
      put(chunk, 0x07);
      return putText(chunk, content.text);
    case 'character':
      put(chunk, 0x08);
      return putUInt16(chunk, content.code);
    case 'entity':
      put(chunk, 0x09);
      return putName(chunk, content.name);
    case 'instruction':
      put(chunk, 0x0a);
      putName(chunk, content.target);
      put(chunk, 0x0b);
      return putText(chunk, content.data);
    case 'value':
      put(chunk, content.isOptional ? 0x0e : 0x0d);
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
  put(chunk, attributes.length > 0 ? 0x41 : 0x01);
  if (putting.hasDependencyIds) putUInt16(chunk, 0xffff);
  const endSize = beginSize(chunk);
  putName(chunk, element.name);
  if (attributes.length > 0) {
    const endList = beginSize(chunk);
    attributes.forEach(([name, value], index) => {
      put(chunk, index + 1 < attributes.length ? 0x46 : 0x06);
      putName(chunk, name);
      for (const part of value) putContent(chunk, part, putting);
    });
    endList();
  }
  if (element.content) {
    put(chunk, 0x02);
    for (const part of element.content) putContent(chunk, part, putting);
    put(chunk, 0x04);
  } else {
    put(chunk, 0x03);
  }
  endSize();
}

function putInstance(chunk: ChunkInWork, instance: InstanceContent): void {
  put(chunk, 0x0c, 0x01);
  putUInt32(chunk, 1);
  const known = chunk.templates.get(instance.template);
  putUInt32(chunk, known ?? chunk.offset + 4);
  if (known === undefined) {
    chunk.templates.set(instance.template, chunk.offset);
    putUInt32(chunk, 0);
    // The template's GUID; its first four bytes are the identifier above.
    putUInt32(chunk, 1);
    put(chunk, ...Buffer.alloc(12));
    const endSize = beginSize(chunk);
    putFragment(chunk, instance.definition);
    endSize();
  }
  putUInt32(chunk, instance.values.length);
  let descriptor = chunk.offset;
  chunk.offset += 4 * instance.values.length;
  for (const value of instance.values) {
    const start = chunk.offset;
    putValue(chunk, value);
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
  const known = chunk.names.get(name);
  putUInt32(chunk, known ?? chunk.offset + 4);
  if (known !== undefined) return;
  chunk.names.set(name, chunk.offset);
  putUInt32(chunk, 0);
  putUInt16(chunk, nameHash(name));
  putText(chunk, name);
  putUInt16(chunk, 0);
}

/** [MS-EVEN6] 2.2.12, the production of NameHash. */
function nameHash(name: string): number {
  let hash = 0;
  for (const character of name) hash = (Math.imul(hash, 65_599) + character.charCodeAt(0)) >>> 0;
  return hash & 0xffff;
}

function beginSize(chunk: ChunkInWork): () => void {
  const place = chunk.offset;
  chunk.offset += 4;
  return () => chunk.bytes.writeUInt32LE(chunk.offset - place - 4, place);
}

function putText(chunk: ChunkInWork, text: string): void {
  putUInt16(chunk, text.length);
  putBytes(chunk, Buffer.from(text, 'utf16le'));
}

function putUInt16(chunk: ChunkInWork, value: number): void {
  chunk.offset = chunk.bytes.writeUInt16LE(value, chunk.offset);
}

function putUInt32(chunk: ChunkInWork, value: number): void {
  chunk.offset = chunk.bytes.writeUInt32LE(value, chunk.offset);
}

function put(chunk: ChunkInWork, ...bytes: number[]): void {
  putBytes(chunk, Buffer.from(bytes));
}

function putBytes(chunk: ChunkInWork, bytes: Buffer): void {
  if (chunk.offset + bytes.length > chunkSize - 16) throw new Error('too many events for one chunk');
  chunk.offset += bytes.copy(chunk.bytes, chunk.offset);
}

/** FILETIME of an ISO time; decimals beyond the millisecond are kept. */
export function fileTime(iso: string): bigint {
  const beyond = /\.\d{3}(\d{4})Z$/.exec(iso)?.[1] ?? '0';
  return (BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n + BigInt(beyond);
}
