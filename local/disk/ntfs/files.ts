import { allocatedSizeOf, deleteAttribute, sizeOf, type VolumeParts } from './attribute-value';
import { openDirectoryIndex } from './directory-index';
import {
  decodeFileName,
  encodeFileName,
  namespaceFor,
  NAMESPACE_DOS,
  readTimes,
  writeTimes,
  type FileName,
  type FileTimes,
} from './file-name';
import {
  addAttribute,
  ATTRIBUTE,
  demandAttribute,
  demandResident,
  findAttribute,
  removeAttribute,
  replaceAttribute,
  type FileRecord,
} from './file-record';
import { emptyIndexRoot, INDEX_NAME } from './index-storage';
import type { NameOrder } from './name-order';
import { allocateRecord, freeRecord } from './record-allocation';

/** What changes of files and directories need. Times are FILETIMEs. */
export interface FileParts extends VolumeParts {
  readonly compare: NameOrder;
  now(): bigint;
}

const FILE_ATTRIBUTE_ARCHIVE = 0x20;
const FILE_ATTRIBUTE_HAS_INDEX = 0x10000000;

/** Creates a file without content, or an empty directory. Gives its record, written. */
export function createEntry(parts: FileParts, directory: FileRecord, name: string, isDirectory: boolean): FileRecord {
  const record = allocateRecord(parts, isDirectory);
  const now = parts.now();
  const times = { created: now, modified: now, changed: now, accessed: now };
  const standard = addResident(
    record,
    ATTRIBUTE.standardInformation,
    standardInformation(directory, times, isDirectory),
  );
  const key = encodeFileName({
    parent: { number: directory.number, sequence: directory.sequence },
    times,
    ...{ allocatedSize: 0, dataSize: 0, tag: 0 },
    attributes: isDirectory ? FILE_ATTRIBUTE_HAS_INDEX : standard.value.readUInt32LE(32),
    namespace: namespaceFor(name),
    name,
  });
  addAttribute(record, { ...resident(ATTRIBUTE.fileName, key), isIndexed: true });
  record.linkCount = 1;
  if (securityIdOf(record) === 0) addResident(record, ATTRIBUTE.securityDescriptor, everyone());
  if (isDirectory) addAttribute(record, { ...resident(ATTRIBUTE.indexRoot, emptyIndexRoot(parts)), name: INDEX_NAME });
  else addResident(record, ATTRIBUTE.data, Buffer.alloc(0));
  parts.records.write(record);
  openDirectoryIndex(parts, directory, parts.compare).insert(record, key);
  noteChange(parts, directory);
  return record;
}

/** Takes a name out of a directory (with its 8.3 twin), and the file with its last name. */
export function deleteEntry(parts: FileParts, directory: FileRecord, record: FileRecord, name: string): void {
  const index = openDirectoryIndex(parts, directory, parts.compare);
  for (const { attribute, fileName } of namesToDelete(parts, directory, record, name)) {
    index.remove(fileName.name);
    removeAttribute(record, attribute);
    record.linkCount -= 1;
  }
  if (namesOf(record).length > 0) parts.records.write(record);
  else deleteRecord(parts, record);
  noteChange(parts, directory);
}

function deleteRecord(parts: FileParts, record: FileRecord): void {
  for (const attribute of record.attributes)
    if (attribute.place === 'clusters') deleteAttribute(parts, record, attribute);
  freeRecord(parts, record);
}

function namesToDelete({ compare }: FileParts, directory: FileRecord, record: FileRecord, name: string) {
  const here = namesOf(record).filter(({ fileName }) => fileName.parent.number === directory.number);
  const asked = here.find(({ fileName }) => compare(fileName.name, name) === 0);
  if (!asked) throw new Error(`File record ${record.number} does not know its name "${name}".`);
  // A long name and its 8.3 twin go together; hard links in one directory are told apart by having no twin.
  const isTwin = (namespace: number) => namespace === NAMESPACE_DOS || namespace === 1;
  const twins = here.filter(({ fileName }) => isTwin(fileName.namespace));
  const hasTwin =
    isTwin(asked.fileName.namespace) && twins.some(({ fileName }) => fileName.namespace === NAMESPACE_DOS);
  return hasTwin ? twins : [asked];
}

