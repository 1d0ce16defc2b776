import { readBootMode } from './boot-mode';
import { readControlSets } from './control-sets';
import type { DiskNeed } from './disk-need';
import type { Finding, NoFinding } from './finding';
import { readNetworkAddressing } from './network-addressing';
import type { OpenedDisk } from './open-disk';
import { readPendingServicing } from './pending-servicing';
import { readRemoteDesktop } from './remote-desktop';
import { readServiceConfiguration } from './service-configuration';
import { serviceEventReader } from './service-events';
import { readVolumeState } from './volume-state';
import { readWindowsInstallation } from './windows-installation';

/** Answers needs from one disk; what several of them want is read once. Its promises reject with UnreadableErrors. */
export function needReader(disk: OpenedDisk, asOf: Date): (need: DiskNeed) => Promise<Finding | NoFinding> {
  const { windows } = disk;
  const readServiceEvents = serviceEventReader(disk, asOf);
  return (need) => {
    switch (need.kind) {
      case 'boot-configuration':
        return disk.bootConfiguration();
      case 'control-sets':
        return readControlSets(windows);
      case 'service-configuration':
        return readServiceConfiguration(windows, need.service);
      case 'service-events':
        return readServiceEvents(need.service);
      case 'boot-mode':
        return readBootMode(disk, asOf);
      case 'network-addressing':
        return readNetworkAddressing(windows);
      case 'remote-desktop':
        return readRemoteDesktop(windows);
      case 'pending-servicing':
        return readPendingServicing(windows);
      case 'windows-installation':
        return readWindowsInstallation(windows);
      case 'volume-state':
        return readVolumeState(windows, disk.table);
    }
  };
}
