import fc from 'fast-check';
import { parseDword, parseRegQuery, singleValue, type RegistryValue } from '../../src/windows/reg-query';
import { printings, transcript } from '../support/transcript';
import { hostileOutputs, huge } from './support/hostile';

const dhcpKey = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Dhcp`;

describe('windows/reg-query', () => {
  it.each([transcript('reg-query-dhcp-en'), ...printings(transcript('reg-query-dhcp-en'))])(
    'reads every value of a key, and no subkey as a value',
    (text) => {
      const values = valuesOf(text);
      expect(values).toHaveLength(11);
      expect(values.every(({ key }) => key === dhcpKey)).toBe(true);
      expect(values.find(({ name }) => name === 'ImagePath')).toEqual({
        key: dhcpKey,
        name: 'ImagePath',
        type: 'REG_EXPAND_SZ',
        data: String.raw`%SystemRoot%\system32\svchost.exe -k LocalServiceNetworkRestricted -p`,
      });
      expect(values.find(({ name }) => name === 'Start')).toMatchObject({ type: 'REG_DWORD', data: '0x4' });
    },
  );

  it('passes over a translated closing line', () => {
    for (const printed of printings(transcript('reg-query-value-de'))) {
      expect(valuesOf(printed)).toEqual([startOf('0x2')]);
    }
  });

  it('reads a value without data', () => {
    expect(valuesOf(`${dhcpKey}\r\n    Group    REG_SZ\r\n`)).toMatchObject([{ name: 'Group', data: '' }]);
    expect(valuesOf(`${dhcpKey}\r\n    Group    REG_SZ    \r\n`)).toMatchObject([{ name: 'Group', data: '' }]);
  });

  it('keeps blanks and markup of the data as they are', () => {
    const text = `${dhcpKey}\r\n    Description    REG_SZ    <b>a</b>    REG_DWORD    0x2\r\n`;
    expect(valuesOf(text)).toMatchObject([{ name: 'Description', data: '<b>a</b>    REG_DWORD    0x2' }]);
  });

  it('refuses a value before any key', () => {
    expect(parseRegQuery('    Start    REG_DWORD    0x2')).toEqual({
      ok: false,
      reason: 'a value stands before any key',
    });
  });

  it('gives no value of output that is cut in the middle of one', () => {
    const text = transcript('reg-query-dhcp-en');
    const values = valuesOf(text.slice(0, text.indexOf('REG_DWORD    0x4') + 3));
    expect(singleValue(values, 'Start')).toEqual({ ok: false, reason: 'the value Start is not there' });
  });

  it('refuses a value that is there twice: a line break in other data may forge one', () => {
    const forged = transcript('reg-query-dhcp-en').replace('TDI', 'TDI\n    Start    REG_DWORD    0x2');
    expect(singleValue(valuesOf(forged), 'Start')).toEqual({ ok: false, reason: 'the value Start is there 2 times' });
  });

  it('finds a value whatever its case', () => {
    expect(singleValue(valuesOf(transcript('reg-query-dhcp-en')), 'sTART')).toEqual({
      ok: true,
      value: startOf('0x4'),
    });
  });

  it.each(hostileOutputs)('reads no value from hostile output %j', (text) => {
    expect(parseRegQuery(text)).toEqual({ ok: true, value: [] });
  });

  it.each([
    ['blanks', ' '],
    ['names without a type', '    a'],
    ['blanks and line breaks that are none', '    \r'],
  ])('finds no value in megabytes of %s in one line', (_what, text) => {
    expect(valuesOf(`${dhcpKey}\n${huge(text)}`)).toHaveLength(0);
  });

  // Each type could begin the data, and a carriage return ends no line here: a careless pattern tries them all.
  it.each(['', '\rx'])('gets through megabytes of types that end in %j without searching backwards', (end) => {
    const values = valuesOf(`${dhcpKey}\n    a${huge('    REG_SZ    b')}${end}`);
    expect(values.map(({ name, type }) => ({ name, type }))).toEqual([{ name: 'a', type: 'REG_SZ' }]);
  });

  it('reads what was rendered', () => {
    fc.assert(
      fc.property(fc.array(registryValue, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), (given, lineEnd) => {
        const lines = given.flatMap(({ key, name, type, data }) => ['', key, `    ${name}    ${type}    ${data}`]);
        expect(parseRegQuery(lines.join(lineEnd))).toEqual({ ok: true, value: given });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (text) => {
        expect(() => parseRegQuery(`${dhcpKey}\n    ${text}`)).not.toThrow();
      }),
    );
  });
});

describe('windows/reg-query: numbers', () => {
  it.each([
    ['0x0', 0],
    ['0x4', 4],
    ['0xD3D', 3389],
    ['0xffffffff', 4_294_967_295],
  ])('reads %s', (data, value) => {
    expect(parseDword(startOf(data))).toEqual({ ok: true, value });
  });

  it.each(['', '4', '0x', '0x1ffffffff', '0x4 ', '0x4\u0000', ' 0x4', '-0x4', '0x4 0x2'])('refuses %j', (data) => {
    expect(parseDword(startOf(data))).toEqual({ ok: false, reason: 'Start is no number' });
  });

  it('refuses a value of another type', () => {
    const text = { ...startOf('0x4'), type: 'REG_SZ' };
    expect(parseDword(text)).toEqual({ ok: false, reason: 'Start is REG_SZ, not REG_DWORD' });
  });
});

function valuesOf(text: string): RegistryValue[] {
  const parsed = parseRegQuery(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function startOf(data: string): RegistryValue {
  return { key: dhcpKey, name: 'Start', type: 'REG_DWORD', data };
}

const word = fc.stringMatching(/^[A-Za-z0-9_.%-]{1,20}( [A-Za-z0-9]{1,5})?$/);
const registryValue: fc.Arbitrary<RegistryValue> = fc.record({
  key: word.map((name) => `${dhcpKey}\\${name}`),
  name: word,
  type: fc.constantFrom('REG_SZ', 'REG_DWORD', 'REG_MULTI_SZ', 'REG_BINARY', 'REG_QWORD'),
  data: fc.stringMatching(/^[ -~]{0,60}$/),
});
