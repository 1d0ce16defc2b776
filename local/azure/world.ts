/** Everything that exists in the simulated subscription, in memory. */
import { randomUUID } from 'node:crypto';
import { createWindowsServerContent } from '../windows/default-content';
import { createDiskContent, type DiskContent } from '../windows/content';
import { createWindowsGuest } from '../windows/guest';
import { idKey, resourceId } from './arm-id';
import { createMachine, type Machine } from './compute/machine';
import type { Fleet, FleetMember } from './fleet';

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
  content: DiskContent;
}

export interface Snapshot {
  id: string;
  name: string;
  location: string;
  tags: Tags;
  provisioningState: 'Updating' | 'Succeeded' | 'Deleting';
  incremental: boolean;
  source: { id: string; uniqueId: string; osType: Disk['osType']; sizeGiB: number };
  uniqueId: string;
  createdAt: number;
  /** What was on the disk when the snapshot was asked for. Read-only. */
  content: DiskContent;
}

/** Maps are by `idKey` of the resource id (resource groups: by name in lower case). */
export interface World {
  fleet: Fleet;
  resourceGroups: Map<string, ResourceGroup>;
  disks: Map<string, Disk>;
  snapshots: Map<string, Snapshot>;
  machines: Map<string, Machine>;
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
  };
  for (const name of [fleet.resourceGroup, fleet.workbenchResourceGroup]) {
    world.resourceGroups.set(name.toLowerCase(), { name, location: fleet.location, tags: {} });
  }
  for (const member of fleet.machines) addMachine(world, member);
  return world;
}

function addMachine(world: World, member: FleetMember): void {
  const { fleet } = world;
  const now = Date.now();
  const diskName = `${member.name}_OsDisk_1_${randomUUID().replaceAll('-', '')}`;
  const idOf = (type: string, name: string) => resourceId(fleet.subscriptionId, fleet.resourceGroup, type, name);
  const machineId = idOf('Microsoft.Compute/virtualMachines', member.name);
  const isWindows = member.osType === 'Windows';
  const content = isWindows
    ? createWindowsServerContent({ computerName: member.name.toUpperCase().slice(0, 15), language: 'en-US' })
    : createDiskContent();
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
    content,
  };
  const guest = isWindows ? createWindowsGuest({ content, address: member.address }) : undefined;
  guest?.boot(now - UP_FOR_MS);
  if (guest) member.fault?.(guest, now - BROKEN_FOR_MS);
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
}
