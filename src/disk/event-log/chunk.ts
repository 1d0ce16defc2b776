/**
 * A chunk: a header of 512 bytes and the records after it. Names and templates are shared inside a chunk and never
 * across, so each can be read alone.
 * Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "Chunk".
 */
import { crc32 } from '../crc32';
import { fileTimeToUnixMilliseconds, lastMilliseconds } from '../file-time';
import { hexadecimal } from '../hexadecimal';
import { chunkSize, noChecksumsFlag } from './file-header';

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
  /** Whether the header says that no checksums are kept: those that are 0 are then none. */
  mayLackChecksums: boolean;
  /** When the first record was written, in ms since the Unix epoch. */
  firstRecordTime: number;
}

/**
 * What a slot of the file holds. `begun`: by its header without records, though one may stand behind it; `unused`:
 * zeros, never written to or lost.
 */
export type ChunkState =
  | { kind: 'used'; header: ChunkHeader }
  | { kind: 'begun'; recordBehind?: bigint }
  | { kind: 'unused' }
  | { kind: 'damaged'; problem: string };

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
  if (bytes.every((byte) => byte === 0)) return { kind: 'unused' };
  if (!bytes.subarray(0, 8).equals(chunkSignature)) {
    const found = JSON.stringify(bytes.toString('latin1', 0, 8));
    return { kind: 'damaged', problem: `it begins with ${found} and not with the signature ElfChnk` };
  }
  const mayLackChecksums = (bytes.readUInt32LE(120) & noChecksumsFlag) !== 0;
  const computed = crc32(bytes.subarray(0, 120), bytes.subarray(128, headerSize));
  const problem = mismatch('its header', { stored: bytes.readUInt32LE(124), computed }, mayLackChecksums);
  if (problem !== undefined) return { kind: 'damaged', problem };
  const freeSpaceOffset = bytes.readUInt32LE(48);
  if (freeSpaceOffset === headerSize) return begunChunk(bytes);
  const header = {
    firstRecordId: bytes.readBigUInt64LE(24),
    lastRecordId: bytes.readBigUInt64LE(32),
    freeSpaceOffset,
    recordsChecksum: bytes.readUInt32LE(52),
    mayLackChecksums,
    firstRecordTime: fileTimeToUnixMilliseconds(bytes.readBigUInt64LE(headerSize + 16)),
  };
  if (freeSpaceOffset < headerSize || freeSpaceOffset > chunkSize || header.lastRecordId < header.firstRecordId) {
    const told = `records ${header.firstRecordId} to ${header.lastRecordId} up to ${freeSpaceOffset}`;
    return { kind: 'damaged', problem: `its header contradicts itself: it tells of ${told} of its ${chunkSize} bytes` };
  }
  const signature = bytes.readUInt32LE(headerSize);
  if (signature !== recordSignature || !isPlausibleTime(header.firstRecordTime)) {
    const found = `${hexadecimal(signature)} and the time ${new Date(header.firstRecordTime).toISOString()}`;
    return { kind: 'damaged', problem: `at its byte ${headerSize} stands no record but ${found}` };
  }
  return { kind: 'used', header };
}

/** Between 1970 and 9999. By its time a chunk is chosen, and its header's checksum does not guard that. */
function isPlausibleTime(milliseconds: number): boolean {
  return milliseconds >= 0 && milliseconds <= lastMilliseconds;
}

function begunChunk(bytes: Buffer): ChunkState {
  if (bytes.readUInt32LE(headerSize) !== recordSignature) return { kind: 'begun' };
  return { kind: 'begun', recordBehind: bytes.readBigUInt64LE(headerSize + 8) };
}

/** What is wrong with the checksum of the records that the header speaks of, if anything. */
export function recordsChecksumProblem(chunk: Buffer, header: ChunkHeader): string | undefined {
  const computed = crc32(chunk.subarray(headerSize, header.freeSpaceOffset));
  return mismatch('its records', { stored: header.recordsChecksum, computed }, header.mayLackChecksums);
}

function mismatch(
  of: string,
  { stored, computed }: { stored: number; computed: number },
  mayBeNone: boolean,
): string | undefined {
  if (stored === computed || (mayBeNone && stored === 0)) return undefined;
  return `the checksum of ${of} is wrong (${hexadecimal(stored)}, its bytes give ${hexadecimal(computed)})`;
}

/**
 * The records that the header speaks of, in order. Ends before the first that is malformed: `stoppedAt` is its place in
 * the chunk, absent if the last one was reached.
 */
export function listRecords(chunk: Buffer, header: ChunkHeader): { records: RecordPlace[]; stoppedAt?: number } {
  const records: RecordPlace[] = [];
  let offset = headerSize;
  // Every step is at least the smallest record, so a chunk has at most 2,322 of them.
  while (offset < header.freeSpaceOffset) {
    const record = recordAt(chunk, offset, header.freeSpaceOffset);
    if (!record) return { records, stoppedAt: offset };
    records.push(record);
    // The free space may begin later than the records end, with zeros between (same page, "Chunk header").
    if (record.recordId === header.lastRecordId) return { records };
    offset = record.end + 4;
  }
  return { records, stoppedAt: offset };
}

/**
 * Records from `offset` on that continue the numbers from `nextRecordId`: what was written after the header of an
 * unfinished chunk was. Leftovers of an earlier use of the chunk have lower numbers and end the list. `stoppedAt` is
 * the place of a record that is due there, or later, and cannot be read.
 */
export function listContinuation(
  chunk: Buffer,
  offset: number,
  nextRecordId: bigint,
): { records: RecordPlace[]; stoppedAt?: number } {
  const records: RecordPlace[] = [];
  for (;;) {
    const due = nextRecordId + BigInt(records.length);
    const record = recordAt(chunk, offset, chunkSize);
    if (record?.recordId !== due) {
      const isNewer = offset + recordHeaderSize <= chunkSize && isRecordFrom(chunk, offset, due);
      return isNewer ? { records, stoppedAt: offset } : { records };
    }
    records.push(record);
    offset = record.end + 4;
  }
}

function isRecordFrom(chunk: Buffer, offset: number, least: bigint): boolean {
  return chunk.readUInt32LE(offset) === recordSignature && chunk.readBigUInt64LE(offset + 8) >= least;
}

/** Where records of a chunk begin. */
export const firstRecordOffset = headerSize;

/** From the start of a record to its binary XML. */
export const recordPreambleSize = recordHeaderSize;

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
