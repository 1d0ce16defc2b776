import { UnreadableError } from '../../disk/byte-source';
import type { NtfsVolumeState } from '../../disk/ntfs/volume-state';
import type { Key } from '../../disk/registry/key';
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
  /** `Select\Current`: the control set that the last boot took; `key` is undefined if it is not there. */
  lastControlSet(): Promise<Omit<ControlSet, 'key'> & { key: Key | undefined }>;
  state(): Promise<NtfsVolumeState>;
}

export function openWindows(volume: WindowsVolume): Windows {
  const { files, root } = volume;
  const system = once(() => openCurrentHive(files, String.raw`${root}\System32\config\SYSTEM`));
  return {
    ...volume,
    system,
    software: once(() => openCurrentHive(files, String.raw`${root}\System32\config\SOFTWARE`)),
    controlSet: once(async () => nextControlSet(await system())),
    lastControlSet: once(async () => lastControlSet(await system())),
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

async function lastControlSet(hive: CurrentHive) {
  const number = await numberIn(await hive.hive.findKey(['Select']), 'Current');
  if (number === undefined) throw new UnreadableError('not-found', `${hive.path} has no Select\\Current`);
  const name = controlSetName(number);
  return { name, key: await hive.hive.findKey([name]), hive };
}

function controlSetName(number: number): string {
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
