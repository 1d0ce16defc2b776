import { isWithin, UnreadableError, type ByteSource } from '../byte-source';
import { readUint64 } from '../volumes/little-endian';
import { sourceOf } from './attribute-content';
import type { NtfsGeometry } from './boot-sector';
import { readReference, type Attribute, type FileReference } from './file-record';

/** Where an attribute, or a part of a long one, is. */
export interface AttributeListEntry {
  readonly type: number;
  readonly name: string;
  readonly firstCluster: number;
  readonly reference: FileReference;
}

/** Windows allows 256 KiB (https://learn.microsoft.com/troubleshoot/windows-server/backup-and-storage/file-system-limitation-ntfs). */
const LARGEST_LIST = 256 * 1024;
const SMALLEST_ENTRY = 26;

/**
 * The list of a file whose attributes do not fit into one record
 * (https://flatcap.github.io/linux-ntfs/ntfs/attributes/attribute_list.html); it may lie outside the record itself, in
 * which case it costs one read for each of its runs.
 */
export async function readAttributeList(
  volume: ByteSource,
  geometry: NtfsGeometry,
  list: Attribute,
): Promise<AttributeListEntry[]> {
  const source = sourceOf([list], volume, geometry);
  if (source.size > LARGEST_LIST)
    throw new UnreadableError('too-large', `an attribute list of ${source.size} bytes; Windows makes ${LARGEST_LIST}`);
  const bytes = await source.read(0, source.size);
  const entries: AttributeListEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (!isWithin(bytes.length, at, SMALLEST_ENTRY) && bytes.subarray(at).every((byte) => byte === 0)) break;
    if (!isWithin(bytes.length, at, SMALLEST_ENTRY))
      throw new UnreadableError('damaged', `an attribute list ends within its entry at ${at} of ${bytes.length} bytes`);
    const length = bytes.readUInt16LE(at + 4);
    const nameLength = bytes.readUInt8(at + 6) * 2;
    const nameAt = bytes.readUInt8(at + 7);
    if (length < SMALLEST_ENTRY || !isWithin(bytes.length, at, length) || !isWithin(length, nameAt, nameLength))
      throw new UnreadableError('damaged', `an attribute list has an entry of ${length} bytes at ${at}`);
    entries.push({
      type: bytes.readUInt32LE(at),
      name: bytes.toString('utf16le', at + nameAt, at + nameAt + nameLength),
      firstCluster: readUint64(bytes, at + 8),
      reference: readReference(bytes, at + 16),
    });
    at += length;
  }
  return entries;
}
