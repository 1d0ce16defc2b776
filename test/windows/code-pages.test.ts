import fc from 'fast-check';
import { parseBcdEnum } from '../../src/windows/bcdedit';
import { parseEventsXml } from '../../src/windows/event-xml';
import { parseListeners } from '../../src/windows/netstat';
import { multipleTexts, parseRegKeys, parseRegQuery, singleValue } from '../../src/windows/reg-query';
import { parseScQuery } from '../../src/windows/sc-query';
import { parseSddl, parseServiceSid } from '../../src/windows/sddl';
import { inCodePage } from '../support/code-pages';
import { printings, transcript } from '../support/transcript';
import { bcdBlock, bcdRow, bcdWords, translatedWords } from './support/words';

const id = '{11111111-2222-3333-4444-555555555555}';
const managerId = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}';
const settings = '{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}';
const sid = 'S-1-5-80-2940520708-3855866260-481812779-327648279-1710889582';

describe('windows/code-pages: bcdedit', () => {
  it.each(bcdWords)('reads the objects of a store in $language (code page $codePage)', (words) => {
    const { codePage, identifier, manager, loader } = words;
    const description = inCodePage(loader, codePage);
    const text =
      bcdBlock({ codePage, heading: manager, identifier }, managerId, [
        bcdRow('default', id),
        bcdRow('displayorder', id),
        bcdRow('', settings),
      ]) +
      bcdBlock({ codePage, heading: loader, identifier }, id, [
        bcdRow('device', 'partition=C:'),
        bcdRow('description', description),
        bcdRow('inherit', '{bootloadersettings}'),
        bcdRow('safeboot', 'Minimal'),
      ]);
    expect(objectsOf(text)).toEqual([
      [managerId, { default: [id], displayorder: [id, settings] }],
      [
        id,
        {
          device: ['partition=C:'],
          description: [description],
          inherit: ['{bootloadersettings}'],
          safeboot: ['Minimal'],
        },
      ],
    ]);
  });

  it('takes no later row for the identifier where the first row holds none (hazard: another object is changed)', () => {
    const text = [
      bcdRow('\u00a0\u00a8', 'x'),
      bcdRow('inherit', '{bootloadersettings}'),
      bcdRow('safeboot', 'Minimal'),
    ];
    expect(parseBcdEnum(['Heading', '-------', ...text].join('\r\n'))).toMatchObject({ ok: false });
  });

  it('keeps a byte A0 at the end of a value: it is a letter', () => {
    const text = bcdBlock({ codePage: 866, heading: 'Heading', identifier: 'id' }, id, [
      bcdRow('description', inCodePage('Система', 866)),
    ]);
    expect(objectsOf(text)).toEqual([[id, { description: ['\u0091\u00a8\u00e1\u00e2\u00a5\u00ac\u00a0'] }]]);
  });

  it('takes a heading for no row of the object before it', () => {
    const text = bcdBlock({ codePage: 437, heading: 'Heading', identifier: 'id' }, id, [
      bcdRow('device', 'partition=C:'),
    ]);
    const next = bcdBlock({ codePage: 437, heading: 'Device options', identifier: 'id' }, settings, []);
    expect(objectsOf(text + next)).toEqual([
      [id, { device: ['partition=C:'] }],
      [settings, {}],
    ]);
  });

  it('tells an element that is there without a value', () => {
    const text = bcdBlock({ codePage: 437, heading: 'Heading', identifier: 'id' }, id, [bcdRow('safeboot', '')]);
    expect(objectsOf(text)).toEqual([[id, { safeboot: [''] }]]);
  });

  it('reads the same, whatever the translated words', () => {
    fc.assert(
      fc.property(
        translatedWords(4),
        fc.boolean(),
        ([heading = '', first = '', second = '', value = ''], isTwoWords) => {
          const name = isTwoWords ? `${first} ${second}` : first;
          const rows = [
            bcdRow('description', value),
            bcdRow('safeboot', 'Network'),
            bcdRow(second, value),
            bcdRow('nx', 'OptOut'),
          ];
          const text = ['', heading, '---', bcdRow(name, id), ...rows, ''].join('\r\n');
          expect(objectsOf(text)).toEqual([[id, { description: [value], safeboot: ['Network'], nx: ['OptOut'] }]]);
        },
      ),
    );
  });
});

