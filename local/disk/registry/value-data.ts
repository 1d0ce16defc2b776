/**
 * The data of values: in the record itself, in one cell, or divided into segments.
 * Format: https://github.com/msuhanov/regf, "Key value", "Big data".
 */
import type { Bins } from './bins';

/** The most that lies in one cell in hives above version 1.3; also the size of a segment. */
const segmentSize = 16_344;
/** Up to four bytes lie where the cell's number would be, and the top bit of the size says so. */
const mostInRecord = 4;
const inRecord = 0x8000_0000;

/** What a value's record says of its data: the two words at its `size`. */
export interface DataReference {
  size: number;
  cell: number;
}

/** A copy of the data. */
export function readData(bins: Bins, { size, cell }: DataReference, minorVersion: number): Buffer {
  if (size >= inRecord) {
    const data = Buffer.alloc(mostInRecord);
    data.writeUInt32LE(cell);
    return data.subarray(0, size - inRecord);
  }
  if (!isDivided(size, minorVersion)) return Buffer.from(bins.view(cell, 0, size));
  const segments = segmentsOf(bins, cell);
  return Buffer.concat(
    segments.map((segment, index) => bins.view(segment, 0, Math.min(segmentSize, size - index * segmentSize))),
  );
}

/** Stores data; where it fits into the cell of the `former` data, there, and else the former room is given back. */
export function storeData(
  bins: Bins,
  data: Buffer,
  former: DataReference | undefined,
  minorVersion: number,
): DataReference {
  if (former !== undefined && canTakePlaceOf(bins, data, former, minorVersion)) {
    bins.write(former.cell, 0, data);
    return { size: data.length, cell: former.cell };
  }
  if (former !== undefined) freeData(bins, former, minorVersion);
  if (data.length <= mostInRecord) {
    const word = Buffer.alloc(mostInRecord);
    data.copy(word);
    return { size: inRecord + data.length, cell: word.readUInt32LE(0) };
  }
  if (isDivided(data.length, minorVersion)) return { size: data.length, cell: storeSegments(bins, data) };
  const cell = bins.allocate(data.length);
  bins.write(cell, 0, data);
  return { size: data.length, cell };
}

/** Gives the room of a value's data back. */
export function freeData(bins: Bins, { size, cell }: DataReference, minorVersion: number): void {
  if (size >= inRecord || size === 0) return;
  if (isDivided(size, minorVersion)) {
    for (const segment of segmentsOf(bins, cell)) bins.free(segment);
    bins.free(bins.uint32(cell, 4));
  }
  bins.free(cell);
}

function canTakePlaceOf(bins: Bins, data: Buffer, former: DataReference, minorVersion: number): boolean {
  const isInOneCell = former.size > 0 && former.size < inRecord && !isDivided(former.size, minorVersion);
  const staysInOneCell = data.length > mostInRecord && !isDivided(data.length, minorVersion);
  return isInOneCell && staysInOneCell && bins.capacity(former.cell) >= data.length;
}

function isDivided(size: number, minorVersion: number): boolean {
  return size > segmentSize && minorVersion > 3;
}

function segmentsOf(bins: Bins, cell: number): number[] {
  if (bins.view(cell, 0, 2).toString('latin1') !== 'db')
    throw new Error(`The hive is damaged: no big data at ${cell}.`);
  const list = bins.view(bins.uint32(cell, 4), 0, bins.uint16(cell, 2) * 4);
  return Array.from({ length: list.length / 4 }, (_, index) => list.readUInt32LE(index * 4));
}

function storeSegments(bins: Bins, data: Buffer): number {
  const count = Math.ceil(data.length / segmentSize);
  const list = bins.allocate(count * 4);
  for (let index = 0; index < count; index += 1) {
    const segment = bins.allocate(segmentSize);
    bins.write(segment, 0, data.subarray(index * segmentSize, (index + 1) * segmentSize));
    bins.setUint32(list, index * 4, segment);
  }
  const record = bins.allocate(8);
  bins.write(record, 0, Buffer.from('db', 'latin1'));
  bins.setUint16(record, 2, count);
  bins.setUint32(record, 4, list);
  return record;
}
