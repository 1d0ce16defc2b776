import { UnreadableError, type ByteSource } from '../../disk/byte-source';
import { readEvents, type EventQuery, type EventsRead } from '../../disk/event-log/read-events';
import type { FileVolume } from '../../disk/volumes/file-volume';
import type { DisbeliefCode, WeighedFact } from '../evidence';
import { plainText } from '../plain-text';
import { textIn } from './current-hive';
import { attemptHere, reasonOf, weighed, type NoFinding } from './finding';
import { letterName, mountedPartition, volumeName } from './mounted-devices';
import { partitionName, type PartitionedDisk } from './partitioned-disk';
import { readSystemLogSettings, type SystemLogSettings } from './system-log-settings';
import type { Windows } from './windows';
import { elsewhere, readWindowsPath, type WindowsPath } from './windows-path';

/** The System log of a Windows, where its registry says that it is. */
export type SystemLog =
  | {
      kind: 'here';
      source: ByteSource;
      /** For people: the path, with the partition if that is another than Windows'. */
      path: string;
      /** Why it may hold less than happened. */
      gaps: LogGap[];
      cautions: string[];
    }
  /** On another disk or machine, or where nothing is: not read, and no other file in its place. */
  | { kind: 'elsewhere'; reason: string; by: WeighedFact };

/** Why a log does not tell everything, and what says so. */
export interface LogGap {
  code: Extract<DisbeliefCode, 'log-off' | 'log-full'>;
  by: WeighedFact;
}

/** What was read of the System log, and what that leaves open. */
export interface SystemLogRead extends EventsRead {
  path: string;
  cautions: string[];
}

/** Where Windows has it if nothing says otherwise (https://learn.microsoft.com/windows/win32/eventlog/eventlog-key). */
const defaultFile = String.raw`%SystemRoot%\System32\winevt\Logs\System.evtx`;

/** Finds the log by the registry. Throws an UnreadableError if it is on this disk and can't be opened, or is at its default path and not there. */
export async function openSystemLog(windows: Windows, disk: PartitionedDisk): Promise<SystemLog> {
  const settings = await readSystemLogSettings(windows);
  const { file } = settings;
  const path = readWindowsPath(file?.text ?? defaultFile, windows.root);
  const found = await placeOf(windows, disk, path);
  if ('reason' in found) {
    if (!file) throw new UnreadableError('not-found', found.reason);
    return { kind: 'elsewhere', reason: `${file.fact.says}, and ${found.reason}`, by: file.fact };
  }
  const opened = await attemptHere(found.files.openFile(found.path));
  if (!opened.ok) {
    // A log that was moved and is not there is no reason to believe the one that was left behind.
    if (file && opened.error.code === 'not-found' && !isDefault(path, windows.root)) {
      return { kind: 'elsewhere', reason: `${file.fact.says}, and there is no such file`, by: file.fact };
    }
    throw opened.error;
  }
  const { source } = opened.value;
  return {
    kind: 'here',
    source,
    path: found.shown,
    gaps: await gapsOf(source, settings),
    cautions: [...settings.cautions, ...found.cautions],
  };
}

function isDefault(path: WindowsPath, root: string): boolean {
  const usual = readWindowsPath(defaultFile, root);
  return JSON.stringify(path).toLowerCase() === JSON.stringify(usual).toLowerCase();
}

/** Reads events of the System log. Throws an UnreadableError if it is no event log. */
export async function readSystemLog(
  log: Extract<SystemLog, { kind: 'here' }>,
  query: EventQuery,
): Promise<SystemLogRead> {
  const read = await readEvents(log.source, query);
  const cautions = [...log.cautions];
  if (read.isDirty) cautions.push('the event log was in use: its last records may not have been written yet');
  if (read.problems.length > 0) cautions.push(`records may be missing (${read.problems.slice(0, 3).join('; ')})`);
  return { ...read, path: log.path, cautions };
}

/** What would have been read if the registry said nothing. */
const leftBehind = weighed({ says: 'what lies at the log’s default path', place: defaultFile });

/** Nothing is known of what a log that is elsewhere would tell. */
export function noLog({ reason, by }: Extract<SystemLog, { kind: 'elsewhere' }>): NoFinding {
  return { reason, place: by.place, cautions: [], disbelieved: [{ code: 'log-elsewhere', told: leftBehind, by }] };
}

/** Where a log was found. `shown`: its path for people. */
interface Found {
  files: FileVolume;
  path: string;
  shown: string;
  cautions: string[];
}

