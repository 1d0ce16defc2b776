/** The native programs that the guest has. */
import { bcdedit } from './bcdedit';
import { lines, type Command, type CommandContext, type CommandResult } from './command';
import { ipconfig } from './ipconfig';
import { netstat } from './netstat';
import { reg } from './reg';
import { sc } from './sc';
import { shutdown } from './shutdown';
import { wevtutil } from './wevtutil';

const programs: Record<string, Command> = {
  bcdedit,
  hostname: (_commandLine, { guest }) => ({ exitCode: 0, stdout: lines(guest.computerName()), stderr: '' }),
  ipconfig,
  netstat,
  reg,
  sc,
  shutdown,
  wevtutil,
};

/** What became of starting a program. `notStarted` is the Win32 message of a process that could not be made. */
export type Execution = { kind: 'exited'; result: CommandResult } | { kind: 'notStarted'; message: string };

/** Runs `file` with its arguments, as CreateProcess does: directly, with no shell between. */
export function execute(file: string, commandLine: readonly string[], context: CommandContext): Execution {
  const program = programs[programName(file)];
  if (!program) return { kind: 'notStarted', message: 'The system cannot find the file specified' };
  return { kind: 'exited', result: program(commandLine, context) };
}

function programName(file: string): string {
  const name = file.split('\\').at(-1) ?? '';
  return name.toLowerCase().replace(/\.exe$/, '');
}
