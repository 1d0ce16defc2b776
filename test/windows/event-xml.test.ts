import fc from 'fast-check';
import { parseEventsXml, type EventXml } from '../../src/windows/event-xml';
import { asPrinted, printings, transcript } from '../support/transcript';
import { hostileOutputs, huge } from './support/hostile';

const names = ['wevtutil-services-en', 'wevtutil-services-de', 'wevtutil-services-fr'];
const sample = transcript('wevtutil-services-en');
const [first = '', second = ''] = sample.split('\n');

describe('windows/event-xml', () => {
  it.each(names)('reads %s: ids, times, codes and short names, in any language and with any line end', (name) => {
    const text = transcript(name);
    for (const printed of [text, asPrinted(text), ...printings(text)]) {
      const read = parseEventsXml(printed);
      expect(read).toMatchObject({ ok: true, value: { isCut: false } });
      const events = eventsIn(printed);
      expect(events.map(({ eventId }) => eventId)).toEqual([7022, 7000, 7009, 7031, 7001, 7040]);
      expect(events[1]).toMatchObject({
        provider: 'Service Control Manager',
        time: '2026-01-02T03:00:40.8840856Z',
        parameters: [expect.any(String), '%%1053'],
        binary: '44006800630070000000',
      });
      expect(events[5]).toMatchObject({ userSid: expect.stringMatching(/-500$/) as string });
      expect(events[5]?.parameters[3]).toBe('Dhcp');
      expect(events[5]?.binary).toBeUndefined();
    }
  });

  it.each(['', '\r\n', ' \t\n'])('takes no event at all for an answer: %j', (text) => {
    expect(parseEventsXml(text)).toEqual({ ok: true, value: { events: [], isCut: false } });
  });

  it('reads both kinds of quotes, empty elements and an event without data', () => {
    const event = first.replaceAll("'", '"').replace(/<EventData>.*<\/EventData>/, '<EventData/>');
    expect(eventsIn(event)).toMatchObject([{ eventId: 7022, parameters: [] }]);
    expect(eventsIn(event.replace('<EventData/>', ''))).toMatchObject([{ eventId: 7022, parameters: [] }]);
  });

  it('gives the whole events before one that is cut, wherever that was', () => {
    const start = first.length + 1;
    for (let length = start + 1; length < start + second.length; length += 1) {
      const read = parseEventsXml(`${first}\n${second.slice(0, length - start)}`);
      expect(read).toMatchObject({ ok: true, value: { isCut: true } });
      expect(read.ok && read.value.events).toHaveLength(1);
    }
  });

  it('is a failure when the first event is cut', () => {
    expect(parseEventsXml(first.slice(0, 100))).toEqual({
      ok: false,
      reason: 'it ends in the middle of its first event',
    });
  });

  it('takes an escaped event in a text for text (hazard: a service that calls itself an event)', () => {
    const forged = second.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const text = first.replace('>DHCP Client<', `>${forged}<`);
    expect(eventsIn(text)).toMatchObject([{ eventId: 7022, parameters: [second] }]);
  });

  it('resolves references to characters once, and knows no entity but XML’s own', () => {
    const withName = (name: string) => first.replace('>DHCP Client<', `>${name}<`);
    expect(eventsIn(withName('&amp;lt;&#65;&#x42;&apos;&quot;'))[0]?.parameters).toEqual([`&lt;AB'"`]);
    expect(parseEventsXml(withName('&lol;'))).toEqual({ ok: false, reason: 'it is not well-formed' });
    expect(parseEventsXml(withName('&'))).toMatchObject({ ok: false });
    expect(eventsIn(withName('&#0;&#xFFFFFF;'))[0]?.parameters).toEqual(['\u{fffd}\u{fffd}']);
  });

  it.each([
    ['a declaration', `<?xml version='1.0'?>${sample}`],
    ['a document type', `<!DOCTYPE x [<!ENTITY a 'b'>]>${sample}`],
    ['a document type within an event', first.replace('<System>', '<!DOCTYPE x><System>')],
    ['a comment', `${first}<!-- -->`],
    ['a section of raw text', first.replace('DHCP Client', '<![CDATA[x]]>')],
    ['markup', '<script>alert(1)</script>'],
    ['text between events', `${first}FEHLER${second}`],
    ['an error in place of events', 'Failed to read events. The specified query is invalid.'],
    ['crossed tags', first.replace('</System><EventData>', '<EventData></System>')],
    ['a tag that is not closed', first.replace('</Data>', '')],
    ['an attribute twice', first.replace("Name='Service Control Manager'", "Name='a' Name='b'")],
    ['an attribute without quotes', first.replace("Qualifiers='49152'", 'Qualifiers=49152')],
    ['another element', first.replaceAll('Event ', 'Events ').replace('</Event>', '</Events>')],
  ])('refuses %s', (_what, text) => {
    expect(parseEventsXml(text)).toMatchObject({ ok: false });
  });

  it.each([
    ['no id', first.replace('7022', '')],
    ['an id that is no number', first.replace('>7022<', '>0x7022<')],
    ['two ids', first.replace('<Version>0</Version>', '<EventID>1</EventID>')],
    ['no time', first.replace('<TimeCreated', '<TimeDeleted')],
    ['a time that is none', first.replace('2026-01-02T03', '2026-13-02T03')],
    ['a time in another zone', first.replace('4567Z', '4567+01:00')],
    ['no provider', first.replace('<Provider', '<Vendor')],
    ['no system', first.replaceAll('System>', 'Sys>')],
  ])('refuses an event with %s', (_what, text) => {
    expect(parseEventsXml(text)).toEqual({ ok: false, reason: 'something stands there that is no event' });
  });

  it('keeps control characters as text, for whoever shows it to make harmless', () => {
    expect(eventsIn(first.replace('DHCP Client', '\u001b[2J\0'))[0]?.parameters).toEqual(['\u001b[2J\0']);
  });

  it('reads nothing that is deeper, wider or longer than an event or a log can be', () => {
    const deep = `${'<a>'.repeat(9)}${'</a>'.repeat(9)}`;
    expect(parseEventsXml(first.replace('<System>', `<System>${deep}`))).toMatchObject({ ok: false });
    expect(parseEventsXml(first.replace('<System>', `<System>${'<a/>'.repeat(300)}`))).toMatchObject({ ok: false });
    const attributes = Array.from({ length: 30 }, (_one, index) => ` a${index}=''`).join('');
    expect(parseEventsXml(first.replace('<System>', `<System${attributes}>`))).toMatchObject({ ok: false });
    expect(parseEventsXml(first.repeat(400))).toEqual({ ok: false, reason: 'there are more than 262144 characters' });
    const small =
      "<Event><System><Provider Name='P'/><EventID>1</EventID><TimeCreated SystemTime='2026-01-02T03:04:05Z'/></System></Event>";
    expect(parseEventsXml(small.repeat(501))).toEqual({ ok: false, reason: 'there are more than 500 events' });
  });

  it.each(hostileOutputs.filter((text) => text.trim() !== ''))('refuses hostile output %j', (text) => {
    expect(parseEventsXml(text)).toMatchObject({ ok: false });
  });

  it.each(['<', '<Event>', '<Event ', '<Event a=', "<Event a='", '&amp;', ' ', '<a/>'])(
    'gets through all that is read of %j again and again',
    (text) => {
      expect(parseEventsXml(huge(text))).toMatchObject({ ok: false });
      expect(parseEventsXml(huge(text).slice(0, 262_144))).toBeDefined();
    },
  );

  it('reads what was rendered, whatever the texts', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), (events) => {
        expect(parseEventsXml(events.map(render).join('\r\n'))).toEqual({ ok: true, value: { events, isCut: false } });
      }),
    );
  });

  it('never throws, and never makes an event of a part of one', () => {
    fc.assert(
      fc.property(fc.nat({ max: sample.length }), fc.nat({ max: sample.length }), fc.string(), (from, to, text) => {
        const read = parseEventsXml(sample.slice(0, from) + text + sample.slice(to));
        for (const { eventId } of read.ok ? read.value.events : []) expect(eventId).toBeLessThan(100_000);
      }),
    );
  });
});

