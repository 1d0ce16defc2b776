import { restOfLine } from '../windows/console-text';
import { nativeCommand, type EarlierOutput, type GuestCommand } from './command';

/**
 * A Windows on a disk that is attached to another: where its stores are, and how its registry is loaded there for the
 * length of one run. A run loads first and unloads last, so that nothing stays loaded between runs.
 */

/** Where everything is; prepare-offline-disk.ps1 tells it. */
export interface OfflineDisk {
  partitionStyle: 'gpt' | 'mbr';
  bootStore: string;
  systemHive: string;
  softwareHive: string;
  /** `HKLM\RDPL_<repair>_`: with a hive's name behind it, the key that the hive is loaded as. */
  hivePrefix: string;
}

/** A hive of the disk. */
export type HiveName = 'SYSTEM' | 'SOFTWARE';

/** A hive of some ten MiB whose logs must be applied first takes its time. */
const loadSeconds = 60;

/** The key that a hive is loaded as. */
export function hiveKey({ hivePrefix }: Pick<OfflineDisk, 'hivePrefix'>, hive: HiveName): string {
  return hivePrefix + hive;
}

/** The id of the command that shows a loaded hive's keys. */
export function keysOf(hive: HiveName): string {
  return `hive-keys:${hive}`;
}

/**
 * Loads a hive and shows its keys. Whether it is loaded is seen by them, not by a word or an exit code of reg.exe: one
 * that an earlier run left loaded is ours as well, because its name is.
 */
export function loadHive(disk: OfflineDisk, hive: HiveName): GuestCommand[] {
  const file = hive === 'SYSTEM' ? disk.systemHive : disk.softwareHive;
  const load = nativeCommand(`load:${hive}`, 'reg.exe', 'load', hiveKey(disk, hive), file);
  return [
    { ...load, timeoutSeconds: loadSeconds },
    nativeCommand(keysOf(hive), 'reg.exe', 'query', hiveKey(disk, hive)),
  ];
}

/** Unloads a hive, which writes it to its file. It runs whatever came before; one that is not loaded is an error that says so. */
export function unloadHive(disk: OfflineDisk, hive: HiveName): GuestCommand {
  const unload = nativeCommand(`unload:${hive}`, 'reg.exe', 'unload', hiveKey(disk, hive));
  return { ...unload, timeoutSeconds: loadSeconds };
}

/** Holds where the loaded hive has this key directly below its root. */
export function hasKey(hive: HiveName, key: string): EarlierOutput {
  return { id: keysOf(hive), matches: String.raw`^HKEY_LOCAL_MACHINE\\[^\\\r\n]+\\${key}${restOfLine}` };
}

/** `ControlSet001`. */
export function controlSetName(number: number): string {
  return `ControlSet${String(number).padStart(3, '0')}`;
}
