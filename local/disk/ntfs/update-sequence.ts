/**
 * Records and index blocks carry a number in the last two bytes of each 512, whatever the sector size, so that a torn write
 * shows; the bytes that were there stand in an array in the header.
 * https://flatcap.github.io/linux-ntfs/ntfs/concepts/fixup.html
 */
const STRIDE = 512;

/** The block with its own bytes back. Throws an Error if it has another signature or was torn. */
export function withoutUpdateSequence(protectedBlock: Buffer, signature: string): Buffer {
  const block = Buffer.from(protectedBlock);
  const found = block.toString('latin1', 0, 4);
  if (found !== signature) throw new Error(`A block of the volume begins with "${found}" instead of "${signature}".`);
  const at = block.readUInt16LE(4);
  for (let index = 1; index < block.readUInt16LE(6); index += 1) {
    const end = index * STRIDE - 2;
    if (block.readUInt16LE(end) !== block.readUInt16LE(at)) throw new Error(`A block "${signature}" was torn.`);
    block.copy(block, end, at + 2 * index, at + 2 * index + 2);
  }
  return block;
}

/** The block as it stands on disk, its number one higher. Its header must say where the array is and how long. */
export function withUpdateSequence(plainBlock: Buffer): Buffer {
  const block = Buffer.from(plainBlock);
  const at = block.readUInt16LE(4);
  // 0 and FFFF are left out, as Windows does: blocks of zeros or of new flash would look whole.
  const number = (block.readUInt16LE(at) % 0xfffe) + 1;
  block.writeUInt16LE(number, at);
  for (let index = 1; index < block.readUInt16LE(6); index += 1) {
    const end = index * STRIDE - 2;
    block.copy(block, at + 2 * index, end, end + 2);
    block.writeUInt16LE(number, end);
  }
  return block;
}

/** How many entries the array of a block has: the number and one for each 512 bytes. */
export function updateSequenceLength(blockSize: number): number {
  return blockSize / STRIDE + 1;
}
