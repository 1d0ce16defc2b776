/** FILETIME: 100-nanosecond ticks since 1601-01-01 UTC (https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime). */

const ticksPerMillisecond = 10_000n;
const unixEpochInMilliseconds = 11_644_473_600_000n;
/** 9999-12-31: what ISO 8601 writes with four digits; later times are told as a number. */
export const lastMilliseconds = 253_402_300_799_999;

/** Milliseconds since the Unix epoch, rounded down. Exact enough to compare; may lie far beyond what a Date holds. */
export function fileTimeToUnixMilliseconds(ticks: bigint): number {
  return Number(ticks / ticksPerMillisecond - unixEpochInMilliseconds);
}

/** As a Date, rounded down to the millisecond; every 64-bit number is within a Date's range. */
export function fileTimeToDate(ticks: bigint): Date {
  return new Date(fileTimeToUnixMilliseconds(ticks));
}

/** ISO 8601 in UTC with all seven decimals; a time after the year 9999 as its hexadecimal ticks. */
export function fileTimeToIso(ticks: bigint): string {
  const milliseconds = ticks / ticksPerMillisecond - unixEpochInMilliseconds;
  if (milliseconds > BigInt(lastMilliseconds)) return `0x${ticks.toString(16)}`;
  const rest = (ticks % ticksPerMillisecond).toString().padStart(4, '0');
  return new Date(Number(milliseconds)).toISOString().replace('Z', `${rest}Z`);
}
