import { UnreadableError } from '../byte-source';
import type { Extent } from '../volumes/extent-source';
import type { NtfsGeometry } from './boot-sector';
import type { NonResidentAttribute } from './file-record';

/**
 * The places of a value's clusters (https://flatcap.github.io/linux-ntfs/ntfs/concepts/data_runs.html): each pair is a
 * byte with two lengths, then a count of clusters and the distance from the last run's start, signed; no distance means
 * a hole. Throws `damaged` for a run outside the volume, or runs that are not as many clusters as the attribute says.
 */
export function decodeRuns(attribute: NonResidentAttribute, geometry: NtfsGeometry): Extent[] {
  const { mappingPairs: pairs } = attribute;
  const { clusterSize, volumeSize } = geometry;
  const extents: Extent[] = [];
  const expected = attribute.lastCluster - attribute.firstCluster + 1;
  let clusters = 0;
  let cluster = 0;
  let at = 0;
  while (at < pairs.length && pairs[at] !== 0) {
    const countBytes = pairs.readUInt8(at) & 0x0f;
    const distanceBytes = pairs.readUInt8(at) >> 4;
    if (at + 1 + countBytes + distanceBytes > pairs.length) throw damaged('a run list ends in the middle of a run');
    const count = readInteger(pairs, at + 1, countBytes);
    cluster += readInteger(pairs, at + 1 + countBytes, distanceBytes);
    clusters += count;
    if (count <= 0 || clusters > expected || !Number.isSafeInteger(clusters * clusterSize))
      throw damaged(`a run of ${count} clusters in an attribute of ${expected}`);
    const isHole = distanceBytes === 0;
    if (!isHole && (cluster < 0 || (cluster + count) * clusterSize > volumeSize))
      throw damaged(`a run of ${count} clusters at cluster ${cluster} lies outside the volume`);
    extents.push({ start: isHole ? null : cluster * clusterSize, length: count * clusterSize });
    at += 1 + countBytes + distanceBytes;
  }
  if (clusters !== expected) throw damaged(`runs of ${clusters} clusters in an attribute of ${expected}`);
  return extents;
}

/** A signed number of up to eight bytes; nothing is zero. */
function readInteger(bytes: Buffer, offset: number, length: number): number {
  if (length === 0) return 0;
  if (length > 8) throw damaged(`a run list with a number of ${length} bytes`);
  if (length <= 6) return bytes.readIntLE(offset, length);
  const padded = Buffer.alloc(8, (bytes[offset + length - 1] ?? 0) & 0x80 ? 0xff : 0);
  bytes.copy(padded, 0, offset, offset + length);
  return Number(padded.readBigInt64LE(0));
}

function damaged(detail: string): UnreadableError {
  return new UnreadableError('damaged', detail);
}
