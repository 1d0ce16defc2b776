/** Key nodes (`nk`). Format: https://github.com/msuhanov/regf, "Key node". */
import { fromFileTime, toFileTime } from '../file-time';
import type { Bins } from './bins';
import { decodeName, encodeName } from './names';

/** Places in a key node's data. */
export const keyField = {
  flags: 2,
  lastWritten: 4,
  parent: 16,
  subkeyCount: 20,
  subkeyList: 28,
  volatileSubkeyList: 32,
  valueCount: 36,
  valueList: 40,
  security: 44,
  className: 48,
  /** 16 bits; the upper half of the word holds flags since Windows Vista. */
  largestSubkeyName: 52,
  largestClassName: 56,
  largestValueName: 60,
  largestValueData: 64,
  nameLength: 72,
  classNameLength: 74,
  name: 76,
} as const;

/** Stands where there is no list, no class name, no security. */
export const noCell = 0xffff_ffff;

const flag = { root: 0x0004, mayNotBeDeleted: 0x0008, compressedName: 0x0020, predefinedHandle: 0x0040 } as const;

/** A new key's node, listed by nobody yet. `at` in ms since the Unix epoch; `parent` undefined: the hive's root. */
export function createKeyNode(
  bins: Bins,
  key: { name: string; parent: number | undefined; security: number; at: number },
): number {
  const { bytes, isCompressed } = encodeName(key.name);
  const cell = bins.allocate(keyField.name + bytes.length);
  const rootFlags = key.parent === undefined ? flag.root | flag.mayNotBeDeleted : 0;
  bins.write(cell, 0, Buffer.from('nk', 'latin1'));
  bins.setUint16(cell, keyField.flags, rootFlags | (isCompressed ? flag.compressedName : 0));
  bins.setUint32(cell, keyField.parent, key.parent ?? 0);
  for (const field of ['subkeyList', 'volatileSubkeyList', 'valueList', 'className'] as const) {
    bins.setUint32(cell, keyField[field], noCell);
  }
  bins.setUint32(cell, keyField.security, key.security);
  bins.setUint16(cell, keyField.nameLength, bytes.length);
  bins.write(cell, keyField.name, bytes);
  setLastWritten(bins, cell, key.at);
  return cell;
}

/** Throws an Error if the cell is no key node. */
export function demandKeyNode(bins: Bins, cell: number): void {
  if (bins.view(cell, 0, 2).toString('latin1') !== 'nk') throw new Error(`The hive is damaged: no key at ${cell}.`);
}

export function keyName(bins: Bins, key: number): string {
  const isCompressed = (bins.uint16(key, keyField.flags) & flag.compressedName) !== 0;
  return decodeName({ bytes: bins.view(key, keyField.name, bins.uint16(key, keyField.nameLength)), isCompressed });
}

/** Whether Windows would refuse to delete it: the root, and keys that are marked so. */
export function mayNotBeDeleted(bins: Bins, key: number): boolean {
  return (bins.uint16(key, keyField.flags) & (flag.root | flag.mayNotBeDeleted)) !== 0;
}

/** A predefined handle keeps a handle where its number of values would be. */
export function valueCount(bins: Bins, key: number): number {
  const isHandle = (bins.uint16(key, keyField.flags) & flag.predefinedHandle) !== 0;
  return isHandle ? 0 : bins.uint32(key, keyField.valueCount);
}

/** Ms since the Unix epoch. */
export function lastWritten(bins: Bins, key: number): number {
  return fromFileTime(bins.view(key, keyField.lastWritten, 8).readBigUInt64LE(0));
}

export function setLastWritten(bins: Bins, key: number, at: number): void {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(toFileTime(at));
  bins.write(key, keyField.lastWritten, time);
}

/** Raises one of the "largest" fields to at least this many bytes. */
export function raiseLargest(
  bins: Bins,
  key: number,
  field: 'largestSubkeyName' | 'largestValueName' | 'largestValueData',
  bytes: number,
): void {
  const place = keyField[field];
  if (field === 'largestSubkeyName') {
    if (bins.uint16(key, place) < bytes) bins.setUint16(key, place, bytes);
  } else if (bins.uint32(key, place) < bytes) {
    bins.setUint32(key, place, bytes);
  }
}
