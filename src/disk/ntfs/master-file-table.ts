import { isWithin, UnreadableError, type ByteSource, type UnreadableCode } from '../byte-source';
import { extentSource, type Extent } from '../volumes/extent-source';
import { keptPages } from '../kept-pages';
import { readAttributeList } from './attribute-list';
import type { NtfsGeometry } from './boot-sector';
import {
  ATTRIBUTE,
  parseFileRecord,
  type FileRecord,
  type FileReference,
  type NonResidentAttribute,
} from './file-record';
import { decodeRuns } from './run-list';

/** Every file of a volume, by number. */
export interface MasterFileTable {
  readonly volume: ByteSource;
  readonly geometry: NtfsGeometry;
  /**
   * The record that `reference` means. Throws `damaged` if it is free or was given to another file since; without a
   * sequence (0) any use of it is meant.
   */
  readRecord(reference: FileReference): Promise<FileRecord>;
}

/** The records of Windows' own files (0–15) are the first 16 KiB; files that belong together often lie together. */
const PAGE = 16 * 1024;
const PAGES_KEPT = 32;

/**
 * The table finds itself: its first record holds the places of all its records, and if they are too many, an attribute
 * list leads to further records, each of which lies in a part that is already known
 * (https://flatcap.github.io/linux-ntfs/ntfs/files/mft.html). One read, more only for a table in very many pieces.
 */
export async function openMasterFileTable(volume: ByteSource, geometry: NtfsGeometry): Promise<MasterFileTable> {
  const first = await readFirstRecord(keptPages(volume, { pageBytes: PAGE, pages: 1 }), geometry);
  const data = first.attributes.find(isTableData);
  if (data?.firstCluster !== 0)
    throw new UnreadableError('damaged', 'the master file table does not say where its records lie');
  let extents = decodeRuns(data, geometry);
  const list = first.attributes.find((attribute) => attribute.type === ATTRIBUTE.attributeList);
  const further = list ? await readAttributeList(volume, geometry, list) : [];
  for (const entry of further) {
    const isFurther = entry.type === ATTRIBUTE.data && entry.name === '' && entry.firstCluster > 0;
    if (!isFurther) continue;
    const record = await tableOver(volume, geometry, extents, data).readRecord(entry.reference);
    const fragment = record.attributes.filter(isTableData).find((each) => each.firstCluster === entry.firstCluster);
    if (!fragment || entry.firstCluster * geometry.clusterSize !== lengthOf(extents))
      throw new UnreadableError('damaged', `the master file table has a gap before cluster ${entry.firstCluster}`);
    extents = [...extents, ...decodeRuns(fragment, geometry)];
  }
  return tableOver(volume, geometry, extents, data);
}

/** What its copy may mend. */
const damage: readonly UnreadableCode[] = ['damaged', 'out-of-range'];

/** The first record; its copy, if it is damaged (https://flatcap.github.io/linux-ntfs/ntfs/files/mftmirr.html). */
async function readFirstRecord(volume: ByteSource, geometry: NtfsGeometry): Promise<FileRecord> {
  try {
    return parseFileRecord(await volume.read(geometry.masterFileTableAt, geometry.recordSize), 0);
  } catch (error) {
    const isDamage = error instanceof UnreadableError && damage.includes(error.code);
    if (!isDamage) throw error;
    return parseFileRecord(await volume.read(geometry.mirrorAt, geometry.recordSize), 0);
  }
}

function tableOver(
  volume: ByteSource,
  geometry: NtfsGeometry,
  extents: readonly Extent[],
  data: NonResidentAttribute,
): MasterFileTable {
  const size = Math.min(data.dataSize, lengthOf(extents));
  const records = keptPages(extentSource(volume, extents, size), { pageBytes: PAGE, pages: PAGES_KEPT });
  return {
    volume,
    geometry,
    async readRecord({ number, sequence }) {
      const { recordSize } = geometry;
      if (!isWithin(size, number * recordSize, recordSize))
        throw new UnreadableError('damaged', `file record ${number} of ${Math.floor(size / recordSize)}`);
      const record = parseFileRecord(await records.read(number * recordSize, recordSize), number);
      if (!record.isInUse) throw new UnreadableError('damaged', `file record ${number} is not in use`);
      if (sequence !== 0 && record.reference.sequence !== sequence)
        throw new UnreadableError(
          'damaged',
          `file record ${number} is of its use ${record.reference.sequence}, and not ${sequence}`,
        );
      return record;
    },
  };
}

function isTableData(attribute: FileRecord['attributes'][number]): attribute is NonResidentAttribute {
  return attribute.type === ATTRIBUTE.data && attribute.name === '' && !attribute.resident;
}

function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((total, extent) => total + extent.length, 0);
}
