import { isWithin, outOfRange, UnreadableError, type ByteSource } from '../byte-source';

/** A run of a file's bytes: where it starts on the volume, or `null` for a hole, which reads as zeros. In bytes. */
export interface Extent {
  readonly start: number | null;
  readonly length: number;
}

/** A reader asks in pieces; a request for more than this comes from a size that the disk made up. */
const LARGEST_READ = 64 * 1024 * 1024;

/** Reads of one file that are under way at once: more would gain nothing, and a disk could ask for 100,000. */
const MOST_SIDE_BY_SIDE = 16;

/**
 * A file's content, which lies in extents of `volume`, as a source. `size` is the file's size and may be less than what
 * the extents hold; bytes from `initializedSize` on were never written and read as zeros. One read per extent touched, side
 * by side; extents that follow each other on the volume are read together. Throws `damaged` if the extents hold less than `size`.
 */
export function extentSource(
  volume: ByteSource,
  extents: readonly Extent[],
  size: number,
  initializedSize: number = size,
): ByteSource {
  const pieces = withOffsets(extents);
  const held = pieces.reduce((total, piece) => total + piece.length, 0);
  if (held < size || initializedSize > size)
    throw new UnreadableError('damaged', `a file of ${size} bytes (${initializedSize} written) lies in ${held} bytes`);
  return {
    size,
    async read(offset, length) {
      if (!isWithin(size, offset, length)) throw outOfRange(size, offset, length);
      if (length > LARGEST_READ) throw new UnreadableError('too-large', `${length} bytes asked for in one read`);
      const result = Buffer.alloc(length);
      const places = placesOf(pieces, offset, Math.min(offset + length, initializedSize));
      for (let first = 0; first < places.length; first += MOST_SIDE_BY_SIDE) {
        const some = places.slice(first, first + MOST_SIDE_BY_SIDE);
        await Promise.all(
          some.map(async ({ start, length: part, at }) => (await volume.read(start, part)).copy(result, at - offset)),
        );
      }
      return result;
    },
  };
}

interface Piece extends Extent {
  readonly offset: number;
}

/** Where on the volume the bytes from `offset` to `end` lie, piece by piece; `at` in the file. Holes are left out. */
function placesOf(pieces: readonly Piece[], offset: number, end: number) {
  const places: { start: number; length: number; at: number }[] = [];
  for (let index = pieceAt(pieces, offset), at = offset; at < end; index += 1) {
    const piece = pieces[index];
    if (!piece) break;
    const until = Math.min(piece.offset + piece.length, end);
    if (piece.start !== null) places.push({ start: piece.start + at - piece.offset, length: until - at, at });
    at = until;
  }
  return places;
}

function withOffsets(extents: readonly Extent[]): Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const extent of extents) {
    const last = pieces.at(-1);
    if (last && continues(last, extent)) pieces[pieces.length - 1] = { ...last, length: last.length + extent.length };
    else if (extent.length > 0) pieces.push({ ...extent, offset });
    offset += extent.length;
  }
  return pieces;
}

function continues(last: Extent, next: Extent): boolean {
  return last.start === null || next.start === null
    ? last.start === next.start
    : last.start + last.length === next.start;
}

/** The piece that holds the byte at `offset`; a binary search, because a hive may lie in thousands of extents. */
function pieceAt(pieces: readonly Piece[], offset: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle]?.offset ?? Infinity) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
