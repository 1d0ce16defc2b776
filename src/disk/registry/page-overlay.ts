import type { ByteSource } from '../byte-source';
import { isWithin, UnreadableError } from '../byte-source';

/** The granularity of logs: pages of the old format; pages of the new format are multiples. */
export const overlayPageSize = 512;

/** The most that logs may lay over a hive, in bytes. assumed: ample, as Windows keeps its logs far below this. */
const maxOverlayBytes = 64 * 1024 * 1024;

/** Pages that logs lay over a hive, in memory. */
export interface PageOverlay {
  /** Distinct pages of 512 bytes laid so far. */
  readonly pages: number;
  /** Whether that many bytes more stay within the limit of 64 MiB. */
  hasRoomFor(bytes: number): boolean;
  /** Lays bytes at a file offset, over what was laid there before; offset and length are multiples of 512. */
  lay(fileOffset: number, bytes: Buffer): void;
  /** The hive as it is with the pages over it. `size` may be beyond the file's, when the hive was growing. */
  over(source: ByteSource, size: number): ByteSource;
}

/** An overlay without pages. */
export function createPageOverlay(): PageOverlay {
  const pages = new Map<number, Buffer>();

  function hasRoomFor(bytes: number): boolean {
    return pages.size * overlayPageSize + bytes <= maxOverlayBytes;
  }

  function lay(fileOffset: number, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += overlayPageSize) {
      // Copied, so that a page does not keep its whole log in memory.
      pages.set((fileOffset + at) / overlayPageSize, Buffer.from(bytes.subarray(at, at + overlayPageSize)));
    }
  }

  /** From one laid page, or from the file up to the next one that is laid. */
  async function readPiece(source: ByteSource, at: number, end: number): Promise<Buffer> {
    let page = Math.floor(at / overlayPageSize);
    const laid = pages.get(page);
    if (laid !== undefined) return laid.subarray(at - page * overlayPageSize, end - page * overlayPageSize);
    const last = Math.floor((end - 1) / overlayPageSize);
    while (page <= last && !pages.has(page)) page += 1;
    const length = Math.min(end, page * overlayPageSize) - at;
    if (!isWithin(source.size, at, length)) {
      throw new UnreadableError('damaged', `neither the hive nor its logs have the ${length} bytes at ${at}`);
    }
    return source.read(at, length);
  }

  function over(source: ByteSource, size: number): ByteSource {
    async function read(offset: number, length: number): Promise<Buffer> {
      if (!isWithin(size, offset, length)) {
        throw new UnreadableError('out-of-range', `${length} bytes at ${offset} of a hive of ${size}`);
      }
      const end = offset + length;
      const pieces = [];
      for (let at = offset; at < end;) {
        const piece = await readPiece(source, at, end);
        pieces.push(piece);
        at += piece.length;
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    }

    return { size, read };
  }

  return {
    get pages() {
      return pages.size;
    },
    hasRoomFor,
    lay,
    over,
  };
}
