/**
 * Names of keys and values: how they are stored, compared and hashed.
 * Format: https://github.com/msuhanov/regf, "Key node", "Key value", "Hash leaf", "Fast leaf".
 */

/** A stored name. "Compressed" names keep one byte of each UTF-16 unit, so every byte is the character of that code. */
export function decodeName(bytes: Buffer, isCompressed: boolean): string {
  if (isCompressed) return bytes.toString('latin1');
  return bytes.subarray(0, bytes.length - (bytes.length % 2)).toString('utf16le');
}

/** Whether two names are one to Windows, which compares them unit by unit in upper case. */
export function isSameName(one: string, other: string): boolean {
  return one.length === other.length && upperCase(one) === upperCase(other);
}

/** Whether a name is ASCII only: then its upper case, hash and hint are beyond doubt. */
export function isAscii(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (name.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

/** The hash of a name in a hash leaf (`lh`): 37 times the hash so far plus the upper-case unit, in 32 bits. */
export function nameHash(name: string): number {
  const upper = upperCase(name);
  let hash = 0;
  for (let index = 0; index < upper.length; index += 1) hash = (Math.imul(hash, 37) + upper.charCodeAt(index)) | 0;
  return hash >>> 0;
}

/** The hint of an ASCII name in a fast leaf (`lf`): its first four characters, padded with zeros; here in upper case. */
export function nameHint(name: string): string {
  return upperCase(name.slice(0, 4)).padEnd(4, '\0');
}

/**
 * Upper case without change of length. assumed: Windows' table is Unicode's simple mapping except that nothing outside
 * ASCII becomes ASCII (no dotless i, no long s); the table itself is not public.
 */
export function upperCase(name: string): string {
  if (isAscii(name)) return name.toUpperCase();
  let upper = '';
  for (let index = 0; index < name.length; index += 1) upper += upperCaseUnit(name.charAt(index));
  return upper;
}

function upperCaseUnit(unit: string): string {
  const upper = unit.toUpperCase();
  if (upper.length !== 1) return unit;
  return !isAscii(unit) && isAscii(upper) ? unit : upper;
}
