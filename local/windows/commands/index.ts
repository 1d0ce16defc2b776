/** The native programs that the guest has. */
import { bcdedit } from './bcdedit';
import { lines, type Command, type CommandContext, type CommandResult } from './command';
import { ipconfig } from './ipconfig';
import { netstat } from './netstat';
import { powershell } from './powershell';
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

/** Programs that do not lie in the system folder itself: by their path below it, and not found by their name alone. */
const programsBelow: Record<string, Command> = { 'windowspowershell\\v1.0\\powershell': powershell };

const systemFolder = 'c:\\windows\\system32\\';

/** What became of starting a program. `notStarted` is the Win32 message of a process that could not be made. */
export type Execution = { kind: 'exited'; result: CommandResult } | { kind: 'notStarted'; message: string };

/** Runs `file` with its arguments, as CreateProcess does: directly, with no shell between. */
export function execute(file: string, commandLine: readonly string[], context: CommandContext): Execution {
  const program = programOf(file);
  if (!program) return { kind: 'notStarted', message: 'The system cannot find the file specified' };
  return { kind: 'exited', result: program(commandLine, context) };
}

/** A bare name means the system folder, as the script that runs commands in the guest has it. */
function programOf(file: string): Command | undefined {
  const path = file.toLowerCase().replace(/\.exe$/, '');
  const name = path.startsWith(systemFolder) ? path.slice(systemFolder.length) : path;
  return programs[name] ?? programsBelow[name];
}
