import { UnreadableError } from '../byte-source';

/** An unsigned 64-bit number as a number. Throws `damaged` beyond 2^53, which no real disk needs for any field. */
export function readUint64(bytes: Buffer, offset: number): number {
  const value = bytes.readBigUInt64LE(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new UnreadableError('damaged', `a 64-bit field holds ${value}`);
  return Number(value);
}

/** Whether a number is a power of two, as every size of sectors and clusters is. */
export function isPowerOfTwo(value: number): boolean {
  return value > 0 && value <= 0x80000000 && Number.isInteger(Math.log2(value));
}

/** A GUID as it is stored on disk (the first three groups little-endian), in its usual lower-case spelling. */
export function readGuid(bytes: Buffer, offset: number): string {
  const group = (start: number, length: number) => bytes.toString('hex', offset + start, offset + start + length);
  const reversed = (start: number, length: number) =>
    Buffer.from(bytes.subarray(offset + start, offset + start + length))
      .reverse()
      .toString('hex');
  return `${reversed(0, 4)}-${reversed(4, 2)}-${reversed(6, 2)}-${group(8, 2)}-${group(10, 6)}`;
}
