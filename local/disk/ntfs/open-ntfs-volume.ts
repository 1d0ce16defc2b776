import { now as localNow } from '../../clock';
import type { ByteStore } from '../byte-store';
import { toFileTime } from '../file-time';
import { namesOf, splitPath } from '../paths';
import { transactionalStore } from '../transaction';
import type { Volume } from '../volume';
import { readValue, resizeValue, writeValue } from './attribute-value';
import { openClusterBitmap } from './cluster-bitmap';
import { openDirectoryIndex } from './directory-index';
import { decodeFileName, NAMESPACE_DOS } from './file-name';
import { ATTRIBUTE, demandAttribute, replaceAttribute, type FileRecord } from './file-record';
import { createEntry, deleteEntry, noteChange, type FileParts } from './files';
import { readGeometry } from './geometry';
import { markMounted } from './log-file';
import { openNameOrder } from './name-order';
import { openRecordStore, RECORD } from './record-store';
import { isMarkedDirty, markDirty } from './volume-flags';

/** The root lists itself and the volume's own files, whose records come first. */
const FIRST_LISTED_RECORD = 16;

export interface NtfsVolume extends Volume {
  /** Says on the disk whether Windows has the volume mounted: from its start to a clean shutdown it does. */
  markMounted(isMounted: boolean): void;
  /** Marks the volume for a check at the next boot, as Windows does with one that it found damaged. */
  markDirty(): void;
  isMarkedDirty(): boolean;
  /** In bytes. */
  freeBytes(): number;
  /** Takes space, for no file, until at most so many bytes are free. */
  fill(freeBytes: number): void;
}

/**
 * An NTFS volume to be read and written. Nothing of it is kept in memory between calls, so several may be open on one disk;
 * a call that throws has changed nothing. `now` tells the time in ms since the Unix epoch. Throws an Error if it is not NTFS.
 */
export function openNtfsVolume(disk: ByteStore, { now = localNow }: { now?: () => number } = {}): NtfsVolume {
  const store = transactionalStore(disk);
  const geometry = readGeometry(store);
  const records = openRecordStore(store, geometry);
  const basic = { store, geometry, records, clusters: openClusterBitmap(store, geometry, records) };
  const parts: FileParts = { ...basic, compare: openNameOrder(basic), now: () => toFileTime(now()) };

  function childOf(directory: FileRecord, name: string): FileRecord | undefined {
    const found = openDirectoryIndex(parts, directory, parts.compare).find(name);
    if (found && found.reference.number < FIRST_LISTED_RECORD)
      throw new Error(`"${name}" belongs to the volume itself and is not opened by its path.`);
    return found && records.readReferred(found.reference);
  }
  function find(names: readonly string[]): FileRecord | undefined {
    let record: FileRecord | undefined = records.read(RECORD.root);
    for (const name of names) record = record?.isDirectory ? childOf(record, name) : undefined;
    return record;
  }
  function demandDirectory(names: readonly string[], path: string): FileRecord {
    const directory = find(names);
    if (directory?.isDirectory) return directory;
    throw new Error(`"${path}": there is no directory "${names.join('\\')}". Make it first.`);
  }
  function findFile(path: string): FileRecord | undefined {
    const { directory, name } = splitPath(path);
    const record = find([...directory, name]);
    if (record?.isDirectory) throw new Error(`"${path}" is a directory.`);
    return record;
  }
  function contentOf(record: FileRecord) {
    return demandAttribute(record, ATTRIBUTE.data);
  }
  function replaceContent(record: FileRecord, bytes: Uint8Array): void {
    const former = contentOf(record);
    // As an overwriting open does: what is short goes into the record, and the file is as long as what it is given.
    const emptied = resizeValue(parts, record, former, former.place === 'clusters' ? bytes.length : 0);
    const start = emptied.place === 'clusters' ? moveIn(record, bytes) : emptied;
    writeValue(parts, record, start, 0, bytes);
    noteChange(parts, record);
  }
  function moveIn(record: FileRecord, bytes: Uint8Array) {
    const outside = contentOf(record);
    if (outside.place === 'record' || bytes.length > geometry.recordSize) return outside;
    const { type, name, id, flags } = outside;
    const inside = { type, name, id, flags, place: 'record' as const, isIndexed: false, value: Buffer.from(bytes) };
    replaceAttribute(record, outside, inside);
    if (records.fits(record)) {
      parts.clusters.free(outside.runs);
      return inside;
    }
    replaceAttribute(record, inside, outside);
    return outside;
  }

  return {
    readFile(path) {
      const record = findFile(path);
      return record && readValue(parts, record, contentOf(record));
    },
    writeFile(path, bytes) {
      store.change(() => {
        const { directory, name } = splitPath(path);
        const record = findFile(path) ?? createEntry(parts, demandDirectory(directory, path), name, false);
        replaceContent(record, bytes);
      });
    },
    writeAt(path, offset, bytes) {
      store.change(() => {
        const record = findFile(path);
        if (!record) throw new Error(`"${path}": there is no such file to write within.`);
        writeValue(parts, record, contentOf(record), offset, bytes);
        noteChange(parts, record);
      });
    },
    deleteFile(path) {
      store.change(() => {
        const { directory, name } = splitPath(path);
        const record = findFile(path);
        if (record) deleteEntry(parts, demandDirectory(directory, path), record, name);
      });
    },
    makeDirectory(path) {
      store.change(() => {
        const names = namesOf(path);
        for (let depth = 1; depth <= names.length; depth += 1) {
          const directory = demandDirectory(names.slice(0, depth - 1), path);
          const name = names[depth - 1] ?? '';
          const existing = childOf(directory, name);
          if (existing && !existing.isDirectory) throw new Error(`"${path}": "${name}" is a file.`);
          if (!existing) createEntry(parts, directory, name, true);
        }
      });
    },
    list(path) {
      const directory = find(namesOf(path));
      if (!directory?.isDirectory) return undefined;
      return openDirectoryIndex(parts, directory, parts.compare)
        .list()
        .filter(({ reference }) => reference.number >= FIRST_LISTED_RECORD)
        .map(({ key }) => decodeFileName(key))
        .filter(({ namespace }) => namespace !== NAMESPACE_DOS)
        .map(({ name }) => name);
    },
    markMounted(isMounted) {
      store.change(() => {
        markMounted(parts, isMounted);
      });
    },
    markDirty() {
      store.change(() => {
        markDirty(parts);
      });
    },
    isMarkedDirty: () => isMarkedDirty(parts),
    freeBytes: () => parts.clusters.countFree() * geometry.clusterSize,
    fill(freeBytes) {
      const surplus = parts.clusters.countFree() - Math.floor(freeBytes / geometry.clusterSize);
      store.change(() => {
        if (surplus > 0) parts.clusters.allocate(surplus);
      });
    },
  };
}
