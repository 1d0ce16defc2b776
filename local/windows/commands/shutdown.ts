/**
 * `shutdown.exe /r|/s [/t seconds] [/f]`: asks Windows to restart or to go down; who holds the machine carries it out.
 * https://learn.microsoft.com/windows-server/administration/windows-commands/shutdown
 */
import type { CommandContext, CommandResult } from './command';

/** What Windows waits without `/t`. */
const DEFAULT_DELAY_SECONDS = 30;
/** ERROR_INVALID_PARAMETER; assumed to be what a wrong command line ends with. */
const INVALID_PARAMETER = 87;

export function shutdown(commandLine: readonly string[], { guest, at }: CommandContext): CommandResult {
  const options = commandLine.map((option) => option.toLowerCase().replace(/^-/, '/'));
  const kind = options.includes('/r') ? 'restart' : options.includes('/s') ? 'shutdown' : undefined;
  const given = options.indexOf('/t');
  const seconds = given < 0 ? DEFAULT_DELAY_SECONDS : Number(options[given + 1]);
  const known = ['/r', '/s', '/f', '/t'];
  const isKnown = options.every((option, index) => known.includes(option) || (given >= 0 && index === given + 1));
  if (!kind || !isKnown || !Number.isInteger(seconds) || seconds < 0) {
    return { exitCode: INVALID_PARAMETER, stdout: '', stderr: '' };
  }
  guest.requestPower({ kind, at: at + seconds * 1000 });
  return { exitCode: 0, stdout: '', stderr: '' };
}
