/**
 * What console tools of Windows print, as it reaches us: one character for each byte, in a code page that is not known. It
 * may be an OEM code page (https://learn.microsoft.com/windows/win32/intl/code-pages) or UTF-8, as the machine is set up.
 *
 * What holds in all of them: a byte below 0x40 is the ASCII character, so blanks, line ends, digits and `: ( ) < > & - ' "`
 * are what they look like. Every other byte may be a part of a letter. 0xA0 is a blank for JavaScript's `\s` and `trim`, and
 * `а` in code page 866; 0x40 to 0x7E, among them `\ { | }` and the Latin letters, may be the second byte of a character in
 * 932, 936, 949 and 950 (https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/). So parsers take columns apart at
 * blanks only, compare whole ASCII words between them, and know a word or key by where it stands. The linter keeps `\s`,
 * `\S` and `trim` out of them.
 */

/** Lines without their ends. Form feeds and the like end none: 0x85 is a letter. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

/** The text without the blanks and tabs around it. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(sign: string | undefined): boolean {
  return sign === ' ' || sign === '\t';
}

/** The columns of a line, taken apart at blanks and tabs. */
export function columnsOf(line: string): string[] {
  // Without a repetition: over megabytes of blanks its engine runs out of stack.
  return line
    .replaceAll('\t', ' ')
    .split(' ')
    .filter((column) => column !== '');
}

/**
 * Whether two names are the same to Windows, which does not look at the case. Of a name that may be bytes only ASCII has a
 * case that is known: in a name with other bytes, even those below 0x80 may be halves of letters, so it is compared as it is.
 * A character above 0xFF is no byte: such a name was read as Unicode.
 */
export function isSameName(one: string, other: string): boolean {
  return comparableName(one) === comparableName(other);
}

/** The same text for names that are the same, to be a key. */
export function comparableName(name: string): string {
  return mayBeBytes(name) ? name : name.toLowerCase();
}

function mayBeBytes(text: string): boolean {
  return /[\u0080-\u00ff]/.test(text) && !/[\u0100-\uffff]/.test(text);
}

/**
 * Whether the text is what the tool was to print, so that it can be given back to Windows: printable ASCII. Of other bytes
 * the code page is not known, and a question mark may stand for a character that the code page does not have.
 */
export function isExactText(text: string): boolean {
  return /^[ ->@-~]*$/.test(text);
}

/** For patterns that the script in the guest matches too: blanks in a line, at least one. */
export const blanks = String.raw`[ \t]+`;

/** The same: blanks up to the end of the line. .NET's `$` stands before a line feed only, so the carriage return is one of them. */
export const restOfLine = String.raw`[ \t\r]*$`;
