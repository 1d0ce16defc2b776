import fc from 'fast-check';
import { escapedLine, escapedText, isPlain, plainJson, plainLine, plainText } from '../src/plain-characters';

/** By what they do; written as numbers, so that this file itself holds none. */
const hiddenCharacters = {
  'a C1 control (CSI)': 0x9b,
  'the first C1 control': 0x80,
  'the last C1 control': 0x9f,
  'a left-to-right mark': 0x200e,
  'a right-to-left mark': 0x200f,
  'an Arabic letter mark': 0x61c,
  'a right-to-left override': 0x202e,
  'a left-to-right embedding': 0x202a,
  'a left-to-right isolate': 0x2066,
  'a pop of an isolate': 0x2069,
  'a zero width space': 0x200b,
  'a zero width non-joiner': 0x200c,
  'a zero width joiner': 0x200d,
  'a word joiner': 0x2060,
  'a byte order mark': 0xfeff,
  'a Mongolian vowel separator': 0x180e,
  'a soft hyphen': 0xad,
  'a combining grapheme joiner': 0x34f,
  'a Hangul filler': 0x3164,
  'an interlinear annotation': 0xfff9,
  'a line separator': 0x2028,
  'a paragraph separator': 0x2029,
  'a variation selector': 0xfe0f,
  'a supplementary variation selector': 0xe0100,
  'a tag': 0xe0041,
  'a cancel tag': 0xe007f,
  'an escape': 0x1b,
  'a null': 0,
  'a delete': 0x7f,
  'a backspace': 8,
  'a high surrogate alone': 0xd800,
  'a low surrogate alone': 0xdfff,
};
const cases = Object.entries(hiddenCharacters).map(([what, code]) => [what, String.fromCodePoint(code)] as const);

/** Text with any code unit, and with many of those that this is about. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(...cases.map(([, character]) => character)),
      fc.constantFrom('\r', '\n', '\r\n', '\t', '\\', '\\u202e', '"'),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

// As far as possible by other means than the code under test: by code points, and not by the same properties of Unicode.
function isHidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const isIn = (first: number, last: number) => code >= first && code <= last;
  return (
    (code < 0x20 && code !== 9 && code !== 10) ||
    [isIn(0x7f, 0x9f), isIn(0x200b, 0x200f), isIn(0x2028, 0x202e), isIn(0x2060, 0x206f), isIn(0xd800, 0xdfff)].some(
      Boolean,
    ) ||
    [code === 0x61c, code === 0x180e, code === 0xfeff, isIn(0xfe00, 0xfe0f), isIn(0xe0000, 0xe0fff)].some(Boolean)
  );
}

describe('plain-characters', () => {
  it.each(cases)('replaces %s in texts, lines and escapes, and says that it is there', (_what, character) => {
    const text = `a${character}b`;
    expect(isPlain(text)).toBe(false);
    for (const harmless of [plainText(text), plainLine(text), escapedText(text), escapedLine(text)]) {
      expect(harmless).toMatch(/^a.+b$/u);
      expect(isPlain(harmless)).toBe(true);
    }
  });

  it('leaves what is seen: letters of every script, lines, pairs of surrogates', () => {
    const text = 'Dienst "DHCP-Client"\r\n\tgestartet – 起動 🔥 نص é';
    expect(plainText(text)).toBe(text);
    expect(escapedText(text)).toBe(text);
    expect(isPlain(text)).toBe(true);
  });

  it('shows what ends a line in what is one line, and a carriage return that would write over a line', () => {
    expect(plainLine('a\r\n\tb')).toBe('a␍␊␉b');
    expect(plainText('good\rbad\r\n')).toBe('good␍bad\r\n');
    expect(escapedLine('a\nb')).toBe('a\\u{a}b');
  });

  it('shows the picture of a control character of ASCII, and what other character was replaced', () => {
    expect(plainText('\u001b[2J\u007f')).toBe('␛[2J␡');
    expect(plainText(`x${String.fromCodePoint(0xe0041)}`)).toBe('x\ufffd');
    expect(escapedText(`x${String.fromCodePoint(0xe0041)}`)).toBe('x\\u{e0041}');
  });

  it('gives text without one of them, no longer than it was, and the same when it is done again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const plain of [plainText, plainLine]) {
          const done = plain(text);
          expect([...done.replaceAll('\r\n', '')].filter(isHidden)).toEqual([]);
          expect(done.length).toBeLessThanOrEqual(text.length);
          expect(plain(done)).toBe(done);
        }
      }),
    );
  });

  it('gives JSON without one of them that is the same value once it is parsed', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.array(anyText)), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = plainJson(value, indent) ?? '';
        expect([...text].filter(isHidden)).toEqual([]);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('has no JSON for what has none', () => {
    expect(plainJson(undefined)).toBeUndefined();
  });
});
