/**
 * The CRC-32 of RFC 1952 (https://www.rfc-editor.org/rfc/rfc1952#section-8), which guards the headers of event logs and
 * of GPT. Written out because this room uses no module of the machine.
 */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder >>> 0;
});

/** The checksum of the parts as if they were one piece, as an unsigned 32-bit number. */
export function crc32(...parts: Buffer[]): number {
  let remainder = 0xffffffff;
  for (const part of parts) {
    for (const byte of part) remainder = (remainder >>> 8) ^ (table[(remainder ^ byte) & 0xff] ?? 0);
  }
  return (remainder ^ 0xffffffff) >>> 0;
}
