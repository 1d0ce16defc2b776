import { isWithin, UnreadableError, type ByteSource } from '../byte-source';

/**
 * A source that reads whole pages of `pageSize` bytes and keeps the last `pageCount` of them. Tables of a file system are
 * asked for in records of a few hundred bytes that lie close together; over HTTP each of those would be a round trip.
 * A request that spans several missing pages is one read.
 */
export function pagedSource(source: ByteSource, pageSize: number, pageCount: number): ByteSource {
  const pages = new Map<number, Buffer>();

  function remember(index: number, page: Buffer): void {
    pages.delete(index);
    pages.set(index, page);
    const oldest = pages.keys().next().value;
    if (pages.size > pageCount && oldest !== undefined) pages.delete(oldest);
  }

  return {
    size: source.size,
    async read(offset, length) {
      if (!isWithin(source.size, offset, length))
        throw new UnreadableError('out-of-range', `${length} bytes at ${offset} of ${source.size}`);
      if (length === 0) return Buffer.alloc(0);
      const first = Math.floor(offset / pageSize);
      const last = Math.floor((offset + length - 1) / pageSize);
      if (last - first >= pageCount) return source.read(offset, length);
      const missing = range(first, last).filter((index) => !pages.has(index));
      const [from, to] = [missing[0], missing.at(-1)];
      const found = new Map(range(first, last).map((index) => [index, pages.get(index)]));
      if (from !== undefined && to !== undefined) {
        const start = from * pageSize;
        const bytes = await source.read(start, Math.min((to + 1) * pageSize, source.size) - start);
        for (const index of range(from, to))
          found.set(index, bytes.subarray((index - from) * pageSize, (index - from + 1) * pageSize));
      }
      for (const [index, page] of found) if (page) remember(index, page);
      const whole = Buffer.concat(range(first, last).map((index) => found.get(index) ?? Buffer.alloc(0)));
      return whole.subarray(offset - first * pageSize, offset - first * pageSize + length);
    },
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
