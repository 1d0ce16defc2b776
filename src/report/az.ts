/** One way to undo by hand: what it undoes and the exact commands, in order. */
export interface WayBack {
  undoes: string;
  commands: string[];
}

/** Brackets, which a group's name may have, mean something to shells; within quotes no character of an id does. */
export function quoted(text: string): string {
  return /[()]/.test(text) ? `"${text}"` : text;
}
