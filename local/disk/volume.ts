/**
 * A file system of a simulated disk, to be read and written at once. Paths are from the volume's root, with
 * backslashes, without a drive letter: `Windows\System32\config\SYSTEM`; names in any case, kept as they were written.
 * All methods throw an Error that says what was wrong (a missing directory, a full volume, a read-only disk).
 */
export interface Volume {
  /** The file's bytes, or undefined if there is no such file. */
  readFile(path: string): Buffer | undefined;
  /** Creates the file or replaces its content, whatever its size. Its directory must be there. */
  writeFile(path: string, bytes: Uint8Array): void;
  /** Writes within an existing file, from `offset`; the file grows if it must. */
  writeAt(path: string, offset: number, bytes: Uint8Array): void;
  /** Deletes a file; one that is not there is fine. */
  deleteFile(path: string): void;
  /** Makes a directory and those above it; one that is there is fine. */
  makeDirectory(path: string): void;
  /** Names in a directory, or undefined if there is no such directory. */
  list(path: string): string[] | undefined;
}
