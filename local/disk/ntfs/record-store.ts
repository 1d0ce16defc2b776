import type { ByteStore } from '../byte-store';
import {
  ATTRIBUTE,
  decodeRecord,
  demandAttribute,
  encodeRecord,
  type FileRecord,
  type FileReference,
} from './file-record';
import type { Geometry } from './geometry';
import { readRuns, writeRuns } from './run-access';
import type { Run } from './run-list';
import { withoutUpdateSequence, withUpdateSequence } from './update-sequence';

/** Numbers of the records that every volume has. */
export const RECORD = { table: 0, logFile: 2, volume: 3, root: 5, bitmap: 6, upCase: 10, firstOfUsers: 24 } as const;

/** `$MFTMirr` repeats this many records. */
const MIRRORED_RECORDS = 4;

const DECODED_KEPT = 16;

/** File records by their number. */
export interface RecordStore {
  read(number: number): FileRecord;
  /** As `read`; throws an Error if another file has the record by now, or none. */
  readReferred(reference: FileReference): FileRecord;
  /** Throws an Error if the attributes do not fit into one record. */
  write(record: FileRecord): void;
  fits(record: FileRecord): boolean;
  /** The record's bytes as they stand, which may be no record. */
  readBytes(number: number): Buffer;
}

/** Every answer is what the disk says now. */
export function openRecordStore(store: ByteStore, geometry: Geometry): RecordStore {
  const { recordSize, clusterSize } = geometry;

  /** Decoding the same few records for every name took most of the time; each is decoded again when its bytes differ. */
  const decoded = new Map<number, { bytes: Buffer; record: FileRecord }>();
  let lastTable: { bytes: Buffer; runs: readonly Run[] } | undefined;

  function tableRuns(): readonly Run[] {
    const bytes = store.read(geometry.tableCluster * clusterSize, recordSize);
    if (lastTable?.bytes.equals(bytes)) return lastTable.runs;
    const data = demandAttribute(decodeRecord(withoutUpdateSequence(bytes, 'FILE'), RECORD.table), ATTRIBUTE.data);
    if (data.place !== 'clusters') throw new Error('$MFT has no clusters.');
    lastTable = { bytes, runs: data.runs };
    return data.runs;
  }
  function readBytes(number: number): Buffer {
    return readRuns(store, clusterSize, tableRuns(), number * recordSize, recordSize);
  }
  function read(number: number): FileRecord {
    const bytes = readBytes(number);
    const known = decoded.get(number);
    if (known?.bytes.equals(bytes)) return { ...known.record };
    const record = decodeRecord(withoutUpdateSequence(bytes, 'FILE'), number);
    if (decoded.size >= DECODED_KEPT) decoded.clear();
    decoded.set(number, { bytes, record });
    return { ...record };
  }
  return {
    read,
    readBytes,
    readReferred({ number, sequence }) {
      const record = read(number);
      if (record.isInUse && record.sequence === sequence) return record;
      throw new Error(`A directory refers to file record ${number}, which is another file's or free.`);
    },
    write(record) {
      const bytes = encodeRecord(record, recordSize, clusterSize);
      if (!bytes)
        throw new Error(
          `File record ${record.number} is full (names or pieces of the file); more than one record a file is not written.`,
        );
      const onDisk = withUpdateSequence(bytes);
      // The table's own record says where the table lies: it is found by the boot sector alone.
      if (record.number === RECORD.table) store.write(geometry.tableCluster * clusterSize, onDisk);
      else writeRuns(store, clusterSize, tableRuns(), record.number * recordSize, onDisk);
      if (record.number < MIRRORED_RECORDS)
        store.write(geometry.mirrorCluster * clusterSize + record.number * recordSize, onDisk);
    },
    fits: (record) => encodeRecord(record, recordSize, clusterSize) !== undefined,
  };
}
