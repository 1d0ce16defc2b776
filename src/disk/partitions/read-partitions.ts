import { UnreadableError, type ByteSource } from '../byte-source';
import { keptPages } from '../kept-pages';
import { readGpt } from './gpt';
import { protectiveEntry, readMbr, readMbrEntries } from './mbr';
import type { PartitionTable } from './partition';

/** A GPT with its 128 entries fits: 34 sectors of 512 bytes, or 6 of 4096. */
const PAGE = 32 * 1024;
const SECTOR_SIZES = [512, 4096];

/**
 * The partition table of a disk: MBR or GPT, the latter with its checksums verified and from its backup copy where the
 * primary one is damaged. One read of 32 KiB for a sound disk, one more for each logical partition of an MBR. Throws
 * `not-this-format` for a disk without a table and `damaged` for one whose tables contradict themselves.
 */
export async function readPartitions(source: ByteSource): Promise<PartitionTable> {
  const disk = keptPages(source, { pageBytes: PAGE, pages: 4 });
  if (disk.size < 512) throw new UnreadableError('not-this-format', `a disk of ${disk.size} bytes`);
  const firstSector = await disk.read(0, 512);
  const entries = readMbrEntries(firstSector);
  const protective = entries && protectiveEntry(entries);
  const sectorSize = await gptSectorSize(disk);
  // A header without a protective entry is what an MBR tool leaves of a former GPT: the MBR is what Windows uses.
  if (entries && !protective) return readMbr(disk, firstSector);
  if (!protective && sectorSize === undefined) return readMbr(disk, firstSector);
  const protectiveEnd = protective ? protective.start + protective.count - 1 : 0;
  if (sectorSize !== undefined) return readGpt(disk, sectorSize, protectiveEnd);
  return readGptOfUnknownSector(disk, protectiveEnd);
}

/** The sector size at which a header's signature stands in sector 1. */
async function gptSectorSize(disk: ByteSource): Promise<number | undefined> {
  for (const sectorSize of SECTOR_SIZES) {
    if (disk.size < 2 * sectorSize) return undefined;
    const signature = await disk.read(sectorSize, 8);
    if (signature.toString('latin1') === 'EFI PART') return sectorSize;
  }
  return undefined;
}

/** The first header is gone: only its copy at the end can tell the size of a sector. */
async function readGptOfUnknownSector(disk: ByteSource, protectiveEnd: number): Promise<PartitionTable> {
  try {
    return await readGpt(disk, 512, protectiveEnd);
  } catch (error) {
    if (!(error instanceof UnreadableError) || error.code !== 'damaged') throw error;
    return readGpt(disk, 4096, protectiveEnd);
  }
}
