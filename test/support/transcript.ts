import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodePage } from '../../local/windows/code-page';
import { codePagesOf, inCodePage } from './code-pages';

/** The text of a transcript in fixtures/transcripts, as it stands. */
export function transcript(name: string): string {
  return readFileSync(join(__dirname, '../../fixtures/transcripts', `${name}.txt`), 'utf8');
}

/** The same text with the line ends of Windows, as the bytes of a code page: Western Europe's, unless said otherwise. */
export function asPrinted(text: string, codePage: CodePage = 850): string {
  return inCodePage(text.replaceAll('\n', '\r\n'), codePage);
}

/** The same in every code page that has all of its letters. */
export function printings(text: string): string[] {
  return codePagesOf(text).map((codePage) => asPrinted(text, codePage));
}
