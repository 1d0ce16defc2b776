import { memorySource, UnreadableError, type ByteSource } from '../byte-source';
import { extentSource } from '../volumes/extent-source';
import type { NtfsGeometry } from './boot-sector';
import type { Attribute, NonResidentAttribute } from './file-record';
import { decodeRuns } from './run-list';

/**
 * The value of an attribute from its parts, in any order. Reads nothing itself. Throws `compressed` and `encrypted` for
 * what lies on disk in another form than it is read, and `damaged` if parts are missing.
 */
export function sourceOf(parts: readonly Attribute[], volume: ByteSource, geometry: NtfsGeometry): ByteSource {
  const [first, ...rest] = [...parts].sort((left, right) => startOf(left) - startOf(right));
  if (!first) throw new UnreadableError('damaged', 'an attribute without parts');
  if (first.isEncrypted) throw new UnreadableError('encrypted', 'a file that Windows keeps encrypted (EFS)');
  if (first.isCompressed) throw new UnreadableError('compressed', 'a file that NTFS keeps compressed (LZNT1)');
  if (first.resident) return memorySource(first.value);
  const fragments = [first, ...rest].filter((part): part is NonResidentAttribute => !part.resident);
  let next = 0;
  for (const fragment of fragments) {
    if (fragment.firstCluster !== next)
      throw new UnreadableError('damaged', `a file's clusters go on at ${fragment.firstCluster} and not at ${next}`);
    next = fragment.lastCluster + 1;
  }
  const extents = fragments.flatMap((fragment) => decodeRuns(fragment, geometry));
  return extentSource(volume, extents, first.dataSize, first.initializedSize);
}

function startOf(attribute: Attribute): number {
  return attribute.resident ? 0 : attribute.firstCluster;
}
