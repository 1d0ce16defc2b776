import { isSameName } from './console-text';

/**
 * The accounts that Windows itself has for services. A service's account is a name in the registry; whose it is says the
 * SID, which is the same in every language.
 */

/** LocalSystem, LocalService, NetworkService: https://learn.microsoft.com/windows/win32/secauthz/well-known-sids */
export const builtInAccounts = {
  localSystem: 'S-1-5-18',
  localService: 'S-1-5-19',
  networkService: 'S-1-5-20',
} as const;

/** The SID of one of them. */
export type BuiltInSid = (typeof builtInAccounts)[keyof typeof builtInAccounts];

/**
 * The names that `sc.exe config` takes in every language, also where it prints others.
 * https://learn.microsoft.com/windows/win32/services/localservice-account
 */
export const builtInNames = {
  'S-1-5-18': 'LocalSystem',
  'S-1-5-19': 'NT AUTHORITY\\LocalService',
  'S-1-5-20': 'NT AUTHORITY\\NetworkService',
} as const satisfies Record<BuiltInSid, string>;

/**
 * Names as Windows translates them. English (also in Chinese, Japanese, Korean), German, French, Italian, Spanish, Russian:
 * MicrosoftDocs/sql-docs:docs/database-engine/configure-windows/configure-windows-service-accounts-and-permissions.md,
 * "Localized service names". Portuguese, Danish, Dutch, Finnish, Hungarian, Norwegian, Polish, Swedish: public outputs of
 * `whoami`, `tasklist` and scripts that try one name after the other. assumed: of the languages of the second kind, the
 * names of LocalService that stand in none of them follow those of NetworkService.
 */
const authorities = [
  'NT AUTHORITY',
  'NT-AUTORITÄT',
  'AUTORITE NT',
  'AUTORITÉ NT',
  'AUTORIDAD NT',
  'AUTORIDADE NT',
  'NT-HALLINTA',
  'NT-MYNDIGHET',
  'ZARZĄDZANIE NT',
  'NT INSTANS',
];
const translated: Record<BuiltInSid, readonly string[]> = {
  'S-1-5-18': ['LocalSystem', 'SYSTEM', 'SYSTÈME', 'SISTEMA', 'СИСТЕМА'],
  'S-1-5-19': [
    'LOCAL SERVICE',
    'LOKALER DIENST',
    'SERVICE LOCAL',
    'SERVIZIO LOCALE',
    'SERVICIO LOC',
    'SERVICIO LOCAL',
    'SERVIÇO LOCAL',
    'LOKAL TJENESTE',
    'Lokale service',
    'Paikallinen palvelu',
    'HELYI SZOLGÁLTATÁS',
    'USŁUGA LOKALNA',
    'LOKAL TJÄNST',
  ],
  'S-1-5-20': [
    'NETWORK SERVICE',
    'NETZWERKDIENST',
    'SERVICE RÉSEAU',
    'SERVIZIO DI RETE',
    'SERVICIO DE RED',
    'SERVIÇO DE REDE',
    'NETVÆRKSTJENESTE',
    'NETTVERKSTJENESTE',
    'Netwerkservice',
    'Verkkopalvelu',
    'HÁLÓZATI SZOLGÁLTATÁS',
    'USŁUGA SIECIOWA',
    'NÄTVERKSTJÄNST',
  ],
};

/**
 * Names without an authority. Only the service control manager's own: a translated one could be anybody's. `.\LocalSystem`:
 * https://learn.microsoft.com/windows/win32/services/localsystem-account
 */
const alone: Record<BuiltInSid, readonly string[]> = {
  'S-1-5-18': ['LocalSystem', String.raw`.\LocalSystem`, 'SYSTEM', String.raw`.\SYSTEM`],
  'S-1-5-19': ['LOCAL SERVICE'],
  'S-1-5-20': ['NETWORK SERVICE'],
};

/**
 * A pattern, for JavaScript and .NET, that all names of this account match, whatever their case; it has no anchors. Blanks
 * may be left out. A letter that is not ASCII matches as a byte of any code page or two of UTF-8, as the question mark or
 * the similar letter that Windows prints where a code page has none
 * (https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WindowsBestFit/).
 */
export function builtInPattern(sid: BuiltInSid): string {
  const behind = (names: readonly string[]) => names.map(patternOf).join('|');
  return `(?:${behind([sid, ...alone[sid]])}|(?:${behind(authorities)})${patternOf('\\')}(?:${behind(translated[sid])}))`;
}

function patternOf(name: string): string {
  return Array.from(name, letterPattern).join('');
}

function letterPattern(letter: string): string {
  if (letter === ' ') return ' ?';
  if (/^[a-z]$/i.test(letter)) return `[${letter.toUpperCase()}${letter.toLowerCase()}]`;
  if (letter <= '~') return letter.replace(/[\\.]/, String.raw`\$&`);
  if (letter >= 'А' && letter <= 'Я') return cyrillicPattern(letter);
  const [similar = ''] = letter === 'Ł' ? 'L' : letter.normalize('NFD');
  const base = /^[A-Z]$/.test(similar) ? `|${letterPattern(similar)}` : '';
  return `(?:[?\\u0080-\\uffff]{1,2}${base})`;
}

/**
 * A word of such letters only says nothing unless each is exact: in Unicode, 866, 1251, 855 or UTF-8. Where they were printed as
 * question marks, whose name it was is not known.
 */
function cyrillicPattern(letter: string): string {
  const place = letter.charCodeAt(0) - 0x410;
  const sign = (code: number) => String.raw`\u` + code.toString(16).padStart(4, '0');
  const bytes = [letter.charCodeAt(0), 0x80 + place, 0xc0 + place, in855[letter] ?? 0x80 + place];
  return `(?:[${bytes.map(sign).join('')}]|${sign(0xd0)}${sign(0x90 + place)})`;
}

/** https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP855.TXT, the letters that stand in a name above. */
const in855: Readonly<Record<string, number>> = { А: 0xa1, Е: 0xa9, И: 0xb8, М: 0xd3, С: 0xe4, Т: 0xe6 };

const patterns = Object.values(builtInAccounts).map((sid) => ({
  sid,
  pattern: new RegExp(`^${builtInPattern(sid)}$`),
}));

/**
 * Whose account this is, by a name as the registry has it: from a disk (Unicode) or as a tool printed it (bytes of a code
 * page). Undefined for any other account.
 */
export function builtInSid(account: string): BuiltInSid | undefined {
  return patterns.find(({ pattern }) => pattern.test(account))?.sid;
}

/** Whether two services have the same account; one that names none runs as LocalSystem. Both are from the same source. */
export function isSameAccount(
  one: string = builtInNames[builtInAccounts.localSystem],
  other: string = builtInNames[builtInAccounts.localSystem],
): boolean {
  const sid = builtInSid(one);
  return sid === undefined ? isSameName(one, other) : sid === builtInSid(other);
}
