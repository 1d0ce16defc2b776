/** A registry hive that can be edited: keys and values in memory, and what must be written to its files. */
import { toFileTime } from '../file-time';
import { minorVersionOf, newBaseBlock, rootCellOf } from './base-block';
import { openBins, type Bins } from './bins';
import { createHiveFileWriter, type HiveFileWriter } from './hive-files';
import {
  createKeyNode,
  demandKeyNode,
  keyField,
  keyName,
  lastWritten,
  mayNotBeDeleted,
  noCell,
  setLastWritten,
} from './key-node';
import { loadHive, type HiveFiles } from './recovery';
import { addSecurity, createSecurity, releaseSecurity, securityIn, shareSecurity } from './security';
import { addSubkey, findSubkey, freeSubkeyLists, removeSubkey, subkeysOf } from './subkey-lists';
import { findValue, freeValues, putValue, removeValue, valuesOf, type HiveValue, type TypedData } from './values';

export type { HivePatch } from './hive-files';
export type { HiveFiles } from './recovery';
export type { HiveValue, TypedData } from './values';

/** Names from below the root; none names the root. Names are compared without case. */
export type KeyPath = readonly string[];

/**
 * A hive in memory. Times (`at`) are ms since the Unix epoch and become the last-written time of the keys touched.
 * Edits reach the files with the patches of the next `commit` or `flush` only. Every method throws an Error if the hive
 * contradicts itself.
 */
export interface Hive extends HiveFileWriter {
  hasKey(path: KeyPath): boolean;
  /** Names of the direct subkeys in the order of the hive, by upper-case name. Empty if there is no such key. */
  subkeys(path: KeyPath): string[];
  /** Values in the order in which they were made. Empty if there is no such key. */
  values(path: KeyPath): HiveValue[];
  readValue(path: KeyPath, name: string): TypedData | undefined;
  /** When the key was last written, in ms since the Unix epoch. */
  lastWritten(path: KeyPath): number | undefined;
  /** The key's security descriptor, self-relative; undefined if there is no such key. */
  security(path: KeyPath): Buffer | undefined;
  /** Gives a key a descriptor of its own and makes the key where missing; those below keep theirs. */
  setSecurity(path: KeyPath, descriptor: Uint8Array, at: number): void;
  /** Makes a key and those above it where missing. */
  createKey(path: KeyPath, at: number): void;
  /** Renews a key's last-written time, as making a volatile key below it does; a key that is not there is fine. */
  renewKey(path: KeyPath, at: number): void;
  /** Writes a value and makes its key where missing. */
  writeValue(path: KeyPath, name: string, value: TypedData, at: number): void;
  /** Deletes a value; one that is not there is fine. */
  deleteValue(path: KeyPath, name: string, at: number): void;
  /** Deletes a key with all below it; one that is not there is fine. Throws an Error for the root. */
  deleteKey(path: KeyPath, at: number): void;
  /** What must be written so that all edits so far are durable: the log grows, the primary file stays as it is. */
  commit(): ReturnType<HiveFileWriter['commit']>;
  /** What must be written so that the primary file holds everything and is clean. */
  flush(): ReturnType<HiveFileWriter['flush']>;
}

/** What a new hive is made with. */
export interface NewHive {
  /** Ms since the Unix epoch. */
  at: number;
  /** The root key's own name; it means nothing. */
  rootName: string;
  /** Told in the base block, for debugging: the file's path or the end of it. */
  fileName: string;
  /** 5 unless given, as the system's own hives; 3 for those made by loading a file that is not there. */
  minorVersion?: 3 | 5;
}

/** Windows allows no deeper keys and no longer names: learn.microsoft.com/windows/win32/sysinfo/registry-element-size-limits */
const deepestKey = 512;
const longestKeyName = 255;
const longestValueName = 16_383;

/** A hive without keys. Its first `commit` or `flush` gives the whole primary file. */
export function createHive(options: NewHive): Hive {
  const bins = openBins(Buffer.alloc(0));
  const rootCell = createKeyNode(bins, { name: options.rootName, parent: undefined, security: noCell, at: options.at });
  bins.setUint32(rootCell, keyField.security, createSecurity(bins));
  bins.setTime(toFileTime(options.at));
  const baseBlock = newBaseBlock({ minorVersion: 5, ...options, rootCell });
  const loaded = {
    baseBlock,
    unflushedPages: new Set<number>(),
    nextSequence: 1,
    activeLog: 'log1' as const,
    logEnd: undefined,
  };
  return hiveOver(bins, baseBlock, createHiveFileWriter(bins, loaded, true));
}

