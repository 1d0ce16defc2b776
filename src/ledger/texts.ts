/**
 * Texts on their way into the store. They come from payloads and guests, so they may be huge or hold what the store or
 * a reader's terminal can't carry; they are bounded and made harmless, visibly, rather than refused.
 */

/**
 * The longest text in one column. A string property holds 64 KiB of UTF-16, i.e. 32,768 code units
 * (https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#property-types).
 */
export const maxTextLength = 32_000;

/**
 * `text` in at most `maxLength` UTF-16 code units. A cut one ends in a mark that says how long it was. Control
 * characters become their visible pictures and halves of surrogate pairs become U+FFFD. Bounding a bounded text
 * changes nothing.
 */
export function boundText(text: string, maxLength: number = maxTextLength): string {
  if (text.length <= maxLength) return makeStorable(text);
  const mark = ` …[cut, was ${text.length.toLocaleString('en-US')} characters]`;
  return makeStorable(text.slice(0, Math.max(0, maxLength - mark.length)) + mark).slice(0, maxLength);
}

const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const controlCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * A lone surrogate has no UTF-8 form. assumed: control characters could be refused in values as they are in keys; and
 * a terminal that prints the ledger must not obey an escape sequence. Every replacement is one code unit long.
 */
function makeStorable(text: string): string {
  return text.replace(loneSurrogate, '\ufffd').replace(controlCharacter, pictureOf);
}

/** U+2400… are the pictures of the control characters, U+2421 that of DEL. */
function pictureOf(character: string): string {
  return character === '\u007f' ? '\u2421' : String.fromCharCode(0x2400 + character.charCodeAt(0));
}
