/**
 * The disks that are attached to a running Windows besides its own: online or not, mounted in folders, and hives of theirs that
 * are loaded. All of it is memory: what is on the disks is read from and written to their bytes at once.
 *
 * assumed: mounted folders and what is online are forgotten when the guest goes down; a real Windows remembers both.
 */
import type { ByteStore } from '../disk/byte-store';
import { openFatVolume } from '../disk/fat/open-fat-volume';
import { isNtfs } from '../disk/ntfs/geometry';
import { openNtfsVolume, type NtfsVolume } from '../disk/ntfs/open-ntfs-volume';
import { readPartitionTable, type PartitionTable } from '../disk/partitions';
import type { Volume } from '../disk/volume';
import { createLoadedHives, type HiveFile, type LoadedHives } from './loaded-hives';

/** A data disk as the machine around the guest has it. `bytes` is the same object at each call while it is attached. */
export interface AttachedDisk {
  lun: number;
  bytes: ByteStore;
}

/** What `Get-Disk` shows of a disk, as far as it is known here. */
export interface DiskView {
  number: number;
  lun: number;
  sizeBytes: number;
  /** `raw`: there is no partition table. */
  style: 'gpt' | 'mbr' | 'raw';
  /** `{guid}` or eight hexadecimal digits; empty without a table. */
  identity: string;
  /** The machine runs from it. */
  isOwn: boolean;
  isOffline: boolean;
  isReadOnly: boolean;
  offlineReason: 'None' | 'Policy' | 'Collision';
}

/** A partition of a disk that is online. */
export type PartitionView = PartitionTable['partitions'][number] & {
  /** Empty for a volume that Windows cannot read. */
  fileSystem: 'NTFS' | 'FAT32' | '';
  volume: Volume | undefined;
  freeBytes(): number;
  /** Windows would check the volume before its next use. */
  isMarkedDirty(): boolean;
};

export interface AttachedDisks {
  /** The machine's own disk is number 0. */
  disks(): DiskView[];
  /** Takes a disk offline or online. Nothing happens to a colliding one. */
  setOffline(number: number, isOffline: boolean): void;
  clearReadOnly(number: number): void;
  /** Empty while the disk is offline. */
  partitions(number: number): PartitionView[];
  /** Mounts a partition in a folder, `C:\…`. */
  mount(number: number, partition: number, folder: string): void;
  dismount(folder: string): void;
  /** Folders below this one that a volume is mounted in. */
  mountsBelow(folder: string): string[];
  /** Where a path below a mounted folder leads; undefined for one that does not lead to an attached disk. */
  resolve(path: string): HiveFile | undefined;
  readonly hives: LoadedHives;
}

/** How the guest sees what is around it. */
export interface AttachedDisksOptions {
  attached: () => readonly AttachedDisk[];
  /** The bytes that the machine runs from. */
  own: (() => ByteStore) | undefined;
  /** `Services\partmgr\Parameters`, `SanPolicy`. */
  sanPolicy: () => number | undefined;
}

/**
 * 1 online, 2 shared ones offline, 3 offline, 4 internal ones offline:
 * https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/microsoft-windows-partitionmanager-sanpolicy .
 * assumed: Azure's own images have 1, which Microsoft demands of images that are uploaded
 * (learn.microsoft.com/azure/virtual-machines/windows/prepare-for-upload-vhd-image).
 */
const onlineAll = 1;

interface State {
  number: number;
  isOffline: boolean;
  isReadOnly: boolean;
  reason: DiskView['offlineReason'];
}

interface Mount {
  folder: string;
  bytes: ByteStore;
  partition: number;
}

