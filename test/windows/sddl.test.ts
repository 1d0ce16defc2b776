import fc from 'fast-check';
import { parseSddl, parseServiceSid } from '../../src/windows/sddl';
import { printings, transcript } from '../support/transcript';
import { hostileOutputs, huge } from './support/hostile';

const sid = 'S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582';

describe('windows/sddl: descriptors', () => {
  it.each(['sc-sdshow-dhcp', 'sc-sdshow-with-audit', 'get-acl-sddl'])('reads %s, with any line end', (name) => {
    const text = transcript(name);
    expect(parseSddl(text)).toEqual({ ok: true, value: text.trim() });
    for (const printed of printings(text)) expect(parseSddl(printed)).toEqual({ ok: true, value: text.trim() });
  });

  it.each(['D:', 'D:P', 'O:SY', 'O:BAG:SYD:PAI(D;CI;KA;;;LS)', 'D:(A;;0x1f;;;WD)', 'D:NO_ACCESS_CONTROL'])(
    'reads %s',
    (text) => {
      expect(parseSddl(text)).toEqual({ ok: true, value: text });
    },
  );

  it('says that there is none where Get-Acl found no key and printed nothing', () => {
    expect(parseSddl('\r\n')).toEqual({ ok: false, reason: 'there is no security descriptor' });
  });

  it.each([
    ['an error', '[SC] OpenService FAILED 5:'],
    ['a descriptor and more', `${transcript('sc-sdshow-dhcp')}\r\nD:`],
    ['a cut one', transcript('get-acl-sddl').trim().slice(0, -1)],
    ['a condition', 'D:(XA;;FX;;;S-1-1-0;(@User.Title=="PM"))'],
    ['markup', 'D:(A;;KA;;;<b>)'],
    ['a command', 'D:(A;;KA;;;$(calc))'],
    ['small letters', 'd:(a;;ka;;;sy)'],
    ['control characters', 'D:(A;;KA;;;SY)\u001b[2J'],
    ['megabytes', huge('(A;;KA;;;SY)')],
    ['megabytes in one entry', `D:(A;;${huge('CC')};;;SY)`],
    ['more entries than a list can have', `D:${'(A;;KA;;;SY)'.repeat(1000)}`],
  ])('refuses %s', (_what, text) => {
    expect(parseSddl(text)).toMatchObject({ ok: false });
  });

  it.each(hostileOutputs)('refuses hostile output %j', (text) => {
    expect(parseSddl(text)).toMatchObject({ ok: false });
  });

  it('lets nothing through that is not made of the letters of a descriptor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 60 }), (noise, at) => {
        const text = transcript('sc-sdshow-dhcp').trim();
        const read = parseSddl(text.slice(0, at) + noise + text.slice(at));
        expect(read.ok ? read.value : '').toMatch(/^[A-Za-z0-9:;()_-]*$/);
      }),
    );
  });
});

describe('windows/sddl: SIDs of services', () => {
  it.each(['sc-showsid-en', 'sc-showsid-de', 'sc-showsid-fr'])('reads %s by the SID alone', (name) => {
    expect(parseServiceSid(transcript(name))).toEqual({ ok: true, value: sid });
    for (const printed of printings(transcript(name))) {
      expect(parseServiceSid(printed)).toEqual({ ok: true, value: sid });
    }
  });

  it.each([
    ['none', 'NAME: Dhcp'],
    ['that of a person', 'SERVICE SID: S-1-5-21-1-2-3-500'],
    ['one number too few', 'SERVICE SID: S-1-5-80-1-2-3-4'],
    ['one number too many', `SERVICE SID: ${sid}-1`],
    ['two', `${sid}\r\n${sid}`],
    ['megabytes', huge(`${sid} `)],
  ])('refuses %s', (_what, text) => {
    expect(parseServiceSid(text)).toMatchObject({ ok: false });
  });

  it.each(hostileOutputs)('refuses hostile output %j', (text) => {
    expect(parseServiceSid(text)).toMatchObject({ ok: false });
  });
});
