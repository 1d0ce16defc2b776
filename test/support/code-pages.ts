import iconv from 'iconv-lite';
import { encodeText, hasSign, type CodePage } from '../../local/windows/code-page';

/** Every code page that the consoles of these languages have, the ANSI one of Russian, and UTF-8. */
export const codePages = [
  437, 737, 850, 852, 855, 857, 866, 932, 936, 949, 950, 1251, 65001,
] as const satisfies CodePage[];

/** A text as it reaches us: one character for each byte. */
export function inCodePage(text: string, codePage: CodePage): string {
  return encodeText(text, codePage).toString('latin1');
}

/** The code pages in which nothing of the text is lost: those of its language, and UTF-8. */
export function codePagesOf(text: string): CodePage[] {
  return codePages.filter((codePage) => Array.from(new Set(text)).every((sign) => hasSign(sign, codePage)));
}

const doubleByte: readonly CodePage[] = [932, 936, 949, 950];
const alphabets = new Map<CodePage, string[]>();

/** Everything in the code page that is not ASCII, a text of bytes for each: in double-byte ones two. */
export function lettersOf(codePage: CodePage): string[] {
  const known = alphabets.get(codePage) ?? findLetters(codePage);
  alphabets.set(codePage, known);
  return known;
}

function findLetters(codePage: CodePage): string[] {
  if (codePage === 65001)
    return Array.from('àäÉñßаАРеЯяϊΩŁżğ字符ソ表識한글、：\u00a0\u0085\u2028', (sign) => inCodePage(sign, codePage));
  const upper = Array.from({ length: 128 }, (_one, index) => 128 + index);
  const second = Array.from({ length: 0xff - 0x40 }, (_one, index) => 0x40 + index);
  const bytes = doubleByte.includes(codePage)
    ? upper.flatMap((lead) => second.map((next) => [lead, next]))
    : upper.map((one) => [one]);
  const name = `cp${codePage}`;
  return bytes.filter((one) => isLetter(Buffer.from(one), name)).map((one) => Buffer.from(one).toString('latin1'));
}

/** Whether the bytes are one letter: there is one, and it gives the same bytes. */
function isLetter(bytes: Buffer, name: string): boolean {
  const text = iconv.decode(bytes, name);
  return Array.from(text).length === 1 && text !== '\ufffd' && iconv.encode(text, name).equals(bytes);
}
