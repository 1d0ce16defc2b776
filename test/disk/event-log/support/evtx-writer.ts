/**
 * Writes .evtx files for tests: any binary XML, in any order of chunks, headers that lie. Chunks and binary XML come
 * from the simulator's own writer (local/disk/event-log), which shares no code with the readers under test; there is no
 * tool that writes event logs outside Windows. So these files are NOT made by Windows. What keeps them honest: evtxexport,
 * which we did not write, reads the committed ones and its answers are committed beside them
 * (fixtures/disk-images/make-event-log.sh), and real-log.test.ts reads a log that Windows wrote.
 */
import { crc32 } from 'node:zlib';
import type { Content } from '../../../../local/disk/event-log/binary-xml';
import { isChunk, newChunk, sealChunk, withRecord } from '../../../../local/disk/event-log/chunk';
import { chunkSize, fileHeaderSize, headerSize } from '../../../../local/disk/event-log/chunk-layout';

export type { Content, ElementContent, Value } from '../../../../local/disk/event-log/binary-xml';

export interface EventToWrite {
  recordId: number;
  /** ISO 8601. */
  time: string;
  content: Content;
  /** False for a record that was forwarded from another machine. */
  hasDependencyIds?: boolean;
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
  /** Format 3.2, its flag in the headers of the file and of each chunk, and zeros where checksums would be. */
  hasNoChecksums?: boolean;
  /** What the file header says; by default the truth. */
  header?: { oldestSlot?: number; newestSlot?: number; nextRecordId?: number; chunkCount?: number };
}

export function writeLog(log: LogToWrite): Buffer {
  const used = log.slots.filter((slot) => slot !== undefined);
  const lastIds = log.slots.map((slot) => slot?.events.at(-1)?.recordId ?? 0);
  const lastId = Math.max(0, ...lastIds);
  const newestSlot = Math.max(0, lastIds.indexOf(lastId));
  const header = Buffer.alloc(fileHeaderSize);
  header.write('ElfFile\0', 'latin1');
  header.writeBigUInt64LE(BigInt(log.header?.oldestSlot ?? (newestSlot + 1) % Math.max(1, used.length)), 8);
  header.writeBigUInt64LE(BigInt(log.header?.newestSlot ?? newestSlot), 16);
  header.writeBigUInt64LE(BigInt(log.header?.nextRecordId ?? lastId + 1), 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(log.hasNoChecksums ? 2 : 1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(fileHeaderSize, 40);
  header.writeUInt16LE(log.header?.chunkCount ?? used.length, 42);
  header.writeUInt32LE(log.isDirty ? 1 : 0, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  const file = Buffer.concat([header, ...log.slots.map((slot) => (slot ? writeChunk(slot) : Buffer.alloc(chunkSize)))]);
  return log.hasNoChecksums ? withoutChecksums(file) : file;
}

/** The log with the flag that says that no checksums are kept, in place. */
export function withoutChecksums(file: Buffer): Buffer {
  for (let start = 0; start < file.length; start += start === 0 ? fileHeaderSize : chunkSize) {
    if (start > 0 && !isChunk(file.subarray(start))) continue;
    file.writeUInt32LE(file.readUInt32LE(start + 120) | 0x4, start + 120);
    file.writeUInt32LE(0, start + 124);
    if (start > 0) file.writeUInt32LE(0, start + 52);
  }
  return file;
}

/** Writes the right checksums into a log whose bytes were changed: what a careful forger would do. */
export function sealChunks(file: Buffer): void {
  for (let start = fileHeaderSize; start + chunkSize <= file.length; start += chunkSize) {
    const chunk = file.subarray(start, start + chunkSize);
    if (isChunk(chunk)) sealChunk(chunk);
  }
}

function writeChunk({ events, unannounced = [] }: ChunkToWrite): Buffer {
  const announced = events.reduce(withEvent, newChunk(BigInt(events[0]?.recordId ?? 1)));
  const all = unannounced.reduce(withEvent, announced);
  return Buffer.concat([announced.subarray(0, headerSize), all.subarray(headerSize)]);
}

function withEvent(chunk: Buffer, { recordId, time, ...rest }: EventToWrite): Buffer {
  const longer = withRecord(chunk, { recordId: BigInt(recordId), writtenTime: fileTime(time), ...rest });
  if (longer === undefined) throw new Error('too many events for one chunk');
  return longer;
}

/** FILETIME of an ISO time; decimals beyond the millisecond are kept. */
export function fileTime(iso: string): bigint {
  const beyond = /\.\d{3}(\d{4})Z$/.exec(iso)?.[1] ?? '0';
  return (BigInt(Date.parse(iso)) + 11_644_473_600_000n) * 10_000n + BigInt(beyond);
}
