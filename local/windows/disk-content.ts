/**
 * The content of a Windows disk over the disk's bytes. Hives and the event log are taken into memory when the disk is
 * mounted, as the kernel and the event log service take them, and every change reaches the bytes at once, the way Windows
 * writes it: a hive's log grows while its primary file stays dirty, and the event log stays marked as in use, until
 * `flush`. assumed: nothing waits in memory; Windows writes a hive's log some seconds late.
 */
import { appendEvent, closeEventLog, createEventLog, readEventLog } from '../disk/event-log/event-log';
import { openWindowsDisk, type WindowsDisk } from '../disk/open-volumes';
import type { ByteStore } from '../disk/byte-store';
import type { Hive } from '../disk/registry/hive';
import type { Volume } from '../disk/volume';
import type { DiskContent } from './content';
import { eventLogSettings, type EventLogSettings } from './event-log-settings';
import { mountHive, type MountedHive } from './mounted-hive';
import { fromRegistryData, toRegistryData } from './registry-data';

/** How a disk is mounted. */
export interface MountOptions {
  /** Nothing is written, a dirty hive is brought up to date in memory only, and every change throws. */
  readOnly?: boolean;
  /** The guest's clock in ms since the Unix epoch, for the times of keys and files; the machine's unless given. */
  now?: () => number;
}

/**
 * Mounts a Windows disk. Takes some milliseconds for each MiB of hives. A hive or an event log that is not there reads as
 * empty and is made by the first change to it. A hive that was left dirty is made clean, as Windows does when it loads one:
 * mount a disk when Windows boots from it, and again at its next boot. Throws an Error that says what is wrong with the
 * disk, a hive or the event log.
 */
export function mountContent(disk: ByteStore, options: MountOptions = {}): DiskContent {
  const { readOnly = false, now = Date.now } = options;
  const windowsDisk = openWindowsDisk(disk, { now });
  const { windows } = windowsDisk;
  let isInUse = false;
  /** Changes to hives stay in memory until the end of `inOneWrite`. */
  let isHeldBack = false;

  /** A disk that is being written is marked as mounted until Windows shuts down. */
  function beforeWrite(): void {
    if (readOnly) throw new Error('This disk is mounted read-only: it belongs to a snapshot.');
    if (!isInUse) windowsDisk.markMounted(true);
    isInUse = true;
  }

  const hives = mountHives(windowsDisk, { readOnly, now, beforeWrite });
  let logSettings: EventLogSettings;
  let log: Buffer | undefined;

  function at(path: string): { hive: MountedHive | undefined; path: string[] } {
    const [name = '', ...rest] = path.split('\\').filter((part) => part !== '');
    return { hive: hives.get(name.toUpperCase()), path: rest };
  }

  function change(key: string, body: (hive: Hive, path: string[]) => void): void {
    const { hive, path } = at(key);
    if (!hive) throw new Error(`No hive is named in ${JSON.stringify(key)}: ${[...hives.keys()].join(', ')}.`);
    hive.change((content) => body(content, path));
    if (!isHeldBack) hive.commit();
  }

  function readLog(): Buffer | undefined {
    return logSettings.file === undefined ? undefined : windows.readFile(logSettings.file);
  }

  const content: DiskContent = {
    hasKey(key) {
      const { hive, path } = at(key);
      return hive?.content()?.hasKey(path) ?? false;
    },
    subkeys(key) {
      const { hive, path } = at(key);
      return hive?.content()?.subkeys(path) ?? [];
    },
    values(key) {
      const { hive, path } = at(key);
      const values = hive?.content()?.values(path) ?? [];
      return values.map((value) => ({ name: value.name, ...toRegistryData(value) }));
    },
    readValue(key, name) {
      const { hive, path } = at(key);
      const value = hive?.content()?.readValue(path, name);
      return value === undefined ? undefined : toRegistryData(value);
    },
    writeValue(key, name, value, at) {
      const data = fromRegistryData(value);
      change(key, (hive, path) => hive.writeValue(path, name, data, at ?? now()));
    },
    renewKey(key, at) {
      change(key, (hive, path) => hive.renewKey(path, at));
    },
    deleteValue(key, name) {
      change(key, (hive, path) => hive.deleteValue(path, name, now()));
    },
    deleteKey(key) {
      change(key, (hive, path) => hive.deleteKey(path, now()));
    },
    keySecurity(key) {
      const { hive, path } = at(key);
      return hive?.content()?.security(path);
    },
    setKeySecurity(key, descriptor) {
      change(key, (hive, path) => hive.setSecurity(path, descriptor, now()));
    },
    events: () => (log === undefined ? [] : readEventLog(log)),
    appendEvent(event) {
      beforeWrite();
      const { file: path, isOff, ...limits } = logSettings;
      if (isOff) return;
      if (log === undefined) {
        log = createEventLog();
        if (path !== undefined) writeWhole(windows, path, log);
      }
      const { file, patches } = appendEvent(log, event, limits);
      log = file;
      if (path !== undefined) for (const { offset, bytes } of patches) windows.writeAt(path, offset, bytes);
    },
    startEventLog() {
      const before = logSettings.file;
      logSettings = eventLogSettings(content);
      if (logSettings.file !== before) log = readLog();
    },
    readFile: (path) => windows.readFile(path)?.toString('utf8'),
    writeFile(path, text) {
      beforeWrite();
      writeWhole(windows, path, Buffer.from(text, 'utf8'));
    },
    deleteFile(path) {
      beforeWrite();
      windows.deleteFile(path);
    },
    inOneWrite(body) {
      const isInner = isHeldBack;
      isHeldBack = true;
      try {
        body();
      } finally {
        isHeldBack = isInner;
        if (!isInner) for (const hive of hives.values()) hive.commit();
      }
    },
    flush() {
      if (!isInUse) return;
      for (const hive of hives.values()) hive.flush();
      const path = logSettings.file;
      if (log !== undefined && path !== undefined) {
        const { file, patches } = closeEventLog(log);
        for (const { offset, bytes } of patches) windows.writeAt(path, offset, bytes);
        log = file;
      }
      windowsDisk.markMounted(false);
      isInUse = false;
    },
  };
  logSettings = eventLogSettings(content);
  log = readLog();
  return content;
}

interface HiveOptions {
  readOnly: boolean;
  now: () => number;
  beforeWrite: () => void;
}

/** By name in upper case. */
function mountHives({ style, system, windows }: WindowsDisk, options: HiveOptions): Map<string, MountedHive> {
  const config = 'Windows\\System32\\config';
  const bootStore = style === 'gpt' ? 'EFI\\Microsoft\\Boot\\BCD' : 'Boot\\BCD';
  return new Map([
    ['SYSTEM', mountHive({ ...options, volume: windows, path: `${config}\\SYSTEM`, minorVersion: 5 })],
    ['SOFTWARE', mountHive({ ...options, volume: windows, path: `${config}\\SOFTWARE`, minorVersion: 5 })],
    // assumed: a boot store is made by loading a hive that is not there, and such hives have version 1.3.
    ['BCD', mountHive({ ...options, volume: system, path: bootStore, minorVersion: 3 })],
  ]);
}

/** Makes the file's directory where it is missing. */
function writeWhole(volume: Volume, path: string, bytes: Buffer): void {
  const directory = path.split('\\').slice(0, -1).join('\\');
  if (directory !== '') volume.makeDirectory(directory);
  volume.writeFile(path, bytes);
}