describe('windows/code-pages: other tools', () => {
  it('netstat: a listener is one whatever the word of its state, also of several', () => {
    fc.assert(
      fc.property(translatedWords(3), ([heading = '', state = '', more = '']) => {
        const row = (word: string) => `  TCP    0.0.0.0:3389           0.0.0.0:0              ${word}       1076`;
        const listener = { address: '0.0.0.0', port: 3389, processId: 1076 };
        const text = ['', heading, `  ${heading}  ${state}`, row(state), row(`${state} ${more}`)].join('\r\n');
        expect(parseListeners(text)).toEqual({ ok: true, value: [listener, listener] });
      }),
    );
  });

  it('sc query: type, state and exit code are read whatever the labels and names', () => {
    fc.assert(
      fc.property(translatedWords(4), ([type = '', state = '', exit = '', name = '']) => {
        const row = (label: string, value: string) => `        ${label.padEnd(19)}: ${value}`;
        const rows = [row(type, `20  ${name}  `), row(state, `1  ${name} `), row(`${exit} ${name}`, '1077  (0x435)')];
        expect(parseScQuery(['', 'SERVICE_NAME: Dhcp ', ...rows, ''].join('\r\n'))).toEqual({
          ok: true,
          value: { type: 0x20, state: 1, win32ExitCode: 1077 },
        });
      }),
    );
  });

  it('reg query: values and keys are read whatever the names, texts and sentences around them', () => {
    const key = String.raw`HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Dhcp`;
    fc.assert(
      fc.property(translatedWords(4), ([byDefault = '', name = '', data = '', closing = '']) => {
        const value = (one: string, type: string, text: string) => `    ${one}    ${type}    ${text}`;
        const rows = [
          value(`(${byDefault})`, 'REG_SZ', data),
          value(name, 'REG_SZ', `${data} ${name}`),
          value('Start', 'REG_DWORD', '0x4'),
        ];
        const text = ['', key, ...rows, '', `${key}\\${name}`, '', closing].join('\r\n');
        const read = parseRegQuery(text);
        expect(read).toMatchObject({
          ok: true,
          value: [{ data }, { name, data: `${data} ${name}` }, { name: 'Start' }],
        });
        expect(read.ok && singleValue(read.value, 'START')).toMatchObject({ ok: true, value: { data: '0x4' } });
        expect(parseRegKeys(text)).toEqual([key, `${key}\\${name}`]);
      }),
    );
  });

  it('reg query: does not guess where a text ends that may end in half a letter', () => {
    const texts = (data: string) => multipleTexts({ key: 'x', name: 'DependOnService', type: 'REG_MULTI_SZ', data });
    expect(texts(String.raw`NSI\0Tcpip`)).toEqual({ ok: true, value: ['NSI', 'Tcpip'] });
    // One name, ソ0Tcpip, or two.
    expect(texts(`NSI\\0${inCodePage('ソ0Tcpip', 932)}`)).toEqual({
      ok: false,
      reason: 'where one text of DependOnService ends is not known',
    });
  });

  it('sc showsid: the SID is found whatever stands before it, also a wide colon without a blank', () => {
    fc.assert(
      fc.property(
        translatedWords(3),
        fc.constantFrom(': ', ':', ' ', ''),
        ([name = '', label = '', status = ''], colon) => {
          const text = [`${name}${colon}Dhcp`, `${label}${colon}${sid}`, `${status}${colon}${name}`].join('\r\n');
          expect(parseServiceSid(text)).toEqual({ ok: true, value: sid });
        },
      ),
    );
  });

  it('a security descriptor between anything but blanks is none', () => {
    const descriptor = 'D:(A;;CC;;;SY)';
    expect(parseSddl(`\r\n \t${descriptor} \r\n`)).toEqual({ ok: true, value: descriptor });
    for (const byte of ['\u00a0', '\u000b', '\u000c', '\u0085']) {
      expect(parseSddl(`${descriptor}${byte}\r\n`)).toMatchObject({ ok: false });
      expect(parseSddl(`${byte}${descriptor}\r\n`)).toMatchObject({ ok: false });
    }
  });

  it('wevtutil: events are read whatever the bytes of their texts', () => {
    fc.assert(
      fc.property(translatedWords(2), ([first = '', second = '']) => {
        const event = `<Event><System><Provider Name='P'/><EventID>7040</EventID><TimeCreated SystemTime='2026-01-02T03:04:05Z'/></System><EventData><Data Name='param1'>${first}</Data><Data Name='${second}'>${second} ${first}</Data></EventData></Event>`;
        expect(parseEventsXml(`${event}\r\n`)).toMatchObject({
          ok: true,
          value: { events: [{ eventId: 7040, parameters: [first, `${second} ${first}`] }] },
        });
      }),
    );
  });

  it('a transcript is read the same in every code page that has its letters', () => {
    for (const name of [
      'wevtutil-services-de',
      'wevtutil-services-fr',
      'netstat-de',
      'sc-query-stopped-fr',
      'sc-query-running-de',
    ] as const) {
      const read = printings(transcript(name)).map((text) => JSON.stringify(outcome(name, text)));
      expect(read.length).toBeGreaterThan(1);
      expect(new Set(read).size).toBe(1);
    }
  });
});

/** What does not depend on letters. */
function outcome(name: string, text: string): unknown {
  if (name.startsWith('netstat')) return parseListeners(text);
  if (name.startsWith('sc-query')) return parseScQuery(text);
  const read = parseEventsXml(text);
  return read.ok && read.value.events.map(({ eventId, time, binary }) => ({ eventId, time, binary }));
}

function objectsOf(text: string): [string, Record<string, string[]>][] {
  const read = parseBcdEnum(text);
  if (!read.ok) throw new Error(read.reason);
  return read.value.map((object) => [object.id, Object.fromEntries(object.elements)]);
}