/**
 * Takes a hive of version 1.3 to 1.6 into memory and, if it is dirty, brings it up to date from its logs; a `flush`
 * right after makes the file clean, which is what Windows does when it loads one. The buffers are left as they are.
 * Throws an Error that says what is wrong for what is no hive, and for a dirty one whose logs are of no use.
 */
export function openHive(files: HiveFiles): Hive {
  const loaded = loadHive(files);
  const bins = openBins(loaded.bins);
  return hiveOver(bins, loaded.baseBlock, createHiveFileWriter(bins, loaded, false));
}

function hiveOver(bins: Bins, baseBlock: Buffer, writer: HiveFileWriter): Hive {
  const root = rootCellOf(baseBlock);
  const minorVersion = minorVersionOf(baseBlock);
  demandKeyNode(bins, root);
  /** Where keys were found, by path as it was asked for. A key's node never moves; only deleting one ends a place. */
  const found = new Map<string, number>();

  function find(path: KeyPath): number | undefined {
    const asked = path.join('\\');
    const known = found.get(asked);
    if (known !== undefined) return known;
    let key: number | undefined = root;
    for (const name of path) {
      key = findSubkey(bins, key, name);
      if (key === undefined) return undefined;
    }
    found.set(asked, key);
    return key;
  }

  function makeKey(path: KeyPath, at: number): number {
    if (path.length > deepestKey) throw new Error(`A key ${path.length} levels deep: at most ${deepestKey} can be.`);
    return (
      find(path) ?? path.reduce((parent, name) => findSubkey(bins, parent, name) ?? addKey(parent, name, at), root)
    );
  }

  function addKey(parent: number, name: string, at: number): number {
    if (name === '' || name.length > longestKeyName || name.includes('\\')) {
      throw new Error(`No key can have the name ${JSON.stringify(name)}.`);
    }
    // assumed: every descriptor is inherited as it is, so that a key has its parent's.
    const security = shareSecurity(bins, bins.uint32(parent, keyField.security));
    const key = createKeyNode(bins, { name, parent, security, at });
    addSubkey(bins, parent, key);
    setLastWritten(bins, parent, at);
    return key;
  }

  /** Gives back everything of a key that is in no list any more. */
  function freeKey(key: number): void {
    for (const subkey of subkeysOf(bins, key)) freeKey(subkey);
    freeSubkeyLists(bins, key);
    freeValues(bins, key, minorVersion);
    const className = bins.uint32(key, keyField.className);
    if (className !== noCell && bins.uint16(key, keyField.classNameLength) > 0) bins.free(className);
    releaseSecurity(bins, bins.uint32(key, keyField.security));
    bins.free(key);
  }

  return {
    ...writer,
    hasKey: (path) => find(path) !== undefined,
    subkeys(path) {
      const key = find(path);
      return key === undefined ? [] : subkeysOf(bins, key).map((subkey) => keyName(bins, subkey));
    },
    values(path) {
      const key = find(path);
      return key === undefined ? [] : valuesOf(bins, key, minorVersion);
    },
    readValue(path, name) {
      const key = find(path);
      const value = key === undefined ? undefined : findValue(bins, key, name, minorVersion);
      return value === undefined ? undefined : { type: value.type, data: value.data };
    },
    lastWritten(path) {
      const key = find(path);
      return key === undefined ? undefined : lastWritten(bins, key);
    },
    security(path) {
      const key = find(path);
      return key === undefined ? undefined : securityIn(bins, bins.uint32(key, keyField.security));
    },
    setSecurity(path, descriptor, at) {
      const key = makeKey(path, at);
      const before = bins.uint32(key, keyField.security);
      bins.setUint32(key, keyField.security, addSecurity(bins, before, descriptor));
      releaseSecurity(bins, before);
      setLastWritten(bins, key, at);
    },
    createKey(path, at) {
      makeKey(path, at);
    },
    renewKey(path, at) {
      const key = find(path);
      if (key !== undefined) setLastWritten(bins, key, at);
    },
    writeValue(path, name, value, at) {
      if (name.length > longestValueName) throw new Error(`A value name of ${name.length} characters is too long.`);
      const key = makeKey(path, at);
      putValue(bins, key, { name, ...value }, minorVersion);
      setLastWritten(bins, key, at);
    },
    deleteValue(path, name, at) {
      const key = find(path);
      if (key !== undefined && removeValue(bins, key, name, minorVersion)) setLastWritten(bins, key, at);
    },
    deleteKey(path, at) {
      const key = find(path);
      if (key === undefined) return;
      if (mayNotBeDeleted(bins, key)) throw new Error(`The key ${JSON.stringify(path.join('\\'))} cannot be deleted.`);
      found.clear();
      const parent = bins.uint32(key, keyField.parent);
      removeSubkey(bins, parent, key);
      setLastWritten(bins, parent, at);
      freeKey(key);
    },
  };
}
