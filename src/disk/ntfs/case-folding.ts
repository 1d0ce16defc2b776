import { UnreadableError } from '../byte-source';
import { ATTRIBUTE } from './file-record';
import { attributeSource } from './find-attribute';
import type { MasterFileTable } from './master-file-table';

/** Order of names: negative, zero, positive, without regard to case. */
export type NameOrder = (left: string, right: string) => number;

/** Record 10 holds the upper case of each of the 65,536 UTF-16 units, as it was when the volume was formatted. */
const UPCASE_RECORD = { number: 10, sequence: 0 };
const UPCASE_BYTES = 65536 * 2;

/** Gives the order in which a volume keeps the names given. */
export type CaseFolding = (names: readonly string[]) => Promise<NameOrder>;

/**
 * The volume's order of names (https://flatcap.github.io/linux-ntfs/ntfs/files/upcase.html). The table (128 KiB, one read)
 * is fetched only once a name beyond ASCII has to be compared: in Windows' own directories that seldom happens.
 */
export function caseFolding(table: MasterFileTable): CaseFolding {
  let upcase: Promise<Uint16Array> | undefined;
  return async (names) => {
    if (names.every(isAscii)) return (left, right) => compare(left, right, upperAscii);
    upcase ??= readUpcase(table);
    const units = await upcase;
    return (left, right) => compare(left, right, (unit) => units[unit] ?? unit);
  };
}

async function readUpcase(table: MasterFileTable): Promise<Uint16Array> {
  const source = await attributeSource(table, await table.readRecord(UPCASE_RECORD), ATTRIBUTE.data);
  if (source?.size !== UPCASE_BYTES)
    throw new UnreadableError('damaged', `$UpCase of ${source?.size ?? 0} bytes and not ${UPCASE_BYTES}`);
  const bytes = await source.read(0, UPCASE_BYTES);
  return Uint16Array.from({ length: UPCASE_BYTES / 2 }, (_, unit) => bytes.readUInt16LE(unit * 2));
}

function compare(left: string, right: string, upper: (unit: number) => number): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const difference = upper(left.charCodeAt(at)) - upper(right.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function upperAscii(unit: number): number {
  return unit >= 0x61 && unit <= 0x7a ? unit - 0x20 : unit;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
