import { UnreadableError, type ByteSource } from './byte-source';
import { keptPages } from './kept-pages';

/**
 * The disk as it is served in ranges, by HTTP or otherwise: a read is one request or several side by side, each tried
 * again if it fails, below a memory of whole blocks (kept-pages.ts). A budget bounds what a hostile or broken disk can
 * make us fetch.
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

  /** Requests side by side. */
  async function fetchAll(offset: number, length: number): Promise<Buffer> {
    const end = offset + length;
    const count = Math.ceil(length / requestBytes);
    const starts = Array.from({ length: count }, (_, index) => offset + index * requestBytes);
    const answers = starts.map((start) => fetchWithRetries(start, Math.min(start + requestBytes, end)));
    return Buffer.concat(await Promise.all(answers));
  }

  // Bringing one block again costs less than another request.
  const blocks = keptPages({ size, read: fetchAll }, { pageBytes: blockBytes, pages: keptBlocks, joinOver: 1 });
  return { ...blocks, spent: () => ({ ...spent }) };
}

/** What no further attempt would change. */
function isFinal(error: unknown): boolean {
  return error instanceof UnreadableError && (error.code === 'budget-exceeded' || error.code === 'access-denied');
}
