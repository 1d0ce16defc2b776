/**
 * Characters that a reader does not see, or that act on what shows them: control characters, those that turn the direction of a text
 * around, those without width, tags, variation selectors, separators of lines and paragraphs, halves of surrogate pairs. Guests, disks and
 * callers put them into texts to hide what stands there ("Trojan Source", https://trojansource.codes) or to command a terminal.
 * Which ones have no glyph of their own: Default_Ignorable_Code_Point, https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */

/** Joined emoji and marks of some scripts lose what joins them: what stands in a record must be what is seen. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Tabs and ends of lines. A carriage return alone would let a terminal write over the line. */
const ofLines = /^[\t\n]$/;

/** Whether every character of `text` is shown as what it is; tabs and ends of lines are. */
export function isPlain(text: string): boolean {
  return replaceHidden(text, () => '').length === text.length;
}

/**
 * `text` with each such character replaced by one that is seen: a control character of ASCII by its picture (U+2400 and on), each other one
 * by U+FFFD. Tabs and ends of lines stay. Never longer than `text`, and the same again when it is made plain again.
 */
export function plainText(text: string): string {
  return replaceHidden(text, pictureOf);
}

/** As `plainText`, for what is one line: tabs and ends of lines are pictures too. */
export function plainLine(text: string): string {
  return text.replace(hidden, pictureOf);
}

/**
 * `text` with each such character as `\u{…}`: no two of them look alike, so a value can be told from another one. For what must be shown, but
 * tells nothing if its characters are lost. Tabs and ends of lines stay.
 */
export function escapedText(text: string): string {
  return replaceHidden(text, escapeOf);
}

/** As `escapedText`, for what a terminal shows in one line. */
export function escapedLine(text: string): string {
  return text.replace(hidden, escapeOf);
}

/**
 * `value` as JSON in which such characters stand as `\uXXXX`: harmless to whoever prints it, and exactly the same value once it is parsed.
 * Undefined where JSON.stringify gives that; throws where it throws.
 */
export function plainJson(value: unknown, indent?: number): string | undefined {
  const text = JSON.stringify(value, undefined, indent) as string | undefined;
  // Outside of its strings JSON has no such characters but the ends of lines of the indent.
  return text === undefined ? undefined : replaceHidden(text, jsonEscapeOf);
}

function replaceHidden(text: string, by: (character: string) => string): string {
  return text.replace(hidden, (character, at: number) => {
    const isLineEnd = character === '\r' && text[at + 1] === '\n';
    return isLineEnd || ofLines.test(character) ? character : by(character);
  });
}

function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function jsonEscapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
