/**
 * Marvin32, the checksum of log entries. The algorithm is Microsoft's, published in
 * https://github.com/microsoft/SymCrypt (lib/marvin32.c, MIT): two 32-bit words, each input word added to the first,
 * then mixed by four rotations.
 */
const rotations = { first: 20, second: 9, third: 27, fourth: 19 } as const;

/** The end of the message: a byte 0x80 after the last one, then zeros. */
const endMark = 0x80;

/**
 * The seed of log entries: 82EF4D887A4E55C5 (msuhanov/regf, "Log entries", note 3; that it is one number in this order,
 * not bytes in the order of memory, is what the hashes in logs of Windows 10 show).
 */
const logEntrySeed: Seed = { low: 0x7a4e55c5, high: 0x82ef4d88 };

/** The two halves of a 64-bit seed. */
interface Seed {
  low: number;
  high: number;
}

/** The hash of `bytes`, by default under the seed of log entries: 8 bytes as they are stored there. */
export function marvin32(bytes: Buffer, seed: Seed = logEntrySeed): Buffer {
  let low = seed.low | 0;
  let high = seed.high | 0;
  function mix(word: number): void {
    low = (low + word) | 0;
    high ^= low;
    low = (rotateLeft(low, rotations.first) + high) | 0;
    high = rotateLeft(high, rotations.second) ^ low;
    low = (rotateLeft(low, rotations.third) + high) | 0;
    high = rotateLeft(high, rotations.fourth);
  }
  const whole = bytes.length - (bytes.length % 4);
  for (let offset = 0; offset < whole; offset += 4) mix(bytes.readInt32LE(offset));
  const rest = Buffer.alloc(4);
  bytes.copy(rest, 0, whole);
  rest[bytes.length - whole] = endMark;
  mix(rest.readInt32LE(0));
  mix(0);
  const hash = Buffer.alloc(8);
  hash.writeInt32LE(low, 0);
  hash.writeInt32LE(high, 4);
  return hash;
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
