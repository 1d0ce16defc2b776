import { UnreadableError, type ByteSource } from '../byte-source';
import { splitPath, type DirectoryEntry, type FileVolume, type OpenedFile } from '../volumes/file-volume';
import { readNtfsBootSector } from './boot-sector';
import { caseFolding } from './case-folding';
import { openDirectoryIndex, type DirectoryIndex } from './directory-index';
import { fileTime } from './file-time';
import { ATTRIBUTE, type FileRecord } from './file-record';
import { attributeSource } from './find-attribute';
import { openMasterFileTable, type MasterFileTable } from './master-file-table';
import { reparsePointError } from './reparse-point';
import { readVolumeState, type NtfsVolumeState } from './volume-state';

export interface NtfsFile extends OpenedFile {
  /** Its record's number: two paths with the same one are hard links to one file. */
  readonly record: number;
}

export interface NtfsVolume extends FileVolume {
  openFile(path: string): Promise<NtfsFile>;
  listDirectory(path: string): Promise<DirectoryEntry[]>;
  /** What may make the metadata older than what Windows last knew. About six reads. */
  readState(): Promise<NtfsVolumeState>;
}

const ROOT_DIRECTORY = { number: 5, sequence: 0 };
const LARGEST_REPARSE_POINT = 16 * 1024;
const DIRECTORIES_KEPT = 32;

/**
 * An NTFS volume. Two reads to open; a path costs for each name a read of its record and of one or two levels of its
 * directory, so `\Windows\System32\config\SYSTEM` is about a dozen. What was read for one path is kept for the next. Throws
 * `not-this-format` if it is not NTFS and `damaged` if its table of files is not to be found.
 */
export async function openNtfs(volume: ByteSource): Promise<NtfsVolume> {
  const geometry = await readNtfsBootSector(volume);
  const table = await openMasterFileTable(volume, geometry);
  const folding = caseFolding(table);
  const directories = new Map<number, DirectoryIndex>();

  async function indexOf(record: FileRecord): Promise<DirectoryIndex> {
    const known = directories.get(record.reference.number);
    if (known) return known;
    const index = await openDirectoryIndex(table, record, folding);
    const oldest = directories.keys().next().value;
    if (directories.size >= DIRECTORIES_KEPT && oldest !== undefined) directories.delete(oldest);
    directories.set(record.reference.number, index);
    return index;
  }

  async function resolve(path: string): Promise<FileRecord> {
    let record = await table.readRecord(ROOT_DIRECTORY);
    let walked = '';
    for (const name of splitPath(path)) {
      await refuseReparsePoint(table, record, walked);
      if (!record.isDirectory) throw new UnreadableError('not-found', `${walked} is a file and has nothing below it`);
      const found = await (await indexOf(record)).find(name);
      walked += `\\${name}`;
      if (!found) throw new UnreadableError('not-found', `${walked} does not exist`);
      record = await table.readRecord(found.reference);
    }
    await refuseReparsePoint(table, record, walked);
    return record;
  }

  const files = {
    async openFile(path: string): Promise<NtfsFile> {
      const record = await resolve(path);
      if (record.isDirectory) throw new UnreadableError('not-found', `${path} is a directory and not a file`);
      const source = await attributeSource(table, record, ATTRIBUTE.data);
      // An empty file has a content too, of 0 bytes.
      if (!source)
        throw new UnreadableError('damaged', `${path} (file record ${record.reference.number}) has no content`);
      return { source, size: source.size, modified: lastWritten(record), record: record.reference.number };
    },
    async listDirectory(path: string): Promise<DirectoryEntry[]> {
      const record = await resolve(path);
      if (!record.isDirectory) throw new UnreadableError('not-found', `${path} is a file and not a directory`);
      const entries = await (await indexOf(record)).list();
      // The root lists itself, and Windows' own files, whose records are the first 16.
      return entries
        .filter(({ reference }) => reference.number >= 16)
        .map(({ fileName: { name, isDirectory, size, modified } }) => ({ name, isDirectory, size, modified }));
    },
  };
  return { ...files, readState: () => readVolumeState(table, files) };
}

async function refuseReparsePoint(table: MasterFileTable, record: FileRecord, path: string): Promise<void> {
  const value = await attributeSource(table, record, ATTRIBUTE.reparsePoint);
  if (value) throw reparsePointError(await value.read(0, Math.min(value.size, LARGEST_REPARSE_POINT)), path);
}

/** https://flatcap.github.io/linux-ntfs/ntfs/attributes/standard_information.html */
function lastWritten(record: FileRecord): Date | undefined {
  const standard = record.attributes.find((attribute) => attribute.type === ATTRIBUTE.standardInformation);
  return standard?.resident && standard.value.length >= 16 ? fileTime(standard.value.readBigUInt64LE(8)) : undefined;
}
