import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonOfAzureCli } from '../support/azure-cli';
import {
  commandsOfReportCode,
  documentedLines,
  documentedNames,
  hookLines,
  reportedCommands,
} from './support/az-lines';
import { azCallsIn, commandsOf, substituted, type Command } from './support/shell-words';

/**
 * The Azure CLI lines that we print and document: their shape on every machine, and, where the Azure CLI is installed
 * (Debian: `apt-get install azure-cli`), what its own parser says of them. Nothing is run, and no network is needed.
 */

/** The groups of commands that we use. '' is the CLI itself. */
const groups = new Set([
  ...['', 'account', 'group', 'tag', 'role assignment', 'role definition', 'deployment group', 'deployment sub'],
  ...['vm', 'vm disk', 'vm run-command', 'disk', 'snapshot', 'network nic'],
  ...['functionapp', 'functionapp config appsettings', 'serial-console', 'storage container immutability-policy'],
]);
const flags = new Set(['--all', '--yes']);
const shortOptions = new Set(['-g', '-n', '-o']);

/** What not every Azure CLI has: the parser of one that has not cannot say anything of it. */
const notEverywhere = new Map([
  ['functionapp list-flexconsumption-locations', 'came in 2024'],
  ['serial-console enable', 'an extension'],
  ['vm repair', 'an extension'],
]);

/** Debian's package has no operations of the network, so that its parser can't load the options of these. */
const lackingOnDebian = ['network nic delete'];

const reported = reportedCommands();
const lines = [
  ...documentedLines(),
  ...hookLines(),
  ...reported.flatMap((command) => azCallsIn(command).map((words) => ({ source: 'a report', words }))),
];
const named = documentedNames();
const distinct = [...new Map(lines.map((line) => [line.words.join('\0'), line])).values()];
const cases = distinct.map(({ source, words }): [string, string, Command] => [source, shown(words), words]);

