import type { ByteStore } from '../byte-store';
import type { ClusterBitmap } from './cluster-bitmap';
import {
  demandPlain,
  removeAttribute,
  replaceAttribute,
  type Attribute,
  type FileRecord,
  type NonResidentAttribute,
  type ResidentAttribute,
} from './file-record';
import type { Geometry } from './geometry';
import type { RecordStore } from './record-store';
import { readRuns, writeRuns } from './run-access';
import { clustersIn, joinRuns, splitRuns } from './run-list';

/** What the parts of a volume work on. */
export interface VolumeParts {
  readonly store: ByteStore;
  readonly geometry: Geometry;
  readonly records: RecordStore;
  readonly clusters: ClusterBitmap;
}

/** How many bytes the value has. */
export function sizeOf(attribute: Attribute): number {
  return attribute.place === 'record' ? attribute.value.length : attribute.dataSize;
}

/** How many bytes of the volume it takes, as `$FILE_NAME` counts: up to 8 in the record, clusters outside. */
export function allocatedSizeOf({ geometry }: VolumeParts, attribute: Attribute): number {
  if (attribute.place === 'record') return Math.ceil(attribute.value.length / 8) * 8;
  return clustersIn(attribute.runs) * geometry.clusterSize;
}

/** All of a value, or a part of it. Throws a RangeError beyond its end. */
export function readValue(
  { store, geometry }: VolumeParts,
  record: FileRecord,
  attribute: Attribute,
  offset = 0,
  length = sizeOf(attribute) - offset,
): Buffer {
  demandPlain(record, attribute);
  if (offset < 0 || length < 0 || offset + length > sizeOf(attribute))
    throw new RangeError(`${length} bytes at ${offset} do not lie within ${sizeOf(attribute)}.`);
  if (attribute.place === 'record') return Buffer.from(attribute.value.subarray(offset, offset + length));
  const result = Buffer.alloc(length);
  const initialized = Math.max(0, Math.min(length, attribute.initializedSize - offset));
  readRuns(store, geometry.clusterSize, attribute.runs, offset, initialized).copy(result);
  return result;
}

/**
 * Writes a part of a value, which grows if it must and moves out of the record when it no longer fits. The clusters are
 * written; the record is changed in memory only, so the caller writes it, unless it is given back the attribute it gave.
 */
export function writeValue(
  parts: VolumeParts,
  record: FileRecord,
  attribute: Attribute,
  offset: number,
  bytes: Uint8Array,
): Attribute {
  const size = Math.max(sizeOf(attribute), offset + bytes.length);
  const resized = resizeValue(parts, record, attribute, size);
  if (bytes.length === 0) return resized;
  if (resized.place === 'record') {
    const value = Buffer.from(resized.value);
    value.set(bytes, offset);
    return replaced(record, resized, { ...resized, value, encoded: undefined });
  }
  const { store, geometry } = parts;
  const gap = offset - resized.initializedSize;
  if (gap > 0) writeRuns(store, geometry.clusterSize, resized.runs, resized.initializedSize, Buffer.alloc(gap));
  writeRuns(store, geometry.clusterSize, resized.runs, offset, bytes);
  const initializedSize = Math.max(resized.initializedSize, offset + bytes.length);
  if (initializedSize === resized.initializedSize) return resized;
  return replaced(record, resized, { ...resized, initializedSize, encoded: undefined });
}

/** Makes a value longer (by zeros) or shorter. As `writeValue`, the caller writes the record. */
export function resizeValue(parts: VolumeParts, record: FileRecord, attribute: Attribute, size: number): Attribute {
  demandPlain(record, attribute);
  if (attribute.place === 'clusters') return resizeClusters(parts, record, attribute, size);
  if (size === attribute.value.length) return attribute;
  if (size < parts.geometry.recordSize) {
    const value = Buffer.alloc(size);
    attribute.value.copy(value);
    const inRecord = replaced(record, attribute, { ...attribute, value, encoded: undefined });
    if (parts.records.fits(record)) return inRecord;
    replaceAttribute(record, inRecord, attribute);
  }
  return moveOut(parts, record, attribute, size);
}

function moveOut(parts: VolumeParts, record: FileRecord, attribute: ResidentAttribute, size: number): Attribute {
  const { type, name, id, flags, value } = attribute;
  const outside = replaced(record, attribute, {
    ...{ type, name, id, flags },
    place: 'clusters',
    runs: [],
    dataSize: 0,
    initializedSize: 0,
  });
  const resized = resizeClusters(parts, record, outside, size);
  return writeValue(parts, record, resized, 0, value.subarray(0, size));
}

function resizeClusters(
  { geometry, clusters }: VolumeParts,
  record: FileRecord,
  attribute: NonResidentAttribute,
  size: number,
): NonResidentAttribute {
  if (size === attribute.dataSize) return attribute;
  const wanted = Math.ceil(size / geometry.clusterSize);
  const { head, tail } = splitRuns(attribute.runs, wanted);
  clusters.free(tail);
  const last = head.at(-1);
  const next = last?.cluster === undefined ? undefined : last.cluster + last.length;
  const runs = joinRuns([...head, ...clusters.allocate(wanted - clustersIn(head), next)]);
  return replaced(record, attribute, {
    ...attribute,
    runs,
    dataSize: size,
    initializedSize: Math.min(attribute.initializedSize, size),
    encoded: undefined,
  });
}

/** Takes an attribute out of its record and gives its clusters back; the caller writes the record. */
export function deleteAttribute({ clusters }: VolumeParts, record: FileRecord, attribute: Attribute): void {
  if (attribute.place === 'clusters') clusters.free(attribute.runs);
  removeAttribute(record, attribute);
}

function replaced<Next extends Attribute>(record: FileRecord, previous: Attribute, next: Next): Next {
  replaceAttribute(record, previous, next);
  return next;
}
