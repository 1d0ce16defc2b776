/** The log of what was asked of the blob server, for tests and for people. Holds no address: that would be the secret. */

interface BlobRead {
  sequence: number;
  /** ISO 8601, local time. */
  time: string;
  method: string;
  /** The snapshot's name; undefined when the address meant none. */
  snapshot: string | undefined;
  /** As asked for, e.g. `bytes=0-511`. */
  range: string | undefined;
  /** 0: the connection was dropped. */
  status: number;
  /** Azure Storage's error code. */
  code: string | undefined;
  /** Bytes of the disk that were sent. */
  bytes: number;
}

export interface BlobReadLog {
  add: (read: Omit<BlobRead, 'sequence' | 'time'>) => void;
  /** Reads with a greater sequence number. */
  since: (sequence: number) => BlobRead[];
}

/** Some dozens of disks; the oldest go first. */
const KEPT = 20_000;

export function createBlobReadLog(): BlobReadLog {
  const reads: BlobRead[] = [];
  let sequence = 0;
  return {
    add(read) {
      sequence += 1;
      reads.push({ sequence, time: new Date().toISOString(), ...read });
      if (reads.length > KEPT) reads.shift();
    },
    since: (after) => reads.filter((read) => read.sequence > after),
  };
}
