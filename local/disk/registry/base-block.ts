/**
 * The base block: the first 4,096 bytes of a hive, of which logs carry a copy of the first 512.
 * Format: https://github.com/msuhanov/regf, "Base block".
 */
import { toFileTime } from '../file-time';

/** Where the hive bins begin in the primary file. */
export const baseBlockSize = 4096;
/** What carries meaning of it: one sector, so that a disk writes it whole or not at all. */
export const headSize = 512;

const at = {
  primary: 4,
  secondary: 8,
  lastWritten: 12,
  minor: 24,
  fileType: 28,
  root: 36,
  binsSize: 40,
  checksum: 508,
};
/** "6 means transaction log" of the format since Windows 8.1. */
const logFileType = 6;

export interface Sequences {
  primary: number;
  secondary: number;
}

/** The base block of a new, clean hive. `at` in ms since the Unix epoch. */
export function newBaseBlock(options: {
  minorVersion: number;
  fileName: string;
  rootCell: number;
  at: number;
}): Buffer {
  const block = Buffer.alloc(baseBlockSize);
  block.write('regf', 'latin1');
  block.writeBigUInt64LE(toFileTime(options.at), at.lastWritten);
  block.writeUInt32LE(1, 20);
  block.writeUInt32LE(options.minorVersion, at.minor);
  block.writeUInt32LE(1, 32);
  block.writeUInt32LE(options.rootCell, at.root);
  block.writeUInt32LE(1, 44);
  // "A partial file path", for debugging: its last 31 characters and a NUL.
  block.write(options.fileName.slice(-31), 48, 'utf16le');
  setBaseBlock(block, { primary: 1, secondary: 1, binsSize: 0 });
  return block;
}

/** Writes sequence numbers and the size of the bins, and puts the checksum right, in place. */
export function setBaseBlock(block: Buffer, values: Sequences & { binsSize: number }): void {
  block.writeUInt32LE(values.primary, at.primary);
  block.writeUInt32LE(values.secondary, at.secondary);
  block.writeUInt32LE(values.binsSize, at.binsSize);
  seal(block);
}

/** The head of a log whose first entry has this number: a copy of the hive's own. */
export function logHead(block: Buffer, firstSequence: number, binsSize: number): Buffer {
  const head = Buffer.from(block.subarray(0, headSize));
  head.writeUInt32LE(logFileType, at.fileType);
  setBaseBlock(head, { primary: firstSequence, secondary: firstSequence, binsSize });
  return head;
}

/** A hive's base block of a log's head, where the hive's own is destroyed. */
export function fromLogHead(head: Buffer): Buffer {
  const block = Buffer.alloc(baseBlockSize);
  head.copy(block, 0, 0, headSize);
  block.writeUInt32LE(0, at.fileType);
  seal(block);
  return block;
}

export function sequencesOf(block: Buffer): Sequences {
  return { primary: block.readUInt32LE(at.primary), secondary: block.readUInt32LE(at.secondary) };
}

/** FILETIME. A log belongs to the hive that has the same. */
export function lastWrittenOf(block: Buffer): bigint {
  return block.readBigUInt64LE(at.lastWritten);
}

export function binsSizeOf(block: Buffer): number {
  return block.readUInt32LE(at.binsSize);
}

export function rootCellOf(block: Buffer): number {
  return block.readUInt32LE(at.root);
}

/** 3 to 6; only above 3 is long data divided into segments. */
export function minorVersionOf(block: Buffer): number {
  return block.readUInt32LE(at.minor);
}

/** Whether these bytes begin as a hive (or with `log`, as a log of the new format), with a right checksum. */
export function isBaseBlock(bytes: Buffer, kind: 'hive' | 'log'): boolean {
  if (bytes.length < headSize || bytes.toString('latin1', 0, 4) !== 'regf') return false;
  const isOfKind = bytes.readUInt32LE(at.fileType) === (kind === 'hive' ? 0 : logFileType);
  return isOfKind && bytes.readUInt32LE(at.checksum) === checksumOf(bytes);
}

function seal(block: Buffer): void {
  block.writeUInt32LE(checksumOf(block), at.checksum);
}

/** XOR of 127 words; 0 becomes 1 and -1 becomes -2 (reactos/reactos:sdk/lib/cmlib/hiveinit.c, HvpHiveHeaderChecksum). */
function checksumOf(block: Buffer): number {
  let sum = 0;
  for (let place = 0; place < at.checksum; place += 4) sum ^= block.readInt32LE(place);
  if (sum === 0) return 1;
  return (sum === -1 ? -2 : sum) >>> 0;
}
