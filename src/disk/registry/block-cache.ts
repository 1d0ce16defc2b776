import type { ByteSource } from '../byte-source';
import { isWithin } from '../byte-source';

/** One read below per block; neighbouring cells come with it. */
const blockSize = 32 * 1024;

/** 4 MiB: the most recently used blocks of one hive. */
const maxBlocks = 128;

/**
 * The source with its recently read blocks kept (32 KiB each, at most 4 MiB). Larger reads go through as they are.
 * Offsets outside are refused by the source below.
 */
export function cacheBlocks(source: ByteSource): ByteSource {
  const blocks = new Map<number, Promise<Buffer>>();

  function block(index: number): Promise<Buffer> {
    const known = blocks.get(index);
    blocks.delete(index);
    const start = index * blockSize;
    const fetched = known ?? source.read(start, Math.min(blockSize, source.size - start));
    // A Map keeps the order of insertion: the first is the one that was not used for longest.
    blocks.set(index, fetched);
    if (known === undefined) fetched.catch(() => blocks.delete(index));
    if (blocks.size > maxBlocks) blocks.delete(blocks.keys().next().value ?? index);
    return fetched;
  }

  async function read(offset: number, length: number): Promise<Buffer> {
    if (length > blockSize || !isWithin(source.size, offset, length)) return source.read(offset, length);
    if (length === 0) return Buffer.alloc(0);
    const first = Math.floor(offset / blockSize);
    const last = Math.floor((offset + length - 1) / blockSize);
    const head = await block(first);
    const start = offset - first * blockSize;
    if (last === first) return head.subarray(start, start + length);
    const tail = await block(last);
    return Buffer.concat([head.subarray(start), tail.subarray(0, offset + length - last * blockSize)]);
  }

  return { size: source.size, read };
}
