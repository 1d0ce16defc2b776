/**
 * What src/guest/scripts/prepare-offline-disk.ps1 and release-offline-disk.ps1 do, done by the simulated guest. The agent runs
 * this in place of those files, and only of those: change them together. The volumes of the simulation have no links, its image
 * no feature BitLocker, its temporary disk no place, and a disk keeps its identity, so those of the script's checks have nothing
 * to find here.
 */
import { createHash } from 'node:crypto';
import type { AttachedDisks, DiskView, PartitionView } from './attached-disks';
import { bootElements, bootObjectList, readBootElement, wellKnownObjects } from './boot-store';
import type { WindowsGuest } from './guest';
import { hiveContent, openHiveFile, type HiveFile } from './loaded-hives';
import {
  packBody,
  parameterProblem,
  POWERSHELL_START_MS,
  printFrame,
  roundTrip,
  scriptFailed,
  type ScriptEnd,
  type ScriptHost,
} from './script-frame';
import { textOf } from './service-configuration';

/** assumed: a disk is online, with its volumes, two seconds after it was asked for. */
const ONLINE_MS = 2000;
/** assumed: copying and reading back a hive and its logs. */
const BACKUP_MS = 1500;
const RELEASE_MS = 1500;
const MINIMUM_FREE_BYTES = 209_715_200;
const EFI_SYSTEM = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';
const BASIC_DATA = 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7';

const releasePatterns = {
  Nonce: /^[0-9a-f]{32}$/,
  RepairId: /^[0-9]{8}t[0-9]{6}z-[0-9a-f]{10}$/,
  Lun: /^([2-9]|[1-5][0-9]|6[0-3])$/,
  SizeBytes: /^[1-9][0-9]{6,15}$/,
};
const preparePatterns = { ...releasePatterns, Purpose: /^(repair|rehearsal)$/ };

interface Parameters {
  nonce: string;
  repairId: string;
  lun: number;
  sizeBytes: number;
  /** Nothing is backed up, and no file of the disk written. */
  isRehearsal: boolean;
}

interface Backup {
  path: string;
  bytes: number;
  sha256: string;
  isKept: boolean;
}

