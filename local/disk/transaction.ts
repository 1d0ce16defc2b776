import { demandWithin, type ByteStore } from './byte-store';

/**
 * A store whose writes reach the one below all together or not at all: a change of a file system that fails half-way (a full
 * volume, a limit of ours) leaves the disk as it was.
 */
export interface TransactionalStore extends ByteStore {
  /** Runs a change and writes what it wrote; if it throws, nothing of it is written. A change may run within another. */
  change<Result>(body: () => Result): Result;
}

const PAGE = 4096;

/** Outside of `change` the store can only be read. */
export function transactionalStore(below: ByteStore): TransactionalStore {
  let pages: Map<number, Buffer> | undefined;

  function pageToWrite(kept: Map<number, Buffer>, page: number): Buffer {
    const known = kept.get(page);
    if (known) return known;
    const bytes = below.read(page * PAGE, Math.min(PAGE, below.size - page * PAGE));
    kept.set(page, bytes);
    return bytes;
  }

  return {
    size: below.size,
    read(offset, length) {
      const result = below.read(offset, length);
      if (!pages || pages.size === 0) return result;
      for (let page = Math.floor(offset / PAGE); page * PAGE < offset + length; page += 1)
        overlay(result, offset, pages.get(page), page * PAGE);
      return result;
    },
    write(offset, bytes) {
      if (!pages) throw new Error('A file system is written within a change only.');
      demandWithin(below.size, offset, bytes.length);
      for (let page = Math.floor(offset / PAGE); page * PAGE < offset + bytes.length; page += 1) {
        const from = Math.max(offset, page * PAGE);
        const until = Math.min(offset + bytes.length, (page + 1) * PAGE);
        pageToWrite(pages, page).set(bytes.subarray(from - offset, until - offset), from - page * PAGE);
      }
    },
    change(body) {
      if (pages) return body();
      const written = (pages = new Map<number, Buffer>());
      try {
        const result = body();
        for (const [page, bytes] of written) below.write(page * PAGE, bytes);
        return result;
      } finally {
        pages = undefined;
      }
    },
  };
}

function overlay(target: Buffer, targetOffset: number, page: Buffer | undefined, pageOffset: number): void {
  if (!page) return;
  const from = Math.max(targetOffset, pageOffset);
  page.copy(target, from - targetOffset, from - pageOffset, targetOffset + target.length - pageOffset);
}
