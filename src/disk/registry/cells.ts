import type { ByteSource } from '../byte-source';
import { isWithin, UnreadableError } from '../byte-source';
import { baseBlockSize } from './base-block';

/** The largest piece of one cell that is ever fetched: the longest subkey list (65,535 elements of 8 bytes) fits. */
const maxCellPiece = 1024 * 1024;

/** An allocated cell of a hive. */
export interface Cell {
  /** Offset from the start of the hive bins. */
  offset: number;
  /** How many bytes it can hold. */
  capacity: number;
  /** Exactly `length` bytes from `start` of its data. Throws `damaged` beyond its capacity, `too-large` above 1 MiB. */
  read(start: number, length: number): Promise<Buffer>;
}

/** The cells of a hive. Format: https://github.com/msuhanov/regf, "Cell". */
export interface Cells {
  /** Size of the hive bins, in bytes: what no count or size in them can exceed. */
  readonly size: number;
  /** The allocated cell at an offset; throws `damaged` if there is none. `what` names it in the error. */
  get(offset: number, what: string): Promise<Cell>;
}

/** Cells over a source that holds the whole hive (base block and bins). */
export function openCells(source: ByteSource, hiveBinsSize: number): Cells {
  /** Bins that a truncated file or a lying size does not have count as damage of the hive, not as a caller's mistake. */
  async function readBins(offset: number, length: number, what: string): Promise<Buffer> {
    if (!isWithin(hiveBinsSize, offset, length) || !isWithin(source.size, baseBlockSize + offset, length)) {
      throw new UnreadableError('damaged', `${what}: ${length} bytes at ${offset} lie outside the hive`);
    }
    return source.read(baseBlockSize + offset, length);
  }

  async function get(offset: number, what: string): Promise<Cell> {
    if (offset % 8 !== 0) throw new UnreadableError('damaged', `${what}: no cell can begin at ${offset}`);
    const size = -(await readBins(offset, 4, what)).readInt32LE(0);
    if (size < 8) throw new UnreadableError('damaged', `${what}: the cell at ${offset} is not allocated`);
    if (!isWithin(hiveBinsSize, offset, size)) {
      throw new UnreadableError('damaged', `${what}: the cell at ${offset} (${size} bytes) ends outside the hive`);
    }
    const capacity = size - 4;
    return {
      offset,
      capacity,
      async read(start, length) {
        if (!isWithin(capacity, start, length)) {
          throw new UnreadableError('damaged', `${what}: ${start} + ${length} bytes of a cell of ${capacity}`);
        }
        if (length > maxCellPiece) throw new UnreadableError('too-large', `${what}: ${length} bytes of one cell`);
        return readBins(offset + 4 + start, length, what);
      },
    };
  }

  return { size: hiveBinsSize, get };
}
