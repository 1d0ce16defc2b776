/**
 * Texts on their way into the store. They come from payloads and guests, so they may be huge or hold what the store or
 * a reader's terminal can't carry; they are bounded and made harmless, visibly, rather than refused.
 */
import { escapedText, plainLine, plainText } from '../plain-characters';

/**
 * The longest text in one column. A string property holds 64 KiB of UTF-16, i.e. 32,768 code units
 * (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types).
 */
export const maxTextLength = 32_000;

/**
 * `text` in at most `maxLength` UTF-16 code units. A cut one ends in a mark that says how long it was. What is not seen, or
 * acts on a terminal, is replaced by what is seen (plain-characters.ts); assumed: the store could refuse control characters in values as it does in
 * keys. Bounding a bounded text changes nothing.
 */
export function boundText(text: string, maxLength: number = maxTextLength): string {
  return bound(text, maxLength, plainText);
}

/** As `boundText`, for what is one line: a title, a name, who. */
export function boundLine(text: string, maxLength: number = maxTextLength): string {
  return bound(text, maxLength, plainLine);
}

/**
 * As `boundText`, for a value that was read in a guest: hidden characters are shown as `\u{…}`, so that two values that differ look
 * different. What a program goes by is not this text: an undo is kept exactly, as JSON.
 */
export function boundValue(text: string, maxLength: number = maxTextLength): string {
  return bound(escapedText(text.slice(0, maxLength + 1)), maxLength, plainText, text.length);
}

function bound(text: string, maxLength: number, plain: (text: string) => string, length = text.length): string {
  if (text.length <= maxLength) return plain(text);
  const mark = ` …[cut, was ${length.toLocaleString('en-US')} characters]`;
  return plain(text.slice(0, Math.max(0, maxLength - mark.length)) + mark).slice(0, maxLength);
}
