/** Neighbouring clusters of an attribute; without `cluster` they are a hole. */
export interface Run {
  readonly cluster: number | undefined;
  readonly length: number;
}

/** https://flatcap.github.io/linux-ntfs/ntfs/concepts/data_runs.html */
export function decodeRuns(bytes: Buffer): Run[] {
  const runs: Run[] = [];
  let cluster = 0;
  for (let at = 0; bytes[at] !== undefined && bytes[at] !== 0;) {
    const lengthBytes = bytes.readUInt8(at) & 0xf;
    const clusterBytes = bytes.readUInt8(at) >> 4;
    const length = bytes.readUIntLE(at + 1, lengthBytes);
    if (clusterBytes > 0) cluster += bytes.readIntLE(at + 1 + lengthBytes, clusterBytes);
    runs.push({ cluster: clusterBytes > 0 ? cluster : undefined, length });
    at += 1 + lengthBytes + clusterBytes;
  }
  return runs;
}

/** The counterpart of `decodeRuns`, with the zero at the end. */
export function encodeRuns(runs: readonly Run[]): Buffer {
  const pieces: Buffer[] = [];
  let before = 0;
  for (const { cluster, length } of runs) {
    const lengthBytes = signedBytes(length);
    const clusterBytes = cluster === undefined ? 0 : signedBytes(cluster - before);
    const piece = Buffer.alloc(1 + lengthBytes + clusterBytes);
    piece.writeUInt8((clusterBytes << 4) | lengthBytes, 0);
    piece.writeIntLE(length, 1, lengthBytes);
    if (cluster !== undefined) {
      piece.writeIntLE(cluster - before, 1 + lengthBytes, clusterBytes);
      before = cluster;
    }
    pieces.push(piece);
  }
  return Buffer.concat([...pieces, Buffer.alloc(1)]);
}

function signedBytes(value: number): number {
  let bytes = 1;
  while (value < -(2 ** (8 * bytes - 1)) || value >= 2 ** (8 * bytes - 1)) bytes += 1;
  return bytes;
}

/** Runs one after another, neighbours on the disk joined. */
export function joinRuns(runs: readonly Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    const isNext =
      last && (last.cluster === undefined ? run.cluster === undefined : run.cluster === last.cluster + last.length);
    if (last && isNext) joined[joined.length - 1] = { cluster: last.cluster, length: last.length + run.length };
    else joined.push(run);
  }
  return joined;
}

/** How many clusters the runs have. */
export function clustersIn(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0);
}

/** The runs in two, after `clusters` clusters. */
export function splitRuns(runs: readonly Run[], clusters: number): { head: Run[]; tail: Run[] } {
  const head: Run[] = [];
  const tail: Run[] = [];
  let left = clusters;
  for (const { cluster, length } of runs) {
    const taken = Math.min(left, length);
    if (taken > 0) head.push({ cluster, length: taken });
    if (taken < length)
      tail.push({ cluster: cluster === undefined ? undefined : cluster + taken, length: length - taken });
    left -= taken;
  }
  return { head, tail };
}
