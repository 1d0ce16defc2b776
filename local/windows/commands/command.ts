/** What a command of the guest gets and gives. */
import type { WindowsGuest } from '../guest';

export interface CommandContext {
  guest: WindowsGuest;
  /** When the command runs, ms since the Unix epoch. */
  at: number;
}

/** Text in the machine's language; a pipe gets it as bytes of the machine's code page (code-page.ts). */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A command by its arguments, without the program's own name. */
export type Command = (commandLine: readonly string[], context: CommandContext) => CommandResult;

/** Joins lines as Windows console programs end them. */
export function lines(...text: string[]): string {
  return text.map((line) => `${line}\r\n`).join('');
}
