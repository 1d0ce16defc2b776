import { isWithin, UnreadableError, type ByteSource } from './byte-source';

/**
 * The disk as it is served in ranges, by HTTP or otherwise: whole blocks are fetched, neighbours in one request,
 * strangers side by side; what was fetched is kept, and what is on its way is not asked for twice. A budget bounds what
 * a hostile or broken disk can make us fetch.
 */

/** Fetches exactly the bytes from `start` up to but not including `end`; rejects if it can't. */
export type FetchRange = (start: number, end: number) => Promise<Buffer>;

/** What may be spent, in all, on one disk. */
export interface Budget {
  bytes: number;
  requests: number;
}

/** What was spent so far. */
export type Spent = Budget;

export interface BlockSourceOptions {
  size: number;
  fetchRange: FetchRange;
  budget: Budget;
  /** Bytes of one block; 32 KiB if not given. */
  blockBytes?: number;
  /** The most bytes of one request; 1 MiB if not given. */
  requestBytes?: number;
  /** The most blocks that are kept; 512 (16 MiB) if not given. */
  keptBlocks?: number;
  /** How often one range is asked for before its failure is believed; 3 if not given. Each attempt counts. */
  attempts?: number;
}

/** The source, and what it has cost. */
export interface BlockSource extends ByteSource {
  spent(): Spent;
}

/** Opens a disk of `size` bytes. Reads beyond the budget throw an UnreadableError (`budget-exceeded`) and fetch nothing. */
export function blockSource(options: BlockSourceOptions): BlockSource {
  const { size, fetchRange, budget } = options;
  const { blockBytes = 32 * 1024, requestBytes = 1024 * 1024, keptBlocks = 512, attempts = 3 } = options;
  const blocksPerRequest = Math.max(1, Math.floor(requestBytes / blockBytes));
  const kept = new Map<number, Promise<Buffer>>();
  const spent = { bytes: 0, requests: 0 };

  function pay(bytes: number): void {
    if (spent.requests + 1 > budget.requests || spent.bytes + bytes > budget.bytes) {
      const detail = `after ${spent.requests} requests and ${spent.bytes} bytes`;
      throw new UnreadableError('budget-exceeded', detail);
    }
    spent.requests += 1;
    spent.bytes += bytes;
  }

  async function fetchWithRetries(start: number, end: number): Promise<Buffer> {
    for (let attempt = 1; ; attempt += 1) {
      pay(end - start);
      try {
        const bytes = await fetchRange(start, end);
        if (bytes.length === end - start) return bytes;
        throw new UnreadableError('not-available', `${bytes.length} of ${end - start} bytes at ${start} arrived`);
      } catch (error) {
        if (attempt >= attempts || isFinal(error)) throw error;
      }
    }
  }

  /** Begins one request for the blocks from `first` to `last` and hands each block its part of the answer. */
  function fetchBlocks(first: number, last: number): void {
    const start = first * blockBytes;
    const request = fetchWithRetries(start, Math.min((last + 1) * blockBytes, size));
    for (let index = first; index <= last; index += 1) {
      const from = (index - first) * blockBytes;
      // A copy: a kept block must not keep the whole answer in memory.
      const block = request.then((bytes) => Buffer.from(bytes.subarray(from, from + blockBytes)));
      kept.set(index, block);
      // A failure is told to whoever asked, and is not kept.
      block.catch(() => kept.delete(index));
    }
  }

  function fetchMissing(first: number, last: number): void {
    for (let index = first; index <= last; index += 1) {
      if (kept.has(index)) continue;
      let end = index;
      while (end < last && end - index + 1 < blocksPerRequest && !kept.has(end + 1)) end += 1;
      fetchBlocks(index, end);
    }
  }

  /** Drops the blocks that were not used for longest; a Map keeps the order of insertion. */
  function trim(): void {
    for (const index of kept.keys()) {
      if (kept.size <= keptBlocks) return;
      kept.delete(index);
    }
  }

  async function read(offset: number, length: number): Promise<Buffer> {
    if (!isWithin(size, offset, length))
      throw new UnreadableError('out-of-range', `${length} bytes at ${offset} of ${size}`);
    if (length === 0) return Buffer.alloc(0);
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + length - 1) / blockBytes);
    fetchMissing(first, last);
    const blocks = Array.from({ length: last - first + 1 }, (_, index) => touch(first + index));
    trim();
    const whole = Buffer.concat(await Promise.all(blocks));
    const start = offset - first * blockBytes;
    return whole.subarray(start, start + length);
  }

  function touch(index: number): Promise<Buffer> {
    const block = kept.get(index) ?? Promise.reject(new Error(`Block ${index} was not fetched.`));
    kept.delete(index);
    kept.set(index, block);
    return block;
  }

  return { size, read, spent: () => ({ ...spent }) };
}

/** What no further attempt would change. */
function isFinal(error: unknown): boolean {
  return error instanceof UnreadableError && (error.code === 'budget-exceeded' || error.code === 'access-denied');
}
