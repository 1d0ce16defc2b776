/** Everything that exists in the simulated subscription, in memory. */
import { randomUUID } from 'node:crypto';
import type { ByteStore } from '../disk/byte-store';
import type { SparseDisk } from '../disk/sparse-disk';
import { mountContent } from '../windows/disk-content';
import { createWindowsGuest, type WindowsGuest } from '../windows/guest';
import type { FiredAlert } from './alerts-management';
import { idKey, resourceId } from './arm-id';
import type { Obstacles } from './authorization/obstacles';
import type { PolicyAssignment } from './authorization/policies';
import { attachedDisks, type AttachedDisk } from './compute/attached-disks';
import type { DiskEncryptionSet } from './compute/disk-encryption-sets';
import { createMachine, type Machine } from './compute/machine';
import { amplyCapacity, type Capacity } from './compute/sizes';
import { newDisk, type Disk, type DiskTraits } from './compute/disk-record';
import { fleetModel } from './compute/fleet-model';
import type { NetworkAccess } from './compute/network-access';
import { connectMachine, createNetwork, disconnectMachine, type Network } from './network/network';
import type { Fleet, FleetMember } from './fleet';
import { emptyDisk, encryptWindowsVolume, readableDisk, windowsDisk } from './operating-system-disk';

export type { Disk } from './compute/disk-record';

export type Tags = Record<string, string>;

interface ResourceGroup {
  name: string;
  location: string;
  tags: Tags;
}

export interface Snapshot {
  id: string;
  name: string;
  location: string;
  tags: Tags;
  provisioningState: 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
  incremental: boolean;
  network: NetworkAccess;
  source: Pick<Disk, 'id' | 'uniqueId' | 'sizeGiB'> & DiskTraits;
  encryption: Disk['encryption'];
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
  capacity: Capacity;
  network: Network;
  /** The serial console's switch, of the whole subscription. */
  serialConsole: { disabled: boolean };
  obstacles: Obstacles;
  policies: PolicyAssignment[];
  /** Azure's own record of alerts. */
  alerts: FiredAlert[];
  diskEncryptionSets: Map<string, DiskEncryptionSet>;
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
    capacity: amplyCapacity(),
    network: createNetwork(fleet),
    serialConsole: { disabled: false },
    obstacles: { locks: [], denyAssignments: [] },
    policies: [],
    alerts: [],
    diskEncryptionSets: new Map(fleet.diskEncryptionSets.map((name) => encryptionSet(fleet, name))),
  };
  for (const name of [fleet.resourceGroup, fleet.workbenchResourceGroup, fleet.keysResourceGroup]) {
    world.resourceGroups.set(name.toLowerCase(), { name, location: fleet.location, tags: {} });
  }
  for (const member of fleet.machines) addMachine(world, member);
  return world;
}

/** The id of a set of the fleet. */
export function encryptionSetId({ subscriptionId, keysResourceGroup }: Fleet, name: string): string {
  return resourceId(subscriptionId, keysResourceGroup, 'Microsoft.Compute/diskEncryptionSets', name);
}

function encryptionSet(fleet: Fleet, name: string): [string, DiskEncryptionSet] {
  const id = encryptionSetId(fleet, name);
  return [idKey(id), { id, name, location: fleet.location, keyUrl: `https://kv-${name}.vault.azure.net/keys/disks` }];
}

