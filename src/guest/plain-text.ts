/** Controls, marks that turn the direction of writing, and halves of characters: nothing that a person should be shown. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** What may carry a signature (a SAS) behind a URL's question mark. It ends at a blank: a byte A0 may be a part of a letter. */
const urlQuery = /(https?:\/\/[^ \t\r\n?]*)\?[^ \t\r\n]*/giu;

/** Text from a guest or its disk, made harmless to show: at most `longest` characters, each printable, no URL's query. */
export function plainText(text: string, longest: number): string {
  // Cut before the rest: what is cut off may be megabytes. A little more is kept, for the mark of the cut.
  const start = text
    .slice(0, longest + 1)
    .replace(urlQuery, '$1')
    .replace(unprintable, '\u{fffd}');
  return text.length > longest ? `${start.slice(0, Math.max(0, longest - 1))}…` : start;
}
