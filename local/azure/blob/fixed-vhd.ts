/**
 * A disk as a fixed VHD: its bytes, then a footer of 512 bytes. Own code, apart from `src/disk/fixed-vhd.ts`.
 * "Virtual Hard Disk Image Format Specification", Hard Disk Footer Format and Appendix: CHS Calculation
 * (https://learn.microsoft.com/openspecs/windows_protocols/ms-vhd/). All numbers are big-endian.
 */
import { demandWithin, type ByteStore } from '../../disk/byte-store';

const FOOTER_BYTES = 512;
const SECTOR = 512;
const FIXED = 2;
const NO_DATA_OFFSET = 0xffff_ffff_ffff_ffffn;
const YEAR_2000 = Date.UTC(2000, 0, 1);

interface VhdSettings {
  /** ms since the Unix epoch. */
  createdAt: number;
  /** A GUID. */
  uniqueId: string;
}

/** What can be read of the whole VHD. */
export type VhdBytes = Pick<ByteStore, 'size' | 'read'>;

export function fixedVhd(disk: ByteStore, settings: VhdSettings): VhdBytes {
  const footer = footerOf(disk.size, settings);
  const size = disk.size + FOOTER_BYTES;
  return {
    size,
    read(offset, length) {
      demandWithin(size, offset, length);
      const ofDisk = Math.max(0, Math.min(length, disk.size - offset));
      const start = Math.max(0, offset - disk.size);
      const tail = footer.subarray(start, start + length - ofDisk);
      return ofDisk === 0 ? Buffer.from(tail) : Buffer.concat([disk.read(offset, ofDisk), tail]);
    },
  };
}

function footerOf(diskBytes: number, { createdAt, uniqueId }: VhdSettings): Buffer {
  const footer = Buffer.alloc(FOOTER_BYTES);
  footer.write('conectix', 0, 'latin1');
  footer.writeUInt32BE(2, 8); // features: the reserved bit, always set
  footer.writeUInt32BE(0x0001_0000, 12); // format 1.0
  footer.writeBigUInt64BE(NO_DATA_OFFSET, 16);
  footer.writeUInt32BE(Math.floor((createdAt - YEAR_2000) / 1000), 24);
  footer.write('win ', 28, 'latin1');
  footer.writeUInt32BE(0x000a_0000, 32);
  footer.write('Wi2k', 36, 'latin1');
  footer.writeBigUInt64BE(BigInt(diskBytes), 40);
  footer.writeBigUInt64BE(BigInt(diskBytes), 48);
  const { cylinders, heads, sectors } = geometryOf(Math.floor(diskBytes / SECTOR));
  footer.writeUInt16BE(cylinders, 56);
  footer.writeUInt8(heads, 58);
  footer.writeUInt8(sectors, 59);
  footer.writeUInt32BE(FIXED, 60);
  Buffer.from(uniqueId.replaceAll('-', ''), 'hex').copy(footer, 68);
  let sum = 0;
  for (const byte of footer) sum += byte;
  footer.writeUInt32BE(~sum >>> 0, 64); // summed while it was zero
  return footer;
}

/** The specification's own steps; a disk above its largest geometry gets the largest. */
function geometryOf(allSectors: number): { cylinders: number; heads: number; sectors: number } {
  const total = Math.min(allSectors, 65_535 * 16 * 255);
  if (total >= 65_535 * 16 * 63) return { cylinders: Math.floor(total / 255 / 16), heads: 16, sectors: 255 };
  let sectors = 17;
  let cylinderTimesHeads = Math.floor(total / sectors);
  let heads = Math.max(4, Math.floor((cylinderTimesHeads + 1023) / 1024));
  if (cylinderTimesHeads >= heads * 1024 || heads > 16) {
    sectors = 31;
    heads = 16;
    cylinderTimesHeads = Math.floor(total / sectors);
  }
  if (cylinderTimesHeads >= heads * 1024) {
    sectors = 63;
    heads = 16;
    cylinderTimesHeads = Math.floor(total / sectors);
  }
  return { cylinders: Math.floor(cylinderTimesHeads / heads), heads, sectors };
}
