import { isWithin, outOfRange, type ByteSource } from './byte-source';

/**
 * The one page cache of this room. What lies close together on a disk is asked for in small pieces (records, cells,
 * nodes of an index), and over HTTP each piece would be a round trip; so whole pages are read, and the last are kept.
 */

export interface KeptPagesOptions {
  /** Bytes of one page. */
  pageBytes: number;
  /** The most pages that are kept; those that were not used for longest are dropped first. */
  pages: number;
  /** Missing pages with at most so many kept ones between them are one read below, which brings those again; 0 if not given. */
  joinOver?: number;
}

/**
 * `source` read in whole pages, of which the last used are kept. Missing neighbours are one read below; strangers are
 * read side by side; what is on its way is not asked for twice. A failure is told to whoever waited for it, and is not
 * kept. A read of more pages than may be kept goes straight through. Throws what the source below throws, and
 * `out-of-range` without asking it.
 */
export function keptPages(source: ByteSource, { pageBytes, pages, joinOver = 0 }: KeptPagesOptions): ByteSource {
  const kept = new Map<number, Promise<Buffer>>();

  /** Begins one read of the pages from `first` to `last` and hands each that is missing its part of the answer. */
  function fetchPages(first: number, last: number): void {
    const start = first * pageBytes;
    const answer = source.read(start, Math.min((last + 1) * pageBytes, source.size) - start);
    for (let index = first; index <= last; index += 1) {
      if (kept.has(index)) continue;
      const from = (index - first) * pageBytes;
      // A copy: a kept page must not keep the whole answer, or what the answer is cut from, in memory.
      const page = answer.then((bytes) => Buffer.from(bytes.subarray(from, from + pageBytes)));
      kept.set(index, page);
      page.catch(() => forget(index, page));
    }
  }

  /** Unless it was dropped since and asked for anew. */
  function forget(index: number, page: Promise<Buffer>): void {
    if (kept.get(index) === page) kept.delete(index);
  }

  function fetchMissing(first: number, last: number): void {
    let run: { first: number; last: number } | undefined;
    for (let index = first; index <= last; index += 1) {
      if (kept.has(index)) continue;
      if (run && index - run.last - 1 > joinOver) {
        fetchPages(run.first, run.last);
        run = undefined;
      }
      run = { first: run?.first ?? index, last: index };
    }
    if (run) fetchPages(run.first, run.last);
  }

  /** A Map keeps the order of insertion, so what is put in anew is the last to be dropped. */
  function take(index: number): Promise<Buffer> {
    const page = kept.get(index) ?? Promise.reject(new Error(`Page ${index} was not fetched.`));
    kept.delete(index);
    kept.set(index, page);
    return page;
  }

  function trim(): void {
    for (const index of kept.keys()) {
      if (kept.size <= pages) return;
      kept.delete(index);
    }
  }

  async function read(offset: number, length: number): Promise<Buffer> {
    if (!isWithin(source.size, offset, length)) throw outOfRange(source.size, offset, length);
    if (length === 0) return Buffer.alloc(0);
    const first = Math.floor(offset / pageBytes);
    const last = Math.floor((offset + length - 1) / pageBytes);
    if (last - first >= pages) return source.read(offset, length);
    fetchMissing(first, last);
    const wanted = Array.from({ length: last - first + 1 }, (_, index) => take(first + index));
    trim();
    const found = await Promise.all(wanted);
    const start = offset - first * pageBytes;
    const [only] = found;
    // A piece of one page is given as it is, without another copy: nobody writes to what is read.
    const whole = only && found.length === 1 ? only : Buffer.concat(found);
    return whole.subarray(start, start + length);
  }

  return { size: source.size, read };
}
