import fc from 'fast-check';
import { boundLine, boundText, boundValue, maxTextLength } from '../../src/ledger/texts';

describe('ledger/texts: bounding a text', () => {
  it('leaves ordinary text as it is, lines and other scripts included', () => {
    const text = 'Dienst "DHCP-Client"\r\n\tgestartet – 起動 🔥';
    expect(boundText(text)).toBe(text);
  });

  it('cuts a long text and says how long it was', () => {
    const bounded = boundText('x'.repeat(45_000));
    expect(bounded).toHaveLength(maxTextLength);
    expect(bounded).toMatch(/^x+ …\[cut, was 45,000 characters\]$/);
  });

  it('shows control characters instead of passing them to a terminal', () => {
    expect(boundText('\u001b[2Jgone\u0000\u007f')).toBe('␛[2Jgone␀␡');
  });

  it('gives text that UTF-8 carries unchanged, in bounds, and stable when bounded again', () => {
    const anyText = fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
      .map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, fc.integer({ min: 40, max: 200 }), (text, maxLength) => {
        const bounded = boundText(text, maxLength);
        expect(bounded.length).toBeLessThanOrEqual(maxLength);
        expect(Buffer.from(bounded, 'utf8').toString('utf8')).toBe(bounded);
        expect(boundText(bounded, maxLength)).toBe(bounded);
      }),
    );
  });
});

describe('ledger/texts: what is one line, and what was read', () => {
  const override = String.fromCodePoint(0x202e);

  it('shows the ends of lines in what is one line', () => {
    expect(boundLine('title\nsecond')).toBe('title␊second');
    expect(boundLine('x'.repeat(200), 60)).toMatch(/^x+ …\[cut, was 200 characters\]$/);
  });

  it('shows values that differ in what is hidden as different', () => {
    expect(boundValue(`a${override}`)).toBe('a\\u{202e}');
    expect(boundValue('a\u200b')).not.toBe(boundValue('a\u200c'));
    expect(boundValue('one\r\ntwo')).toBe('one\r\ntwo');
  });

  it('bounds a value by what is shown of it, and says how long it was', () => {
    const bounded = boundValue(override.repeat(100), 150);
    expect(bounded).toHaveLength(150);
    expect(bounded).toMatch(/^(?:\\u\{202e\})+.* …\[cut, was 100 characters\]$/u);
    expect(boundValue(bounded, 150)).toBe(bounded);
  });
});
