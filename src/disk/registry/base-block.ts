import { fileTimeToDate } from '../file-time';
import { hexadecimal } from '../hexadecimal';

/**
 * The base block: the head of a hive and, in part, of its logs.
 * Format: https://github.com/msuhanov/regf, "Base block".
 */

/** Where hive bins begin in a hive file; cell offsets count from there. */
export const baseBlockSize = 4096;

/** How much of a base block carries meaning, and is copied to logs. */
export const baseBlockHeadSize = 512;

/** Hive bins are multiples of this. */
export const pageSize = 4096;

/** Windows maps at most 2 GiB of stable storage: offsets have their top bit for volatile cells. */
const maxHiveBinsSize = 0x7fff_e000;

/** What the base block says. Sequence numbers differ while a write is under way or was cut off. */
export interface BaseBlock {
  primarySequence: number;
  secondarySequence: number;
  /** FILETIME as it is stored: equality decides whether a log belongs to a hive. */
  lastWrittenFiletime: bigint;
  lastWritten: Date;
  majorVersion: number;
  minorVersion: number;
  /** 0 hive, 1 log in the old format, 6 log in the new format. */
  fileType: number;
  rootCell: number;
  hiveBinsSize: number;
  /** Sector size of the disk when it was written, in bytes. */
  sectorSize: number;
  isChecksumRight: boolean;
  /** As it is stored, and as the bytes give it. */
  checksum: { stored: number; computed: number };
}

/** Parses the first 512 bytes; undefined if they do not begin with `regf`. */
export function parseBaseBlock(head: Buffer): BaseBlock | undefined {
  if (head.length < baseBlockHeadSize || head.toString('latin1', 0, 4) !== 'regf') return undefined;
  const lastWrittenFiletime = head.readBigUInt64LE(12);
  const checksum = { stored: head.readUInt32LE(508), computed: baseBlockChecksum(head) };
  return {
    primarySequence: head.readUInt32LE(4),
    secondarySequence: head.readUInt32LE(8),
    lastWrittenFiletime,
    lastWritten: fileTimeToDate(lastWrittenFiletime),
    majorVersion: head.readUInt32LE(20),
    minorVersion: head.readUInt32LE(24),
    fileType: head.readUInt32LE(28),
    rootCell: head.readUInt32LE(36),
    hiveBinsSize: head.readUInt32LE(40),
    sectorSize: head.readUInt32LE(44) * 512,
    isChecksumRight: checksum.stored === checksum.computed,
    checksum,
  };
}

/**
 * XOR of the first 127 words. 0 and -1 are never stored: they become 1 and -2
 * (reactos/reactos:sdk/lib/cmlib/hiveinit.c, HvpHiveHeaderChecksum).
 */
export function baseBlockChecksum(head: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < 508; offset += 4) sum ^= head.readInt32LE(offset);
  if (sum === 0) return 1;
  if (sum === -1) return 0xffff_fffe;
  return sum >>> 0;
}

/** How a wrong checksum is told. */
export function wrongChecksum({ stored, computed }: BaseBlock['checksum']): string {
  return `a wrong checksum in its base block (${hexadecimal(stored)} at byte 508, its bytes give ${hexadecimal(computed)})`;
}

/** Why this reader cannot take such a base block, or undefined if it can. */
export function unsupportedReason(block: BaseBlock): string | undefined {
  if (block.majorVersion !== 1 || block.minorVersion < 3 || block.minorVersion > 6) {
    return `version ${block.majorVersion}.${block.minorVersion} is not 1.3 to 1.6`;
  }
  if (![0, 1, 6].includes(block.fileType)) return `a file of the unknown type ${block.fileType}`;
  if (!isHiveBinsSize(block.hiveBinsSize)) return `${block.hiveBinsSize} bytes of hive bins`;
  return undefined;
}

/** Whether a number can be the size of a hive's bins, in bytes. */
export function isHiveBinsSize(size: number): boolean {
  return size > 0 && size <= maxHiveBinsSize && size % pageSize === 0;
}
