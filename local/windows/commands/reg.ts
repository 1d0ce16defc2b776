/** `reg.exe query <key> [/v name] [/s]`, and what reg-writes.ts knows: layout of MicrosoftDocs/windowsserverdocs, "reg query". Exit 0 found, 1 not. */
import type { RegistryData, RegistryValue } from '../content';
import type { GuestLanguage, Translated } from '../language';
import type { RegistryView } from '../running-registry';
import { lines, type CommandContext, type CommandResult } from './command';
import { regWrite } from './reg-writes';

interface Words {
  notFound: string;
  defaultValue: string;
  endOfSearch: (matches: number) => string;
  invalidKey: string;
  invalidSyntax: string;
}

/**
 * Errors, the name of the default value and the closing line are all that reg.exe translates. German: public logs and
 * captures; French: MicrosoftDocs/microsoft-365-docs.fr-fr and public logs. The last two of each, Russian and Chinese are assumed.
 */
const words: Translated<Words> = {
  'en-US': {
    notFound: 'ERROR: The system was unable to find the specified registry key or value.',
    defaultValue: '(Default)',
    endOfSearch: (matches) => `End of search: ${matches} match(es) found.`,
    invalidKey: 'ERROR: Invalid key name.',
    invalidSyntax: 'ERROR: Invalid syntax.',
  },
  'de-DE': {
    notFound: 'FEHLER: Der angegebene Registrierungsschlüssel bzw. Wert wurde nicht gefunden.',
    defaultValue: '(Standard)',
    endOfSearch: (matches) => `Suchvorgang abgeschlossen: ${matches} übereinstimmende Zeichenfolge(n) gefunden.`,
    invalidKey: 'FEHLER: Ungültiger Schlüsselname.',
    invalidSyntax: 'FEHLER: Ungültige Syntax.',
  },
  'fr-FR': {
    notFound: 'ERREUR : le système n’a pas trouvé la clé ou la valeur de Registre spécifiée.',
    defaultValue: '(par défaut)',
    endOfSearch: (matches) => `Fin de la recherche : ${matches} correspondance(s) trouvée(s).`,
    invalidKey: 'ERREUR : nom de clé non valide.',
    invalidSyntax: 'ERREUR : syntaxe incorrecte.',
  },
  'ru-RU': {
    notFound: 'ОШИБКА: Не удается найти указанный раздел или параметр реестра.',
    defaultValue: '(По умолчанию)',
    endOfSearch: (matches) => `Завершение поиска: найдено совпадений: ${matches}.`,
    invalidKey: 'ОШИБКА: Недопустимое имя раздела.',
    invalidSyntax: 'ОШИБКА: Недопустимый синтаксис.',
  },
  'zh-CN': {
    notFound: '错误: 系统找不到指定的注册表项或值。',
    defaultValue: '(默认)',
    endOfSearch: (matches) => `搜索结束: 找到 ${matches} 匹配。`,
    invalidKey: '错误: 无效项名。',
    invalidSyntax: '错误: 无效语法。',
  },
};
const roots: Record<string, string> = { hklm: 'HKEY_LOCAL_MACHINE', hkey_local_machine: 'HKEY_LOCAL_MACHINE' };

export function reg(commandLine: readonly string[], { guest }: CommandContext): CommandResult {
  const { language } = guest;
  const [verb = '', key = '', ...options] = commandLine;
  const root = roots[(key.split('\\')[0] ?? '').toLowerCase()];
  const path = key.split('\\').slice(1).join('\\');
  const isQuery = verb.toLowerCase() === 'query';
  if (!isQuery && root) {
    return regWrite(guest, verb.toLowerCase(), { path, options }) ?? failure(words[language].invalidSyntax);
  }
  const request = parseOptions(options);
  if (!isQuery || !request) return failure(words[language].invalidSyntax);
  if (!root) return failure(words[language].invalidKey);
  const registry = guest.registry();
  const place: Place = { registry, path, shown: path === '' ? root : `${root}\\${path}`, language };
  if (!registry.hasKey(path)) return failure(words[language].notFound);
  if (request.value === undefined) return { exitCode: 0, stdout: listing(place, request.recurse), stderr: '' };
  return search(place, { value: request.value, recurse: request.recurse });
}

/** A key to read, and how it is to be called in the output. */
interface Place {
  registry: RegistryView;
  path: string;
  shown: string;
  language: GuestLanguage;
}

function childrenOf(place: Place): Place[] {
  const { registry, path, shown } = place;
  return registry.subkeys(path).map((name) => ({ ...place, path: `${path}\\${name}`, shown: `${shown}\\${name}` }));
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

function listing(place: Place, recurse: boolean): string {
  const values = place.registry.values(place.path);
  const own =
    values.length > 0 ? lines('', place.shown, ...values.map((value) => valueLine(value, place.language))) : '';
  const children = childrenOf(place);
  if (recurse) return own + children.map((child) => listing(child, true)).join('');
  return own + lines('', ...children.map(({ shown }) => shown));
}

function search(place: Place, request: { value: string; recurse: boolean }): CommandResult {
  const { language } = place;
  const hits = matches(place, request);
  const blocks = hits.map((hit) => lines('', hit.shown, valueLine(hit.value, language))).join('');
  if (request.recurse) {
    const stdout = blocks + lines('', words[language].endOfSearch(hits.length));
    return { exitCode: hits.length > 0 ? 0 : 1, stdout, stderr: '' };
  }
  if (hits.length === 0) return failure('', words[language].notFound);
  return { exitCode: 0, stdout: blocks + lines(''), stderr: '' };
}

function matches(
  place: Place,
  request: { value: string; recurse: boolean },
): { shown: string; value: RegistryValue }[] {
  const own = place.registry
    .values(place.path)
    .filter((value) => value.name.toLowerCase() === request.value.toLowerCase())
    .map((value) => ({ shown: place.shown, value }));
  if (!request.recurse) return own;
  return [...own, ...childrenOf(place).flatMap((child) => matches(child, request))];
}

function valueLine(value: RegistryValue, language: GuestLanguage): string {
  return `    ${value.name === '' ? words[language].defaultValue : value.name}    ${value.type}    ${dataText(value)}`;
}

function dataText(value: RegistryData): string {
  switch (value.type) {
    case 'REG_DWORD':
    case 'REG_QWORD':
      return `0x${value.data.toString(16)}`;
    case 'REG_MULTI_SZ':
      return value.data.join('\\0');
    case 'REG_BINARY':
      return Buffer.from(value.data).toString('hex').toUpperCase();
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
      return value.data;
  }
}

function failure(...texts: string[]): CommandResult {
  return { exitCode: 1, stdout: '', stderr: lines(...texts) };
}
