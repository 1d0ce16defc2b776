import type { ProgramCall } from './command';

/** How a change is taken back in the Windows that has it. */
export type Undo =
  /** By these programs, in this order. `except`: what they leave as it is, and why. */
  | { kind: 'commands'; commandLines: ProgramCall[]; except?: string }
  /** There is nothing to take back. */
  | { kind: 'nothing'; why: string }
  /** No command takes it back. */
  | { kind: 'impossible'; why: string };

/** An argument may hold what a guest said: no more than so many characters of it are put into a command line. */
const longestArgument = 1_000;
/** Of a program with its arguments. */
const longestLine = 1_500;

/** Undone by this program; impossible where an argument is none that can be handed to one. */
export function undoBy(file: string, ...rest: string[]): Undo {
  const length = [file, ...rest].join(' ').length;
  const isTooLong = length > longestLine || rest.some((argument) => argument.length > longestArgument);
  if (isTooLong) return noUndo(`the value before has ${length} characters, which is too long for a command`);
  if (!rest.every(isPlain)) return noUndo('the value before has characters that no command can carry');
  return { kind: 'commands', commandLines: [{ file, arguments: rest }] };
}

/** There is nothing to take back. */
export function nothingToUndo(why: string): Undo {
  return { kind: 'nothing', why };
}

/** No command takes it back. */
export function noUndo(why: string): Undo {
  return { kind: 'impossible', why };
}

/** A control character ends a line or means something to a terminal; half of a surrogate pair has no form in UTF-8. */
const unfit = /\p{Cc}|\p{Cs}/u;

function isPlain(argument: string): boolean {
  return !unfit.test(argument);
}

/** Several writes of one change: each command once, and why the others are not taken back. */
export function allOf(undos: readonly Undo[]): Undo {
  const commandLines = undos.flatMap((undo) => (undo.kind === 'commands' ? undo.commandLines : []));
  const reasons = undos.flatMap((undo) => (undo.kind === 'impossible' ? [undo.why] : []));
  const except = reasons.length === 0 ? undefined : [...new Set(reasons)].join('; ');
  if (commandLines.length === 0) return except === undefined ? nothingToUndo('nothing was written') : noUndo(except);
  const distinct = [
    ...new Map(commandLines.map((one) => [JSON.stringify([one.file, ...one.arguments]), one])).values(),
  ];
  return { kind: 'commands', commandLines: distinct, ...(except === undefined ? {} : { except }) };
}
