import * as fc from 'fast-check';
import { createHive, openHive } from '../../../local/disk/registry/hive';
import { descriptorOf, descriptorText, serviceSid } from '../../../local/windows/security-descriptor';
import { parseSddl } from '../../../src/windows/sddl';
import { cellsOf, emptyDisk, patched } from '../disk/registry/support/hive-disk';

const sid = fc.constantFrom('SY', 'BA', 'BU', 'LS', 'CO', 'AC', serviceSid('Dhcp'), 'S-1-5-21-1-2-3-500');
const rights = fc.constantFrom('KA', 'KR', 'KW', 'CCDC', 'CCDCLCSWRPSDRC', 'WDWO');
const entry = fc
  .tuple(fc.constantFrom('A', 'D'), fc.constantFrom('', 'CI', 'CIID', 'OICIIO'), rights, sid)
  .map(([type, flags, mask, who]) => `(${type};${flags};${mask};;;${who})`);
const descriptor = fc
  .tuple(sid, sid, fc.constantFrom('', 'P', 'AI', 'PAI'), fc.array(entry, { maxLength: 6 }))
  .map(([owner, group, flags, entries]) => `O:${owner}G:${group}D:${flags}${entries.join('')}`);

describe('local/windows/security-descriptor', () => {
  it('reads what it writes, and the product takes it for a descriptor', () => {
    fc.assert(
      fc.property(descriptor, (text) => {
        expect(descriptorText(descriptorOf(text))).toBe(text);
        expect(parseSddl(text)).toEqual({ ok: true, value: text });
      }),
    );
  });

  it('reads the bytes of a descriptor that it did not write', () => {
    // Full control for LocalSystem and the administrators, as every new hive has it.
    const bytes =
      '01000480480000005800000000000000140000000200340002000000000214003f000f00010100000000000512000000' +
      '000218003f000f00010200000000000520000000200200000102000000000005200000002002000001010000000000051200' +
      '0000';
    expect(descriptorText(Buffer.from(bytes, 'hex'))).toBe('O:BAG:SYD:(A;CI;KA;;;SY)(A;CI;KA;;;BA)');
  });

  it('refuses a text that it does not know', () => {
    expect(() => descriptorOf('D:(A;;KA;;;SY)')).toThrow('is no security descriptor');
  });

  it('makes a service’s SID of its name', () => {
    expect(serviceSid('dhcp')).toBe('S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582');
  });
});

describe('local/windows/security-descriptor: a key’s descriptor in a hive', () => {
  const at = Date.UTC(2024, 2, 1);
  const own = descriptorOf('O:SYG:SYD:P(A;CI;KA;;;LS)');

  it('is its own from then on, of new keys below too, and is there after reopening', () => {
    const hive = createHive({ at, rootName: 'ROOT', fileName: 'SYSTEM' });
    hive.createKey(['a', 'before'], at);
    hive.setSecurity(['a'], own, at);
    hive.createKey(['a', 'after'], at);
    const again = openHive(patched(emptyDisk(), hive.flush()));
    expect(again.security(['a'])).toEqual(own);
    expect(again.security(['a', 'after'])).toEqual(own);
    expect(again.security(['a', 'before'])).toEqual(again.security([]));
    expect(again.security(['nope'])).toBeUndefined();
  });

  it('leaves no cell behind when the key is deleted', () => {
    const hive = createHive({ at, rootName: 'ROOT', fileName: 'SYSTEM' });
    const before = hive.security([]);
    for (let round = 0; round < 3; round += 1) hive.setSecurity(['a', 'b'], own, at);
    hive.deleteKey(['a'], at);
    expect(cellsOf(patched(emptyDisk(), hive.flush()).primary)).toHaveLength(2);
    expect(hive.security([])).toEqual(before);
  });
});
