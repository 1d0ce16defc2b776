import fc from 'fast-check';
import { columnsOf, isExactText, isSameName, linesOf, trimBlanks } from '../../src/windows/console-text';

/** What JavaScript takes for blanks or line ends as well, among single bytes. */
const noBlanks = ['\u00a0', '\u0085', '\u000b', '\u000c', '\u001c', '\u0000'];

describe('windows/console-text', () => {
  it.each(noBlanks)('takes the byte %j for no blank and no end of a line', (byte) => {
    const word = `${byte}a${byte}`;
    expect(trimBlanks(` \t${word}\t `)).toBe(word);
    expect(columnsOf(` ${word}\t${word} `)).toEqual([word, word]);
    expect(linesOf(word)).toEqual([word]);
  });

  it('ends lines as Windows and as the transcripts do', () => {
    expect(linesOf('a\r\nb\nc\rd')).toEqual(['a', 'b', 'c\rd']);
  });

  it('gives columns that, put together, are the text without its blanks', () => {
    const piece = fc.constantFrom(' ', '\t', '  ', 'a', '\u00a0', '\u0085', '\\', '{');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join('');
        expect(columnsOf(text).join('')).toBe(text.replaceAll(/[ \t]/g, ''));
        expect(columnsOf(trimBlanks(text))).toEqual(columnsOf(text));
      }),
    );
  });

  it('gets through megabytes of blanks', () => {
    expect(trimBlanks(' '.repeat(4_000_000))).toBe('');
    expect(columnsOf(`${' '.repeat(4_000_000)}a`)).toEqual(['a']);
  });

  it.each([
    ['Start', 'sTART', true],
    ['Größe\u0100', 'GRÖßE\u0100', true],
    ['\u00c4', '\u00e4', false],
    ['\u0083A', '\u0083a', false],
    ['\u0083A', '\u0083A', true],
    ['a', 'b', false],
  ])('%j and %j are the same name: %s', (one, other, expected) => {
    expect(isSameName(one, other)).toBe(expected);
  });

  it.each([
    ['', true],
    ['%SystemRoot%\\MEMORY.DMP', true],
    ['a?', false],
    ['D:\\\u0084\u00a0', false],
    ['a\tb', false],
    ['a\u007f', false],
  ])('%j is exact: %s', (text, expected) => {
    expect(isExactText(text)).toBe(expected);
  });
});
