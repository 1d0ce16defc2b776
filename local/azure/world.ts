/** Everything that exists in the simulated subscription, in memory. */
import { randomUUID } from 'node:crypto';
import type { SparseDisk } from '../disk/sparse-disk';
import { mountContent } from '../windows/disk-content';
import { createWindowsGuest, type WindowsGuest } from '../windows/guest';
import { idKey, resourceId } from './arm-id';
import { createMachine, type Machine } from './compute/machine';
import type { NetworkAccess } from './compute/network-access';
import { connectMachine, createNetwork, disconnectMachine, type Network } from './network/network';
import type { Fleet, FleetMember } from './fleet';
import { emptyDisk, encryptWindowsVolume, readableDisk, windowsDisk, type Encryption } from './operating-system-disk';

export type Tags = Record<string, string>;

interface ResourceGroup {
  name: string;
  location: string;
  tags: Tags;
}

export interface Disk {
  id: string;
  name: string;
  location: string;
  tags: Tags;
  osType: 'Windows' | 'Linux';
  sizeGiB: number;
  uniqueId: string;
  createdAt: number;
  /** The VM that it is attached to. */
  managedBy: string | undefined;
  hyperVGeneration: 'V1' | 'V2';
  /** Open to all if not given. */
  network?: NetworkAccess;
  /** Everything that is on it. */
  bytes: SparseDisk;
}

export interface Snapshot {
  id: string;
  name: string;
  location: string;
  tags: Tags;
  provisioningState: 'Updating' | 'Succeeded' | 'Deleting';
  incremental: boolean;
  network: NetworkAccess;
  source: Pick<Disk, 'id' | 'uniqueId' | 'osType' | 'sizeGiB' | 'hyperVGeneration'>;
  uniqueId: string;
  createdAt: number;
  /** What was on the disk when the snapshot was asked for. Read-only. */
  bytes: SparseDisk;
}

/** Maps are by `idKey` of the resource id (resource groups: by name in lower case). */
export interface World {
  fleet: Fleet;
  resourceGroups: Map<string, ResourceGroup>;
  disks: Map<string, Disk>;
  snapshots: Map<string, Snapshot>;
  machines: Map<string, Machine>;
  network: Network;
  /** The serial console's switch, of the whole subscription. */
  serialConsole: { disabled: boolean };
}

const OS_DISK_GIB = 127;
/** The fleet has been up for a while when the story begins. */
const UP_FOR_MS = 3 * 24 * 60 * 60_000;
/** The fault is half an hour old. */
const BROKEN_FOR_MS = 30 * 60_000;

/** The world of a fleet, with its VMs running and its faults in place. */
export function createWorld(fleet: Fleet): World {
  const world: World = {
    fleet,
    resourceGroups: new Map(),
    disks: new Map(),
    snapshots: new Map(),
    machines: new Map(),
    network: createNetwork(fleet),
    serialConsole: { disabled: false },
  };
  for (const name of [fleet.resourceGroup, fleet.workbenchResourceGroup]) {
    world.resourceGroups.set(name.toLowerCase(), { name, location: fleet.location, tags: {} });
  }
  for (const member of fleet.machines) addMachine(world, member);
  return world;
}

/** Adds a VM of the fleet, or one like it, running and with its fault in place. */
export function addMachine(world: World, member: FleetMember): Machine {
  const { fleet } = world;
  const now = Date.now();
  const diskName = `${member.name}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  const idOf = (type: string, name: string) => resourceId(fleet.subscriptionId, fleet.resourceGroup, type, name);
  const machineId = idOf('Microsoft.Compute/virtualMachines', member.name);
  const generation = member.generation ?? 'V2';
  const bytes = diskOf(member, generation, now - UP_FOR_MS);
  const encryption = member.bitLocker ? encryptWindowsVolume(bytes) : undefined;
  const disk: Disk = {
    id: idOf('Microsoft.Compute/disks', diskName),
    name: diskName,
    location: fleet.location,
    tags: {},
    osType: member.osType,
    sizeGiB: OS_DISK_GIB,
    uniqueId: randomUUID(),
    createdAt: now - UP_FOR_MS,
    managedBy: machineId,
    hyperVGeneration: generation,
    network: member.network,
    bytes,
  };
  const guest = member.osType === 'Windows' ? bootedGuest(member, { bytes, encryption, now }) : undefined;
  world.disks.set(idKey(disk.id), disk);
  const machine = createMachine({
    id: machineId,
    name: member.name,
    resourceGroup: fleet.resourceGroup,
    location: fleet.location,
    tags: { ...member.tags },
    osType: member.osType,
    osDiskId: disk.id,
    createdAt: now - UP_FOR_MS,
    guest,
    address: member.address,
  });
  world.machines.set(idKey(machineId), machine);
  connectMachine(world.network, fleet, { ...member, id: machineId });
  return machine;
}

/** Takes a VM away with its disk, the snapshots of it and its network interface, as if none of them had been. */
export function removeMachine(world: World, machine: Machine): void {
  machine.stopReporting();
  world.machines.delete(idKey(machine.id));
  world.disks.delete(idKey(machine.osDiskId));
  disconnectMachine(world.network, machine.id);
  for (const [key, { source }] of world.snapshots) {
    if (idKey(source.id) === idKey(machine.osDiskId)) world.snapshots.delete(key);
  }
}

function diskOf(member: FleetMember, generation: 'V1' | 'V2', installedAt: number): SparseDisk {
  if (member.osType === 'Linux') return emptyDisk(OS_DISK_GIB);
  const computerName = member.name.toUpperCase().slice(0, 15);
  return windowsDisk({ computerName, language: member.language ?? 'en-US', generation }, installedAt);
}

/** A guest that has been up for a while, with its fault in place. */
function bootedGuest(
  member: FleetMember,
  { bytes, encryption, now }: { bytes: SparseDisk; encryption: Encryption | undefined; now: number },
): WindowsGuest {
  // What happened before the story began is written with the times of then.
  let clock = () => now - UP_FOR_MS;
  const guest = createWindowsGuest({
    mount: (options) => mountContent(readableDisk(bytes, encryption), { ...options, now: () => clock() }),
    address: member.address,
  });
  guest.boot(now - UP_FOR_MS);
  clock = () => now - BROKEN_FOR_MS;
  member.fault?.(guest, now - BROKEN_FOR_MS);
  clock = Date.now;
  return guest;
}
