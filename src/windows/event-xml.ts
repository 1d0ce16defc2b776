import { parsed, unreadable, type Parsed } from './parsed';

/** One event as its XML tells it. Every text comes from the guest. */
export interface EventXml {
  provider: string;
  eventId: number;
  /** `SystemTime`, ISO 8601 in UTC, as exact as Windows prints it. */
  time: string;
  userSid?: string;
  /** `Data` of `EventData` in their order. */
  parameters: string[];
  /** `Binary` of `EventData`, hexadecimal. */
  binary?: string;
}

/** Events in the order in which they stand; `isCut` if the text ended in the middle of one more. */
export interface EventsXml {
  events: EventXml[];
  isCut: boolean;
}

/** The script in the guest keeps no more of one command's output. */
const mostCharacters = 256 * 1024;
const mostEvents = 500;
const mostElements = 200;
const mostAttributes = 20;
const deepest = 8;

/**
 * Reads what `wevtutil qe … /f:xml` prints: `<Event>` elements one after the other, without a root element
 * (https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil, option `/e`; schema:
 * https://learn.microsoft.com/windows/win32/wes/eventschema-schema). No event at all is a valid answer. A text that ends
 * within an event gives the whole ones before it; anything else that is no event is a failure. Elements, attributes, text
 * and references to characters are all there is: a declaration, an entity of one's own, a comment cannot stand in it.
 *
 * Without `/uni:true` the bytes above 127 are of the console's code page (assumed: its OEM code page). Tags, numbers and
 * `Binary` are ASCII, so nothing here depends on it. The parser in the bundle (fast-xml-parser, of the storage client)
 * is not used: it reads on where something is not well-formed.
 */
export function parseEventsXml(text: string): Parsed<EventsXml> {
  if (text.length > mostCharacters) return unreadable(`there are more than ${mostCharacters} characters`);
  const reader: Reader = { text, at: 0 };
  const events: EventXml[] = [];
  for (;;) {
    take(reader, blank);
    if (reader.at === text.length) return parsed({ events, isCut: false });
    const start = reader.at;
    const event = readElement(reader, { elements: 0 });
    if (!event) return endOrFailure(text.slice(start), events);
    const read = event.name === 'Event' ? eventOf(event) : undefined;
    if (!read) return unreadable('something stands there that is no event');
    events.push(read);
    if (events.length > mostEvents) return unreadable(`there are more than ${mostEvents} events`);
  }
}

/** What could not be read is the beginning of an event whose end is missing, or it is no event. */
function endOrFailure(rest: string, events: EventXml[]): Parsed<EventsXml> {
  const isBeginning = '<Event>'.startsWith(rest) || /^<Event[\t\r\n >]/.test(rest);
  if (!isBeginning || rest.includes('</Event>')) return unreadable('it is not well-formed');
  if (events.length === 0) return unreadable('it ends in the middle of its first event');
  return parsed({ events, isCut: true });
}

interface Reader {
  text: string;
  at: number;
}

interface Element {
  name: string;
  attributes: Map<string, string>;
  children: Element[];
  /** Its own text, without that of its children. */
  text: string;
}

// Sticky: each is tried at one place only, so that megabytes of anything are passed in one go or not at all.
const blank = /[\t\r\n ]*/y;
const openTag = /<([A-Za-z_][\w.-]{0,63})/y;
const attribute = /[\t\r\n ]+([A-Za-z_][\w.:-]{0,63})=(?:'([^'<]*)'|"([^"<]*)")/y;
const endOfTag = /[\t\r\n ]*(\/?)>/y;
const closeTag = /<\/([A-Za-z_][\w.-]{0,63})[\t\r\n ]*>/y;
const characters = /[^<]+/y;

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (!match) return undefined;
  reader.at = pattern.lastIndex;
  return match;
}

/** One element with all that is in it, or undefined if it is not well-formed, too deep or too large. */
function readElement(reader: Reader, count: { elements: number }, depth = 0): Element | undefined {
  const name = take(reader, openTag)?.[1];
  count.elements += 1;
  if (name === undefined || depth >= deepest || count.elements > mostElements) return undefined;
  const attributes = readAttributes(reader);
  const end = attributes && take(reader, endOfTag);
  if (!end) return undefined;
  const element: Element = { name, attributes, children: [], text: '' };
  if (end[1] === '/') return element;
  for (;;) {
    const text = decode(take(reader, characters)?.[0] ?? '');
    if (text === undefined) return undefined;
    element.text += text;
    const close = take(reader, closeTag);
    if (close) return close[1] === name ? element : undefined;
    const child = readElement(reader, count, depth + 1);
    if (!child) return undefined;
    element.children.push(child);
  }
}

function readAttributes(reader: Reader): Map<string, string> | undefined {
  const attributes = new Map<string, string>();
  for (let match = take(reader, attribute); match; match = take(reader, attribute)) {
    const [, name = '', single, double] = match;
    const value = decode(single ?? double ?? '');
    if (value === undefined || attributes.has(name) || attributes.size >= mostAttributes) return undefined;
    attributes.set(name, value);
  }
  return attributes;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };
const reference = /&(?:(lt|gt|amp|apos|quot)|#([0-9]{1,7})|#x([0-9a-f]{1,6}));/gi;

/** Text with its references to characters resolved, once; undefined if one is none that XML itself defines. */
function decode(text: string): string | undefined {
  if (!text.includes('&')) return text;
  if (text.replace(reference, '').includes('&')) return undefined;
  return text.replace(reference, (_all, name?: string, decimal?: string, hexadecimal?: string) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? '';
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : '\u{fffd}';
  });
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const hexadecimal = /^(?:[0-9a-f]{2})*$/i;

/** What an element says as an event; undefined if what every event has is not there, or there twice. */
function eventOf(event: Element): EventXml | undefined {
  const system = only(event, 'System');
  if (!system) return undefined;
  const provider = only(system, 'Provider')?.attributes.get('Name');
  const eventId = only(system, 'EventID')?.text;
  const at = only(system, 'TimeCreated')?.attributes.get('SystemTime');
  if (provider === undefined || at === undefined || !time.test(at) || Number.isNaN(Date.parse(at))) return undefined;
  if (eventId === undefined || !/^\d{1,5}$/.test(eventId)) return undefined;
  const data = only(event, 'EventData');
  const binary = data && only(data, 'Binary')?.text;
  const userSid = only(system, 'Security')?.attributes.get('UserID');
  return {
    provider,
    eventId: Number(eventId),
    time: at,
    ...(userSid === undefined ? {} : { userSid }),
    parameters: data?.children.filter(({ name }) => name === 'Data').map(({ text }) => text) ?? [],
    ...(binary !== undefined && binary !== '' && hexadecimal.test(binary) ? { binary } : {}),
  };
}

/** The one child of this name; undefined if there is none or more than one. */
function only(element: Element, name: string): Element | undefined {
  const found = element.children.filter((child) => child.name === name);
  return found.length === 1 ? found[0] : undefined;
}
