/**
 * What is on a Windows disk, as far as the simulation needs it: registry hives, the System event log, a few files.
 * Everything that outlives a reboot is read from and written to this one interface, behind which are the bytes of a disk
 * (disk-content.ts).
 *
 * Registry paths start with the hive's name (`SYSTEM`, `SOFTWARE`, `BCD`): `SYSTEM\ControlSet001\Services\Dhcp`. Names
 * are compared without case, as Windows does, and keep the case they were written with.
 */

/** One registry value's type and data. Numbers are unsigned. */
export type RegistryData =
  | { type: 'REG_SZ' | 'REG_EXPAND_SZ'; data: string }
  | { type: 'REG_MULTI_SZ'; data: readonly string[] }
  | { type: 'REG_DWORD'; data: number }
  | { type: 'REG_QWORD'; data: bigint }
  | { type: 'REG_BINARY'; data: Uint8Array };

/** A registry value with its name; the default value's name is the empty string. */
export type RegistryValue = RegistryData & { name: string };

/** A record of the System log, with the fields that `wevtutil` prints. Times in ms since the Unix epoch. */
export interface EventRecord {
  provider: string;
  /** Empty for a classic event source, which has none. */
  providerGuid: string;
  /** Empty for a provider of the kernel, which has none. */
  eventSourceName: string;
  eventId: number;
  qualifiers: number;
  /** 1 critical, 2 error, 3 warning, 4 information. */
  level: number;
  at: number;
  computer: string;
  /** SID of the account that caused it; absent for records written by the system on its own account. */
  userSid?: string;
  /** `EventData` in this order; the Service Control Manager names its own `param1`, `param2`… */
  data: readonly EventDatum[];
  /** `EventData`'s `Binary`: the Service Control Manager puts a service's key name there, in UTF-16. */
  binary?: Uint8Array;
}

/**
 * One value of an event; the event log's own records have values without a name (''). Numbers are unsigned, `filetime`
 * is ms since the Unix epoch.
 */
export type EventDatum =
  | { name: string; type: 'string'; value: string }
  | { name: string; type: 'uint8' | 'uint16' | 'uint32' | 'filetime'; value: number };

/** The content of one disk. Reading methods return copies; a read-only content throws on every write. */
export interface DiskContent {
  hasKey(path: string): boolean;
  /** Names of the key's direct subkeys: by upper-case name on a disk. Empty when the key does not exist. */
  subkeys(path: string): string[];
  /** The key's values. Empty when the key does not exist. */
  values(path: string): RegistryValue[];
  readValue(path: string, name: string): RegistryData | undefined;
  /** Writes a value and makes its key where missing. `at` is when, in ms since the Unix epoch; the machine's clock unless given. */
  writeValue(path: string, name: string, value: RegistryData, at?: number): void;
  /** Renews a key's last-written time, as making a volatile key below it does, of which nothing is on the disk. */
  renewKey(path: string, at: number): void;
  /** Deletes a value; one that is not there is fine. */
  deleteValue(path: string, name: string): void;
  /** Deletes a key with everything under it; one that is not there is fine. */
  deleteKey(path: string): void;
  /** The key's security descriptor, self-relative; undefined when the key does not exist. */
  keySecurity(path: string): Buffer | undefined;
  /** Gives a key a descriptor of its own and makes the key where missing. */
  setKeySecurity(path: string, descriptor: Uint8Array): void;
  /** The System log, oldest first. */
  events(): EventRecord[];
  /** Writes a record, unless the log was off when it was started or is full and nothing in it is written over. */
  appendEvent(event: EventRecord): void;
  /** Opens the System log as the event log service does when it starts: where the registry says, if it is to be written at all. */
  startEventLog(): void;
  /** A file's text by its path from the root of the system drive, e.g. `Windows\Temp\a.txt`. */
  readFile(path: string): string | undefined;
  writeFile(path: string, text: string): void;
  deleteFile(path: string): void;
  /** The changes that `body` makes to the registry reach the disk as one write, as those of a short time do in Windows. */
  inOneWrite(body: () => void): void;
  /** Writes to the disk what a running Windows still keeps in memory, as a clean shutdown does. */
  flush(): void;
}