/** Why the disk is not taken: a code and a sentence. */
class Refusal extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** Brings the disk online, finds boot store and Windows on it, and backs both up. */
export async function prepareOfflineDisk(
  host: ScriptHost,
  given: Readonly<Record<string, string>>,
): Promise<ScriptEnd> {
  return withParameters(host, { given, patterns: preparePatterns }, async (parameters, disks) => {
    const taken: { number?: number } = {};
    const startedAt = roundTrip(Date.now());
    const common = { version: 1, nonce: parameters.nonce, startedAt };
    try {
      return { ...common, ...(await prepare(host, disks, { parameters, taken })) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const notReleased = clearWork(disks, parameters);
      if (taken.number !== undefined) disks.setOffline(taken.number, true);
      return { ...common, kind: 'refused', code: error.code, detail: error.message, notReleased };
    }
  });
}

/** Lets go of everything that was taken. */
export async function releaseOfflineDisk(
  host: ScriptHost,
  given: Readonly<Record<string, string>>,
): Promise<ScriptEnd> {
  return withParameters(host, { given, patterns: releasePatterns }, async (parameters, disks) => {
    const startedAt = roundTrip(Date.now());
    const notReleased: { what: string; name: string; reason: string }[] = [];
    for (const hive of ownHives(disks, parameters)) {
      const reason = 'It stays loaded: something has it open.';
      if (disks.hives.unload(hive) !== 0) notReleased.push({ what: 'hive', name: `HKLM\\${hive}`, reason });
    }
    await host.pause(RELEASE_MS);
    const fits = disks
      .disks()
      .filter(({ isOwn, lun, sizeBytes }) => !isOwn && lun === parameters.lun && sizeBytes === parameters.sizeBytes);
    if (fits.length > 1) {
      const reason = `${fits.length} disks have this LUN and this size.`;
      notReleased.push({ what: 'disk', name: `LUN ${parameters.lun}`, reason });
    }
    for (const folder of disks.mountsBelow(folderOf(parameters))) disks.dismount(folder);
    const [disk] = fits.length === 1 ? fits : [];
    if (disk && notReleased.length === 0) disks.setOffline(disk.number, true);
    const now = disks.disks().find(({ number }) => number === disk?.number);
    return {
      version: 1,
      nonce: parameters.nonce,
      kind: 'released',
      startedAt,
      isDiskPresent: disk !== undefined,
      isDiskOffline: now?.isOffline ?? false,
      notReleased,
    };
  });
}

async function withParameters(
  host: ScriptHost,
  { given, patterns }: { given: Readonly<Record<string, string>>; patterns: Readonly<Record<string, RegExp>> },
  body: (parameters: Parameters, disks: AttachedDisks) => Promise<object>,
): Promise<ScriptEnd> {
  await host.pause(POWERSHELL_START_MS);
  const problem = parameterProblem(given, patterns, Object.keys(patterns));
  const disks = host.guest.attachedDisks();
  if (problem !== undefined || !disks) return scriptFailed(problem ?? 'Windows goes down.');
  const { Nonce: nonce = '', RepairId: repairId = '', Lun: lun, SizeBytes: sizeBytes, Purpose: purpose } = given;
  const isRehearsal = purpose === 'rehearsal';
  const answer = await body({ nonce, repairId, lun: Number(lun), sizeBytes: Number(sizeBytes), isRehearsal }, disks);
  const packed = packBody(answer);
  return printFrame(nonce, packed, { part: 1, parts: 1, chunk: packed });
}

function folderOf({ repairId }: Parameters): string {
  return `C:\\Windows\\Temp\\rdp-lifeline\\${repairId}`;
}

function hivePrefix({ repairId }: Parameters): string {
  return `RDPL_${repairId}_`;
}

function ownHives(disks: AttachedDisks, parameters: Parameters): string[] {
  return disks.hives.names().filter((name) => name.toLowerCase().startsWith(hivePrefix(parameters).toLowerCase()));
}

/** What an earlier call left; gives what stays. */
function clearWork(disks: AttachedDisks, parameters: Parameters): string[] {
  const left = ownHives(disks, parameters).filter((hive) => disks.hives.unload(hive) !== 0);
  for (const folder of disks.mountsBelow(folderOf(parameters))) disks.dismount(folder);
  return left.map((hive) => `HKLM\\${hive}`);
}

async function prepare(
  host: ScriptHost,
  disks: AttachedDisks,
  { parameters, taken }: { parameters: Parameters; taken: { number?: number } },
): Promise<object> {
  const left = clearWork(disks, parameters);
  if (left.length > 0) throw new Refusal('earlier-work-left', left.join(', '));
  const disk = findDisk(disks, parameters);
  taken.number = disk.number;
  disks.setOffline(disk.number, false);
  disks.clearReadOnly(disk.number);
  await host.pause(ONLINE_MS);
  if (disks.disks().find(({ number }) => number === disk.number)?.isOffline !== false) {
    throw new Refusal('disk-not-online', 'It stays offline: None.');
  }
  const partitions = disks.partitions(disk.number);
  if (partitions.length === 0) throw new Refusal('no-partitions', 'No partition of it appears.');
  const mount = mounter(disks, disk.number, folderOf(parameters));
  const backups: Backup[] = [];
  const store = findBootStore(partitions, disk.style, mount);
  saveBackup(backups, store, parameters);
  const boot = readBootStore(store, parameters);
  const windows = findWindows(partitions, disk.style, { boot, mount });
  if (windows.volume.readFile('hiberfil.sys')?.toString('latin1', 0, 4).toUpperCase() === 'HIBR') {
    throw new Refusal('hibernated', 'Windows was hibernated: what is on the disk is not all of it.');
  }
  const freeBytes = windows.partition.freeBytes();
  if (freeBytes < MINIMUM_FREE_BYTES) throw new Refusal('no-free-space', `${freeBytes} bytes are free.`);
  const config = `${boot.root}\\System32\\config`;
  if (!windows.volume.readFile(`${config}\\SOFTWARE`)) {
    throw new Refusal('no-windows', `${config}\\SOFTWARE is not there.`);
  }
  await host.pause(BACKUP_MS);
  const at = (path: string) => ({ ...windows, path, shown: `${windows.folder}\\${path}` });
  saveBackup(backups, at(`${config}\\SYSTEM`), parameters);
  return {
    kind: 'prepared',
    diskNumber: disk.number,
    lun: parameters.lun,
    sizeBytes: disk.sizeBytes,
    partitionStyle: disk.style,
    identity: disk.identity,
    wasOnline: !disk.isOffline,
    bootStore: store.shown,
    systemHive: at(`${config}\\SYSTEM`).shown,
    softwareHive: at(`${config}\\SOFTWARE`).shown,
    hivePrefix: `HKLM\\${hivePrefix(parameters)}`,
    isMarkedDirty: windows.partition.isMarkedDirty(),
    windowsBytes: windows.partition.size,
    freeBytes,
    backups,
  };
}

function findDisk(disks: AttachedDisks, { lun, sizeBytes }: Parameters): DiskView {
  const all = disks.disks();
  if (!all.some(({ isOwn }) => isOwn)) {
    throw new Refusal('own-disk-unknown', 'Which disk this machine runs from is not told.');
  }
  const there = all.filter((disk) => disk.lun === lun);
  if (!there[0]) throw new Refusal('disk-not-found', `No disk has LUN ${lun}.`);
  const [disk, second] = there.filter((one) => one.sizeBytes === sizeBytes);
  if (!disk) throw new Refusal('wrong-size', `The disk at LUN ${lun} has ${there[0].sizeBytes} bytes.`);
  if (second) throw new Refusal('several-disks', 'Several disks have this LUN and this size.');
  if (disk.isOwn) throw new Refusal('own-disk', 'It is the disk that this machine runs from.');
  if (disk.identity === '') throw new Refusal('no-partition-table', 'Its partition style is RAW.');
  const same = all.find(({ number, identity }) => number !== disk.number && identity === disk.identity);
  if (same) {
    throw new Refusal('identity-collision', `Disk ${same.number} has the same identity, ${disk.identity}.`);
  }
  if (disk.isOffline && disk.offlineReason === 'Collision') {
    throw new Refusal('identity-collision', 'Windows keeps it offline: it has the identity of another disk.');
  }
  return disk;
}

type Mounter = (partition: PartitionView) => Mounted | undefined;

interface Mounted {
  partition: PartitionView;
  folder: string;
  volume: HiveFile['volume'];
}

/** Mounts each partition once. */
function mounter(disks: AttachedDisks, number: number, parent: string): Mounter {
  return (partition) => {
    if (!partition.volume) return undefined;
    const folder = `${parent}\\p${partition.number}`;
    if (!disks.mountsBelow(parent).includes(folder)) disks.mount(number, partition.number, folder);
    return { partition, folder, volume: partition.volume };
  };
}

type FoundFile = Pick<HiveFile, 'volume' | 'path'> & { shown: string };

function findBootStore(partitions: PartitionView[], style: DiskView['style'], mount: Mounter): FoundFile {
  const isGpt = style === 'gpt';
  const path = isGpt ? 'EFI\\Microsoft\\Boot\\BCD' : 'Boot\\BCD';
  const candidates = partitions.filter(({ type, isSystem }) => (isGpt ? type === EFI_SYSTEM : isSystem));
  if (candidates.length === 0) throw new Refusal('no-boot-partition', 'No partition of it is one to boot from.');
  const stores = candidates.flatMap((partition): FoundFile[] => {
    const mounted = mount(partition);
    if (!mounted) throw new Refusal('partition-not-reachable', `Partition ${partition.number} takes no folder.`);
    const { volume, folder } = mounted;
    return volume.readFile(path) ? [{ volume, path, shown: `${folder}\\${path}` }] : [];
  });
  const [store, second] = stores;
  if (!store) throw new Refusal('no-boot-store', `${path} is not there.`);
  if (second) throw new Refusal('several-boot-stores', `${stores.length} partitions have ${path}.`);
  return store;
}

interface Boot {
  root: string;
  device: Buffer;
}

/** Loads the store for a moment and asks it for its default loader. A rehearsal loads a copy, so nothing comes back to the disk. */
function readBootStore(store: FoundFile, { isRehearsal }: Parameters): Boot {
  const hive = openHiveFile(store);
  if (!hive) throw new Refusal('boot-store-unreadable', 'Windows does not load it.');
  const content = hiveContent(hive);
  const [loader = ''] = bootObjectList(content, wellKnownObjects.bootmgr, bootElements.defaultObject);
  const isId = /^\{[0-9a-f-]{36}\}$/i.test(loader);
  const root = isId ? (textOf(readBootElement(content, loader, 0x22000002)) ?? '') : '';
  const device = isId ? readBootElement(content, loader, bootElements.osDevice) : undefined;
  if (!isRehearsal) hive.flush();
  return {
    root: /^\\[A-Za-z0-9_-]{1,60}$/.test(root) ? root.slice(1) : 'Windows',
    device: device?.type === 'REG_BINARY' ? Buffer.from(device.data) : Buffer.alloc(0),
  };
}

function findWindows(
  partitions: PartitionView[],
  style: DiskView['style'],
  { boot, mount }: { boot: Boot; mount: Mounter },
): Mounted {
  const isGpt = style === 'gpt';
  const loader = `${boot.root}\\System32\\winload.${isGpt ? 'efi' : 'exe'}`;
  const candidates = partitions.filter(({ type }) => type === (isGpt ? BASIC_DATA : '07'));
  const readable = candidates.filter(({ fileSystem }) => fileSystem === 'NTFS');
  const found = readable.flatMap((partition) => {
    const mounted = mount(partition);
    const isThere =
      mounted?.volume.readFile(`${boot.root}\\System32\\config\\SYSTEM`) && mounted.volume.readFile(loader);
    return mounted && isThere ? [mounted] : [];
  });
  const [first, second] = found;
  if (first && !second) return first;
  if (second) {
    const [named, further] = found.filter(({ partition }) => isNamedBy(boot.device, partition));
    if (named && !further) return named;
    const detail = `${found.length} partitions have Windows, and the boot store does not say which.`;
    throw new Refusal('several-windows', detail);
  }
  const unreadable = candidates.length - readable.length;
  if (unreadable === 0) throw new Refusal('no-windows', `No partition has ${loader} and its registry.`);
  const detail = `${unreadable} partitions have no file system that Windows reads here: BitLocker, or damage.`;
  throw new Refusal('volume-unreadable', detail);
}

function isNamedBy(device: Buffer, partition: PartitionView): boolean {
  if (device.length < 72 || device.readUInt32LE(16) !== 6) return false;
  if (partition.id === undefined) return Number(device.readBigUInt64LE(32)) === partition.start;
  const [first = '', second = '', third = '', ...rest] = partition.id.split('-');
  const swapped = [first, second, third].map((field) => Buffer.from(field, 'hex').reverse().toString('hex'));
  return device.toString('hex', 32, 48) === [...swapped, ...rest].join('');
}

/** The hive last: once its copy is there, all are. */
function saveBackup(backups: Backup[], file: FoundFile, { repairId, isRehearsal }: Parameters): void {
  if (isRehearsal) return;
  const suffix = `.rdp-lifeline-${repairId}`;
  const { volume, path, shown } = file;
  const isDone = volume.readFile(path + suffix) !== undefined;
  for (const log of ['.LOG', '.LOG1', '.LOG2', '']) {
    const kept = volume.readFile(path + log + suffix);
    const content = kept ?? (isDone ? undefined : volume.readFile(path + log));
    if (content === undefined) continue;
    if (kept === undefined) volume.writeFile(path + log + suffix, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    backups.push({ path: shown + log + suffix, bytes: content.length, sha256, isKept: kept !== undefined });
  }
}

/** Whether a guest has something of this repair's in hand: hives that are loaded, folders that are mounted. For tests. */
export function workLeftIn(guest: WindowsGuest): string[] {
  const disks = guest.attachedDisks();
  if (!disks) return [];
  return [...disks.hives.names(), ...disks.mountsBelow('C:\\Windows\\Temp\\rdp-lifeline')];
}
