const TICKS_PER_MILLISECOND = 10_000n;
const MILLISECONDS_1601_TO_1970 = 11_644_473_600_000;

/** Windows' time, in 100 ns since 1601 UTC; zero means that none was kept. Any 64 bits fit into a Date. */
export function fileTime(ticks: bigint): Date | undefined {
  return ticks === 0n ? undefined : new Date(Number(ticks / TICKS_PER_MILLISECOND) - MILLISECONDS_1601_TO_1970);
}
