/** `reg.exe query <key> [/v name] [/s]`: layout of MicrosoftDocs/windowsserverdocs, "reg query". Exit 0 found, 1 not. */
import type { DiskContent, RegistryData, RegistryValue } from '../content';
import { lines, type CommandContext, type CommandResult } from './command';

const notFound = 'ERROR: The system was unable to find the specified registry key or value.';
const roots: Record<string, string> = { hklm: 'HKEY_LOCAL_MACHINE', hkey_local_machine: 'HKEY_LOCAL_MACHINE' };

export function reg(commandLine: readonly string[], context: CommandContext): CommandResult {
  const [verb = '', key = '', ...options] = commandLine;
  if (verb.toLowerCase() !== 'query') return syntaxError();
  const request = parseOptions(options);
  const root = roots[(key.split('\\')[0] ?? '').toLowerCase()];
  if (!request || !root)
    return root
      ? syntaxError()
      : { exitCode: 1, stdout: '', stderr: lines('ERROR: Invalid key name.', 'Type "REG QUERY /?" for usage.') };
  const path = key.split('\\').slice(1).join('\\');
  const disk = diskPath(path, context.guest.controlSet());
  const { content } = context.guest;
  if (!content.hasKey(disk)) return { exitCode: 1, stdout: '', stderr: lines(notFound) };
  const shown = `${root}\\${path}`;
  if (request.value === undefined)
    return { exitCode: 0, stdout: listing(content, disk, shown, request.recurse), stderr: '' };
  return search(content, disk, shown, { value: request.value, recurse: request.recurse });
}

interface QueryOptions {
  value: string | undefined;
  recurse: boolean;
}

function parseOptions(options: readonly string[]): QueryOptions | undefined {
  const request: QueryOptions = { value: undefined, recurse: false };
  for (let index = 0; index < options.length; index += 1) {
    const option = options[index]?.toLowerCase();
    if (option === '/s') request.recurse = true;
    else if (option === '/ve') request.value = '';
    else if (option === '/v' && options[index + 1] !== undefined) {
      index += 1;
      request.value = options[index];
    } else return undefined;
  }
  return request;
}

/** `CurrentControlSet` is a link to the control set in use; the disk holds only the numbered ones. */
function diskPath(path: string, controlSet: string): string {
  return path.replace(/^SYSTEM\\CurrentControlSet(?=\\|$)/i, controlSet);
}

function listing(content: DiskContent, path: string, shown: string, recurse: boolean): string {
  const values = content.values(path);
  const own = values.length > 0 ? lines('', shown, ...values.map(valueLine)) : '';
  const children = content.subkeys(path);
  if (recurse) {
    const inner = children.map((name) => listing(content, `${path}\\${name}`, `${shown}\\${name}`, true)).join('');
    return own + inner;
  }
  return own + lines('', ...children.map((name) => `${shown}\\${name}`));
}

function search(
  content: DiskContent,
  path: string,
  shown: string,
  request: { value: string; recurse: boolean },
): CommandResult {
  const hits = matches(content, path, shown, request);
  const blocks = hits.map((hit) => lines('', hit.shown, valueLine(hit.value))).join('');
  if (request.recurse) {
    const stdout = blocks + lines('', `End of search: ${hits.length} match(es) found.`);
    return { exitCode: hits.length > 0 ? 0 : 1, stdout, stderr: '' };
  }
  if (hits.length === 0) return { exitCode: 1, stdout: '', stderr: lines('', notFound) };
  return { exitCode: 0, stdout: blocks + lines(''), stderr: '' };
}

function matches(
  content: DiskContent,
  path: string,
  shown: string,
  request: { value: string; recurse: boolean },
): { shown: string; value: RegistryValue }[] {
  const own = content
    .values(path)
    .filter((value) => value.name.toLowerCase() === request.value.toLowerCase())
    .map((value) => ({ shown, value }));
  if (!request.recurse) return own;
  const inner = content
    .subkeys(path)
    .flatMap((name) => matches(content, `${path}\\${name}`, `${shown}\\${name}`, request));
  return [...own, ...inner];
}

function valueLine(value: RegistryValue): string {
  return `    ${value.name === '' ? '(Default)' : value.name}    ${value.type}    ${dataText(value)}`;
}

function dataText(value: RegistryData): string {
  switch (value.type) {
    case 'REG_DWORD':
      return `0x${value.data.toString(16)}`;
    case 'REG_MULTI_SZ':
      return value.data.join('\\0');
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return value.data;
  }
}

function syntaxError(): CommandResult {
  return { exitCode: 1, stdout: '', stderr: lines('ERROR: Invalid syntax.', 'Type "REG /?" for usage.') };
}
