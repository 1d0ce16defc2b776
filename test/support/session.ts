import { commandLine, type GuestAnswer, type GuestCommand, type GuestCommandResult } from '../../src/guest/command';
import { asPrinted, transcript } from './transcript';

/**
 * A session is what several commands printed in one guest: `> command line`, its output, `= exit code`. What is asked for
 * and does not stand in it is answered as a guest without that command would.
 */
export function answerFromSession(name: string, commands: GuestCommand[]): GuestAnswer {
  const printed = new Map(
    [...transcript(`sessions/${name}`).matchAll(/^> (.+)\n([^]*?)\n= (\d+)$/gm)].map(([, line, output, exitCode]) => [
      line,
      { output: asPrinted(output ?? ''), exitCode: Number(exitCode) },
    ]),
  );
  const results = commands.map((command): GuestCommandResult => {
    const found = printed.get(commandLine(command));
    if (!found) return { id: command.id, kind: 'not-started', reason: 'not in the session' };
    return { id: command.id, kind: 'ended', error: '', ...found };
  });
  return { startedAt: '2026-03-01T09:01:00.0000000Z', computerName: 'SRV01', results };
}
