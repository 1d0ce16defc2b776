/**
 * The hive bins and the cells in them: where everything of a hive lies, how room in them is given out and taken back,
 * and which pages were touched. Format: https://github.com/msuhanov/regf, "Hive bin", "Cell".
 */

/** Windows tracks what is touched, and makes bins, in pieces of this many bytes ("Dirty vector", note 3). */
export const pageSize = 4096;

const binHeaderSize = 32;
const smallestCell = 8;
/** Offsets have their top bit for volatile storage, so this is as large as bins can become. */
const largestSize = 0x7fff_f000;

/** A cell is named by its offset from the start of the bins. Places are counted from the start of its data. */
export interface Bins {
  /** Bytes of all bins together. */
  size(): number;
  /** A cell of at least `length` bytes, zeroed. Throws an Error if the hive would exceed 2 GiB. */
  allocate(length: number): number;
  /** Gives a cell's room back; what it held stays there until it is overwritten. */
  free(cell: number): void;
  /** How many bytes the cell can hold. Throws an Error if there is no such cell. */
  capacity(cell: number): number;
  /** A view of a part of a cell, to be read only and until the next allocation. Throws an Error beyond the cell. */
  view(cell: number, place?: number, length?: number): Buffer;
  uint16(cell: number, place: number): number;
  uint32(cell: number, place: number): number;
  write(cell: number, place: number, bytes: Uint8Array): void;
  setUint16(cell: number, place: number, value: number): void;
  setUint32(cell: number, place: number, value: number): void;
  /** Writes a FILETIME into the first bin, which keeps a copy of the base block's time. */
  setTime(fileTime: bigint): void;
  /** The pages touched since the last call, by number, in order. */
  takeTouchedPages(): number[];
  /** A copy of pages from one number on. */
  pages(first: number, count: number): Buffer;
}