describe('docs/az-lines: what we print and document', () => {
  it('are found: in documents, in both hooks, and in reports', () => {
    expect(documentedLines().length).toBeGreaterThan(10);
    expect(hookLines().filter(({ source }) => source.endsWith('.sh'))).toHaveLength(4);
    expect(hookLines().filter(({ source }) => source.endsWith('.ps1'))).toHaveLength(4);
    expect(named.length).toBeGreaterThan(3);
  });

  it('are those of every command that a report can print', () => {
    const seen = new Set(reported.map((command) => nameOf(azCallsIn(command)[0] ?? [])));
    expect(commandsOfReportCode().length).toBeGreaterThan(8);
    expect([...seen].sort()).toEqual(commandsOfReportCode());
  });

  it.each(cases)('have the shape of one (%s): az %s', (_source, _shown, words) => {
    const name = nameOf(words);
    expect([...groups]).toContain(groupOf(name));
    expect(faultsOf(words.slice(name.split(' ').length))).toEqual([]);
  });

  it.each(named.map(({ source, name }): [string, string] => [source, name]))(
    'name a group that we know (%s): az %s',
    (_source, name) => {
      expect([...groups].some((group) => group === name || group === groupOf(name))).toBe(true);
    },
  );

  it.each(reported)('are whole in a report, one command each, and say in which subscription: %s', (command) => {
    expect(command).toMatch(/ --subscription |\/subscriptions\//);
    expect(command).not.toMatch(/[<>$`…\n]|undefined|null|NaN|\[object|\bvalue\b/);
    expect(commandsOf(command)).toHaveLength(1);
  });

  it.each([
    ['a quote that is left open', 'az vm start --ids "a'],
    ['a bracket that is left open', 'az vm start --ids $(az vm list'],
  ])('would be refused with %s', (_what, text) => {
    expect(() => azCallsIn(text)).toThrow('left open');
  });

  it('would be refused with an option that has no value, or with one that we do not know', () => {
    expect(faultsOf(['--ids', '--yes'])).toEqual(['--ids has no value']);
    expect(faultsOf(['-x', 'a'])).toEqual(['-x is not known']);
    expect(faultsOf(['--Ids=a', 'b'])).toEqual(['--Ids=a is not known', 'b belongs to no option']);
  });
});

const python = pythonOfAzureCli();
const whenInstalled = python === undefined ? describe.skip : describe;

whenInstalled(
  `docs/az-lines: the Azure CLI’s own parser${python === undefined ? ' (skipped: the Azure CLI is not installed)' : ''}`,
  () => {
    const askedLines = distinct.filter(({ words }) => !notEverywhere.has(nameOf(words)));
    const askedNames = named.filter(({ name }) => !notEverywhere.has(name));

    it('takes every line, and knows every command that is named', () => {
      const { lines: ofLines, names } = parse(
        askedLines.map(({ words }) => words.map(withoutStandIn)),
        askedNames.map(({ name }) => name),
      );
      const unable = askedLines.filter((_line, at) => ofLines[at]?.startsWith('unable: '));
      expect(lackingOnDebian).toEqual(expect.arrayContaining(unable.map(({ words }) => nameOf(words))));
      const complaints = ofLines.map(
        (said, at) => said && !said.startsWith('unable: ') && `az ${shown(askedLines[at]?.words ?? [])}: ${said}`,
      );
      expect(complaints.filter(Boolean)).toEqual([]);
      expect(names.map((said, at) => said && `${askedNames[at]?.name}: ${said}`).filter(Boolean)).toEqual([]);
    });

    it('refuses what is none: a command, an option, a value, something that is missing', () => {
      const wrong = [
        ['vm', 'begin'],
        ['vm', 'stop', '--ids', vm, '--now'],
        ['vm', 'start'],
        ['vm', 'start', '--ids'],
      ];
      const { lines: said, names } = parse(
        [...wrong, ['tag', 'update', '--resource-id', vm, '--operation', 'Wrong', '--tags', 'a']],
        ['vm begin'],
      );
      expect(said).toEqual([
        expect.stringContaining('misspelled or not recognized'),
        expect.stringContaining('unrecognized arguments: --now'),
        expect.stringContaining('required'),
        expect.stringContaining('expected at least one argument'),
        expect.stringContaining('not a valid value'),
      ]);
      expect(names).toEqual(['no command and no group has this name']);
    });
  },
);

const vm =
  '/subscriptions/6b1f3a2e-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm';

interface Answers {
  lines: (string | null)[];
  names: (string | null)[];
}

/** Asks the parser once for all: loading its commands takes longer than parsing them. */
function parse(asked: Command[], names: string[]): Answers {
  const { status, stdout, stderr } = spawnSync(python ?? '', [join(__dirname, 'support/parse-az-lines.py')], {
    input: JSON.stringify({ lines: asked, names }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The Azure CLI could not be asked: ${stderr}`);
  return JSON.parse(stdout) as Answers;
}

/** A name of a resource is a value like any other; an id has a form that the parser looks at. */
function withoutStandIn(word: string, at: number, words: Command): string {
  const isId = ['--resource-id', '--scope', '--ids'].includes(words[at - 1] ?? '');
  return isId && word === substituted ? vm : word;
}

function shown(words: Command): string {
  return words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
}

function nameOf(words: Command): string {
  const end = words.findIndex((word) => word.startsWith('-'));
  return words.slice(0, end < 0 ? words.length : end).join(' ');
}

function groupOf(name: string): string {
  return name.split(' ').slice(0, -1).join(' ');
}

/** What is wrong with the words behind the name of a command. */
function faultsOf(words: Command): string[] {
  return words.flatMap((word, at) => {
    if (!word.startsWith('-')) return isValue(words, at) ? [] : [`${word} belongs to no option`];
    const isKnown = /^--[a-z][a-z-]*$/.test(word) || shortOptions.has(word);
    if (!isKnown) return [`${word} is not known`];
    const next = words[at + 1];
    return flags.has(word) || (next !== undefined && !next.startsWith('-')) ? [] : [`${word} has no value`];
  });
}

/** One or more values stand behind an option that takes some. */
function isValue(words: Command, at: number): boolean {
  const option = words.slice(0, at).findLast((word) => word.startsWith('-'));
  return option !== undefined && /^--?[a-z][a-z-]*$/.test(option) && !flags.has(option);
}
