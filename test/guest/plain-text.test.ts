import { plainText } from '../../src/guest/plain-text';

describe('guest/plain-text: plain text of what a disk holds', () => {
  it('keeps what can be shown, of any language', () => {
    expect(plainText('Größe 日本 😀 <b>', 50)).toBe('Größe 日本 😀 <b>');
  });

  it('replaces controls, marks of direction, line separators and halves of characters', () => {
    expect(plainText('a\0b\x1bc\u202ed\u2028e\ud800f\u200bg', 50)).toBe('a�b�c�d�e�f�g');
  });

  it('is never longer than asked for, also where the cut goes through a character', () => {
    expect(plainText('aaaa😀', 5)).toBe('aaaa…');
    expect(plainText('x'.repeat(1_000_000), 7)).toBe('xxxxxx…');
  });

  it('leaves the query of a URL away up to a blank, whatever bytes are in it (hazard: a SAS behind a byte A0)', () => {
    expect(plainText('https://a.example/b?n=\u00a0&sig=1\u0085&sig=2 and more', 100)).toBe(
      'https://a.example/b and more',
    );
  });

  it('leaves the query of URLs away', () => {
    expect(plainText('at https://a.example/b?sig=1 and HTTP://c.example?x=2', 100)).toBe(
      'at https://a.example/b and HTTP://c.example',
    );
  });
});
