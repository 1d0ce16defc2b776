/**
 * Marvin32, the hash that vouches for log entries. Algorithm: https://github.com/microsoft/SymCrypt, lib/marvin32.c.
 * The seed is that of log entries, 82EF4D88-7A4E55C5 (https://github.com/msuhanov/regf, "Log entries", note 3).
 */
const seed = { low: 0x7a4e55c5, high: 0x82ef4d88 } as const;

/** The 8 bytes of the hash, as they are stored. */
export function marvin32(message: Buffer): Buffer {
  // The message ends with a byte 0x80 and zeros up to the next word, and one word of zeros is mixed in last.
  const padded = Buffer.alloc(message.length - (message.length % 4) + 8);
  message.copy(padded);
  padded.writeUInt8(0x80, message.length);
  let low: number = seed.low;
  let high: number = seed.high;
  for (let at = 0; at < padded.length; at += 4) {
    low = (low + padded.readInt32LE(at)) | 0;
    high ^= low;
    low = ((low << 20) | (low >>> 12)) + high;
    high = ((high << 9) | (high >>> 23)) ^ low;
    low = ((low << 27) | (low >>> 5)) + high;
    high = (high << 19) | (high >>> 13);
  }
  const hash = Buffer.alloc(8);
  hash.writeInt32LE(low | 0, 0);
  hash.writeInt32LE(high | 0, 4);
  return hash;
}
