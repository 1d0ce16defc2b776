import { UnreadableError } from '../../disk/byte-source';
import type { NtfsVolumeState } from '../../disk/ntfs/volume-state';
import type { Key } from '../../disk/registry/key';
import type { OpenedFile } from '../../disk/volumes/file-volume';
import { keyBelow, numberIn, openCurrentHive, type CurrentHive } from './current-hive';
import { once } from './finding';
import type { WindowsVolume } from './windows-volume';

/** The control set that the next boot takes. */
export interface ControlSet {
  /** `ControlSet001`. */
  name: string;
  key: Key;
  hive: CurrentHive;
}

/** A Windows installation on a disk. Everything is opened when it is first asked for, and once. */
export interface Windows extends WindowsVolume {
  system(): Promise<CurrentHive>;
  software(): Promise<CurrentHive>;
  controlSet(): Promise<ControlSet>;
  /** `Select\Current`: the number of the control set that the last boot took, and the hive that says so. */
  lastControlSet(): Promise<{ number: number; hive: CurrentHive }>;
  systemLog(): Promise<OpenedFile & { path: string }>;
  state(): Promise<NtfsVolumeState>;
}

export function openWindows(volume: WindowsVolume): Windows {
  const { files, root } = volume;
  const system = once(() => openCurrentHive(files, String.raw`${root}\System32\config\SYSTEM`));
  const logPath = String.raw`${root}\System32\winevt\Logs\System.evtx`;
  return {
    ...volume,
    system,
    software: once(() => openCurrentHive(files, String.raw`${root}\System32\config\SOFTWARE`)),
    controlSet: once(async () => nextControlSet(await system())),
    lastControlSet: once(async () => lastControlSet(await system())),
    systemLog: once(async () => ({ ...(await files.openFile(logPath)), path: logPath })),
    state: once(() => files.readState()),
  };
}

/**
 * `Select\Default`: what the next boot takes (https://learn.microsoft.com/troubleshoot/windows-server/performance/what-are-control-sets).
 * `Current` is what the last one took.
 */
async function nextControlSet(hive: CurrentHive): Promise<ControlSet> {
  const number = await numberIn(await hive.hive.findKey(['Select']), 'Default');
  if (number === undefined) {
    throw new UnreadableError('not-found', `${hive.path} does not say which control set is next: no Select\\Default`);
  }
  const name = controlSetName(number);
  const key = await hive.hive.findKey([name]);
  if (!key)
    throw new UnreadableError('not-found', `${name}, which Select\\Default names, does not exist in ${hive.path}`);
  return { name, key, hive };
}

async function lastControlSet(hive: CurrentHive): Promise<{ number: number; hive: CurrentHive }> {
  const number = await numberIn(await hive.hive.findKey(['Select']), 'Current');
  if (number === undefined) throw new UnreadableError('not-found', `${hive.path} has no Select\\Current`);
  return { number, hive };
}

export function controlSetName(number: number): string {
  return `ControlSet${number.toString().padStart(3, '0')}`;
}

/** A key of the next boot's control set, and its place for people. Throws `not-found` if it is not there. */
export async function controlSetKey(windows: Windows, path: readonly string[]): Promise<{ key: Key; place: string }> {
  const { name, key, hive } = await windows.controlSet();
  const place = keyPlace(hive, [name, ...path]);
  const found = await keyBelow(key, path);
  if (!found) throw new UnreadableError('not-found', `${place} does not exist`);
  return { key: found, place };
}

/** A key of a hive, for people. */
export function keyPlace(hive: CurrentHive, path: readonly string[]): string {
  return `${hive.path} › ${path.join('\\')}`;
}
