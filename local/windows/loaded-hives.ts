/** Hives that `reg.exe load` put under HKEY_LOCAL_MACHINE. */
import type { ByteStore } from '../disk/byte-store';
import type { Hive, KeyPath } from '../disk/registry/hive';
import type { Volume } from '../disk/volume';
import type { BootStoreContent } from './boot-store';
import type { RegistryData, RegistryValue } from './content';
import { mountHive, type MountedHive } from './mounted-hive';
import { fromRegistryData, toRegistryData } from './registry-data';
import type { RegistryView } from './running-registry';
import { systemErrors } from './system-errors';

/** A file on an attached disk. */
export interface HiveFile {
  volume: Volume;
  /** What the volume lies on: what is loaded from it goes with it. */
  disk: ByteStore;
  /** From the volume's root. */
  path: string;
}

export interface LoadedHives {
  /** Loads a hive as a key. Its logs are applied and it is written clean. Answers 0, or the Win32 error. */
  load(key: string, file: HiveFile): number;
  /** Writes it to its file. Answers 0, or the Win32 error. */
  unload(key: string): number;
  /** Whether this file is loaded as some key: nobody else can open it then. */
  isInUse(file: HiveFile): boolean;
  names(): string[];
  /** The registry with what is loaded. */
  over(registry: RegistryView): RegistryView;
  /** Carries out a change in the loaded hive that the path leads into. Answers false if it leads into none. */
  change(path: string, body: (hive: Hive, path: KeyPath) => void): boolean;
  /** The disk went: what was loaded from it is gone, and what was not in its files yet stays in its logs. */
  forget(disk: ByteStore): void;
  /** Keeps a key from being unloaded, as a program does that has it open. */
  holdOpen(key: string): void;
}

interface Loaded {
  name: string;
  file: HiveFile;
  hive: MountedHive;
}

/** ERROR_BADDB, ERROR_SHARING_VIOLATION, ERROR_INVALID_PARAMETER: learn.microsoft.com/windows/win32/debug/system-error-codes */
export const hiveErrors = { badDatabase: 1009, sharingViolation: 32, invalidParameter: 87 } as const;

/** `disks` are those that are still attached. */
export function createLoadedHives(disks: () => readonly ByteStore[]): LoadedHives {
  const all: Loaded[] = [];
  const held = new Set<string>();

  function present(): Loaded[] {
    const attached = disks();
    const gone = all.filter(({ file }) => !attached.includes(file.disk));
    for (const one of gone) all.splice(all.indexOf(one), 1);
    return all;
  }
  function find(name: string): Loaded | undefined {
    return present().find((one) => one.name.toLowerCase() === name.toLowerCase());
  }
  function at(path: string): { hive: Hive; mounted: MountedHive; path: string[] } | undefined {
    const [name = '', ...rest] = path.split('\\');
    const mounted = find(name)?.hive;
    const hive = mounted?.content();
    return mounted && hive && { hive, mounted, path: rest };
  }
  function isInUse({ disk, path }: HiveFile): boolean {
    return present().some(({ file }) => file.disk === disk && file.path.toLowerCase() === path.toLowerCase());
  }

  return {
    load(key, file) {
      if (find(key) || isInUse(file)) return hiveErrors.sharingViolation;
      const hive = openHiveFile(file);
      if (!hive) return hiveErrors.badDatabase;
      all.push({ name: key, file, hive });
      return 0;
    },
    unload(key) {
      const found = find(key);
      if (!found) return hiveErrors.invalidParameter;
      if (held.has(key.toLowerCase())) return systemErrors.accessDenied;
      found.hive.flush();
      all.splice(all.indexOf(found), 1);
      return 0;
    },
    isInUse,
    names: () => present().map(({ name }) => name),
    over: (registry) => ({
      ...registry,
      hasKey(path) {
        if (path === '') return true;
        const found = at(path);
        return found ? found.hive.hasKey(found.path) : registry.hasKey(path);
      },
      subkeys(path) {
        if (path === '') return [...ownKeys, ...present().map(({ name }) => name)].sort();
        const found = at(path);
        return found ? found.hive.subkeys(found.path) : registry.subkeys(path);
      },
      values(path) {
        if (path === '') return [];
        const found = at(path);
        return found ? found.hive.values(found.path).map(toValue) : registry.values(path);
      },
    }),
    change(path, body) {
      const found = at(path);
      if (!found) return false;
      found.mounted.change((hive) => body(hive, found.path));
      found.mounted.commit();
      return true;
    },
    forget(disk) {
      for (const one of all.filter(({ file }) => file.disk === disk)) all.splice(all.indexOf(one), 1);
    },
    holdOpen(key) {
      held.add(key.toLowerCase());
    },
  };
}

/** What stands under HKEY_LOCAL_MACHINE by itself. */
const ownKeys = ['BCD00000000', 'HARDWARE', 'SAM', 'SECURITY', 'SOFTWARE', 'SYSTEM'];

function toValue(value: { name: string; type: number; data: Buffer }): RegistryValue {
  return { name: value.name, ...toRegistryData(value) };
}

/**
 * Takes a hive into memory and writes it clean; undefined if it is damaged. One that is not there is made, as RegLoadKey
 * does: learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regloadkeyw
 */
export function openHiveFile({ volume, path }: Pick<HiveFile, 'volume' | 'path'>): MountedHive | undefined {
  try {
    const options = {
      volume,
      path,
      minorVersion: 5,
      readOnly: false,
      now: Date.now,
      beforeWrite: () => undefined,
    } as const;
    const hive = mountHive(options);
    if (!hive.content()) hive.change(() => undefined);
    return hive;
  } catch {
    return undefined;
  }
}

/** Writes a value as `reg.exe add` does. */
export function writeHiveValue(hive: Hive, path: KeyPath, value: { name: string; data: RegistryData }): void {
  hive.writeValue(path, value.name, fromRegistryData(value.data), Date.now());
}

/** Whether the file is there. */
export function hasFile({ volume, path }: Pick<HiveFile, 'volume' | 'path'>): boolean {
  return volume.readFile(path) !== undefined;
}

/** A boot store's hive, with the paths that it has when it is loaded as `BCD`. */
export function hiveContent(mounted: MountedHive): BootStoreContent {
  const below = (path: string) => path.split('\\').slice(1);
  const change = (body: (hive: Hive) => void) => {
    mounted.change(body);
    mounted.commit();
  };
  return {
    hasKey: (path) => mounted.content()?.hasKey(below(path)) ?? false,
    subkeys: (path) => mounted.content()?.subkeys(below(path)) ?? [],
    readValue(path, name) {
      const value = mounted.content()?.readValue(below(path), name);
      return value && toRegistryData(value);
    },
    writeValue(path, name, data) {
      change((hive) => {
        writeHiveValue(hive, below(path), { name, data });
      });
    },
    deleteKey(path) {
      change((hive) => {
        hive.deleteKey(below(path), Date.now());
      });
    },
  };
}
