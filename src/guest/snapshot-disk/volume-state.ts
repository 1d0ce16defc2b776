import type { NtfsVolumeState } from '../../disk/ntfs/volume-state';
import type { PartitionTable } from '../../disk/partitions/partition';
import type { VolumeState } from '../evidence';
import type { Finding } from './finding';
import { partitionName } from './partitioned-disk';
import type { Windows } from './windows';

/** The state of the volume that Windows is on. */
export async function readVolumeState(windows: Windows, table: PartitionTable): Promise<Finding<VolumeState>> {
  const state = await windows.state();
  const unknown = state.hibernation === 'unknown' ? ['whether Windows was hibernated could not be told'] : [];
  return {
    fact: {
      kind: 'volume-state',
      partitionStyle: table.style,
      fileSystem: 'NTFS',
      isMarkedDirty: state.isMarkedDirty,
      isHibernated: state.hibernation === 'hibernated',
      metadataMayBeStale: state.metadataMayBeStale,
    },
    place: `${partitionName(windows.partition)}: $Volume, $LogFile, hiberfil.sys`,
    cautions: unknown,
  };
}

/** What a volume's state means for everything that is read from it. */
export function volumeCautions(state: NtfsVolumeState): string[] {
  return [
    ...(state.hibernation === 'hibernated' ? ['Windows was hibernated: part of its state is not in its files'] : []),
    ...(state.isMarkedDirty ? ['the volume is marked for checking: it may be damaged'] : []),
    ...(state.logFile === 'unclean' ? ['the volume was in use: its newest changes may be in its journal only'] : []),
  ];
}
