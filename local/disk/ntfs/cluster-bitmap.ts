import type { ByteStore } from '../byte-store';
import { ATTRIBUTE, demandAttribute } from './file-record';
import type { Geometry } from './geometry';
import { RECORD, type RecordStore } from './record-store';
import { readRuns, writeRuns } from './run-access';
import { joinRuns, type Run } from './run-list';

/** Which clusters are taken: `$Bitmap`. */
export interface ClusterBitmap {
  /** Takes free clusters, `near` first, in as few pieces as there can be. Throws an Error if the volume is full. */
  allocate(count: number, near?: number): Run[];
  free(runs: readonly Run[]): void;
  /** How many clusters are free. */
  countFree(): number;
}

/** Clusters of one read of the bitmap. */
const WINDOW = 64 * 1024;

/** The first eighth is left to the table of files, as Windows' "MFT zone" is: https://learn.microsoft.com/troubleshoot/windows-server/backup-and-storage/ntfs-reserves-space-for-mft */
const TABLE_ZONE = 8;

/** How many bits of each pair of bytes are not set. */
const freeBits = Uint8Array.from({ length: 65_536 }, (_, word) => 16 - word.toString(2).replaceAll('0', '').length);

/** A window in which no cluster is taken. */
const freeWindow = Buffer.alloc(WINDOW / 8);

export function openClusterBitmap(store: ByteStore, geometry: Geometry, records: RecordStore): ClusterBitmap {
  function runsOfBitmap(): readonly Run[] {
    const data = demandAttribute(records.read(RECORD.bitmap), ATTRIBUTE.data);
    if (data.place === 'clusters') return data.runs;
    throw new Error('$Bitmap has no clusters.');
  }

  /** Free clusters from `start` round to `start`, in pieces of at most `most`. */
  function* freePieces(start: number, most: number): Generator<{ cluster: number; length: number }> {
    yield* freePiecesBetween(start, geometry.clusterCount, most);
    yield* freePiecesBetween(0, start, most);
  }

  function* freePiecesBetween(
    from: number,
    until: number,
    most: number,
  ): Generator<{ cluster: number; length: number }> {
    const runs = runsOfBitmap();
    let first = -1;
    for (let window = Math.floor(from / WINDOW) * WINDOW; window < until; window += WINDOW) {
      const end = Math.min(until, window + WINDOW);
      const bits = readRuns(store, geometry.clusterSize, runs, window / 8, Math.ceil((end - window) / 8));
      for (let cluster = Math.max(from, window); cluster < end; cluster += 1) {
        // Eight that are taken, where none is looked for the end of, are passed over at once.
        if (first < 0 && (cluster & 7) === 0 && bits[(cluster - window) >> 3] === 0xff) {
          cluster += 7;
          continue;
        }
        const isTaken = (((bits[(cluster - window) >> 3] ?? 0xff) >> (cluster & 7)) & 1) === 1;
        if (!isTaken && first < 0) first = cluster;
        if (first >= 0 && isTaken) yield { cluster: first, length: cluster - first };
        else if (first >= 0 && cluster - first + 1 >= most) yield { cluster: first, length: cluster - first + 1 };
        else continue;
        first = -1;
      }
    }
    if (first >= 0) yield { cluster: first, length: until - first };
  }

  function mark(run: Run, isTaken: boolean): void {
    if (run.cluster === undefined) return;
    const firstByte = run.cluster >> 3;
    const runs = runsOfBitmap();
    const bits = readRuns(
      store,
      geometry.clusterSize,
      runs,
      firstByte,
      ((run.cluster + run.length - 1) >> 3) - firstByte + 1,
    );
    const [from, to] = isTaken ? [0x00, 0xff] : [0xff, 0x00];
    for (let cluster = run.cluster; cluster < run.cluster + run.length; cluster += 1) {
      const at = (cluster >> 3) - firstByte;
      if ((cluster & 7) === 0 && cluster + 8 <= run.cluster + run.length && bits[at] === from) {
        bits[at] = to;
        cluster += 7;
        continue;
      }
      const bit = 1 << (cluster & 7);
      if (((bits.readUInt8(at) & bit) !== 0) === isTaken)
        throw new Error(`$Bitmap is wrong: cluster ${cluster} is ${isTaken ? 'taken' : 'free'} already.`);
      bits.writeUInt8(bits.readUInt8(at) ^ bit, at);
    }
    writeRuns(store, geometry.clusterSize, runs, firstByte, bits);
  }

  function choose(count: number, near: number | undefined): Run[] {
    const start = near ?? Math.floor(geometry.clusterCount / TABLE_ZONE);
    const chosen: Run[] = [];
    let left = count;
    for (const piece of freePieces(start, count)) {
      // The clusters that continue the file, then one piece for all of the rest.
      if (piece.length < left && piece.cluster !== near) continue;
      const length = Math.min(left, piece.length);
      chosen.push({ cluster: piece.cluster, length });
      left -= length;
      if (left === 0) return chosen;
    }
    return choosePieces(start, count);
  }

  function choosePieces(start: number, count: number): Run[] {
    const chosen: Run[] = [];
    let left = count;
    for (const piece of freePieces(start, count)) {
      const length = Math.min(left, piece.length);
      chosen.push({ cluster: piece.cluster, length });
      left -= length;
      if (left === 0) return chosen;
    }
    throw new Error(`The volume is full: ${count} clusters were asked for and ${count - left} are free.`);
  }

  function countFree(): number {
    const runs = runsOfBitmap();
    let free = 0;
    for (let window = 0; window < geometry.clusterCount; window += WINDOW) {
      const count = Math.min(WINDOW, geometry.clusterCount - window);
      const bits = readRuns(store, geometry.clusterSize, runs, window / 8, Math.ceil(count / 8));
      // What is behind the last cluster counts as taken.
      if (count % 8 > 0) bits[bits.length - 1] = (bits.at(-1) ?? 0) | (0xff << (count % 8));
      // Most of a disk's windows are, and are told by one comparison.
      free += bits.equals(freeWindow) ? count : countFreeBits(bits);
    }
    return free;
  }

  return {
    allocate(count, near) {
      if (count === 0) return [];
      const isInside = near !== undefined && near < geometry.clusterCount;
      const chosen = choose(count, isInside ? near : undefined);
      for (const run of chosen) mark(run, true);
      return joinRuns(chosen);
    },
    free(runs) {
      for (const run of runs) mark(run, false);
    },
    countFree,
  };
}

function countFreeBits(bits: Buffer): number {
  let free = 0;
  const even = bits.length - (bits.length % 2);
  for (let at = 0; at < even; at += 2) free += freeBits[bits.readUInt16LE(at)] ?? 0;
  return even === bits.length ? free : free + (freeBits[0xff00 | (bits.at(-1) ?? 0)] ?? 0);
}
