/** The OS disks of the fleet: bytes with Windows on them, and how a machine gets at what is on its disk. */
import { randomBytes } from 'node:crypto';
import { encryptVolume, unlockDisk, type VolumeKey, type VolumePlace } from '../disk/bitlocker';
import type { ByteStore } from '../disk/byte-store';
import { openTemplate } from '../disk/open-template';
import { findPartitions } from '../disk/partitions';
import { createSparseDisk, type SparseDisk } from '../disk/sparse-disk';
import { installWindowsServer, type MachineIdentity } from '../windows/default-content';
import { mountContent } from '../windows/disk-content';

/** What keeps a disk's content from whoever has its bytes only; the machine itself has the key, as with a TPM. */
export interface Encryption {
  place: VolumePlace;
  key: VolumeKey;
}

const GIB = 1024 ** 3;

/** A disk on which nothing is: what is inside a Linux machine is not simulated. */
export function emptyDisk(sizeGiB: number): SparseDisk {
  return createSparseDisk(sizeGiB * GIB);
}

/** A disk from which Windows boots, installed at `installedAt` (ms since the Unix epoch) and shut down cleanly. */
export function windowsDisk(machine: MachineIdentity, installedAt: number): SparseDisk {
  const disk = openTemplate(machine.generation);
  const content = mountContent(disk, { now: () => installedAt });
  installWindowsServer(content, machine);
  content.flush();
  return disk;
}

/** Encrypts the Windows volume of a disk, as BitLocker would; gives what opens it. */
export function encryptWindowsVolume(disk: SparseDisk): Encryption {
  const { windows } = findPartitions(disk);
  const place = { start: windows.start, size: windows.size };
  const key = randomBytes(32);
  encryptVolume(disk, place, { key, ranges: disk.allocatedRanges() });
  return { place, key };
}

/** The disk's bytes as the machine that it belongs to reads them. */
export function readableDisk(disk: ByteStore, encryption: Encryption | undefined): ByteStore {
  return encryption ? unlockDisk(disk, encryption.place, encryption.key) : disk;
}
