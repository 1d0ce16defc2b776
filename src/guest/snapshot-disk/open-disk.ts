import type { ByteSource } from '../../disk/byte-source';
import type { PartitionTable } from '../../disk/partitions/partition';
import type { Disbelief } from '../evidence';
import { readBootConfiguration, type BootFinding } from './boot-configuration';
import { ignoredStores, openBootStore, type BootStore } from './boot-store';
import { attemptHere, once, type Attempt } from './finding';
import { openPartitionedDisk } from './partitioned-disk';
import { openSystemLog, type SystemLog } from './system-log';
import { openWindows, type Windows } from './windows';
import { findWindows, type UnreadableDisk } from './windows-volume';

/** A disk whose Windows was found. */
export interface OpenedDisk {
  kind: 'opened';
  table: PartitionTable;
  windows: Windows;
  /** What holds for everything that is read from it. */
  cautions: string[];
  disbelieved: Disbelief[];
  /** The System log, where the registry says that it is. */
  systemLog(): Promise<SystemLog>;
  /** What the boot store says, or why it says nothing. */
  bootConfiguration(): Promise<BootFinding>;
}

/** Opens a disk up to the volume of the Windows that it boots. Throws an UnreadableError for a disk without partitions. */
export async function openDisk(source: ByteSource): Promise<OpenedDisk | UnreadableDisk> {
  const disk = await openPartitionedDisk(source);
  const store = await attemptHere(openBootStore(disk));
  const boot: Attempt<BootFinding> = store.ok ? await attemptHere(readBootConfiguration(store.value)) : store;
  const found = await findWindows(disk, boot);
  if (found.kind === 'unreadable') return found;
  const windows = openWindows(found.windows);

  async function bootConfiguration(): Promise<BootFinding> {
    if (!boot.ok) throw boot.error;
    return { ...boot.value, cautions: [...boot.value.cautions, ...(await ignored(store))] };
  }
  async function ignored(used: Attempt<BootStore>): Promise<string[]> {
    return used.ok ? ignoredStores(disk, used.value, windows.partition) : [];
  }

  return {
    kind: 'opened',
    table: disk.table,
    windows,
    cautions: [...disk.cautions, ...windows.cautions],
    disbelieved: windows.disbelieved,
    systemLog: once(() => openSystemLog(windows, disk)),
    bootConfiguration,
  };
}
