/** One way to undo by hand: what it undoes and the exact commands, in order. */
export interface WayBack {
  undoes: string;
  commands: string[];
  /** What the commands do not undo, what they hold in a form that nobody can read, or why there are none. May quote guest output. */
  note?: string;
}

/** Brackets, which a group's name may have, mean something to shells; within quotes no character of an id does. */
export function quoted(text: string): string {
  return /[()]/.test(text) ? `"${text}"` : text;
}

/**
 * Text that bash, PowerShell and cmd (on Windows `az` is a batch file) take alike between double quotes: no `$`, backtick, `"`,
 * `!`, `%` or `^`, and no backslash before another one or at the end.
 */
const plainText = /^(?:[A-Za-z0-9 _.,:;=/'@{}+-]|\\(?=[A-Za-z0-9 _.,:;=/'@{}+-]))+$/;

/** Whether a line of PowerShell stands in a command as it is. */
export function isReadable(line: string): boolean {
  return plainText.test(line);
}

/**
 * One line of PowerShell as an argument of `az vm run-command invoke --scripts`, the same for bash and PowerShell. What they would
 * read differently is encoded.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_powershell_exe#-encodedcommand-base64encodedcommand
 */
export function scriptArgument(line: string): string {
  if (isReadable(line)) return `"${line}"`;
  const encoded = Buffer.from(line, 'utf16le').toString('base64');
  return `"powershell.exe -NoProfile -NonInteractive -EncodedCommand ${encoded}"`;
}
