import { createHash } from 'node:crypto';
import { demandWithin, type ByteStore } from './byte-store';

/** A piece of a disk: bytes, or one byte all over. */
export interface Extent {
  /** In bytes from the start of the disk. */
  readonly offset: number;
  readonly length: number;
  readonly content: Buffer | number;
}

/** A disk of which only what was written takes memory. */
export interface SparseDisk extends ByteStore {
  /**
   * An independent disk with what is there now: later writes to either never show in the other. Costs a map of the pages,
   * not the pages: those are shared until one side writes. A snapshot is a copy made with `readOnly`, which throws on every
   * write.
   */
  copy(options?: { readOnly?: boolean }): SparseDisk;
  /** Bytes in pages that were ever written, shared ones included; never more than `size` rounded up to a page. */
  readonly allocatedBytes: number;
  /** Where something may be other than zeros, ascending, neighbours joined; in bytes. */
  allocatedRanges(): { offset: number; length: number }[];
  /**
   * SHA-256 of everything that is on it: two disks of one size that are alike hold the same bytes. What was never written and what
   * was written as zeros are the same. A page that copies share is hashed once for all of them.
   */
  contentHash(): string;
}

const PAGE = 64 * 1024;

/** A page may be written in place only by the disk that owns it; a copy takes the ownership away from both sides. */
interface Page {
  readonly bytes: Buffer;
  readonly owner: object;
}

/** Owner of the pages that nobody may write in place. */
const SHARED = {};

/** Hashes of pages, by their bytes, until those are written in place; an empty text for zeros. */
const pageHashes = new WeakMap<Buffer, string>();

/** A disk of `size` bytes: `extents` (later ones over earlier ones, their bytes shared with the caller), zeros elsewhere. */
export function createSparseDisk(size: number, extents: readonly Extent[] = []): SparseDisk {
  const pages = new Map<number, Page>();
  const loading = diskOver(size, pages, false);
  const filled = new Map<number, Page>();
  for (const extent of extents) load(loading, pages, filled, extent);
  return loading;
}

/** Whole pages of one byte, such as the log file of a new volume, are one page in memory. */
function load(disk: SparseDisk, pages: Map<number, Page>, filled: Map<number, Page>, extent: Extent): void {
  const { offset, length, content } = extent;
  demandWithin(disk.size, offset, length);
  for (const piece of piecesOf(offset, length)) {
    if (typeof content !== 'number') {
      disk.write(piece.page * PAGE + piece.start, content.subarray(piece.done, piece.done + piece.length));
    } else if (piece.length === PAGE) {
      const page = filled.get(content) ?? { bytes: Buffer.alloc(PAGE, content), owner: SHARED };
      filled.set(content, page);
      pages.set(piece.page, page);
    } else {
      disk.write(piece.page * PAGE + piece.start, Buffer.alloc(piece.length, content));
    }
  }
}

function diskOver(size: number, pages: Map<number, Page>, readOnly: boolean): SparseDisk {
  let self = {};
  function writable(page: number): Buffer {
    const known = pages.get(page);
    if (known?.owner === self) {
      pageHashes.delete(known.bytes);
      return known.bytes;
    }
    const bytes = known ? Buffer.from(known.bytes) : Buffer.alloc(PAGE);
    pages.set(page, { bytes, owner: self });
    return bytes;
  }
  return {
    size,
    read(offset, length) {
      demandWithin(size, offset, length);
      const result = Buffer.allocUnsafe(length);
      for (const piece of piecesOf(offset, length)) {
        const page = pages.get(piece.page)?.bytes ?? ZEROS;
        page.copy(result, piece.done, piece.start, piece.start + piece.length);
      }
      return result;
    },
    write(offset, bytes) {
      if (readOnly) throw new Error('This disk is read-only: it is a snapshot. Write to a copy of it.');
      demandWithin(size, offset, bytes.length);
      for (const piece of piecesOf(offset, bytes.length)) {
        const part = bytes.subarray(piece.done, piece.done + piece.length);
        if (!pages.has(piece.page) && isZeros(part)) continue;
        writable(piece.page).set(part, piece.start);
      }
    },
    copy(options) {
      self = {};
      return diskOver(size, new Map(pages), options?.readOnly ?? false);
    },
    get allocatedBytes() {
      return pages.size * PAGE;
    },
    allocatedRanges() {
      const ranges: { offset: number; length: number }[] = [];
      for (const page of [...pages.keys()].sort((left, right) => left - right)) {
        const offset = page * PAGE;
        const length = Math.min(PAGE, size - offset);
        const last = ranges.at(-1);
        if (last && last.offset + last.length === offset) last.length += length;
        else ranges.push({ offset, length });
      }
      return ranges;
    },
    contentHash() {
      const hash = createHash('sha256').update(String(size));
      for (const [page, { bytes }] of [...pages].sort(([left], [right]) => left - right)) {
        const content = hashOfPage(bytes);
        if (content !== '') hash.update(`\n${page} ${content}`);
      }
      return hash.digest('hex');
    },
  };
}

function hashOfPage(bytes: Buffer): string {
  const known = pageHashes.get(bytes);
  if (known !== undefined) return known;
  const hash = isZeros(bytes) ? '' : createHash('sha256').update(bytes).digest('hex');
  pageHashes.set(bytes, hash);
  return hash;
}

const ZEROS = Buffer.alloc(PAGE);

function isZeros(bytes: Uint8Array): boolean {
  return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

/** The pieces of `length` bytes from `offset`, each within one page; `done` bytes lie before it. */
function* piecesOf(
  offset: number,
  length: number,
): Generator<{ page: number; start: number; length: number; done: number }> {
  for (let done = 0; done < length;) {
    const page = Math.floor((offset + done) / PAGE);
    const start = offset + done - page * PAGE;
    const taken = Math.min(PAGE - start, length - done);
    yield { page, start, length: taken, done };
    done += taken;
  }
}
