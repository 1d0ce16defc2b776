import { memorySource, type ByteSource } from '../../../../src/disk/byte-source';

/** Bytes in memory that count what is read of them. */
export function countingSource(bytes: Buffer): ByteSource & { reads: { offset: number; length: number }[] } {
  const source = memorySource(bytes);
  const reads: { offset: number; length: number }[] = [];
  return {
    size: source.size,
    reads,
    read(offset, length) {
      reads.push({ offset, length });
      return source.read(offset, length);
    },
  };
}
