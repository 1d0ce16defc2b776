/** Whether a sequence number of a hive or a log is another or one after it; they wrap around at 32 bits. */
export function isAtLeast(one: number, other: number): boolean {
  return (one - other) >>> 0 < 0x8000_0000;
}
