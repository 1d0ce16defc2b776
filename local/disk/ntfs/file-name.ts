import { readReference, writeReference, type FileReference } from './file-record';

/** FAT's 8.3 name beside a longer one of the same file: found by its path, not listed. */
export const NAMESPACE_DOS = 2;
const NAMESPACE_WIN32 = 1;
const NAMESPACE_WIN32_AND_DOS = 3;
const NAME_AT = 66;

/** A value of `$FILE_NAME`: a name in a directory, and copies of what the record says of the file. */
export interface FileName {
  readonly parent: FileReference;
  readonly times: FileTimes;
  /** In bytes, as are those of the data. */
  readonly allocatedSize: number;
  readonly dataSize: number;
  readonly attributes: number;
  /** Of a reparse point or extended attributes. */
  readonly tag: number;
  readonly namespace: number;
  readonly name: string;
}

/** FILETIMEs: 100 ns since 1601. */
export interface FileTimes {
  readonly created: bigint;
  readonly modified: bigint;
  readonly changed: bigint;
  readonly accessed: bigint;
}

/** https://flatcap.github.io/linux-ntfs/ntfs/attributes/file_name.html */
export function decodeFileName(value: Buffer): FileName {
  return {
    parent: readReference(value, 0),
    times: readTimes(value, 8),
    allocatedSize: Number(value.readBigUInt64LE(40)),
    dataSize: Number(value.readBigUInt64LE(48)),
    attributes: value.readUInt32LE(56),
    tag: value.readUInt32LE(60),
    namespace: value.readUInt8(65),
    name: nameOf(value),
  };
}

/** The name alone: what an index is searched by. */
export function nameOf(value: Buffer): string {
  return value.toString('utf16le', NAME_AT, NAME_AT + 2 * value.readUInt8(64));
}

/** The counterpart of `decodeFileName`. */
export function encodeFileName(fileName: FileName): Buffer {
  const value = Buffer.alloc(NAME_AT + 2 * fileName.name.length);
  writeReference(value, 0, fileName.parent);
  writeTimes(value, 8, fileName.times);
  value.writeBigUInt64LE(BigInt(fileName.allocatedSize), 40);
  value.writeBigUInt64LE(BigInt(fileName.dataSize), 48);
  value.writeUInt32LE(fileName.attributes, 56);
  value.writeUInt32LE(fileName.tag, 60);
  value.writeUInt8(fileName.name.length, 64);
  value.writeUInt8(fileName.namespace, 65);
  value.write(fileName.name, NAME_AT, 'utf16le');
  return value;
}

/** Four times one after another, as `$STANDARD_INFORMATION` and `$FILE_NAME` both have them. */
export function readTimes(bytes: Buffer, at: number): FileTimes {
  return {
    created: bytes.readBigUInt64LE(at),
    modified: bytes.readBigUInt64LE(at + 8),
    changed: bytes.readBigUInt64LE(at + 16),
    accessed: bytes.readBigUInt64LE(at + 24),
  };
}

/** The counterpart of `readTimes`. */
export function writeTimes(bytes: Buffer, at: number, times: FileTimes): void {
  bytes.writeBigUInt64LE(times.created, at);
  bytes.writeBigUInt64LE(times.modified, at + 8);
  bytes.writeBigUInt64LE(times.changed, at + 16);
  bytes.writeBigUInt64LE(times.accessed, at + 24);
}

/** A name that is an 8.3 name already needs no second one; no second one is made for others, as with 8.3 names switched off. */
export function namespaceFor(name: string): number {
  return /^[A-Z0-9_$~!#%&\-{}()@'`^]{1,8}(\.[A-Z0-9_$~!#%&\-{}()@'`^]{1,3})?$/u.test(name)
    ? NAMESPACE_WIN32_AND_DOS
    : NAMESPACE_WIN32;
}
