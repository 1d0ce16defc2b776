import type { ByteSource } from '../../disk/byte-source';
import { openHive, type Hive } from '../../disk/registry/hive';
import type { Key } from '../../disk/registry/key';
import type { HiveLogs, HiveRecovery } from '../../disk/registry/recovery';
import type { FileVolume } from '../../disk/volumes/file-volume';
import { attemptHere, reasonOf } from './finding';

/** A hive, brought up to date as far as its logs go. */
export interface CurrentHive {
  hive: Hive;
  /** Its file's path on its volume. */
  path: string;
  cautions: string[];
}

/**
 * Opens a hive by its path on a volume. Its logs are looked for only if it is dirty: on a clean disk that saves their
 * directory entries. Throws an UnreadableError if it is not there or no hive.
 */
export async function openCurrentHive(files: FileVolume, path: string): Promise<CurrentHive> {
  const { source } = await files.openFile(path);
  const asItIs = await attemptHere(openHive(source));
  if (asItIs.ok && asItIs.value.recovery.state === 'clean') return { hive: asItIs.value, path, cautions: [] };
  if (!asItIs.ok && asItIs.error.code !== 'not-this-format') throw asItIs.error;
  const problems: string[] = [];
  const logs: HiveLogs = {
    log1: await openLog(files, `${path}.LOG1`, problems),
    log2: await openLog(files, `${path}.LOG2`, problems),
  };
  const recovered = await attemptHere(openHive(source, logs));
  if (recovered.ok) {
    return { hive: recovered.value, path, cautions: [...recoveryCautions(recovered.value.recovery), ...problems] };
  }
  // A log that can't be read to its end does not take away what the hive itself holds.
  if (!asItIs.ok) throw recovered.error;
  const because = `its logs could not be used (${reasonOf(recovered.error)})`;
  return { hive: asItIs.value, path, cautions: [staleHive(because), ...problems] };
}

async function openLog(files: FileVolume, path: string, problems: string[]): Promise<ByteSource | undefined> {
  const log = await attemptHere(files.openFile(path));
  if (log.ok) return log.value.source;
  if (log.error.code !== 'not-found') problems.push(`${path} could not be read (${reasonOf(log.error)})`);
  return undefined;
}

function recoveryCautions(recovery: HiveRecovery): string[] {
  if (recovery.state === 'clean') return [];
  if (recovery.state === 'dirty-without-usable-logs') return [staleHive(recovery.reason)];
  const logs = recovery.logs.map(({ name, entries }) => `${name} (${entries} ${entries === 1 ? 'entry' : 'entries'})`);
  const upTo = `the hive was in use and was brought up to date from ${logs.join(' and ')}, up to its write ${recovery.lastSequence}`;
  return [recovery.stoppedBecause ? `${upTo}; newer changes are missing: ${recovery.stoppedBecause}` : upTo];
}

function staleHive(reason: string): string {
  return `the hive was in use and its values may be out of date: ${reason}`;
}

/** The key below another, or undefined if any name of the path is not there. */
export async function keyBelow(key: Key, path: readonly string[]): Promise<Key | undefined> {
  let below: Key | undefined = key;
  for (const name of path) below = await below?.subkey(name);
  return below;
}

/** A REG_DWORD's number; undefined if it is not there or of another type. */
export async function numberIn(key: Key | undefined, name: string): Promise<number | undefined> {
  const value = await key?.value(name);
  return value?.type === 'REG_DWORD' ? value.number : undefined;
}

/** A REG_SZ's or REG_EXPAND_SZ's text as it stands; undefined if it is not there or of another type. */
export async function textIn(key: Key | undefined, name: string): Promise<string | undefined> {
  const value = await key?.value(name);
  return value?.type === 'REG_SZ' || value?.type === 'REG_EXPAND_SZ' ? value.text : undefined;
}

/** A REG_MULTI_SZ's texts; undefined if it is not there or of another type. */
export async function textsIn(key: Key | undefined, name: string): Promise<string[] | undefined> {
  const value = await key?.value(name);
  return value?.type === 'REG_MULTI_SZ' ? value.texts : undefined;
}
