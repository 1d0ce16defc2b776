import { unreadable, type Parsed } from '../windows/parsed';

/**
 * Native command lines for a guest and what they answered: the common language of all routes. The same commands serve
 * Run Command today and other routes later.
 */

/** A program to start in the guest, with its arguments; no shell takes part. */
export interface GuestCommand {
  id: string;
  file: string;
  arguments: string[];
  timeoutSeconds: number;
  /** Leave this command out if the output of an earlier one matches: right values are left alone. */
  unless?: EarlierOutput;
  /** Leave this command out if one of these does not match: it builds on what was done before it. */
  onlyIf?: EarlierOutput[];
}

/** A program with its arguments. */
export interface ProgramCall {
  file: string;
  arguments: string[];
}

/** The output of an earlier command of the same run, and what .NET and JavaScript are to find in it. */
export interface EarlierOutput {
  id: string;
  matches: string;
}

/** What a command answered. Texts are hostile. */
export type GuestCommandResult = { id: string } & (
  | { kind: 'ended'; exitCode: number; output: string; error: string }
  | { kind: 'left-out' }
  | { kind: 'timed-out'; output: string }
  | { kind: 'not-started'; reason: string }
);

/** All answers of one run in the guest. */
export interface GuestAnswer {
  startedAt: string;
  bootedAt?: string;
  computerName: string;
  results: GuestCommandResult[];
}

/** A native command is ended after so long. */
const timeoutSeconds = 20;

/** A command of Windows itself, with the usual time to answer. */
export function nativeCommand(id: string, file: string, ...rest: string[]): GuestCommand {
  return { id, file, arguments: rest, timeoutSeconds };
}

/** Where Windows keeps a service's configuration, as `reg.exe` names it. */
export function serviceKey(service: string): string {
  return String.raw`HKLM\SYSTEM\CurrentControlSet\Services` + `\\${service}`;
}

/** The command line as a person would type it, for records. */
export function commandLine(command: Pick<GuestCommand, 'file' | 'arguments'>): string {
  return [
    command.file,
    ...command.arguments.map((argument) => (/[\s"]/.test(argument) ? `"${argument}"` : argument)),
  ].join(' ');
}

/** The result with this id, if the guest gave one. */
export function resultOf(answer: GuestAnswer, id: string): GuestCommandResult | undefined {
  return answer.results.find((result) => result.id === id);
}

/** The output of a command that ended well, or why there is none. */
export function outputOf(result: GuestCommandResult | undefined): Parsed<string> {
  if (!result) return unreadable('the guest gave no answer to this command');
  switch (result.kind) {
    case 'ended':
      return result.exitCode === 0
        ? { ok: true, value: result.output }
        : unreadable(`the command ended with exit code ${result.exitCode}`);
    case 'left-out':
      return unreadable('the command was left out');
    case 'timed-out':
      return unreadable('the command did not end in time');
    case 'not-started':
      return unreadable('the command could not be started');
  }
}