/** Adds a VM of the fleet, or one like it, running and with its fault in place. */
export function addMachine(world: World, member: FleetMember): Machine {
  const fleet = { ...world.fleet, resourceGroup: member.resourceGroup ?? world.fleet.resourceGroup };
  const now = Date.now();
  const diskName = `${member.name}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  const idOf = (type: string, name: string) => resourceId(fleet.subscriptionId, fleet.resourceGroup, type, name);
  const machineId = idOf('Microsoft.Compute/virtualMachines', member.name);
  const generation = member.generation ?? 'V2';
  const inside = lazily(() => {
    const bytes = diskOf(member, generation, now - UP_FOR_MS);
    return { bytes, encryption: member.bitLocker ? encryptWindowsVolume(bytes) : undefined };
  });
  const guest = lazily(() => bootedGuest(member, hardware, now));
  const disk = newDisk({
    id: idOf('Microsoft.Compute/disks', diskName),
    name: diskName,
    location: fleet.location,
    osType: member.osType,
    sizeGiB: OS_DISK_GIB,
    createdAt: now - UP_FOR_MS,
    managedBy: machineId,
    ownershipChangedAt: now - UP_FOR_MS,
    hyperVGeneration: generation,
    network: member.network,
    ...(member.diskEncryptionSet === undefined ? {} : { encryption: byKeyOf(world, member.diskEncryptionSet) }),
    bytes: emptyDisk(OS_DISK_GIB),
  });
  // What is on the disk is what the guest has done to it: who reads it lets the guest come up first, except for the guest itself.
  Object.defineProperty(disk, 'bytes', {
    enumerable: true,
    get() {
      if (member.osType === 'Windows') guest.unlessUnderWay();
      return inside.get().bytes;
    },
  });
  world.disks.set(idKey(disk.id), disk);
  // The guest reads the disk that the machine has now: after a swap it boots from the other one.
  const bytesNow = () => bytesOfOsDisk(world, machineId) ?? inside.get().bytes;
  const hardware: Hardware = {
    bytesNow: () => readableDisk(bytesNow(), inside.get().encryption),
    systemDisk: bytesNow,
    attachedDisks() {
      const found = world.machines.get(idKey(machineId));
      return found ? attachedDisks(world, found) : [];
    },
  };
  const machine = createMachine({
    id: machineId,
    name: member.name,
    resourceGroup: fleet.resourceGroup,
    location: fleet.location,
    tags: { ...member.tags },
    osType: member.osType,
    model: fleetModel(machineId, member, disk.id),
    createdAt: now - UP_FOR_MS,
    ...(member.osType === 'Windows' ? { guest: guest.get } : {}),
    address: member.address,
  });
  world.machines.set(idKey(machineId), machine);
  connectMachine(world.network, fleet, { ...member, id: machineId });
  return machine;
}

/** How a disk is encrypted by a set of the fleet. */
export function byKeyOf({ fleet }: World, name: string): Disk['encryption'] {
  return { type: 'EncryptionAtRestWithCustomerKey', diskEncryptionSetId: encryptionSetId(fleet, name) };
}

/** Makes something when it is first asked for. */
function lazily<T>(make: () => T): { get: () => T; unlessUnderWay: () => void } {
  let made: { value: T } | undefined;
  let isUnderWay = false;
  function get(): T {
    if (made) return made.value;
    isUnderWay = true;
    try {
      return (made = { value: make() }).value;
    } finally {
      isUnderWay = false;
    }
  }
  return {
    get,
    unlessUnderWay() {
      if (!isUnderWay) get();
    },
  };
}

/**
 * Takes a VM away with its disk, its network interface and all that was ever made of its disk, the disk that it had before included, as if
 * none of them had been: a sweep of a thousand repairs would otherwise leave the app some thousand resources to look through.
 */
export function removeMachine(world: World, machine: Machine): void {
  machine.stopReporting();
  world.machines.delete(idKey(machine.id));
  disconnectMachine(world.network, machine.id);
  for (const key of relativesOf(world, machine.model.osDisk.diskId)) {
    world.disks.delete(key);
    world.snapshots.delete(key);
  }
}

/** The keys of a disk, of what it was copied from, and of all copies of these. */
function relativesOf({ disks, snapshots }: World, diskId: string): Set<string> {
  const origins = [
    ...[...disks].map(([key, { creationData }]) => [key, creationData.sourceResourceId] as const),
    ...[...snapshots].map(([key, { source }]) => [key, source.id] as const),
  ].flatMap(([key, origin]) => (origin === undefined ? [] : [[key, idKey(origin)] as const]));
  const found = new Set([idKey(diskId)]);
  for (let known = 0; known < found.size;) {
    known = found.size;
    for (const [key, origin] of origins) {
      if (found.has(key)) found.add(origin);
      else if (found.has(origin)) found.add(key);
    }
  }
  return found;
}

/** The bytes of a machine's OS disk as it is now; undefined when the machine or the disk is not there. */
export function bytesOfOsDisk(world: World, machineId: string): SparseDisk | undefined {
  const diskId = world.machines.get(idKey(machineId))?.model.osDisk.diskId;
  return diskId === undefined ? undefined : world.disks.get(idKey(diskId))?.bytes;
}

function diskOf(member: FleetMember, generation: 'V1' | 'V2', installedAt: number): SparseDisk {
  if (member.osType === 'Linux') return emptyDisk(OS_DISK_GIB);
  const computerName = member.name.toUpperCase().slice(0, 15);
  const { language = 'en-US', isDomainController } = member;
  return windowsDisk({ computerName, language, generation, isDomainController }, installedAt);
}

/** What a guest sees of the machine around it. */
interface Hardware {
  /** What it reads of its own disk, which may be encrypted. */
  bytesNow: () => ByteStore;
  systemDisk: () => SparseDisk;
  attachedDisks: () => AttachedDisk[];
}

/** A guest that has been up for a while, with its fault in place. */
function bootedGuest(member: FleetMember, { bytesNow, ...disks }: Hardware, now: number): WindowsGuest {
  // What happened before the story began is written with the times of then.
  let clock = () => now - UP_FOR_MS;
  const guest = createWindowsGuest({
    mount: (options) => mountContent(bytesNow(), { ...options, now: () => clock() }),
    address: member.address,
    ...disks,
  });
  guest.boot(now - UP_FOR_MS);
  clock = () => now - BROKEN_FOR_MS;
  member.fault?.(guest, now - BROKEN_FOR_MS);
  clock = Date.now;
  return guest;
}
