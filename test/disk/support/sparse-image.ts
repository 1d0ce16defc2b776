import { readSparseImage } from '../../../local/disk/sparse-image';
import type { Extent } from '../../../local/disk/sparse-disk';
import type { ByteSource } from '../../../src/disk/byte-source';
import { isWithin, UnreadableError } from '../../../src/disk/byte-source';

/** A packed image as a source, and how often and how much was read from it. */
export interface CountedSource extends ByteSource {
  readonly reads: { count: number; bytes: number };
}

/** Opens an image packed by `local/disk/sparse-image.ts` in memory. */
export function openSparseImage(path: string): CountedSource {
  const { size, extents } = readSparseImage(path);
  const reads = { count: 0, bytes: 0 };
  return {
    size,
    reads,
    read(offset, length) {
      reads.count += 1;
      reads.bytes += length;
      if (!isWithin(size, offset, length))
        return Promise.reject(new UnreadableError('out-of-range', `${length} bytes at ${offset} of ${size}`));
      const result = Buffer.alloc(length);
      for (const extent of extents) copyOverlap(extent, result, offset);
      return Promise.resolve(result);
    },
  };
}

function copyOverlap(extent: Extent, target: Buffer, targetOffset: number): void {
  const from = Math.max(extent.offset, targetOffset);
  const until = Math.min(extent.offset + extent.length, targetOffset + target.length);
  if (from >= until) return;
  const place = target.subarray(from - targetOffset, until - targetOffset);
  if (typeof extent.content === 'number') place.fill(extent.content);
  else extent.content.copy(place, 0, from - extent.offset, until - extent.offset);
}
