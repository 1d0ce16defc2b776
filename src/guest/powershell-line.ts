import type { ProgramCall } from './command';

/**
 * A program call as one line of PowerShell, for Windows PowerShell 5.1 and PowerShell 7 alike. Whatever the arguments are, the
 * program gets exactly these: each is a literal, and none is code.
 */
export function powerShellLine({ file, arguments: rest }: ProgramCall): string {
  if (rest.every(isPassedOn))
    return [plainProgram.test(file) ? file : `& ${literal(file)}`, ...rest.map(word)].join(' ');
  // As one text the command line reaches the program as it stands, which reads it by the rules of Windows.
  return `Start-Process -FilePath ${literal(file)} -ArgumentList ${literal(rest.map(windowsArgument).join(' '))} -NoNewWindow -Wait`;
}

const plainProgram = /^[A-Za-z][A-Za-z0-9-]*\.exe$/;

/**
 * Whether PowerShell before 7.3 hands this argument on as it is: an empty one it leaves out, a quote it does not escape, and a
 * backslash at the end it puts before its own quote. `--%` it keeps for itself, quoted or not.
 * https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_preference_variables#psnativecommandargumentpassing
 */
function isPassedOn(argument: string): boolean {
  if (argument === '' || argument === '--%' || argument.includes('"')) return false;
  return !(/\s/.test(argument) && argument.endsWith('\\'));
}

/** Words that mean nothing to PowerShell stand as they are, for whoever reads them. */
const plainWord = /^[A-Za-z/][A-Za-z0-9_./:=\\-]*$/;

function word(argument: string): string {
  return plainWord.test(argument) ? argument : literal(argument);
}

/** PowerShell takes the typographic quotes for the plain one, and two of any for that one. */
function literal(text: string): string {
  return `'${text.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`;
}

/** https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw */
function windowsArgument(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument;
  return `"${argument.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}
