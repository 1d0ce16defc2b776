import fc from 'fast-check';
import type { CodePage } from '../../../local/windows/code-page';
import { codePages, inCodePage, lettersOf } from '../../support/code-pages';

/** What bcdedit translates, in the code page of the language's consoles. */
interface BcdWords {
  language: string;
  codePage: CodePage;
  manager: string;
  loader: string;
  /** The name of the first row. */
  identifier: string;
}

/**
 * Simplified Chinese and Japanese, whose first row stays English: public captures. Russian: a public capture of the loader.
 * German and French: local/windows/commands/bcdedit/words.ts. assumed: the others, for their letters.
 */
export const bcdWords: readonly BcdWords[] = [
  {
    language: 'English',
    codePage: 437,
    manager: 'Windows Boot Manager',
    loader: 'Windows Boot Loader',
    identifier: 'identifier',
  },
  {
    language: 'German',
    codePage: 850,
    manager: 'Windows-Start-Manager',
    loader: 'Windows-Startladeprogramm',
    identifier: 'Bezeichner',
  },
  {
    language: 'French',
    codePage: 850,
    manager: 'Gestionnaire de démarrage Windows',
    loader: 'Chargeur de démarrage Windows',
    identifier: 'identificateur',
  },
  {
    language: 'Portuguese',
    codePage: 850,
    manager: 'Gerenciador de Inicialização do Windows',
    loader: 'Carregador de Inicialização do Windows',
    identifier: 'identificação única',
  },
  {
    language: 'Russian',
    codePage: 866,
    manager: 'Диспетчер загрузки Windows',
    loader: 'Загрузка Windows',
    identifier: 'идентификатор',
  },
  {
    language: 'Russian, as ANSI',
    codePage: 1251,
    manager: 'Диспетчер загрузки Windows',
    loader: 'Загрузка Windows',
    identifier: 'идентификатор',
  },
  {
    language: 'Serbian',
    codePage: 855,
    manager: 'Windows менаџер покретања',
    loader: 'Windows учитавање',
    identifier: 'идентификатор',
  },
  {
    language: 'Polish',
    codePage: 852,
    manager: 'Menedżer rozruchu systemu Windows',
    loader: 'Moduł ładujący rozruchu',
    identifier: 'identyfikator',
  },
  {
    language: 'Czech',
    codePage: 852,
    manager: 'Správce spouštění systému Windows',
    loader: 'Zavaděč systému Windows',
    identifier: 'identifikátor',
  },
  {
    language: 'Greek',
    codePage: 737,
    manager: 'Διαχείριση εκκίνησης των Windows',
    loader: 'Φόρτωση εκκίνησης των Windows',
    identifier: 'αναγνωριστικό',
  },
  {
    language: 'Turkish',
    codePage: 857,
    manager: 'Windows Önyükleme Yöneticisi',
    loader: 'Windows Önyükleme Yükleyicisi',
    identifier: 'tanımlayıcı',
  },
  {
    language: 'Japanese',
    codePage: 932,
    manager: 'Windows ブート マネージャー',
    loader: 'Windows ブート ローダー',
    identifier: 'identifier',
  },
  {
    language: 'Japanese, a backslash in it',
    codePage: 932,
    manager: 'ソフト 表',
    loader: '能 ソフト',
    identifier: '識別表ソ',
  },
  {
    language: 'Simplified Chinese',
    codePage: 936,
    manager: 'Windows 启动管理器',
    loader: 'Windows 启动加载器',
    identifier: '标识符',
  },
  {
    language: 'Traditional Chinese',
    codePage: 950,
    manager: 'Windows 開機管理程式',
    loader: 'Windows 開機載入器',
    identifier: '識別碼',
  },
  {
    language: 'Traditional Chinese, a backslash in it',
    codePage: 950,
    manager: '功許蓋',
    loader: '功許蓋 許',
    identifier: '功許蓋',
  },
  {
    language: 'Korean',
    codePage: 949,
    manager: 'Windows 부팅 관리자',
    loader: 'Windows 부팅 로더',
    identifier: '식별자',
  },
].flatMap((words) => [words as BcdWords, { ...words, language: `${words.language}, UTF-8`, codePage: 65001 }]);

/** A row as bcdedit prints it: the value stands in column 24, counted in bytes. */
export function bcdRow(name: string, value: string): string {
  return `${name.padEnd(23)} ${value}`;
}

/** A block of `bcdedit /enum`, as it reaches us. */
export function bcdBlock(
  { codePage, ...words }: { codePage: CodePage; heading: string; identifier: string },
  id: string,
  rows: string[],
): string {
  const [heading, identifier] = [inCodePage(words.heading, codePage), inCodePage(words.identifier, codePage)];
  return ['', heading, '-'.repeat(heading.length), bcdRow(identifier, id), ...rows, ''].join('\r\n');
}

/** A word of letters that are not ASCII, of one code page. */
function wordOf(codePage: CodePage): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...lettersOf(codePage)), { minLength: 1, maxLength: 8 })
    .map((letters) => letters.join(''));
}

/** Several translated words of one code page, whichever it is. */
export function translatedWords(count: number): fc.Arbitrary<string[]> {
  return fc
    .constantFrom(...codePages)
    .chain((codePage) => fc.array(wordOf(codePage), { minLength: count, maxLength: count }));
}
