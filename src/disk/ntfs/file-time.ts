import { fileTimeToDate } from '../file-time';

/** Windows' time as NTFS keeps it; zero means that none was kept. */
export function fileTime(ticks: bigint): Date | undefined {
  return ticks === 0n ? undefined : fileTimeToDate(ticks);
}