/**
 * The file's content or the directory's names were changed: times, and the sizes that the directories above repeat, are
 * brought up to date, and the record is written. Windows does the latter with some delay, up to the closing of the file.
 */
export function noteChange(parts: FileParts, record: FileRecord): void {
  const now = parts.now();
  const attribute = demandAttribute(record, ATTRIBUTE.standardInformation);
  const value = demandResident(record, ATTRIBUTE.standardInformation);
  const times = { ...readTimes(value, 0), modified: now, changed: now, accessed: now };
  writeTimes(value, 0, times);
  if (attribute.place === 'record') replaceAttribute(record, attribute, { ...attribute, value, encoded: undefined });
  const data = record.isDirectory ? undefined : findAttribute(record, ATTRIBUTE.data);
  const sizes = data
    ? { allocatedSize: allocatedSizeOf(parts, data), dataSize: sizeOf(data) }
    : { allocatedSize: 0, dataSize: 0 };
  for (const { attribute: nameAttribute, fileName } of namesOf(record)) {
    const key = encodeFileName({ ...fileName, ...sizes, times });
    replaceAttribute(record, nameAttribute, { ...nameAttribute, value: key, encoded: undefined });
  }
  parts.records.write(record);
  for (const { fileName } of namesOf(record)) noteInDirectory(parts, record, fileName);
}

function noteInDirectory(parts: FileParts, record: FileRecord, fileName: FileName): void {
  // The root's name, ".", stands in the root itself.
  const directory = fileName.parent.number === record.number ? record : parts.records.readReferred(fileName.parent);
  openDirectoryIndex(parts, directory, parts.compare).update(encodeFileName(fileName));
  parts.records.write(directory);
}

function namesOf(record: FileRecord) {
  return record.attributes.flatMap((attribute) => {
    const isName = attribute.type === ATTRIBUTE.fileName && attribute.place === 'record';
    return isName ? [{ attribute, fileName: decodeFileName(attribute.value) }] : [];
  });
}

/** https://flatcap.github.io/linux-ntfs/ntfs/attributes/standard_information.html; who may do what is taken from the directory. */
function standardInformation(directory: FileRecord, times: FileTimes, isDirectory: boolean): Buffer {
  const value = Buffer.alloc(72);
  writeTimes(value, 0, times);
  value.writeUInt32LE(isDirectory ? 0 : FILE_ATTRIBUTE_ARCHIVE, 32);
  value.writeUInt32LE(securityIdOf(directory), 52);
  return value;
}

/** Which of `$Secure`'s descriptors it has; 0 if it has its own. */
function securityIdOf(record: FileRecord): number {
  const value = demandResident(record, ATTRIBUTE.standardInformation);
  return value.length >= 56 ? value.readUInt32LE(52) : 0;
}

/**
 * A security descriptor that lets everyone do everything, as ntfs-3g gives to files without one: self-relative; owner and
 * group the administrators (S-1-5-32-544), one entry for everyone (S-1-1-0).
 * https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
 */
function everyone(): Buffer {
  const administrators = Buffer.from('01020000000000052000000020020000', 'hex');
  const anyone = Buffer.from('010100000000000100000000', 'hex');
  const header = Buffer.alloc(20);
  header.writeUInt8(1, 0);
  // Self-relative, with a discretionary list.
  header.writeUInt16LE(0x8004, 2);
  header.writeUInt32LE(48, 4);
  header.writeUInt32LE(64, 8);
  header.writeUInt32LE(20, 16);
  const list = Buffer.alloc(16);
  list.writeUInt8(2, 0);
  list.writeUInt16LE(28, 2);
  list.writeUInt16LE(1, 4);
  // Allowed; inherited by files and directories below.
  list.writeUInt8(3, 9);
  list.writeUInt16LE(20, 10);
  list.writeUInt32LE(0x001f01ff, 12);
  return Buffer.concat([header, list, anyone, administrators, administrators]);
}

function resident(type: number, value: Buffer) {
  return { type, name: '', flags: 0, place: 'record' as const, isIndexed: false, value };
}

function addResident(record: FileRecord, type: number, value: Buffer) {
  return addAttribute(record, resident(type, value));
}
