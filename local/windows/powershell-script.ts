/**
 * A script for Windows PowerShell 5.1 that only starts native programs, one a line. Arguments are bare words or literals in single
 * quotes; `Start-Process` hands a command line on as it is; `powershell.exe -EncodedCommand` holds such a script itself. Nothing
 * else of PowerShell is simulated: a script with another line is none that this reads.
 */
import { execute } from './commands';
import { lines } from './commands/command';
import { POWERSHELL_START_MS, type ScriptEnd, type ScriptHost } from './script-frame';

/** assumed: a native tool of Windows answers in about a tenth of a second, process start included. */
const COMMAND_MS = 90;

/** One program to start, with the command line that it gets. */
interface NativeCall {
  file: string;
  commandLine: string;
}

/** What the script starts, in order; undefined if it has a line that is not simulated. */
export function readNativeCalls(script: string): NativeCall[] | undefined {
  const calls = script
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(readLine);
  return calls.some((call) => call === undefined) ? undefined : calls.flatMap((call) => call ?? []);
}

/** Starts them one after another, whatever each ends with, as PowerShell does. */
export async function runNativeCalls(host: ScriptHost, calls: readonly NativeCall[]): Promise<ScriptEnd> {
  await host.pause(POWERSHELL_START_MS);
  let [output, error] = ['', ''];
  for (const { file, commandLine } of calls) {
    await host.pause(COMMAND_MS);
    const execution = execute(file, argumentsOf(commandLine), { guest: host.guest, at: Date.now() });
    // assumed: the words, in short. PowerShell goes on with the next line.
    if (execution.kind === 'notStarted') error += lines(`${file} : ${execution.message}`);
    else [output, error] = [output + execution.result.stdout, error + execution.result.stderr];
  }
  // `powershell.exe -File` ends with 0 after a native program that failed.
  return { exitCode: 0, output, error };
}

function readLine(line: string): NativeCall[] | undefined {
  const words = wordsOf(line.trim());
  if (!words) return undefined;
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  if (first.isOperator) return callOf(rest);
  // A literal at the beginning of a line is a value, and starts nothing.
  if (first.isLiteral) return undefined;
  if (first.text === 'Start-Process') return startProcess(rest);
  if (/^powershell(?:\.exe)?$/i.test(first.text)) return encodedScript(rest);
  return /\.exe$/i.test(first.text) ? callOf(words) : undefined;
}

function callOf(words: readonly Word[]): NativeCall[] | undefined {
  const [file, ...rest] = words;
  if (!file || rest.some(({ text }) => text === '--%')) return undefined;
  const commandLine = rest.flatMap(({ text }) => handedOn(text)).join(' ');
  return [{ file: file.text, commandLine }];
}

/** As before 7.3: an empty argument is left out, a blank brings quotes around it, and nothing is escaped. */
function handedOn(argument: string): string[] {
  if (argument === '') return [];
  return [/\s/.test(argument) ? `"${argument}"` : argument];
}

function startProcess(words: readonly Word[]): NativeCall[] | undefined {
  const texts = words.map(({ text }) => text);
  const [path, file = '', list, commandLine = '', ...rest] = texts;
  const isKnown = path === '-FilePath' && list === '-ArgumentList' && rest.join(' ') === '-NoNewWindow -Wait';
  return isKnown ? [{ file, commandLine }] : undefined;
}

function encodedScript(words: readonly Word[]): NativeCall[] | undefined {
  const [profile, interactive, option, encoded = '', ...rest] = words.map(({ text }) => text);
  const isKnown = profile === '-NoProfile' && interactive === '-NonInteractive' && option === '-EncodedCommand';
  if (!isKnown || rest.length > 0) return undefined;
  return readNativeCalls(Buffer.from(encoded, 'base64').toString('utf16le'));
}

interface Word {
  text: string;
  isLiteral?: true;
  isOperator?: true;
}

/** Bare words of characters that mean nothing to PowerShell, and literals; undefined for anything else. */
function wordsOf(line: string): Word[] | undefined {
  const word =
    /^(?:(&)|([A-Za-z0-9_.:/=\\+-]+)|['\u2018-\u201b]((?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*)['\u2018-\u201b])(?:\s+|$)/;
  const words: Word[] = [];
  let rest = line;
  while (rest !== '') {
    const [whole, operator, bare, literal] = word.exec(rest) ?? [];
    if (whole === undefined) return undefined;
    if (operator !== undefined) words.push({ text: operator, isOperator: true });
    else if (bare !== undefined) words.push({ text: bare });
    // Of two quotes the second one stands.
    else words.push({ text: (literal ?? '').replaceAll(/['\u2018-\u201b]([\u2018-\u201b'])/g, '$1'), isLiteral: true });
    rest = rest.slice(whole.length);
  }
  return words;
}

/** What a program makes of its command line: https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw */
export function argumentsOf(commandLine: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let at = 0; at < commandLine.length;) {
    const [run = '', backslashes = '', quote] = /^(\\*)("?)/.exec(commandLine.slice(at)) ?? [];
    if (run === '') {
      const sign = commandLine[at] ?? '';
      at += 1;
      if (isQuoted || !/[ \t]/.test(sign)) word = (word ?? '') + sign;
      else if (word !== undefined) {
        words.push(word);
        word = undefined;
      }
      continue;
    }
    at += run.length;
    if (quote !== '"') {
      word = (word ?? '') + backslashes;
      continue;
    }
    word = (word ?? '') + '\\'.repeat(Math.floor(backslashes.length / 2));
    if (backslashes.length % 2 === 1) word += '"';
    else if (isQuoted && commandLine[at] === '"') {
      word += '"';
      at += 1;
    } else isQuoted = !isQuoted;
  }
  return word === undefined ? words : [...words, word];
}
