/**
 * Bytes that can be read and written at any place, at once: a simulated disk, a partition of it, a file on it. The
 * writing counterpart of `src/disk/byte-source.ts`, with which this room shares no code, so that a mistake of the
 * product's readers can't hide behind the same mistake here.
 */
export interface ByteStore {
  /** How many bytes there are. */
  readonly size: number;
  /** A copy of exactly `length` bytes from `offset`. Throws a RangeError for anything outside. */
  read(offset: number, length: number): Buffer;
  /** Writes all of `bytes` from `offset`. Throws a RangeError for anything outside, an Error if it is read-only. */
  write(offset: number, bytes: Uint8Array): void;
}

/** A part of a store as a store of its own; `start` and `size` in bytes. Throws a RangeError if it does not lie within. */
export function sliceStore(store: ByteStore, start: number, size: number): ByteStore {
  demandWithin(store.size, start, size);
  return {
    size,
    read(offset, length) {
      demandWithin(size, offset, length);
      return store.read(start + offset, length);
    },
    write(offset, bytes) {
      demandWithin(size, offset, bytes.length);
      store.write(start + offset, bytes);
    },
  };
}

/** Throws a RangeError unless `length` bytes from `offset` lie within `size` bytes. */
export function demandWithin(size: number, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new RangeError(`${length} bytes at ${offset} do not lie within ${size}.`);
}
