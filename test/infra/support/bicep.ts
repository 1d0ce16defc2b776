import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Reads just enough of our own Bicep files to compare them with each other. It relies on their layout (one declaration
 * a line, blocks closed by `}` in the first column), which the tests below would notice if it changed.
 */

export const projectFolder = resolve(__dirname, '../../..');
export const infraFolder = join(projectFolder, 'infra');

/** A parameter that has no default must be passed by whoever uses the file. */
interface Parameter {
  name: string;
  optional: boolean;
}

/** `module <symbol> '<path>' = {…}` with the names of the parameters that it passes. */
interface Module {
  symbol: string;
  path: string;
  passes: string[];
}

/** One Bicep file, taken apart. `code` has no comments. */
export interface BicepFile {
  path: string;
  folder: string;
  code: string;
  parameters: Parameter[];
  modules: Module[];
  outputs: { name: string; expression: string }[];
}

/** Reads one file; `path` is relative to infra/. Throws if it does not exist. */
export function readBicep(path: string): BicepFile {
  const full = join(infraFolder, path);
  const code = withoutComments(readFileSync(full, 'utf8'));
  return {
    path,
    folder: resolve(full, '..'),
    code,
    parameters: [...code.matchAll(/^param (\w+) \w+( =)?/gm)].map((match) => ({
      name: match[1] ?? '',
      optional: match[2] !== undefined,
    })),
    modules: [...code.matchAll(/^module (\w+) '([^']+)' = \{\n([\s\S]*?)^\}/gm)].map((match) => ({
      symbol: match[1] ?? '',
      path: match[2] ?? '',
      passes: passedParameters(match[3] ?? ''),
    })),
    outputs: [...code.matchAll(/^output (\w+) \w+ = (.+)$/gm)].map((match) => ({
      name: match[1] ?? '',
      expression: match[2] ?? '',
    })),
  };
}

/** Every Bicep file under infra/. */
export function readAllBicep(): BicepFile[] {
  return readdirSync(infraFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.bicep'))
    .map(readBicep);
}

/** The names in an object literal such as `properties: {` … `}`, given the text before its brace. */
export function objectKeys(code: string, opening: string): string[] {
  const start = code.indexOf(opening);
  if (start < 0) throw new Error(`No "${opening}" in the file.`);
  const indent = /^ */m.exec(code.slice(code.lastIndexOf('\n', start) + 1))?.[0] ?? '';
  const body = code.slice(start, code.indexOf(`\n${indent}}`, start));
  return [...body.matchAll(new RegExp(`^${indent}  (\\w+):`, 'gm'))].map((match) => match[1] ?? '');
}

function passedParameters(moduleBody: string): string[] {
  return moduleBody.includes('  params: {') ? objectKeys(moduleBody, '  params: {') : [];
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\/.*$/gm, '');
}
