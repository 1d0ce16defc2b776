/**
 * A chunk: header, tables, and records one behind the other. Names and templates are shared inside a chunk, never
 * across. Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Chunk", "Event record".
 */
import { crc32 } from 'node:zlib';
import { chunkInWork, putFragment, type Content } from './binary-xml';
import { chunkSize, headerSize } from './chunk-layout';

const field = {
  firstNumber: 8,
  lastNumber: 16,
  firstId: 24,
  lastId: 32,
  headerLength: 40,
  lastRecordOffset: 44,
  freeSpaceOffset: 48,
  recordsChecksum: 52,
  headerChecksum: 124,
} as const;
const recordHeaderSize = 24;
/** Stands for the last id while there is none. assumed: Windows writes it so; libevtx takes no other for intact. */
const noRecord = 0xffff_ffff_ffff_ffffn;
const recordSignature = 0x2a2a;

/** One event as it goes into a chunk. */
export interface RecordToWrite {
  recordId: bigint;
  /** FILETIME. */
  writtenTime: bigint;
  content: Content;
  /** False for a record as a collector keeps it that got the event from another machine; true if not given. */
  hasDependencyIds?: boolean;
}

/** A record in a chunk; `start` and `end` bound its binary XML. */
export interface RecordPlace {
  recordId: bigint;
  start: number;
  end: number;
}

/** A chunk without records, the first of which will have this id. */
export function newChunk(firstRecordId: bigint): Buffer {
  const chunk = Buffer.alloc(chunkSize);
  chunk.write('ElfChnk\0', 'latin1');
  for (const place of [field.firstNumber, field.firstId]) chunk.writeBigUInt64LE(firstRecordId, place);
  for (const place of [field.lastNumber, field.lastId]) chunk.writeBigUInt64LE(noRecord, place);
  chunk.writeUInt32LE(128, field.headerLength);
  chunk.writeUInt32LE(headerSize, field.lastRecordOffset);
  chunk.writeUInt32LE(headerSize, field.freeSpaceOffset);
  sealChunk(chunk);
  return chunk;
}

/**
 * The chunk with one record more, as a copy; undefined if it is full. Throws an Error for a record that no chunk can
 * hold.
 */
export function withRecord(chunk: Buffer, record: RecordToWrite): Buffer | undefined {
  const start = freeSpaceOf(chunk);
  const work = chunkInWork(chunk, start + recordHeaderSize);
  putFragment(work, record.content, { hasDependencyIds: record.hasDependencyIds ?? true });
  // Records of Windows are multiples of eight bytes; the last four repeat the size.
  const size = Math.floor((work.offset - start + 4 + 8) / 8) * 8;
  if (start + size > chunkSize) {
    if (start === headerSize) throw new Error('The event is too long for a chunk of an event log.');
    return undefined;
  }
  const { bytes } = work;
  bytes.writeUInt32LE(recordSignature, start);
  bytes.writeUInt32LE(size, start + 4);
  bytes.writeBigUInt64LE(record.recordId, start + 8);
  bytes.writeBigUInt64LE(record.writtenTime, start + 16);
  bytes.writeUInt32LE(size, start + size - 4);
  announce(bytes, { recordId: record.recordId, start, end: start + size });
  return Buffer.from(bytes.subarray(0, chunkSize));
}

/** Lets the header speak of a record that stands behind the last one. */
function announce(chunk: Buffer, record: { recordId: bigint; start: number; end: number }): void {
  for (const place of [field.lastNumber, field.lastId]) chunk.writeBigUInt64LE(record.recordId, place);
  chunk.writeUInt32LE(record.start, field.lastRecordOffset);
  chunk.writeUInt32LE(record.end, field.freeSpaceOffset);
  sealChunk(chunk);
}

/** Puts the chunk's checksums right, in place. */
export function sealChunk(chunk: Buffer): void {
  const end = Math.min(chunkSize, Math.max(headerSize, chunk.readUInt32LE(field.freeSpaceOffset)));
  chunk.writeUInt32LE(crc32(chunk.subarray(headerSize, end)), field.recordsChecksum);
  chunk.writeUInt32LE(
    crc32(Buffer.concat([chunk.subarray(0, 120), chunk.subarray(128, headerSize)])),
    field.headerChecksum,
  );
}

/** Whether a slot of the file holds a chunk; one that was never used is zeros. */
export function isChunk(slot: Buffer): boolean {
  return slot.toString('latin1', 0, 8) === 'ElfChnk\0';
}

/** Where the next record goes. */
export function freeSpaceOf(chunk: Buffer): number {
  return chunk.readUInt32LE(field.freeSpaceOffset);
}

export function firstRecordIdOf(chunk: Buffer): bigint {
  return chunk.readBigUInt64LE(field.firstId);
}

/** The id of the last record that the header speaks of; one less than the first if there is none. */
export function lastRecordIdOf(chunk: Buffer): bigint {
  const lastId = chunk.readBigUInt64LE(field.lastId);
  return lastId === noRecord ? firstRecordIdOf(chunk) - 1n : lastId;
}

/** The chunk's records in order, also those written after its header: the log was cut off between the two. */
export function recordsOf(chunk: Buffer): RecordPlace[] {
  const records: RecordPlace[] = [];
  for (let at = headerSize; ;) {
    const record = recordAt(chunk, at);
    if (record?.recordId !== firstRecordIdOf(chunk) + BigInt(records.length)) return records;
    records.push(record);
    at = record.end + 4;
  }
}

/** The chunk with a header that speaks of all its records: itself, or else a copy. */
export function withAllAnnounced(chunk: Buffer): Buffer {
  const last = recordsOf(chunk).at(-1);
  if (last === undefined || last.recordId === lastRecordIdOf(chunk)) return chunk;
  const copy = Buffer.from(chunk);
  announce(copy, { recordId: last.recordId, start: last.start - recordHeaderSize, end: last.end + 4 });
  return copy;
}

function recordAt(chunk: Buffer, start: number): RecordPlace | undefined {
  if (start + recordHeaderSize + 4 > chunkSize || chunk.readUInt32LE(start) !== recordSignature) return undefined;
  const size = chunk.readUInt32LE(start + 4);
  if (size < recordHeaderSize + 4 || start + size > chunkSize) return undefined;
  if (chunk.readUInt32LE(start + size - 4) !== size) return undefined;
  return { recordId: chunk.readBigUInt64LE(start + 8), start: start + recordHeaderSize, end: start + size - 4 };
}
