import type { ByteStore } from './byte-store';
import { openFatVolume } from './fat/open-fat-volume';
import { isNtfs } from './ntfs/geometry';
import { openNtfsVolume, type NtfsVolume } from './ntfs/open-ntfs-volume';
import { findPartitions } from './partitions';
import type { Volume } from './volume';

/** What Windows finds on the disk that it starts from. */
export interface WindowsDisk {
  readonly style: 'mbr' | 'gpt';
  /** Where the boot loader and its store are: the active partition, or the EFI system partition. */
  readonly system: Volume;
  /** Drive C:. */
  readonly windows: NtfsVolume;
  /**
   * Says on the disk whether Windows runs from it. A disk that was never marked as unmounted again is what a power cut
   * leaves, and what a snapshot of a running VM shows.
   */
  markMounted(isMounted: boolean): void;
}

/**
 * Opens both volumes of a Windows disk. `now` tells the time in ms since the Unix epoch, for the files' times (local time
 * where it is left out). Throws an Error that says what is missing if it is no such disk.
 */
export function openWindowsDisk(disk: ByteStore, options: { now?: () => number } = {}): WindowsDisk {
  const { style, system, windows } = findPartitions(disk);
  const windowsVolume = openNtfsVolume(windows.store, options);
  const ntfsSystem = isNtfs(system.store) ? openNtfsVolume(system.store, options) : undefined;
  return {
    style,
    system: ntfsSystem ?? openFatVolume(system.store, options),
    windows: windowsVolume,
    markMounted(isMounted) {
      windowsVolume.markMounted(isMounted);
      ntfsSystem?.markMounted(isMounted);
    },
  };
}
