import { UnreadableError } from '../byte-source';
import type { FileVolume } from '../volumes/file-volume';
import { ATTRIBUTE, type FileRecord } from './file-record';
import { attributeSource, findAttribute } from './find-attribute';
import { readLogFileState, type LogFileState } from './log-file';
import type { MasterFileTable } from './master-file-table';

/** Whether what the volume says is what Windows last knew. */
export interface NtfsVolumeState {
  readonly label: string;
  /** Windows marked the volume for checking. */
  readonly isMarkedDirty: boolean;
  readonly logFile: LogFileState;
  readonly hibernation: 'none' | 'hibernated' | 'resumed' | 'unknown';
  /**
   * Changes may be in the log or in the hibernated memory only. Always so for a snapshot of a running system; files that
   * have logs of their own (registry hives) say more about themselves.
   */
  readonly metadataMayBeStale: boolean;
}

const LOG_FILE_RECORD = { number: 2, sequence: 0 };
const VOLUME_RECORD = { number: 3, sequence: 0 };
const FLAG_DIRTY = 1;
const LONGEST_LABEL = 512;

/** Throws only what makes the volume unreadable altogether (and a budget that is used up). */
export async function readVolumeState(table: MasterFileTable, files: FileVolume): Promise<NtfsVolumeState> {
  const volume = await table.readRecord(VOLUME_RECORD);
  const [information] = await findAttribute(table, volume, ATTRIBUTE.volumeInformation);
  if (!information?.resident || information.value.length < 12)
    throw new UnreadableError('damaged', '$Volume does not tell the state of the volume');
  const isMarkedDirty = (information.value.readUInt16LE(10) & FLAG_DIRTY) !== 0;
  const logSource = await attributeSource(table, await table.readRecord(LOG_FILE_RECORD), ATTRIBUTE.data);
  const logFile = logSource ? await readLogFileState(logSource) : 'unknown';
  const hibernation = await readHibernation(files);
  const isSettled =
    !isMarkedDirty &&
    (logFile === 'empty' || logFile === 'clean') &&
    (hibernation === 'none' || hibernation === 'resumed');
  return { label: labelOf(volume), isMarkedDirty, logFile, hibernation, metadataMayBeStale: !isSettled };
}

function labelOf(volume: FileRecord): string {
  const name = volume.attributes.find((attribute) => attribute.type === ATTRIBUTE.volumeName);
  return name?.resident ? name.value.toString('utf16le', 0, Math.min(name.value.length, LONGEST_LABEL)) : '';
}

/**
 * The hibernation file's first four bytes: `hibr` (upper case on Vista) while a session sleeps in it, which with fast
 * startup is so after every shutdown (tuxera/ntfs-3g:libntfs-3g/volume.c); `wake` once it was resumed
 * (https://github.com/libyal/libhibr, documentation); zeros if it was never used.
 */
async function readHibernation(files: FileVolume): Promise<NtfsVolumeState['hibernation']> {
  try {
    const { source, size } = await files.openFile('\\hiberfil.sys');
    if (size < 4) return 'none';
    const signature = (await source.read(0, 4)).toString('latin1').toLowerCase();
    if (signature === 'hibr') return 'hibernated';
    if (signature === 'wake') return 'resumed';
    return signature === '\0\0\0\0' ? 'none' : 'unknown';
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    if (error.code === 'not-found') return 'none';
    if (error.code === 'budget-exceeded' || error.code === 'access-denied') throw error;
    return 'unknown';
  }
}
