import fc from 'fast-check';
import { descendingTimeKey, encodeKey, isRepairId, repairRowKey } from '../../src/ledger/keys';

/** What Azure Tables forbids in keys, and `%`, which its front ends have been seen to unescape twice. */
// eslint-disable-next-line no-control-regex -- control characters are what this looks for
const forbidden = /[/\\#?%'\u0000-\u001f\u007f-\u009f]/;

/** Any UTF-16, halves of surrogate pairs included, with the hostile characters more often than by chance. */
const hostileText = fc
  .array(fc.oneof(fc.constantFrom(..."/\\#?%'\u0000_s.-=\ud800\udc00🔥A"), fc.integer({ min: 0, max: 0xffff })), {
    maxLength: 400,
  })
  .map((parts) => parts.map((part) => (typeof part === 'number' ? String.fromCharCode(part) : part)).join(''));

const moment = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

function repairIdAt(time: string, suffix = '0123abcd'): string {
  return `${time.slice(0, 19).replace(/[-:]/g, '').toLowerCase()}z-${suffix}`;
}

describe('ledger/keys: encoding a hostile text as a key', () => {
  it('gives only legal characters, within the limit of 1 KiB', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const key = encodeKey(text);
        expect(key).not.toMatch(forbidden);
        expect(Buffer.byteLength(`resource.${key}`, 'utf16le')).toBeLessThanOrEqual(1024);
      }),
    );
  });

  it('never gives two texts the same key', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        expect(encodeKey(one) === encodeKey(other)).toBe(one === other);
      }),
    );
  });

  it('never gives a text the key of its own encoding, so nobody can aim at the row of another', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const key = encodeKey(text);
        if (key !== text) expect(encodeKey(key)).not.toBe(key);
      }),
    );
  });

  it('tells lone surrogates apart, which UTF-8 can not', () => {
    expect(encodeKey('\ud800')).not.toBe(encodeKey('\ud801'));
    expect(encodeKey('\ud800'.repeat(500))).not.toBe(encodeKey('\ud801'.repeat(500)));
  });

  it('keeps plain names readable', () => {
    expect(encodeKey('apply-1')).toBe('apply-1');
  });

  // Rows of older releases are found by these keys: an encoding that changes loses them.
  it.each([
    ['a/b c', 'a_002fb_0020c'],
    ['', ''],
    ['x'.repeat(301), '_sha256_99398f6603293f9130239ead2e443a20ace2974a7c7a255f59bd38721085e512'],
  ])('gives the key of all releases (%#)', (text, key) => {
    expect(encodeKey(text)).toBe(key);
  });
});

describe('ledger/keys: the row key of a repair', () => {
  it('sorts a later repair before an earlier one', () => {
    fc.assert(
      fc.property(moment, moment, (one, other) => {
        const [earlier = '', later = ''] = [repairIdAt(one), repairIdAt(other)].sort();
        expect(repairRowKey(later) <= repairRowKey(earlier)).toBe(true);
        expect(repairRowKey(later) === repairRowKey(earlier)).toBe(later === earlier);
      }),
    );
  });

  it('tells two repairs of the same second apart', () => {
    const time = '2026-01-02T03:04:05.000Z';
    expect(repairRowKey(repairIdAt(time, '00000001'))).not.toBe(repairRowKey(repairIdAt(time, '00000002')));
  });

  it('is the one of all releases', () => {
    expect(repairRowKey('20260102t030405z-0123abcd')).toBe('79739897969594-0123abcd');
  });

  it.each([
    '',
    '../../leases',
    '20260102t030405z-',
    '20260102t030405z-0123abc',
    '20260102T030405Z-0123ABCD',
    '20260102t030405z-0123abcd\n',
    "20260102t030405z-0123abcd' or '1' eq '1",
    `20260102t030405z-${'0'.repeat(10_000)}`,
  ])('refuses %j by name', (repairId) => {
    expect(isRepairId(repairId)).toBe(false);
    expect(() => repairRowKey(repairId)).toThrow(/is not the id of a repair/);
  });
});

describe('ledger/keys: the descending key of a time', () => {
  it('sorts a later time before an earlier one', () => {
    fc.assert(
      fc.property(moment, moment, (one, other) => {
        const [earlier = '', later = ''] = [one, other].sort();
        expect(descendingTimeKey(later) <= descendingTimeKey(earlier)).toBe(true);
        expect(descendingTimeKey(later) === descendingTimeKey(earlier)).toBe(later === earlier);
      }),
    );
  });

  it('is the same for one moment written with two offsets', () => {
    expect(descendingTimeKey('2026-01-02T03:04:05+02:00')).toBe(descendingTimeKey('2026-01-02T01:04:05.000Z'));
  });

  it.each(['', 'yesterday', '+010000-01-01T00:00:00.000Z'])('refuses %j', (time) => {
    expect(() => descendingTimeKey(time)).toThrow(/is not a time/);
  });
});
