/**
 * Text as the bytes that a console program of Windows writes where its output goes to a pipe: the OEM code page of the
 * machine's language, or UTF-8 where the machine is set so. A console, also one without a window, begins with that code page
 * (https://learn.microsoft.com/windows/console/console-code-pages); ipconfig converts to it by itself, and a redirected sc.exe of a Chinese
 * Windows is read right as 936 (public logs). assumed: bcdedit, netstat, reg and wevtutil without `/uni:true` do the same.
 */
import iconv from 'iconv-lite';

/** Code pages of consoles: https://learn.microsoft.com/windows/win32/intl/code-page-identifiers. 1251 is an ANSI one. */
export type CodePage = 437 | 737 | 850 | 852 | 855 | 857 | 866 | 932 | 936 | 949 | 950 | 1251 | 65001;

/** Signs that Windows replaces by a similar one when the code page has none ("best fit"). */
const bestFit: Readonly<Record<string, string>> = { '\u2019': "'", '\u202f': '\u00a0', Ł: 'L', ł: 'l' };

/** The text's bytes in a code page; a sign that it has no byte for becomes a similar one or a question mark. */
export function encodeText(text: string, codePage: CodePage): Buffer {
  if (codePage === 65001) return Buffer.from(text, 'utf8');
  const whole = iconv.encode(text, `cp${codePage}`);
  // No letter has the byte of a question mark in it, so more of them than in the text say that something was lost.
  if (questionMarks(whole.toString('latin1')) === questionMarks(text)) return whole;
  return Buffer.concat(Array.from(text, (sign) => encodeSign(sign, codePage)));
}

function questionMarks(text: string): number {
  return text.split('?').length - 1;
}

function encodeSign(sign: string, codePage: CodePage): Buffer {
  if (hasSign(sign, codePage)) return iconv.encode(sign, `cp${codePage}`);
  // WindowsBestFit of https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/ has letters without their marks.
  const [similar = '?'] = bestFit[sign] ?? sign.normalize('NFD');
  return hasSign(similar, codePage) ? iconv.encode(similar, `cp${codePage}`) : Buffer.from('?');
}

/** Whether the code page has this sign itself. */
export function hasSign(sign: string, codePage: CodePage): boolean {
  return codePage === 65001 || sign === '?' || iconv.encode(sign, `cp${codePage}`).toString('latin1') !== '?';
}
