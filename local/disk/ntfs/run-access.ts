import type { ByteStore } from '../byte-store';
import type { Run } from './run-list';

/** Bytes of clusters that belong together; a hole reads as zeros. Throws a RangeError beyond the runs. */
export function readRuns(
  store: ByteStore,
  clusterSize: number,
  runs: readonly Run[],
  offset: number,
  length: number,
): Buffer {
  let result: Buffer | undefined;
  for (const piece of piecesOf(runs, clusterSize, offset, length)) {
    if (piece.place !== undefined && piece.length === length) return store.read(piece.place, length);
    if (piece.place !== undefined)
      store.read(piece.place, piece.length).copy((result ??= Buffer.alloc(length)), piece.done);
  }
  return result ?? Buffer.alloc(length);
}

/** The counterpart of `readRuns`. Throws an Error for a hole: this room allocates before it writes. */
export function writeRuns(
  store: ByteStore,
  clusterSize: number,
  runs: readonly Run[],
  offset: number,
  bytes: Uint8Array,
): void {
  for (const piece of piecesOf(runs, clusterSize, offset, bytes.length)) {
    if (piece.place === undefined) throw new Error('A hole of a sparse file cannot be written here.');
    store.write(piece.place, bytes.subarray(piece.done, piece.done + piece.length));
  }
}

interface Piece {
  readonly place: number | undefined;
  readonly length: number;
  readonly done: number;
}

function* piecesOf(runs: readonly Run[], clusterSize: number, offset: number, length: number): Generator<Piece> {
  let runStart = 0;
  let done = 0;
  for (const run of runs) {
    const runEnd = runStart + run.length * clusterSize;
    const at = offset + done;
    if (done < length && at < runEnd) {
      const taken = Math.min(runEnd - at, length - done);
      const place = run.cluster === undefined ? undefined : run.cluster * clusterSize + at - runStart;
      yield { place, length: taken, done };
      done += taken;
    }
    runStart = runEnd;
  }
  if (done < length) throw new RangeError(`${length} bytes at ${offset} lie beyond the ${runStart} allocated ones.`);
}
