import { isWithin, UnreadableError } from '../byte-source';
import { readUint64 } from '../volumes/little-endian';
import { fileTime } from './file-time';

/** What a directory keeps of a file: the key of its index (https://flatcap.github.io/linux-ntfs/ntfs/attributes/file_name.html). */
export interface FileName {
  readonly name: string;
  /** Only for programs of MS-DOS (`PROGRA~1`): found by this name, but not listed beside its long one. */
  readonly isShortAlias: boolean;
  readonly isDirectory: boolean;
  readonly size: number;
  readonly modified: Date | undefined;
}

const NAME_AT = 66;
const NAMESPACE_DOS = 2;
const FLAG_DIRECTORY = 0x10000000;

/** Throws `damaged` for a name that is longer than its key. */
export function parseFileName(key: Buffer): FileName {
  const length = key.length < NAME_AT ? -1 : key.readUInt8(64) * 2;
  if (!isWithin(key.length, NAME_AT, length)) throw new UnreadableError('damaged', `a name in ${key.length} bytes`);
  return {
    name: key.toString('utf16le', NAME_AT, NAME_AT + length),
    isShortAlias: key[65] === NAMESPACE_DOS,
    isDirectory: (key.readUInt32LE(56) & FLAG_DIRECTORY) !== 0,
    size: readUint64(key, 48),
    modified: fileTime(key.readBigUInt64LE(16)),
  };
}
