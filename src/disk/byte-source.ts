/**
 * Bytes that can be read at any place: a disk, a partition of it, a file on it. Every reader of this room takes one
 * and gives one, so that a hive is read the same way from a file in memory and from a snapshot over HTTP.
 */
export interface ByteSource {
  /** How many bytes there are. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `offset`. Throws an UnreadableError (`out-of-range`) for anything outside, and whatever
   * else the source below could not read (`budget-exceeded`, `access-denied`, …).
   */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Why bytes could not be read as what they should be. Codes are stable; `detail` is for people and may quote the disk. */
export type UnreadableCode =
  | 'out-of-range'
  | 'not-this-format'
  | 'damaged'
  | 'not-found'
  | 'too-large'
  | 'too-deep'
  | 'encrypted'
  | 'compressed'
  | 'budget-exceeded'
  | 'access-denied'
  | 'not-available';

/** Thrown inside this room by readers; the room's entry points turn it into a typed failure. */
export class UnreadableError extends Error {
  override name = 'UnreadableError';
  constructor(
    readonly code: UnreadableCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** Bytes in memory as a source. */
export function memorySource(bytes: Buffer): ByteSource {
  return {
    size: bytes.length,
    read(offset, length) {
      if (!isWithin(bytes.length, offset, length)) return Promise.reject(outOfRange(bytes.length, offset, length));
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
  };
}

/** A part of a source as a source of its own; `start` and `size` in bytes. Throws if it does not lie within. */
export function sliceSource(source: ByteSource, start: number, size: number): ByteSource {
  if (!isWithin(source.size, start, size)) throw outOfRange(source.size, start, size);
  return {
    size,
    read(offset, length) {
      if (!isWithin(size, offset, length)) return Promise.reject(outOfRange(size, offset, length));
      return source.read(start + offset, length);
    },
  };
}

/** Whether `length` bytes from `offset` lie within `size` bytes; safe for any numbers that a hostile disk may hold. */
export function isWithin(size: number, offset: number, length: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    offset <= size - length
  );
}

/** What a source throws that is asked for bytes which it does not have. */
export function outOfRange(size: number, offset: number, length: number): UnreadableError {
  return new UnreadableError('out-of-range', `${length} bytes at ${offset} of ${size}`);
}
