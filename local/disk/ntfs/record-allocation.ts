import { readValue, resizeValue, sizeOf, writeValue, type VolumeParts } from './attribute-value';
import { ATTRIBUTE, decodeRecord, demandAttribute, encodeRecord, type FileRecord } from './file-record';
import { RECORD } from './record-store';
import { withoutUpdateSequence, withUpdateSequence } from './update-sequence';

/** The table grows by this many records at once. */
const GROWTH = 64;

/** A free record for a new file or directory, marked as taken, with no attributes and not yet written. */
export function allocateRecord(parts: VolumeParts, isDirectory: boolean): FileRecord {
  const number = takeFreeNumber(parts) ?? growTable(parts);
  const { sequence, updateSequenceNumber } = formerRecord(parts, number);
  return {
    number,
    sequence,
    updateSequenceNumber,
    linkCount: 0,
    isInUse: true,
    isDirectory,
    nextId: 0,
    attributes: [],
  };
}

/** Gives a record back; its sequence number goes up, so that old references to it are seen to be old. */
export function freeRecord(parts: VolumeParts, record: FileRecord): void {
  record.isInUse = false;
  record.linkCount = 0;
  record.sequence = (record.sequence % 0xffff) + 1;
  parts.records.write(record);
  const table = parts.records.read(RECORD.table);
  const bitmap = demandAttribute(table, ATTRIBUTE.bitmap);
  const at = record.number >> 3;
  const byte = readValue(parts, table, bitmap, at, 1);
  byte.writeUInt8(byte.readUInt8(0) & ~(1 << (record.number & 7)), 0);
  if (writeValue(parts, table, bitmap, at, byte) !== bitmap) parts.records.write(table);
}

function takeFreeNumber(parts: VolumeParts): number | undefined {
  const table = parts.records.read(RECORD.table);
  const bitmap = demandAttribute(table, ATTRIBUTE.bitmap);
  const bits = readValue(parts, table, bitmap);
  const records = Math.floor(sizeOf(demandAttribute(table, ATTRIBUTE.data)) / parts.geometry.recordSize);
  for (let number: number = RECORD.firstOfUsers; number < Math.min(records, bits.length * 8); number += 1) {
    const at = number >> 3;
    if (((bits.readUInt8(at) >> (number & 7)) & 1) === 1) continue;
    const byte = Buffer.of(bits.readUInt8(at) | (1 << (number & 7)));
    if (writeValue(parts, table, bitmap, at, byte) !== bitmap) parts.records.write(table);
    return number;
  }
  return undefined;
}

/** Makes the table longer, by records that are free but well formed, and takes the first of them. */
function growTable(parts: VolumeParts): number {
  const { recordSize, clusterSize } = parts.geometry;
  const table = parts.records.read(RECORD.table);
  const data = demandAttribute(table, ATTRIBUTE.data);
  const first = Math.floor(sizeOf(data) / recordSize);
  // Whole clusters and whole groups of 64 bits.
  const count = Math.max(GROWTH, clusterSize / recordSize);
  const empty = Array.from({ length: count }, (_, index) => emptyRecord(parts, first + index));
  writeValue(parts, table, data, first * recordSize, Buffer.concat(empty));
  const bitmap = demandAttribute(table, ATTRIBUTE.bitmap);
  const bitmapSize = Math.max(sizeOf(bitmap), Math.ceil((first + count) / 64) * 8);
  const grown = resizeValue(parts, table, bitmap, bitmapSize);
  writeValue(parts, table, grown, sizeOf(bitmap), Buffer.alloc(bitmapSize - sizeOf(bitmap)));
  parts.records.write(table);
  const taken = takeFreeNumber(parts);
  if (taken === undefined) throw new Error('The table of files did not grow.');
  return taken;
}

function emptyRecord({ geometry }: VolumeParts, number: number): Buffer {
  const record: FileRecord = {
    ...{ number, sequence: 1, linkCount: 0, isInUse: false, isDirectory: false, nextId: 0 },
    updateSequenceNumber: 0,
    attributes: [],
  };
  const bytes = encodeRecord(record, geometry.recordSize, geometry.clusterSize);
  if (!bytes) throw new Error('A record without attributes does not fit.');
  return withUpdateSequence(bytes);
}

/** What stays of the file that had the record before: its numbers go on. Bytes that were never a record begin with 1. */
function formerRecord(parts: VolumeParts, number: number): Pick<FileRecord, 'sequence' | 'updateSequenceNumber'> {
  const bytes = parts.records.readBytes(number);
  if (bytes.toString('latin1', 0, 4) !== 'FILE') return { sequence: 1, updateSequenceNumber: 0 };
  const former = decodeRecord(withoutUpdateSequence(bytes, 'FILE'), number);
  return { sequence: Math.max(1, former.sequence), updateSequenceNumber: former.updateSequenceNumber };
}