async function placeOf(
  windows: Windows,
  disk: PartitionedDisk,
  path: WindowsPath,
): Promise<Found | { reason: string }> {
  switch (path.kind) {
    case 'elsewhere':
      return { reason: elsewhere[path.code] };
    case 'windows-volume':
      return onWindowsVolume(windows, path.path);
    case 'drive': {
      const system = await systemDrive(windows);
      if (path.letter === system.letter) return onWindowsVolume(windows, path.path, system.cautions);
      return onPartition(windows, disk, { name: letterName(path.letter), path: path.path });
    }
    case 'volume':
      return onPartition(windows, disk, { name: volumeName(path.id), path: path.path });
  }
}

function onWindowsVolume({ files }: Windows, path: string, cautions: string[] = []): Found {
  return { files, path, shown: plainText(path, 500), cautions };
}

/** By the mount manager's database: a drive that is on another disk is not looked for on this one. */
async function onPartition(
  windows: Windows,
  disk: PartitionedDisk,
  { name, path }: { name: string; path: string },
): Promise<Found | { reason: string }> {
  const system = await windows.system();
  const partition = await mountedPartition(system, name, disk.table);
  if (!partition)
    return { reason: `that is on no partition of this disk, as far as ${system.path} › MountedDevices says` };
  if (partition.number === windows.partition.number) return onWindowsVolume(windows, path);
  const volume = await attemptHere(disk.open(partition));
  if (!volume.ok)
    return { reason: `${partitionName(partition)}, where it is, can't be read: ${reasonOf(volume.error)}` };
  if (!('files' in volume.value))
    return { reason: `${partitionName(partition)}, where it is, is ${volume.value.kind}` };
  return {
    files: volume.value.files,
    path,
    shown: plainText(`${partitionName(partition)} ${path}`, 500),
    cautions: [],
  };
}

const version = ['Microsoft', 'Windows NT', 'CurrentVersion'];

/** The letter by which Windows knows its own volume. */
async function systemDrive(windows: Windows): Promise<{ letter: string; cautions: string[] }> {
  const root = await attemptHere(softwareText(windows, 'SystemRoot'));
  const letter = root.ok ? /^([a-z]):\\/iu.exec(root.value ?? '')?.[1]?.toUpperCase() : undefined;
  if (letter !== undefined) return { letter, cautions: [] };
  return { letter: 'C', cautions: ['which letter the volume of Windows has is not told: taken as C:'] };
}

async function softwareText(windows: Windows, name: string): Promise<string | undefined> {
  const software = await windows.software();
  return textIn(await software.hive.findKey(version), name);
}

async function gapsOf(source: ByteSource, { off, retains, maxSize }: SystemLogSettings): Promise<LogGap[]> {
  const isFull = retains !== undefined && (await takesNoMore(source, maxSize));
  return [
    ...(off ? [{ code: 'log-off', by: off } as const] : []),
    ...(isFull ? [{ code: 'log-full', by: retains } as const] : []),
  ];
}

/** libyal/libevtx, "documentation/Windows XML Event Log (EVTX).asciidoc", "File header": flags at 120, of which 2 is "is full". */
const header = { size: 4096, flags: 120, full: 0x2 } as const;
const chunkSize = 65_536;
const chunkMark = Buffer.from('ElfChnk\0', 'latin1');

/** The same, "Chunk": where its free space begins. */
const freeSpaceOffset = 48;
/** assumed: less than this is no place for the records of a boot, of which the kernel's alone has some 700 bytes. */
const oneRecord = 1024;

/**
 * Whether a log has no place for more: it says so itself, or it has reached its size and its last chunk is full. What is no event log
 * is told by its reader.
 */
async function takesNoMore(source: ByteSource, maxSize: number): Promise<boolean> {
  if (source.size < header.size + chunkSize) return false;
  const flags = (await source.read(header.flags, 4)).readUInt32LE(0);
  if ((flags & header.full) !== 0) return true;
  if (source.size + chunkSize <= maxSize + header.size) return false;
  const last = header.size + (Math.floor((source.size - header.size) / chunkSize) - 1) * chunkSize;
  const chunk = await source.read(last, freeSpaceOffset + 4);
  const isBegun = chunk.subarray(0, chunkMark.length).equals(chunkMark);
  return isBegun && chunkSize - chunk.readUInt32LE(freeSpaceOffset) < oneRecord;
}
