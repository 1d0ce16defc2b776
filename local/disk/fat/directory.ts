import type { ByteStore } from '../byte-store';
import type { ClusterChains } from './cluster-chains';
import {
  ATTRIBUTE_ARCHIVE,
  ATTRIBUTE_DIRECTORY,
  asShortName,
  decodeDirectory,
  DELETED,
  encodeEntry,
  encodeLongName,
  ENTRY,
  shortNameFor,
  withContent,
  type DirectoryEntry,
} from './directory-entry';
import type { Geometry } from './geometry';

/** A directory's bytes: a chain of clusters, or FAT16's root, which cannot grow. */
export interface Directory {
  /** What entries below say of it: 0 for the root. */
  readonly firstCluster: number;
  entries(): DirectoryEntry[];
  /** The entry of a name, compared without case, long or short. */
  find(name: string): DirectoryEntry | undefined;
  write(at: number, bytes: Uint8Array): void;
  /** Puts entries one after another into free places, growing the directory where it must. Gives where the first is. */
  add(entries: readonly Buffer[]): number;
}

/** A directory may have this many entries. */
const MOST_ENTRIES = 65536;

export function rootDirectory(store: ByteStore, geometry: Geometry, chains: ClusterChains): Directory {
  const { root } = geometry;
  if ('cluster' in root) return { ...chainedDirectory(geometry, chains, root.cluster), firstCluster: 0 };
  return directoryOver(0, {
    read: () => store.read(root.start, root.size),
    write: (at, bytes) => {
      store.write(root.start + at, bytes);
    },
    grow() {
      throw new Error('The root directory is full, and that of FAT16 cannot grow.');
    },
  });
}

export function chainedDirectory(geometry: Geometry, chains: ClusterChains, firstCluster: number): Directory {
  return directoryOver(firstCluster, {
    read() {
      const chain = chains.read(firstCluster);
      return chains.readBytes(chain, 0, chain.length * geometry.clusterSize);
    },
    write: (at, bytes) => {
      chains.writeBytes(chains.read(firstCluster), at, bytes);
    },
    grow() {
      const chain = chains.read(firstCluster);
      if ((chain.length * geometry.clusterSize) / ENTRY >= MOST_ENTRIES) throw new Error('The directory is full.');
      const grown = chains.resize(chain, chain.length + 1);
      chains.writeBytes(grown, chain.length * geometry.clusterSize, Buffer.alloc(geometry.clusterSize));
    },
  });
}

interface DirectoryBytes {
  read(): Buffer;
  write(at: number, bytes: Uint8Array): void;
  grow(): void;
}

function directoryOver(firstCluster: number, bytes: DirectoryBytes): Directory {
  function freePlace(count: number): number {
    for (;;) {
      const content = bytes.read();
      let free = 0;
      for (let at = 0; at < content.length; at += ENTRY) {
        const first = content[at];
        free = first === 0 || first === DELETED ? free + 1 : 0;
        if (free === count) return at - (count - 1) * ENTRY;
      }
      bytes.grow();
    }
  }
  const entries = () => decodeDirectory(bytes.read());
  return {
    firstCluster,
    entries,
    find: (name) => entries().find((entry) => isSameName(entry.name, name) || isSameName(entry.shortName, name)),
    write(at, written) {
      bytes.write(at, written);
    },
    add(added) {
      const at = freePlace(added.length);
      bytes.write(at, Buffer.concat(added));
      return at;
    },
  };
}

/** Windows compares unit by unit, so a name keeps its length: "ß" is not "SS". */
export function isSameName(left: string, right: string): boolean {
  return upper(left) === upper(right);
}

function upper(name: string): string {
  // eslint-disable-next-line no-control-regex -- the range is what is meant
  if (/^[\x00-\x7f]*$/.test(name)) return name.toUpperCase();
  return name.replaceAll(/[^]/gu, (character) => {
    const raised = character.toUpperCase();
    return raised.length === character.length ? raised : character;
  });
}

/** Adds a file without content, or a directory with its first cluster. Gives its entry. */
export function addEntry(
  directory: Directory,
  name: string,
  content: { cluster: number } | 'file',
  now: number,
): DirectoryEntry {
  const taken = directory.entries();
  const shortName =
    asShortName(name) ?? shortNameFor(name, (short) => taken.some((entry) => isSameName(entry.shortName, short)));
  const isDirectory = content !== 'file';
  const own = encodeEntry(shortName, isDirectory ? ATTRIBUTE_DIRECTORY : ATTRIBUTE_ARCHIVE, now);
  const filled = isDirectory ? withContent(own, content.cluster, 0) : own;
  directory.add([...(asShortName(name) ? [] : encodeLongName(name, shortName)), filled]);
  const added = directory.find(name);
  if (!added) throw new Error(`The name "${name}" was written and is not found.`);
  return added;
}

/** `.` and `..` of a new directory. */
export function ownEntries(cluster: number, parent: number, now: number): Buffer {
  const entryFor = (name: string, target: number) =>
    withContent(encodeEntry(Buffer.from(name.padEnd(11), 'latin1'), ATTRIBUTE_DIRECTORY, now), target, 0);
  return Buffer.concat([entryFor('.', cluster), entryFor('..', parent)]);
}

/** Takes an entry out, with its long name. */
export function removeEntry(directory: Directory, { firstAt, at }: DirectoryEntry): void {
  for (let place = firstAt; place <= at; place += ENTRY) directory.write(place, Buffer.of(DELETED));
}
