import { isSameName, linesOf } from './console-text';
import { parsed, unreadable, type Parsed } from './parsed';

/** One registry value as `reg.exe query` prints it. */
export interface RegistryValue {
  key: string;
  name: string;
  type: string;
  data: string;
}

// "    Start    REG_DWORD    0x4": four blanks between the columns; the type names are not translated.
// https://learn.microsoft.com/windows-server/administration/windows-commands/reg-query
// The data takes whatever is left of the line, so that the first type found settles it: no search backwards.
const valueLine = /^ {4}(.+?) {4}(REG_[A-Z_]{1,30})(?: {4}([^]*))?$/;
const keyLine = /^HKEY_[A-Z_]{1,30}(?:\\.*)?$/;

/**
 * Reads the output of `reg.exe query <key> [/v name]`: every value with the key that it stands under.
 * Gives a failure if a value comes before any key; lines that are neither (the translated closing line) are passed over.
 */
export function parseRegQuery(text: string): Parsed<RegistryValue[]> {
  const values: RegistryValue[] = [];
  let key: string | undefined;
  for (const line of linesOf(text)) {
    if (keyLine.test(line)) key = line;
    const match = valueLine.exec(line);
    if (!match) continue;
    if (key === undefined) return unreadable('a value stands before any key');
    values.push({ key, name: match[1] ?? '', type: match[2] ?? '', data: match[3] ?? '' });
  }
  return parsed(values);
}

/** The keys that `reg.exe query <key>` names: the key itself and those directly under it, as they stand there. */
export function parseRegKeys(text: string): string[] {
  return linesOf(text).filter((line) => keyLine.test(line));
}

/** The one value of this name (case does not matter), or a failure if there is none or more than one. */
export function singleValue(values: RegistryValue[], name: string): Parsed<RegistryValue> {
  const found = values.filter((value) => isSameName(value.name, name));
  const [first] = found;
  if (!first) return unreadable(`the value ${name} is not there`);
  if (found.length > 1) return unreadable(`the value ${name} is there ${found.length} times`);
  return parsed(first);
}

/** The number of a REG_DWORD, printed as `0x…`. */
export function parseDword(value: RegistryValue): Parsed<number> {
  if (value.type !== 'REG_DWORD') return unreadable(`${value.name} is ${value.type}, not REG_DWORD`);
  const match = /^0x([0-9a-f]{1,8})$/i.exec(value.data);
  if (!match) return unreadable(`${value.name} is no number`);
  return parsed(Number.parseInt(match[1] ?? '', 16));
}

/**
 * The texts of a REG_MULTI_SZ, which reg.exe prints in one line with `\0` between them. In double-byte code pages the
 * backslash may be the second half of a letter (`ソ` is 83 5C in 932): then it is not known where one text ends.
 */
export function multipleTexts(value: RegistryValue): Parsed<string[]> {
  if (value.type !== 'REG_MULTI_SZ') return unreadable(`${value.name} is ${value.type}, not REG_MULTI_SZ`);
  if (/[\u0080-\u00ff]\\0/.test(value.data)) return unreadable(`where one text of ${value.name} ends is not known`);
  return parsed(value.data.split(String.raw`\0`).filter((text) => text !== ''));
}
