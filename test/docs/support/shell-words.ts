/** Takes commands apart into words, as far as our documents, hooks and reports use the shell. Words of bash and PowerShell alike. */

/** One simple command: its words without quotes. What only running would tell stands in a word as `substituted`. */
export type Command = string[];

/** Stands for the value of a variable, of a command in `$(…)`, or of a placeholder. */
export const substituted = 'value';

const separators = /[\n;|&()]/;

/** All commands of a text, those in `$(…)` too. Throws where a quote or a bracket is left open. */
export function commandsOf(text: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let at = 0;

  function endWord(): void {
    if (word !== undefined) words.push(word);
    word = undefined;
  }

  function endCommand(): void {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  }

  /** Behind what opens a bracket, gives what is in it; `at` is behind its end then. */
  function inside(open: string, close: string): string {
    const start = at;
    for (let depth = 1; depth > 0; at += 1) {
      if (at >= text.length) throw new Error(`"${open}" is left open: ${text}`);
      if (text[at] === open) depth += 1;
      if (text[at] === close) depth -= 1;
    }
    return text.slice(start, at - 1);
  }

  /** At a `$`: a substitution or a variable. */
  function takeDollar(): void {
    const name = /^\$(?:env:)?\w+/.exec(text.slice(at))?.[0];
    if (text.startsWith('$(', at)) {
      at += 2;
      commands.push(...commandsOf(inside('(', ')')));
    } else if (text.startsWith('${', at)) {
      at += 2;
      inside('{', '}');
    } else at += name?.length ?? 1;
    word = (word ?? '') + substituted;
  }

  /** Behind a quote, up to the one that closes it. */
  function takeQuoted(quote: string): void {
    word ??= '';
    for (;;) {
      const letter = text[at];
      if (letter === undefined) throw new Error(`${quote} is left open: ${text}`);
      if (quote === '"' && letter === '$') {
        takeDollar();
        continue;
      }
      at += 1;
      if (letter === quote) return;
      word += letter;
    }
  }

  function takeOther(letter: string): void {
    at += 1;
    if (letter === '"' || letter === "'") takeQuoted(letter);
    else if (separators.test(letter)) endCommand();
    else if (/\s/.test(letter)) endWord();
    else word = (word ?? '') + letter;
  }

  while (at < text.length) {
    const rest = text.slice(at);
    const placeholder = /^<[a-z][^<>\n]*>/.exec(rest)?.[0];
    const continued = /^[\\`]\r?\n/.exec(rest)?.[0];
    const comment = word === undefined ? /^#[^\n]*/.exec(rest)?.[0] : undefined;
    const skipped = continued ?? comment;
    if (skipped !== undefined) at += skipped.length;
    else if (placeholder !== undefined) {
      at += placeholder.length;
      word = (word ?? '') + substituted;
    } else if (rest.startsWith('$')) takeDollar();
    else takeOther(rest.charAt(0));
  }
  endCommand();
  return commands;
}

/** What stands before a command and is none of its words. */
const before = new Set(['if', '!', 'do', 'then', 'else', 'exec', 'time']);

/** The words behind `az` (or what the hook for Windows calls it by) of each call of the Azure CLI in a text. */
export function azCallsIn(text: string): Command[] {
  return commandsOf(text).flatMap((command) => {
    const start = command.findIndex((word) => !before.has(word));
    const [program = '', ...rest] = start < 0 ? [] : command.slice(start);
    return /^(?:az|Invoke-AzureCli)$/.test(program) && rest[0] !== '@args' ? [rest] : [];
  });
}
