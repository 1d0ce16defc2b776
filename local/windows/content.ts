/**
 * What is on a Windows disk, as far as the simulation needs it: registry hives, the System event log, a few files.
 * Everything that outlives a reboot is read from and written to this one interface, so that a store of other
 * making (the bytes of a real disk) can take its place without a change elsewhere.
 *
 * Registry paths start with the hive's name: `SYSTEM\ControlSet001\Services\Dhcp`. Names are compared without case,
 * as Windows does, and keep the case they were written with.
 */

/** One registry value's type and data. Numbers are unsigned. */
export type RegistryData =
  | { type: 'REG_SZ' | 'REG_EXPAND_SZ'; data: string }
  | { type: 'REG_MULTI_SZ'; data: readonly string[] }
  | { type: 'REG_DWORD'; data: number };

/** A registry value with its name; the default value's name is the empty string. */
export type RegistryValue = RegistryData & { name: string };

/** A record of the System log, with the fields that `wevtutil` prints. Times in ms since the Unix epoch. */
export interface EventRecord {
  provider: string;
  providerGuid: string;
  eventSourceName: string;
  eventId: number;
  qualifiers: number;
  /** 2 error, 3 warning, 4 information. */
  level: number;
  at: number;
  computer: string;
  /** SID of the account that caused it; absent for records written by the system on its own account. */
  userSid?: string;
  /** `param1`, `param2`… in this order. */
  parameters: readonly string[];
}

/** The content of one disk. Reading methods return copies; a read-only content throws on every write. */
export interface DiskContent {
  hasKey(path: string): boolean;
  /** Names of the key's direct subkeys in the order in which they were made. Empty when the key does not exist. */
  subkeys(path: string): string[];
  /** The key's values. Empty when the key does not exist. */
  values(path: string): RegistryValue[];
  readValue(path: string, name: string): RegistryData | undefined;
  /** Writes a value and makes its key where missing. */
  writeValue(path: string, name: string, value: RegistryData): void;
  /** The System log, oldest first. */
  events(): EventRecord[];
  appendEvent(event: EventRecord): void;
  /** A file's text by its path from the root of the system drive, e.g. `Windows\Temp\a.txt`. */
  readFile(path: string): string | undefined;
  writeFile(path: string, text: string): void;
  deleteFile(path: string): void;
  /** An independent copy of what is there now. A snapshot is a copy made with `readOnly`. */
  copy(options?: { readOnly?: boolean }): DiskContent;
}

interface RegistryKey {
  name: string;
  subkeys: Map<string, RegistryKey>;
  values: Map<string, RegistryValue>;
}

interface Stored {
  root: RegistryKey;
  events: EventRecord[];
  files: Map<string, string>;
}

/** A disk content kept in memory, empty. */
export function createDiskContent(): DiskContent {
  return contentOver({ root: emptyKey(''), events: [], files: new Map() }, false);
}

function emptyKey(name: string): RegistryKey {
  return { name, subkeys: new Map(), values: new Map() };
}

function contentOver(stored: Stored, readOnly: boolean): DiskContent {
  function find(path: string): RegistryKey | undefined {
    let key: RegistryKey | undefined = stored.root;
    for (const part of partsOf(path)) key = key?.subkeys.get(part.toLowerCase());
    return key;
  }
  function demandWritable(): void {
    if (readOnly) throw new Error('This disk content is read-only: it belongs to a snapshot.');
  }
  return {
    hasKey: (path) => find(path) !== undefined,
    subkeys: (path) => [...(find(path)?.subkeys.values() ?? [])].map((key) => key.name),
    values: (path) => [...(find(path)?.values.values() ?? [])].map((value) => structuredClone(value)),
    readValue: (path, name) => structuredClone(find(path)?.values.get(name.toLowerCase())),
    writeValue(path, name, value) {
      demandWritable();
      const key = makeKey(stored.root, path);
      key.values.set(name.toLowerCase(), { ...structuredClone(value), name });
    },
    events: () => structuredClone(stored.events),
    appendEvent(event) {
      demandWritable();
      stored.events.push(structuredClone(event));
    },
    readFile: (path) => stored.files.get(path.toLowerCase()),
    writeFile(path, text) {
      demandWritable();
      stored.files.set(path.toLowerCase(), text);
    },
    deleteFile(path) {
      demandWritable();
      stored.files.delete(path.toLowerCase());
    },
    copy: (options) => contentOver(structuredClone(stored), options?.readOnly ?? false),
  };
}

function makeKey(root: RegistryKey, path: string): RegistryKey {
  let key = root;
  for (const part of partsOf(path)) {
    const found = key.subkeys.get(part.toLowerCase()) ?? emptyKey(part);
    key.subkeys.set(part.toLowerCase(), found);
    key = found;
  }
  return key;
}

function partsOf(path: string): string[] {
  return path.split('\\').filter((part) => part !== '');
}
