import { UnreadableError, type ByteSource } from '../byte-source';

/** A file's content and what its directory says of it. */
export interface OpenedFile {
  readonly source: ByteSource;
  /** In bytes; the same as `source.size`. */
  readonly size: number;
  /** When its content was last written. FAT keeps local time without saying whose: there it is given as if it were UTC. */
  readonly modified: Date | undefined;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** In bytes, as the directory says. NTFS updates this lazily: only the size of an opened file is sure. */
  readonly size: number;
  readonly modified: Date | undefined;
}

/**
 * Files by path, read only. Paths are absolute, with `\` (or `/`) between names, compared without regard to case. What
 * cannot be had is an UnreadableError: `not-found` (no such name, or a directory where a file was asked for, or the
 * reverse), `encrypted`, `compressed`, `not-available` (a link or a placeholder, told and not followed), `damaged`.
 */
export interface FileVolume {
  openFile(path: string): Promise<OpenedFile>;
  listDirectory(path: string): Promise<DirectoryEntry[]>;
}

/** Windows itself stops at 32,767 characters of path; hostile input shall not make us walk more. */
const LONGEST_PATH = 32767;

/** The names of a path. Throws `not-found` for `.` and `..`, which no Windows volume keeps in its root. */
export function splitPath(path: string): string[] {
  if (path.length > LONGEST_PATH) throw new UnreadableError('not-found', `a path of ${path.length} characters`);
  const names = path.split(/[\\/]/u).filter((name) => name !== '');
  if (names.includes('.') || names.includes('..'))
    throw new UnreadableError('not-found', `${path}: give the path without . and ..`);
  return names;
}