function eventsIn(text: string): EventXml[] {
  const read = parseEventsXml(text);
  if (!read.ok) throw new Error(read.reason);
  return read.value.events;
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => !one.includes('\0'));
const event: fc.Arbitrary<EventXml> = fc.record(
  {
    provider: text,
    eventId: fc.integer({ min: 0, max: 65_535 }),
    time: fc
      .date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().replace('Z', '0000Z')),
    userSid: text,
    parameters: fc.array(text, { maxLength: 4 }),
    binary: fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  },
  { requiredKeys: ['provider', 'eventId', 'time', 'parameters'] },
);

function render({ provider, eventId, time, userSid, parameters, binary }: EventXml): string {
  const security = userSid === undefined ? '<Security/>' : `<Security UserID='${escape(userSid)}'/>`;
  const data = parameters.map((one, index) => `<Data Name='param${index + 1}'>${escape(one)}</Data>`).join('');
  const bytes = binary === undefined ? '' : `<Binary>${binary}</Binary>`;
  return (
    `<Event xmlns='x'><System><Provider Name='${escape(provider)}'/><EventID>${eventId}</EventID>` +
    `<TimeCreated SystemTime='${time}'/>${security}</System><EventData>${data}${bytes}</EventData></Event>`
  );
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll("'", '&apos;');
}
