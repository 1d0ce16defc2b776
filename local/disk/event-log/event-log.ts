/**
 * The System log's file: records are appended chunk after chunk and, when the file has its full size, over the oldest
 * chunk. Layout: libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "File header".
 */
import { crc32 } from 'node:zlib';
import { toFileTime } from '../file-time';
import type { EventRecord } from '../../windows/content';
import {
  firstRecordIdOf,
  freeSpaceOf,
  isChunk,
  lastRecordIdOf,
  newChunk,
  recordsOf,
  withAllAnnounced,
  withRecord,
} from './chunk';
import { chunkSize, fileHeaderSize, headerSize } from './chunk-layout';
import { eventContent } from './event-content';
import { readFragment } from './read-binary-xml';
import { readEvent } from './read-event';

/** Bytes to be written to the file, which grows if it must. They must reach the disk in the order given. */
export interface EventLogPatch {
  offset: number;
  bytes: Buffer;
}

/** The file after a change, whole, and what differs from the file before. */
export interface EventLogChange {
  file: Buffer;
  patches: EventLogPatch[];
}

/** 20 MiB of chunks, the System log's size unless a policy says otherwise: learn.microsoft.com/windows/win32/eventlog/eventlog-key */
const mostChunks = 320;
/** Logs of Windows have 1 chunk, 17, 33…: sizes of 68 KiB, 1,092 KiB, 2,116 KiB. */
const chunksAtOnce = 16;

const field = { oldest: 8, newest: 16, nextRecordId: 24, chunkCount: 42, flags: 120, checksum: 124 } as const;
const dirtyFlag = 0x1;
const fullFlag = 0x2;

/** How large a log may become, and whether it then takes no more records instead of going around. */
export interface EventLogLimits {
  chunks: number;
  isKept?: boolean;
}

/** A log without records: the header and one chunk, 69,632 bytes. */
export function createEventLog(): Buffer {
  const header = Buffer.alloc(fileHeaderSize);
  header.write('ElfFile\0', 'latin1');
  header.writeBigUInt64LE(1n, field.nextRecordId);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(fileHeaderSize, 40);
  header.writeUInt16LE(1, field.chunkCount);
  sealHeader(header);
  return Buffer.concat([header, newChunk(1n)]);
}

/**
 * Appends one record. The first one after the log was closed marks the file dirty, and it stays so while the system
 * runs; its header's counters are stale meanwhile, as in any log of a running Windows. Throws an Error for what is no
 * event log and for an event that no chunk can hold. A full log that is kept as it is takes none, and says so in its flags.
 */
export function appendEvent(
  file: Buffer,
  event: EventRecord,
  limit: EventLogLimits = { chunks: mostChunks },
): EventLogChange {
  const slots = slotsOf(file);
  const newest = newestSlotOf(slots);
  const chunk = withAllAnnounced(slots[newest] ?? newChunk(1n));
  const recordId = lastRecordIdOf(chunk) + 1n;
  const record = { recordId, writtenTime: toFileTime(event.at), content: eventContent(event, recordId) };
  const dirty = mark(file, dirtyFlag);
  const longer = withRecord(chunk, record);
  if (longer !== undefined) {
    return changed(file, [...dirty, ...additions(chunk, longer, placeOf(newest))]);
  }
  const next = nextSlot(slots, newest, limit.chunks);
  if (limit.isKept && next <= newest) return changed(file, mark(file, dirtyFlag | fullFlag));
  const begun = withRecord(newChunk(recordId), record);
  if (begun === undefined) throw new Error('an empty chunk took no record');
  return changed(file, [
    ...dirty,
    ...growth(slots.length, next, limit.chunks),
    { offset: placeOf(next), bytes: begun },
  ]);
}

/** First the record, then the header that speaks of it: cut off between the two, the record is still found. */
function additions(chunk: Buffer, longer: Buffer, start: number): EventLogPatch[] {
  const from = freeSpaceOf(chunk);
  const record = longer.subarray(from, freeSpaceOf(longer));
  const header = longer.subarray(0, headerSize);
  // The first record of a chunk lies right behind the header.
  if (from === headerSize) return [{ offset: start, bytes: Buffer.concat([header, record]) }];
  return [
    { offset: start + from, bytes: record },
    { offset: start, bytes: header },
  ];
}

