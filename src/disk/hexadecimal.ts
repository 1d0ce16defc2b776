/** A 32-bit number as problems tell it: eight digits after `0x`, so that what is there and what should be line up. */
export function hexadecimal(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
