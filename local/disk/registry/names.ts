/**
 * Names of keys and values: how they are stored, ordered and hashed.
 * Format: https://github.com/msuhanov/regf, "Key node", "Key value", "Hash leaf".
 */

/** A name as it is stored: one byte for each UTF-16 unit where all fit ("compressed"), else UTF-16. */
export interface StoredName {
  bytes: Buffer;
  isCompressed: boolean;
}

export function encodeName(name: string): StoredName {
  const isCompressed = isLatin1(name);
  return { bytes: Buffer.from(name, isCompressed ? 'latin1' : 'utf16le'), isCompressed };
}

export function decodeName({ bytes, isCompressed }: StoredName): string {
  return bytes.toString(isCompressed ? 'latin1' : 'utf16le');
}

/** Negative if the first name comes before the other in a hive, 0 if the two are one name to Windows. */
export function compareNames(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const difference = upperCase(one.charCodeAt(index)) - upperCase(other.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Hashes of names: a list that is written anew needs those of all its keys again. Emptied when there are many. */
const hashes = new Map<string, number>();
const mostHashes = 20_000;

/** What stands beside a key in a hash leaf: for each upper-case unit, 37 times the hash so far plus the unit. */
export function hashName(name: string): number {
  const known = hashes.get(name);
  if (known !== undefined) return known;
  const hash = computeHash(name);
  if (hashes.size >= mostHashes) hashes.clear();
  hashes.set(name, hash);
  return hash;
}

function computeHash(name: string): number {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = (Math.imul(hash, 37) + upperCase(name.charCodeAt(index))) >>> 0;
  }
  return hash;
}

/** What stands beside a key in a fast leaf: the first four characters, zeros where a unit does not fit a byte. */
export function hintOf(name: string): Buffer {
  const hint = Buffer.alloc(4);
  for (let index = 0; index < Math.min(4, name.length); index += 1) {
    const unit = name.charCodeAt(index);
    hint.writeUInt8(unit <= 0xff ? unit : 0, index);
  }
  return hint;
}

function isLatin1(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) if (name.charCodeAt(index) > 0xff) return false;
  return true;
}

/**
 * One UTF-16 unit in upper case. assumed: as in Unicode where the mapping is one unit long, but nothing outside ASCII
 * becomes ASCII; Windows' own table is not public.
 */
function upperCase(unit: number): number {
  if (unit < 0x61) return unit;
  if (unit <= 0x7a) return unit - 0x20;
  if (unit < 0x80) return unit;
  const upper = String.fromCharCode(unit).toUpperCase();
  return upper.length === 1 && upper.charCodeAt(0) >= 0x80 ? upper.charCodeAt(0) : unit;
}