export function createAttachedDisks(options: AttachedDisksOptions): AttachedDisks {
  const states = new Map<ByteStore, State>();
  const mounts: Mount[] = [];
  const hives = createLoadedHives(() => {
    look();
    return [...states.keys()];
  });
  let nextNumber = 2; // 1 is the temporary disk, which holds nothing that matters here

  /** Windows meets what was attached, and forgets what was detached. */
  function look(): readonly AttachedDisk[] {
    const attached = options.attached();
    for (const bytes of states.keys()) {
      if (!attached.some((disk) => disk.bytes === bytes)) states.delete(bytes);
    }
    for (const { bytes } of attached) {
      if (states.has(bytes)) continue;
      const state = { number: nextNumber, isOffline: true, isReadOnly: true, reason: firstReason(bytes) };
      nextNumber += 1;
      states.set(bytes, state);
      if (state.reason === 'None') bringOnline(bytes, state);
    }
    return attached;
  }

  /** A disk with another's name stays offline, whatever the policy: learn.microsoft.com/windows/win32/api/vds/ne-vds-vds_disk_offline_reason */
  function firstReason(bytes: ByteStore): State['reason'] {
    const identity = identityOf(bytes);
    const others = [...(options.own ? [options.own()] : []), ...states.keys()];
    if (identity !== '' && others.some((other) => identityOf(other) === identity)) return 'Collision';
    return (options.sanPolicy() ?? onlineAll) === onlineAll ? 'None' : 'Policy';
  }

  function bringOnline(bytes: ByteStore, state: State): void {
    Object.assign(state, { isOffline: false, isReadOnly: state.reason === 'Policy', reason: 'None' });
    // The file system replays its journal and marks the volume as in use.
    for (const volume of ntfsVolumes(bytes)) volume.markMounted(true);
  }

  function entryOf(number: number): [ByteStore, State] | undefined {
    look();
    return [...states].find(([, state]) => state.number === number);
  }

  function partitions(number: number): PartitionView[] {
    const [bytes, state] = entryOf(number) ?? [];
    return bytes && state?.isOffline === false ? viewsOf(bytes) : [];
  }

  return {
    disks() {
      const attached = look();
      const own = options.own ? [ownView(options.own())] : [];
      return [...own, ...attached.flatMap((disk) => viewOf(disk, states.get(disk.bytes)))];
    },
    setOffline(number, isOffline) {
      const [bytes, state] = entryOf(number) ?? [];
      if (!bytes || !state || state.isOffline === isOffline || state.reason === 'Collision') return;
      if (!isOffline) {
        bringOnline(bytes, state);
        return;
      }
      hives.forget(bytes);
      for (const volume of ntfsVolumes(bytes)) volume.markMounted(false);
      Object.assign(state, { isOffline: true, reason: 'Policy' });
    },
    clearReadOnly(number) {
      const state = entryOf(number)?.[1];
      if (state) state.isReadOnly = false;
    },
    partitions,
    mount(number, partition, folder) {
      const bytes = entryOf(number)?.[0];
      if (bytes) mounts.push({ folder, bytes, partition });
    },
    dismount(folder) {
      const index = mounts.findIndex((mount) => isSame(mount.folder, folder));
      if (index >= 0) mounts.splice(index, 1);
    },
    mountsBelow: (folder) =>
      mounts.map((mount) => mount.folder).filter((one) => one.toLowerCase().startsWith(`${folder}\\`.toLowerCase())),
    resolve(path) {
      look();
      const mount = mounts.find(({ folder }) => path.toLowerCase().startsWith(`${folder}\\`.toLowerCase()));
      const state = mount && states.get(mount.bytes);
      if (!mount || state?.isOffline !== false) return undefined;
      const volume = viewsOf(mount.bytes).find(({ number }) => number === mount.partition)?.volume;
      return volume && { volume, disk: mount.bytes, path: path.slice(mount.folder.length + 1) };
    },
    hives,
  };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function tableOf(bytes: ByteStore): PartitionTable | undefined {
  try {
    return readPartitionTable(bytes);
  } catch {
    return undefined;
  }
}

function identityOf(bytes: ByteStore): string {
  const table = tableOf(bytes);
  if (!table) return '';
  return table.style === 'gpt' ? `{${table.identity}}` : table.identity;
}

function ownView(bytes: ByteStore): DiskView {
  const online = { isOffline: false, isReadOnly: false, offlineReason: 'None' } as const;
  return { number: 0, lun: 0, ...factsOf(bytes), isOwn: true, ...online };
}

function viewOf({ lun, bytes }: AttachedDisk, state: State | undefined): DiskView[] {
  if (!state) return [];
  const { number, isOffline, isReadOnly, reason } = state;
  return [{ number, lun, ...factsOf(bytes), isOwn: false, isOffline, isReadOnly, offlineReason: reason }];
}

function factsOf(bytes: ByteStore): Pick<DiskView, 'sizeBytes' | 'style' | 'identity'> {
  return { sizeBytes: bytes.size, style: tableOf(bytes)?.style ?? 'raw', identity: identityOf(bytes) };
}

function viewsOf(bytes: ByteStore): PartitionView[] {
  return (tableOf(bytes)?.partitions ?? []).map((partition) => ({ ...partition, ...volumeOf(partition.store) }));
}

const nothingTold = { freeBytes: () => 0, isMarkedDirty: () => false };

function volumeOf(store: ByteStore): Pick<PartitionView, 'fileSystem' | 'volume' | 'freeBytes' | 'isMarkedDirty'> {
  if (isNtfs(store)) {
    const volume = openNtfsVolume(store);
    const told = { freeBytes: () => volume.freeBytes(), isMarkedDirty: () => volume.isMarkedDirty() };
    return { fileSystem: 'NTFS', volume, ...told };
  }
  try {
    return { fileSystem: 'FAT32', volume: openFatVolume(store), ...nothingTold };
  } catch {
    return { fileSystem: '', volume: undefined, ...nothingTold };
  }
}

function ntfsVolumes(bytes: ByteStore): NtfsVolume[] {
  return (tableOf(bytes)?.partitions ?? []).flatMap(({ store }) => (isNtfs(store) ? [openNtfsVolume(store)] : []));
}
