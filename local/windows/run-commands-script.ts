/**
 * What src/guest/scripts/run-commands.ps1 does, done by the simulated guest. The agent runs this in place of that
 * file, and only of that file: the two must be changed together.
 */
import { encodeText, type CodePage } from './code-page';
import { execute } from './commands';
import type { CommandResult } from './commands/command';
import {
  packBody,
  parameterProblem,
  POWERSHELL_START_MS,
  printFrame,
  roundTrip,
  scriptFailed,
  type ScriptEnd,
  type ScriptHost,
} from './script-frame';

export type { ScriptEnd, ScriptHost } from './script-frame';

const PART_LENGTH = 3800;
const MAXIMUM_BYTES = 262_144;
/** assumed: a native tool of Windows answers in about a tenth of a second, process start included. */
const COMMAND_MS = 90;

interface ScriptCommand {
  id: string;
  file: string;
  arguments?: string[];
  timeoutSeconds: number;
  unless?: EarlierOutput;
  onlyIf?: EarlierOutput[];
}

interface EarlierOutput {
  id: string;
  matches: string;
}

interface ScriptResult {
  id: string;
  output?: string;
  error?: string;
  durationMs?: number;
  exitCode?: number;
  timedOut?: true;
  skipped?: true;
  notStarted?: string;
}

const patterns = { Nonce: /^[0-9a-f]{32}$/, Part: /^[1-9][0-9]{0,2}$/, Commands: /^[A-Za-z0-9+/=]*$/ };

/** Runs the script with Run Command's named parameters. Never throws for what the script itself would report. */
export async function runCommandsScript(
  host: ScriptHost,
  parameters: Readonly<Record<string, string>>,
): Promise<ScriptEnd> {
  await host.pause(POWERSHELL_START_MS);
  const problem = parameterProblem(parameters, patterns, ['Nonce']);
  if (problem) return scriptFailed(problem);
  const nonce = parameters.Nonce ?? '';
  const part = Number(parameters.Part ?? '1');
  const answerFile = `Windows\\Temp\\rdp-lifeline\\${nonce}.b64`;
  const { content } = host.guest;
  const body = part === 1 ? await answer(host, nonce, parameters.Commands ?? '') : content.readFile(answerFile);
  if (body === undefined) return scriptFailed(`Could not find file 'C:\\${answerFile}'.`);
  const parts = Math.max(1, Math.ceil(body.length / PART_LENGTH));
  if (part > parts) return scriptFailed(`There are only ${parts} parts.`);
  if (part === 1 && parts > 1) content.writeFile(answerFile, body);
  if (part === parts && parts > 1) content.deleteFile(answerFile);
  const chunk = body.slice((part - 1) * PART_LENGTH, part * PART_LENGTH);
  return printFrame(nonce, body, { part, parts, chunk });
}

async function answer(host: ScriptHost, nonce: string, encodedCommands: string): Promise<string> {
  const startedAt = roundTrip(Date.now());
  const commands = JSON.parse(Buffer.from(encodedCommands, 'base64').toString('utf8')) as ScriptCommand[];
  const results: ScriptResult[] = [];
  for (const command of commands) {
    if (isLeftOut(command, results)) results.push({ id: command.id, skipped: true });
    else results.push(await run(host, command));
  }
  return packBody({
    version: 2,
    nonce,
    startedAt,
    bootedAt: roundTrip(host.guest.bootedAt() ?? Date.now()),
    computerName: host.guest.computerName(),
    codePage: host.guest.oemCodePage(),
    results,
  });
}

async function run(host: ScriptHost, command: ScriptCommand): Promise<ScriptResult> {
  await host.pause(COMMAND_MS);
  const execution = execute(command.file, command.arguments ?? [], { guest: host.guest, at: Date.now() });
  if (execution.kind === 'notStarted') {
    return { id: command.id, notStarted: `Exception calling "Start" with "1" argument(s): "${execution.message}"` };
  }
  const ended = COMMAND_MS <= command.timeoutSeconds * 1000;
  const codePage = host.guest.oemCodePage();
  return {
    id: command.id,
    ...outputs(execution.result, codePage),
    durationMs: COMMAND_MS,
    ...ending(ended, execution.result),
  };
}

function outputs(result: CommandResult, codePage: CodePage): Pick<ScriptResult, 'output' | 'error'> {
  const bounded = (text: string) => encodeText(text, codePage).subarray(0, MAXIMUM_BYTES).toString('latin1');
  return { output: bounded(result.stdout), error: bounded(result.stderr) };
}

function ending(ended: boolean, result: CommandResult): Pick<ScriptResult, 'exitCode' | 'timedOut'> {
  return ended ? { exitCode: result.exitCode } : { timedOut: true };
}

function isLeftOut({ unless, onlyIf = [] }: ScriptCommand, results: readonly ScriptResult[]): boolean {
  if (onlyIf.some((condition) => !isMatched(condition, results))) return true;
  return unless !== undefined && isMatched(unless, results);
}

function isMatched({ id, matches }: EarlierOutput, results: readonly ScriptResult[]): boolean {
  const earlier = results.find((result) => result.id === id);
  if (earlier?.output === undefined) return false;
  return matchesAsDotNet(asAscii(earlier.output), matches);
}

/** .NET's ASCII decoder puts a question mark for every byte above 127; Node's drops the highest bit. */
function asAscii(text: string): string {
  return text.replace(/[\u0080-\u00ff]/g, '?');
}

/**
 * .NET's Multiline makes `$` match before a line feed only, and its `.` matches a carriage return; JavaScript takes
 * both characters for line ends. So a carriage return is stood in for by a space-like character, in text and pattern:
 * https://learn.microsoft.com/dotnet/standard/base-types/regular-expression-options#multiline-mode
 */
function matchesAsDotNet(text: string, pattern: string): boolean {
  const stand = '\u00a0';
  const source = pattern.replace(/\\[\s\S]/g, (escape) => (escape === '\\r' ? stand : escape));
  return new RegExp(source, 'm').test(text.replaceAll('\r', stand));
}
