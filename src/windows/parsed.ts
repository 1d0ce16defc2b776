/**
 * What a parser of Windows output gives: the value, or why the text could not be read. Text from a guest is hostile
 * and may be cut, translated or forged, so parsers go by numbers, codes and key names, never by translated words.
 */
export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: string };

/** A value that was read. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** Text that could not be read, and why. */
export function unreadable(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}
