import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text of a transcript in fixtures/transcripts, as it stands. */
export function transcript(name: string): string {
  return readFileSync(join(__dirname, '../../fixtures/transcripts', `${name}.txt`), 'utf8');
}

/** The same text with the line ends of Windows, and each translated letter as some byte of a code page. */
export function asPrinted(text: string): string {
  return text.replaceAll('\n', '\r\n').replace(/[^\t\r\n -~]/g, '\u0099');
}
