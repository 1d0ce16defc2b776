import type { UnreadableCode, UnreadableError } from '../../disk/byte-source';
import type { NtfsVolume } from '../../disk/ntfs/open-ntfs';
import type { Partition } from '../../disk/partitions/partition';
import type { BootFinding } from './boot-configuration';
import { parseBootDevice, partitionOf } from './boot-device';
import type { Disbelief } from '../evidence';
import { attemptHere, reasonOf, weighed, type Attempt } from './finding';
import { partitionName, type PartitionedDisk } from './partitioned-disk';
import { plainText } from '../plain-text';

/** The volume that the next boot loads Windows from. */
export interface WindowsVolume {
  partition: Partition;
  files: NtfsVolume;
  /** Windows' directory: `\Windows`. */
  root: string;
  cautions: string[];
  /** What the boot store says of it and was not followed. */
  disbelieved: Disbelief[];
}

/** Why a disk as a whole gives no evidence. */
export type UnreadableDiskCode =
  'encrypted' | 'no-windows' | 'not-readable' | 'budget-exceeded' | 'access-denied' | 'not-available';

export interface UnreadableDisk {
  kind: 'unreadable';
  code: UnreadableDiskCode;
  /** For people; bounded and printable. */
  reason: string;
}

export type WindowsAttempt = { kind: 'found'; windows: WindowsVolume } | UnreadableDisk;

const usualRoot = String.raw`\Windows`;
/** What a `systemroot` may look like; anything else is not walked. */
const plausibleRoot = /^(\\[\p{L}\p{N}_$][\p{L}\p{N}_ .()$-]{0,59}){1,4}$/u;

/**
 * Finds the Windows that the next boot loads. Where the store's next loader says by its `osdevice`, that partition is
 * it, whatever others hold. Where it does not, it is the one NTFS volume with a SYSTEM hive; several are refused,
 * because evidence of the wrong Windows would be worse than none.
 */
export async function findWindows(disk: PartitionedDisk, boot: Attempt<BootFinding>): Promise<WindowsAttempt> {
  const named = namedPartition(disk, boot);
  const { root, disbelieved } = boot.ok ? rootOf(boot.value) : { root: usualRoot, disbelieved: [] };
  if ('reason' in named) return searchWindows(disk, { because: named.reason, root, disbelieved });
  const name = `${partitionName(named)}, from which the next boot loads Windows,`;
  const volume = await attemptHere(disk.open(named));
  if (!volume.ok) return unreadableDisk(volume.error, `${name} can't be read: `);
  if (volume.value.kind === 'bitlocker') return encrypted(`${name} is encrypted by BitLocker`);
  if (volume.value.kind !== 'ntfs') {
    return { kind: 'unreadable', code: 'not-readable', reason: `${name} holds no NTFS volume (${volume.value.kind})` };
  }
  return { kind: 'found', windows: { partition: named, files: volume.value.files, root, cautions: [], disbelieved } };
}

/** The partition that the next loader's `osdevice` names, or why there is none. */
function namedPartition(disk: PartitionedDisk, boot: Attempt<BootFinding>): Partition | { reason: string } {
  if (!boot.ok) return { reason: reasonOf(boot.error) };
  const device = boot.value.osDevice && parseBootDevice(boot.value.osDevice);
  if (!device) return { reason: 'the next loader has no osdevice that can be read' };
  const named = partitionOf(device, disk.table);
  return 'reason' in named ? { reason: `the next loader's osdevice can't be followed: ${named.reason}` } : named;
}

/** The directory that the next loader names; the usual one where it names none, and where what it names can be none, which is told. */
function rootOf({ systemRoot, place }: BootFinding): { root: string; disbelieved: Disbelief[] } {
  if (systemRoot === undefined) return { root: usualRoot, disbelieved: [] };
  if (plausibleRoot.test(systemRoot)) return { root: systemRoot, disbelieved: [] };
  const told = weighed({ says: `Windows is in ${plainText(systemRoot, 100)}`, place: `${place} › systemroot` });
  const by = weighed({ says: `it was looked for in ${usualRoot}`, place: 'the usual directory' });
  return { root: usualRoot, disbelieved: [{ code: 'not-followed', told, by }] };
}

/** How Windows is searched: why, and for which directory. */
interface Search {
  because: string;
  root: string;
  disbelieved: Disbelief[];
}

async function searchWindows(disk: PartitionedDisk, search: Search): Promise<WindowsAttempt> {
  const { because, root, disbelieved } = search;
  const looks = await Promise.all(disk.table.partitions.map((partition) => lookAt(disk, partition, root)));
  const found = looks.flatMap((look) => (look.kind === 'windows' ? [look.windows] : []));
  const [first, ...more] = found;
  if (first && more.length === 0) {
    const caution = `Windows was found by searching the disk's volumes, because ${because}`;
    return { kind: 'found', windows: { ...first, cautions: [caution], disbelieved } };
  }
  if (first) {
    const names = found.map(({ partition }) => partitionName(partition)).join(' and ');
    const reason = plainText(`there is a Windows on ${names}, and which one boots is not known: ${because}`, 500);
    return { kind: 'unreadable', code: 'not-readable', reason };
  }
  const locked = looks.flatMap((look) => (look.kind === 'bitlocker' ? [partitionName(look.partition)] : []));
  if (locked.length > 0)
    return encrypted(`${locked.join(', ')}: encrypted by BitLocker, and no other Windows is there`);
  const [problem] = looks.flatMap((look) => (look.kind === 'problem' ? [look] : []));
  if (problem) return unreadableDisk(problem.error, `no Windows was found, and ${partitionName(problem.partition)}: `);
  return { kind: 'unreadable', code: 'no-windows', reason: 'no volume of this disk holds a Windows installation' };
}

type Look =
  | { kind: 'windows'; windows: Omit<WindowsVolume, 'cautions' | 'disbelieved'> }
  | { kind: 'bitlocker' | 'nothing'; partition: Partition }
  | { kind: 'problem'; partition: Partition; error: UnreadableError };

async function lookAt(disk: PartitionedDisk, partition: Partition, root: string): Promise<Look> {
  const volume = await attemptHere(disk.open(partition));
  if (!volume.ok) return { kind: 'problem', partition, error: volume.error };
  if (volume.value.kind === 'bitlocker') return { kind: 'bitlocker', partition };
  if (volume.value.kind !== 'ntfs') return { kind: 'nothing', partition };
  const { files } = volume.value;
  const hive = await attemptHere(files.openFile(String.raw`${root}\System32\config\SYSTEM`));
  if (hive.ok) return { kind: 'windows', windows: { partition, files, root } };
  if (hive.error.code === 'not-found') return { kind: 'nothing', partition };
  return { kind: 'problem', partition, error: hive.error };
}

function encrypted(reason: string): UnreadableDisk {
  return { kind: 'unreadable', code: 'encrypted', reason };
}

/** An UnreadableError that concerns the disk as a whole. */
export function unreadableDisk(error: UnreadableError, before = ''): UnreadableDisk {
  return { kind: 'unreadable', code: diskCode(error.code), reason: `${before}${reasonOf(error)}` };
}

function diskCode(code: UnreadableCode): UnreadableDiskCode {
  const passed = ['budget-exceeded', 'access-denied', 'not-available', 'encrypted'] as const;
  return passed.find((one) => one === code) ?? 'not-readable';
}