/** Brings the header up to date and marks the file clean, as Windows does when it shuts down. */
export function closeEventLog(file: Buffer): EventLogChange {
  const header = Buffer.from(file.subarray(0, fileHeaderSize));
  const slots = slotsOf(file);
  const used = slots.filter(isChunk).length;
  const newest = newestSlotOf(slots);
  const chunk = withAllAnnounced(slots[newest] ?? newChunk(1n));
  header.writeBigUInt64LE(BigInt((newest + 1) % Math.max(1, used)), field.oldest);
  header.writeBigUInt64LE(BigInt(newest), field.newest);
  header.writeBigUInt64LE(lastRecordIdOf(chunk) + 1n, field.nextRecordId);
  header.writeUInt16LE(used, field.chunkCount);
  header.writeUInt32LE(header.readUInt32LE(field.flags) & ~dirtyFlag, field.flags);
  sealHeader(header);
  const patches = [
    { offset: placeOf(newest), bytes: chunk.subarray(0, headerSize) },
    { offset: 0, bytes: header.subarray(0, 128) },
  ];
  return changed(
    file,
    patches.filter(({ offset, bytes }) => !file.subarray(offset, offset + bytes.length).equals(bytes)),
  );
}

/** The records, oldest first. Throws an Error for what is no event log, and for events that this room does not write. */
export function readEventLog(file: Buffer): EventRecord[] {
  const chunks = slotsOf(file).filter(isChunk);
  chunks.sort((one, other) => (firstRecordIdOf(one) < firstRecordIdOf(other) ? -1 : 1));
  return chunks.flatMap((chunk) => recordsOf(chunk).map(({ start }) => readEvent(readFragment(chunk, start))));
}

function slotsOf(file: Buffer): Buffer[] {
  if (file.length < fileHeaderSize + chunkSize || file.toString('latin1', 0, 8) !== 'ElfFile\0') {
    throw new Error(`${file.length} bytes that are no event log: there is no ElfFile header with a chunk behind it.`);
  }
  const count = Math.floor((file.length - fileHeaderSize) / chunkSize);
  return Array.from({ length: count }, (_, slot) => file.subarray(placeOf(slot), placeOf(slot + 1)));
}

/** The slot that was written to last, whatever the header says: on a running system it is stale. */
function newestSlotOf(slots: readonly Buffer[]): number {
  let newest = -1;
  let lastId = -1n;
  for (const [slot, chunk] of slots.entries()) {
    if (!isChunk(chunk) || lastRecordIdOf(chunk) <= lastId) continue;
    newest = slot;
    lastId = lastRecordIdOf(chunk);
  }
  if (newest < 0) throw new Error('The event log holds no chunk.');
  return newest;
}

/** The next slot of the file, a slot behind its end while it may grow, or the oldest one again. */
function nextSlot(slots: readonly Buffer[], newest: number, most: number): number {
  const next = newest + 1;
  return next < Math.max(slots.length, most) ? next : 0;
}

/** Zeros up to the end of the file's next size, if the slot lies behind its end. */
function growth(count: number, slot: number, most: number): EventLogPatch[] {
  if (slot < count) return [];
  const larger = Math.min(count + chunksAtOnce, most);
  return [{ offset: placeOf(count), bytes: Buffer.alloc((larger - count) * chunkSize) }];
}

function mark(file: Buffer, marks: number): EventLogPatch[] {
  const flags = file.readUInt32LE(field.flags);
  if ((flags & marks) === marks) return [];
  const header = Buffer.from(file.subarray(0, 128));
  header.writeUInt32LE(flags | marks, field.flags);
  return [{ offset: 0, bytes: header }];
}

/** "Checksum: CRC32 of the first 120 bytes", so the flags are not in it. */
function sealHeader(header: Buffer): void {
  header.writeUInt32LE(crc32(header.subarray(0, 120)), field.checksum);
}

function placeOf(slot: number): number {
  return fileHeaderSize + slot * chunkSize;
}

/** The file with the patches; written in place where its size stays. */
function changed(file: Buffer, patches: EventLogPatch[]): EventLogChange {
  const size = Math.max(file.length, ...patches.map(({ offset, bytes }) => offset + bytes.length));
  const after = size === file.length ? file : Buffer.concat([file], size);
  const copies = patches.map(({ offset, bytes }) => ({ offset, bytes: Buffer.from(bytes) }));
  for (const { offset, bytes } of copies) bytes.copy(after, offset);
  return { file: after, patches: copies };
}