/** Bins of their own over a copy of the bytes. Throws an Error that says what is wrong with them. */
export function openBins(content: Buffer): Bins {
  let store = Buffer.from(content);
  let size = content.length;
  const touched = new Set<number>();
  const room = createFreeRoom();
  const binEnds = new Set<number>();

  for (let bin = 0; bin < size;) bin = takeInBin(bin);
  touched.clear();

  /** Notes a bin's free cells; the offset of the next bin. */
  function takeInBin(bin: number): number {
    const length = bin + binHeaderSize <= size ? store.readUInt32LE(bin + 8) : 0;
    const isBin = length >= pageSize && length % pageSize === 0 && store.toString('latin1', bin, bin + 4) === 'hbin';
    if (!isBin || store.readUInt32LE(bin + 4) !== bin || bin + length > size) {
      throw new Error(`The hive is damaged: no hive bin at ${bin}.`);
    }
    binEnds.add(bin + length);
    for (let cell = bin + binHeaderSize; cell < bin + length;) {
      const signed = store.readInt32LE(cell);
      const cellSize = Math.abs(signed);
      if (cellSize < smallestCell || cellSize % 8 !== 0 || cell + cellSize > bin + length) {
        throw new Error(`The hive is damaged: the cell at ${cell} has ${cellSize} bytes.`);
      }
      if (signed > 0) room.add(cell, cellSize);
      cell += cellSize;
    }
    return bin + length;
  }

  function touch(from: number, length: number): void {
    for (let page = Math.floor(from / pageSize); page * pageSize < from + length; page += 1) touched.add(page);
  }

  function setSize(cell: number, signed: number): void {
    store.writeInt32LE(signed, cell);
    touch(cell, 4);
  }

  function setFree(cell: number, cellSize: number): void {
    setSize(cell, cellSize);
    room.add(cell, cellSize);
  }

  function addBin(atLeast: number): void {
    const length = Math.ceil((atLeast + binHeaderSize) / pageSize) * pageSize;
    const bin = size;
    if (size + length > largestSize) throw new Error(`The hive is full: it cannot grow beyond ${largestSize} bytes.`);
    if (store.length < size + length) {
      const larger = Buffer.alloc(Math.max(store.length * 2, size + length));
      store.copy(larger, 0, 0, size);
      store = larger;
    }
    size += length;
    store.write('hbin', bin, 'latin1');
    store.writeUInt32LE(bin, bin + 4);
    store.writeUInt32LE(length, bin + 8);
    touch(bin, length);
    binEnds.add(size);
    setFree(bin + binHeaderSize, length - binHeaderSize);
  }

  function allocate(length: number): number {
    const wanted = Math.max(smallestCell, Math.ceil((length + 4) / 8) * 8);
    let found = room.take(wanted);
    if (found === undefined) {
      addBin(wanted);
      found = room.take(wanted);
    }
    if (found === undefined) throw new Error(`no room for ${length} bytes in a bin that was made for them`);
    const { cell, cellSize } = found;
    if (cellSize > wanted) setFree(cell + wanted, cellSize - wanted);
    setSize(cell, -wanted);
    store.fill(0, cell + 4, cell + wanted);
    touch(cell, wanted);
    return cell;
  }

  function free(cell: number): void {
    let start = cell;
    let end = cell + 4 + capacity(cell);
    // Neighbours that are free become one cell with it, but never across bins.
    if (!binEnds.has(end)) end += room.removeAt(end) ?? 0;
    const before = room.endingAt(start);
    if (before !== undefined) {
      room.removeAt(before);
      start = before;
    }
    setFree(start, end - start);
  }

  function capacity(cell: number): number {
    const isPlace = cell >= binHeaderSize && cell % 8 === 0 && cell + smallestCell <= size;
    const cellSize = isPlace ? -store.readInt32LE(cell) : 0;
    if (cellSize < smallestCell || cell + cellSize > size) {
      throw new Error(`The hive is damaged: no cell in use at ${cell}.`);
    }
    return cellSize - 4;
  }

  /** Where a part of a cell lies in the store. */
  function placeOf(cell: number, place: number, length: number): number {
    const room = capacity(cell);
    if (place < 0 || length < 0 || place + length > room) {
      throw new Error(`The hive is damaged: ${place} + ${length} bytes of the cell at ${cell}, which holds ${room}.`);
    }
    return cell + 4 + place;
  }

  function view(cell: number, place = 0, length = capacity(cell) - place): Buffer {
    const from = placeOf(cell, place, length);
    return store.subarray(from, from + length);
  }

  function write(cell: number, place: number, bytes: Uint8Array): void {
    const to = placeOf(cell, place, bytes.length);
    store.set(bytes, to);
    touch(to, bytes.length);
  }

  return {
    size: () => size,
    allocate,
    free,
    capacity,
    view,
    uint16: (cell, place) => store.readUInt16LE(placeOf(cell, place, 2)),
    uint32: (cell, place) => store.readUInt32LE(placeOf(cell, place, 4)),
    write,
    setUint16(cell, place, value) {
      const to = placeOf(cell, place, 2);
      store.writeUInt16LE(value, to);
      touch(to, 2);
    },
    setUint32(cell, place, value) {
      const to = placeOf(cell, place, 4);
      store.writeUInt32LE(value, to);
      touch(to, 4);
    },
    setTime(fileTime) {
      store.writeBigUInt64LE(fileTime, 20);
      touch(20, 8);
    },
    takeTouchedPages() {
      const pages = [...touched].sort((one, other) => one - other);
      touched.clear();
      return pages;
    },
    pages: (first, count) => Buffer.from(store.subarray(first * pageSize, (first + count) * pageSize)),
  };
}

/** Free cells by size, and by where they end. */
interface FreeRoom {
  add(cell: number, cellSize: number): void;
  /** Takes out a cell of at least this size, of the smallest class that has one. */
  take(atLeast: number): { cell: number; cellSize: number } | undefined;
  /** Takes out the free cell that begins there; its size, or undefined if there is none. */
  removeAt(cell: number): number | undefined;
  /** The free cell that ends there. */
  endingAt(end: number): number | undefined;
}

function createFreeRoom(): FreeRoom {
  const sizes = new Map<number, number>();
  const byEnd = new Map<number, number>();
  const classes: Set<number>[] = [];

  function removeAt(cell: number): number | undefined {
    const cellSize = sizes.get(cell);
    if (cellSize === undefined) return undefined;
    sizes.delete(cell);
    byEnd.delete(cell + cellSize);
    classes[sizeClass(cellSize)]?.delete(cell);
    return cellSize;
  }

  return {
    add(cell, cellSize) {
      sizes.set(cell, cellSize);
      byEnd.set(cell + cellSize, cell);
      (classes[sizeClass(cellSize)] ??= new Set()).add(cell);
    },
    take(atLeast) {
      for (let index = sizeClass(atLeast); index < classes.length; index += 1) {
        for (const cell of classes[index] ?? []) {
          const cellSize = sizes.get(cell) ?? 0;
          if (cellSize < atLeast) continue;
          removeAt(cell);
          return { cell, cellSize };
        }
      }
      return undefined;
    },
    removeAt,
    endingAt: (end) => byEnd.get(end),
  };
}

/** Sizes up to 128 bytes each have a class of their own, above that each power of two. */
function sizeClass(size: number): number {
  return size <= 128 ? size / 8 : 10 + Math.floor(Math.log2(size));
}
