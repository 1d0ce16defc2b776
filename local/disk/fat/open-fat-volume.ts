import { now as localNow } from '../../clock';
import type { ByteStore } from '../byte-store';
import { namesOf, splitPath } from '../paths';
import { transactionalStore } from '../transaction';
import type { Volume } from '../volume';
import { openClusterChains } from './cluster-chains';
import { addEntry, chainedDirectory, ownEntries, removeEntry, rootDirectory, type Directory } from './directory';
import { withContent, withTime, type DirectoryEntry } from './directory-entry';
import { readGeometry } from './geometry';

/** FAT keeps sizes in 32 bits. */
const LARGEST_FILE = 0xffffffff;

/**
 * A FAT16 or FAT32 volume to be read and written. Nothing of it is kept in memory between calls, so several may be open on
 * one disk; a call that throws has changed nothing. `now` tells the time in ms since the Unix epoch. Throws an Error if it is
 * neither.
 */
export function openFatVolume(disk: ByteStore, { now = localNow }: { now?: () => number } = {}): Volume {
  const store = transactionalStore(disk);
  const geometry = readGeometry(store);
  const chains = openClusterChains(store, geometry);
  const root = rootDirectory(store, geometry, chains);

  function directoryAt(names: readonly string[]): Directory | undefined {
    let directory: Directory | undefined = root;
    for (const name of names) {
      const entry: DirectoryEntry | undefined = directory?.find(name);
      directory = entry?.isDirectory ? chainedDirectory(geometry, chains, entry.firstCluster) : undefined;
    }
    return directory;
  }
  function demandDirectory(names: readonly string[], path: string): Directory {
    const directory = directoryAt(names);
    if (directory) return directory;
    throw new Error(`"${path}": there is no directory "${names.join('\\')}". Make it first.`);
  }
  function findFile(path: string): { directory: Directory; entry: DirectoryEntry } | undefined {
    const { directory: names, name } = splitPath(path);
    const directory = directoryAt(names);
    const entry = directory?.find(name);
    if (entry?.isDirectory) throw new Error(`"${path}" is a directory.`);
    return directory && entry && { directory, entry };
  }
  /** Makes the file `size` bytes long and writes from `offset`; a gap before it is filled with zeros. */
  function writeContent(
    directory: Directory,
    entry: DirectoryEntry,
    change: { size: number; offset: number; bytes: Uint8Array },
  ): void {
    const { size, offset, bytes } = change;
    if (size > LARGEST_FILE) throw new Error(`A file of FAT has less than 4 GiB, not ${size} bytes.`);
    const chain = chains.resize(chains.read(entry.firstCluster), Math.ceil(size / geometry.clusterSize));
    if (offset > entry.size) chains.writeBytes(chain, entry.size, Buffer.alloc(offset - entry.size));
    chains.writeBytes(chain, offset, bytes);
    directory.write(entry.at, withTime(withContent(entry.bytes, chain[0] ?? 0, size), now()));
  }
  function makeDirectoryIn(parent: Directory, name: string): void {
    const chain = chains.resize([], 1);
    const cluster = chain[0] ?? 0;
    chains.writeBytes(chain, 0, Buffer.alloc(geometry.clusterSize));
    chains.writeBytes(chain, 0, ownEntries(cluster, parent.firstCluster, now()));
    addEntry(parent, name, { cluster }, now());
  }

  return {
    readFile(path) {
      const found = findFile(path);
      return found && chains.readBytes(chains.read(found.entry.firstCluster), 0, found.entry.size);
    },
    writeFile(path, bytes) {
      store.change(() => {
        const { directory: names, name } = splitPath(path);
        const directory = demandDirectory(names, path);
        const entry = findFile(path)?.entry ?? addEntry(directory, name, 'file', now());
        writeContent(directory, entry, { size: bytes.length, offset: 0, bytes });
      });
    },
    writeAt(path, offset, bytes) {
      store.change(() => {
        const found = findFile(path);
        if (!found) throw new Error(`"${path}": there is no such file to write within.`);
        const size = Math.max(found.entry.size, offset + bytes.length);
        writeContent(found.directory, found.entry, { size, offset, bytes });
      });
    },
    deleteFile(path) {
      store.change(() => {
        const found = findFile(path);
        if (!found) return;
        chains.resize(chains.read(found.entry.firstCluster), 0);
        removeEntry(found.directory, found.entry);
      });
    },
    makeDirectory(path) {
      store.change(() => {
        const names = namesOf(path);
        for (let depth = 1; depth <= names.length; depth += 1) {
          const parent = demandDirectory(names.slice(0, depth - 1), path);
          const name = names[depth - 1] ?? '';
          const existing = parent.find(name);
          if (existing && !existing.isDirectory) throw new Error(`"${path}": "${name}" is a file.`);
          if (!existing) makeDirectoryIn(parent, name);
        }
      });
    },
    list: (path) =>
      directoryAt(namesOf(path))
        ?.entries()
        .map(({ name }) => name),
  };
}
