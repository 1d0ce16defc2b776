import { UnreadableError } from '../../disk/byte-source';
import type { Partition, PartitionTable } from '../../disk/partitions/partition';
import { openCurrentHive, type CurrentHive } from './current-hive';
import { attempt, attemptHere, reasonOf } from './finding';
import { hasFile, partitionName, type PartitionedDisk } from './partitioned-disk';

/**
 * Where the boot manager's store (BCD) is: on a UEFI machine on the EFI system partition, on a BIOS machine on the active
 * partition (https://learn.microsoft.com/windows-hardware/manufacture/desktop/bcd-system-store-settings-for-uefi).
 */
const storePaths = { uefi: String.raw`\EFI\Microsoft\Boot\BCD`, bios: String.raw`\Boot\BCD` } as const;

type Firmware = keyof typeof storePaths;

interface StorePlace {
  firmware: Firmware;
  partition: Partition;
  path: string;
}

/** The store that the machine boots by. */
export interface BootStore extends CurrentHive {
  firmware: Firmware;
  partition: Partition;
  /** Partition and file, for people. */
  place: string;
}

/**
 * Opens the store that the firmware would use, which the disk's style tells: Azure's generation 1 boots by BIOS and from
 * an MBR, generation 2 by UEFI and from a GPT (https://learn.microsoft.com/azure/virtual-machines/generation-2). Throws an
 * UnreadableError that names the places looked at.
 */
export async function openBootStore(disk: PartitionedDisk): Promise<BootStore> {
  const problems: string[] = [];
  for (const place of placesOf(disk.table)) {
    const store = await attemptHere(openAt(disk, place));
    if (store.ok) return store.value;
    problems.push(`${nameOf(place)}: ${reasonOf(store.error)}`);
  }
  const style = disk.table.style.toUpperCase();
  const looked = problems.length > 0 ? problems.join('; ') : noPlace(disk.table);
  throw new UnreadableError('not-found', `this ${style} disk has no boot store that can be read (${looked})`);
}

function noPlace(table: PartitionTable): string {
  return table.style === 'gpt' ? 'there is no EFI system partition' : 'no partition is active';
}

async function openAt(disk: PartitionedDisk, place: StorePlace): Promise<BootStore> {
  const volume = await disk.open(place.partition);
  if (!('files' in volume)) throw new UnreadableError('not-this-format', `its file system is ${volume.kind}`);
  return { ...(await openCurrentHive(volume.files, place.path)), ...place, place: nameOf(place) };
}

/** In the order of the firmware's choice. */
function placesOf(table: PartitionTable): StorePlace[] {
  const uefi = table.partitions
    .filter(({ isEfiSystem }) => isEfiSystem)
    .map((partition) => ({ firmware: 'uefi' as const, partition, path: storePaths.uefi }));
  if (table.style === 'gpt') return uefi;
  const bios = table.partitions
    .filter(({ active }) => active)
    .map((partition) => ({ firmware: 'bios' as const, partition, path: storePaths.bios }));
  return [...bios, ...uefi];
}

/**
 * Names the further stores of the disk, which the machine does not boot by: on the boot partitions and on `windows`. A
 * change to one of them would change nothing.
 */
export async function ignoredStores(disk: PartitionedDisk, used: BootStore, windows: Partition): Promise<string[]> {
  const { partitions } = disk.table;
  const candidates = partitions.filter(
    (one) => one.isEfiSystem || one.active === true || one.number === windows.number,
  );
  const places = candidates.flatMap((partition) =>
    (['uefi', 'bios'] as const).map((firmware) => ({ firmware, partition, path: storePaths[firmware] })),
  );
  const others = places.filter(
    ({ partition, path }) => partition.number !== used.partition.number || path !== used.path,
  );
  const found = await Promise.all(others.map(async (place) => ((await isThere(disk, place)) ? [place] : [])));
  return found.flat().map((place) => `${nameOf(place)} is there too and is not what this machine boots by`);
}

/** A place that can't be looked at is passed over: its store would not be used anyway. */
async function isThere(disk: PartitionedDisk, { partition, path }: StorePlace): Promise<boolean> {
  const volume = await attempt(disk.open(partition));
  if (!volume.ok || !('files' in volume.value)) return false;
  const found = await attempt(hasFile(volume.value.files, path));
  return found.ok && found.value;
}

function nameOf({ partition, path }: StorePlace): string {
  const role = partition.isEfiSystem ? 'EFI system partition' : partition.active ? 'active' : 'not active';
  return `${partitionName(partition)} (${role}) ${path}`;
}
