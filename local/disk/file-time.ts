/** FILETIME: hundreds of nanoseconds since 1601-01-01 UTC. https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime */
const unixEpoch = 11_644_473_600_000n;

/** FILETIME of a moment in ms since the Unix epoch; fractions of a millisecond are dropped. */
export function toFileTime(milliseconds: number): bigint {
  return (BigInt(Math.trunc(milliseconds)) + unixEpoch) * 10_000n;
}

/** Ms since the Unix epoch of a FILETIME, cut to whole milliseconds. */
export function fromFileTime(fileTime: bigint): number {
  return Number(fileTime / 10_000n - unixEpoch);
}
