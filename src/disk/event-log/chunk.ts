/**
 * A chunk: a header of 512 bytes and the records after it. Names and templates are shared inside a chunk and never
 * across, so each can be read alone.
 * Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Chunk".
 */
import { crc32 } from '../crc32';
import { fileTimeToUnixMilliseconds } from '../file-time';
import { chunkSize } from './file-header';

const headerSize = 512;
const recordHeaderSize = 24;
/** A record's header and the copy of its size at its end. */
const smallestRecord = recordHeaderSize + 4;
/** What a look at a chunk takes: its header and the header of its first record, which has the time. */
export const chunkProbeSize = headerSize + recordHeaderSize;

const chunkSignature = Buffer.from('ElfChnk\0', 'latin1');
const recordSignature = 0x00002a2a;

export interface ChunkHeader {
  firstRecordId: bigint;
  lastRecordId: bigint;
  freeSpaceOffset: number;
  recordsChecksum: number;
  /** When the first record was written, in ms since the Unix epoch. */
  firstRecordTime: number;
}

/** What a slot of the file holds. `begun`: by its header without records; `unused`: never written to. */
export type ChunkState =
  { kind: 'used'; header: ChunkHeader } | { kind: 'begun' } | { kind: 'unused' } | { kind: 'damaged'; problem: string };

/** A record as it lies in its chunk; `start` and `end` bound its binary XML. */
export interface RecordPlace {
  recordId: bigint;
  /** FILETIME. */
  writtenTime: bigint;
  start: number;
  end: number;
}

/** Reads the header of a chunk from at least its first `chunkProbeSize` bytes. */
export function parseChunkHeader(bytes: Buffer): ChunkState {
  if (bytes.subarray(0, headerSize).every((byte) => byte === 0)) return { kind: 'unused' };
  if (!bytes.subarray(0, 8).equals(chunkSignature)) return { kind: 'damaged', problem: 'no ElfChnk signature' };
  if (crc32(bytes.subarray(0, 120), bytes.subarray(128, headerSize)) !== bytes.readUInt32LE(124)) {
    return { kind: 'damaged', problem: 'the checksum of its header is wrong' };
  }
  const freeSpaceOffset = bytes.readUInt32LE(48);
  if (freeSpaceOffset === headerSize) return { kind: 'begun' };
  const header = {
    firstRecordId: bytes.readBigUInt64LE(24),
    lastRecordId: bytes.readBigUInt64LE(32),
    freeSpaceOffset,
    recordsChecksum: bytes.readUInt32LE(52),
    firstRecordTime: fileTimeToUnixMilliseconds(bytes.readBigUInt64LE(headerSize + 16)),
  };
  if (freeSpaceOffset < headerSize || freeSpaceOffset > chunkSize || header.lastRecordId < header.firstRecordId) {
    return { kind: 'damaged', problem: 'its header contradicts itself' };
  }
  return { kind: 'used', header };
}

/** Whether the records are as the header's checksum says. */
export function areRecordsIntact(chunk: Buffer, header: ChunkHeader): boolean {
  return crc32(chunk.subarray(headerSize, header.freeSpaceOffset)) === header.recordsChecksum;
}

/**
 * The records that the header speaks of, in order. Ends before the first that is malformed; `isWhole` says whether the
 * last one was reached.
 */
export function listRecords(chunk: Buffer, header: ChunkHeader): { records: RecordPlace[]; isWhole: boolean } {
  const records: RecordPlace[] = [];
  let offset = headerSize;
  // Every step is at least the smallest record, so a chunk has at most 2,322 of them.
  while (offset < header.freeSpaceOffset) {
    const record = recordAt(chunk, offset, header.freeSpaceOffset);
    if (!record) return { records, isWhole: false };
    records.push(record);
    // The free space may begin later than the records end, with zeros between (same page, "Chunk header").
    if (record.recordId === header.lastRecordId) return { records, isWhole: true };
    offset = record.end + 4;
  }
  return { records, isWhole: false };
}

/**
 * Records from `offset` on that continue the numbers from `nextRecordId`: what was written after the header of an
 * unfinished chunk was. Leftovers of an earlier use of the chunk have lower numbers and end the list.
 */
export function listContinuation(chunk: Buffer, offset: number, nextRecordId: bigint): RecordPlace[] {
  const records: RecordPlace[] = [];
  for (;;) {
    const record = recordAt(chunk, offset, chunkSize);
    if (record?.recordId !== nextRecordId + BigInt(records.length)) return records;
    records.push(record);
    offset = record.end + 4;
  }
}

/** Where records of a chunk begin. */
export const firstRecordOffset = headerSize;

function recordAt(chunk: Buffer, offset: number, limit: number): RecordPlace | undefined {
  if (offset + smallestRecord > limit || chunk.readUInt32LE(offset) !== recordSignature) return undefined;
  const size = chunk.readUInt32LE(offset + 4);
  if (size < smallestRecord || size > limit - offset) return undefined;
  const end = offset + size - 4;
  if (chunk.readUInt32LE(end) !== size) return undefined;
  return {
    recordId: chunk.readBigUInt64LE(offset + 8),
    writtenTime: chunk.readBigUInt64LE(offset + 16),
    start: offset + recordHeaderSize,
    end,
  };
}
