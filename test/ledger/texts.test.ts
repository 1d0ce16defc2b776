import fc from 'fast-check';
import { boundText, maxTextLength } from '../../src/ledger/texts';

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
