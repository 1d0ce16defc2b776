import { hexadecimal } from './hexadecimal';
import { sliceSource, UnreadableError, type ByteSource } from './byte-source';

/**
 * A fixed VHD is the disk's bytes followed by a footer of 512 bytes: this is how Azure hands out disks and snapshots.
 * Format: "Virtual Hard Disk Image Format Specification", Hard Disk Footer Format
 * (https://learn.microsoft.com/openspecs/windows_protocols/ms-vhd/); all numbers are big-endian.
 */
const footerBytes = 512;
const cookie = 'conectix';
const fixedDisk = 2;
const offsets = { currentSize: 48, diskType: 60, checksum: 64 } as const;

/**
 * The disk inside a fixed VHD. Costs one read. Throws an UnreadableError: `not-this-format` if there is no footer or
 * the VHD is not of the fixed kind, `damaged` if the footer's checksum or size is wrong.
 */
export async function openFixedVhd(source: ByteSource): Promise<ByteSource> {
  if (source.size < footerBytes) throw new UnreadableError('not-this-format', 'too small for a VHD footer');
  const size = source.size - footerBytes;
  const footer = await source.read(size, footerBytes);
  const found = footer.toString('latin1', 0, cookie.length);
  if (found !== cookie) {
    const what = `at byte ${size} stands ${JSON.stringify(found)} and not ${cookie}`;
    throw new UnreadableError('not-this-format', `there is no VHD footer at the end: ${what}`);
  }
  const [stored, computed] = [footer.readUInt32BE(offsets.checksum), checksumOf(footer)];
  if (stored !== computed) {
    const what = `${hexadecimal(stored)} at byte ${size + offsets.checksum}, its bytes give ${hexadecimal(computed)}`;
    throw new UnreadableError('damaged', `the checksum of the VHD footer is wrong: ${what}`);
  }
  const diskType = footer.readUInt32BE(offsets.diskType);
  if (diskType !== fixedDisk) {
    throw new UnreadableError('not-this-format', `the VHD is of kind ${diskType} and not fixed, which is ${fixedDisk}`);
  }
  const currentSize = footer.readBigUInt64BE(offsets.currentSize);
  if (currentSize !== BigInt(size)) {
    throw new UnreadableError('damaged', `the VHD footer says ${currentSize} bytes, and ${size} stand before it`);
  }
  return sliceSource(source, 0, size);
}

/** The one's complement of the sum of the footer's bytes, those of the checksum itself left out. */
function checksumOf(footer: Buffer): number {
  const sum = footer.reduce((total, byte, index) => total + (isChecksum(index) ? 0 : byte), 0);
  return ~sum >>> 0;
}

function isChecksum(index: number): boolean {
  return index >= offsets.checksum && index < offsets.checksum + 4;
}
