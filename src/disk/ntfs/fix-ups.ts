import { UnreadableError } from '../byte-source';

/**
 * Records that span sectors are protected: the last two bytes of every 512 hold a counter, and the bytes that belong
 * there lie in an array in the header. A sector that was not written with the others shows another counter
 * (https://flatcap.github.io/linux-ntfs/ntfs/concepts/fixup.html). The stride is 512 whatever the sector size
 * (torvalds/linux:fs/ntfs/layout.h, NTFS_BLOCK_SIZE).
 */
const STRIDE = 512;

/**
 * A copy of `record` with the true bytes put back; `record` itself stays as it is. Throws `damaged` for another signature
 * than `signature`, a torn write, or an array that does not fit.
 */
export function withFixUps(record: Buffer, signature: string, what: string): Buffer {
  const found = record.toString('latin1', 0, 4);
  if (found !== signature)
    throw new UnreadableError('damaged', `${what} begins with ${JSON.stringify(found)} and not with ${signature}`);
  const arrayAt = record.readUInt16LE(4);
  const strides = record.length / STRIDE;
  const isSane = record.readUInt16LE(6) === strides + 1 && arrayAt % 2 === 0 && arrayAt + 2 * strides + 2 <= STRIDE - 2;
  if (!isSane) throw new UnreadableError('damaged', `${what} has no usable fix-up array`);
  const result = Buffer.from(record);
  for (let stride = 1; stride <= strides; stride += 1) {
    const end = stride * STRIDE - 2;
    if (record.readUInt16LE(end) !== record.readUInt16LE(arrayAt))
      throw new UnreadableError('damaged', `${what} was written only in part: its sector ${stride} is of another time`);
    record.copy(result, end, arrayAt + 2 * stride, arrayAt + 2 * stride + 2);
  }
  return result;
}
