/**
 * Asks evtxexport (Debian package libevtx-utils), a reader of event logs that we did not write, what is in a log, and
 * brings its spelling of values to ours.
 */
import { execFileSync } from 'node:child_process';
import type { LoggedEvent } from '../../../../src/disk/event-log/read-events';

/** All events of the log at `path`, in the order of their record ids. Throws if the tool is missing or gives up. */
export function exportEvents(path: string): LoggedEvent[] {
  const text = execFileSync('evtxexport', ['-f', 'xml', path], { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: 'pipe' });
  const documents = text.match(/<Event [\s\S]*?<\/Event>/g) ?? [];
  return documents.map(toEvent).sort((a, b) => a.recordId - b.recordId);
}

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

function toEvent(document: string): LoggedEvent {
  const event = parse(document);
  const system = find(event, 'System');
  const eventId = find(system, 'EventID');
  const eventData = find(event, 'EventData');
  const qualifiers = eventId.attributes.Qualifiers;
  const userSid = find(system, 'Security').attributes.UserID;
  const binary = find(eventData, 'Binary').text;
  return {
    recordId: Number(find(system, 'EventRecordID').text),
    provider: find(system, 'Provider').attributes.Name ?? '',
    eventId: Number(eventId.text),
    ...(qualifiers ? { qualifiers: Number(qualifiers) } : {}),
    level: Number(find(system, 'Level').text),
    time: ourSpelling(find(system, 'TimeCreated').attributes.SystemTime ?? ''),
    computer: find(system, 'Computer').text,
    ...(userSid ? { userSid } : {}),
    parameters: [
      ...eventData.children
        .filter(({ name }) => name === 'Data')
        .map(({ attributes: { Name }, text }) => ({ ...(Name ? { name: Name } : {}), value: ourSpelling(text) })),
      ...find(event, 'UserData').children.flatMap(leaves),
    ],
    ...(binary ? { binary } : {}),
  };
}

function leaves(element: Element): LoggedEvent['parameters'] {
  if (element.children.length === 0) return [{ name: element.name, value: ourSpelling(element.text) }];
  return element.children.flatMap(leaves);
}

/** It writes nanoseconds where there are ticks of 100, GUIDs in capitals, padded hexadecimals and C's `%e`. */
function ourSpelling(value: string): string {
  if (/^\{[0-9A-F-]{36}\}$/.test(value)) return value.toLowerCase();
  if (/T[\d:]{8}\.\d{7}00Z$/.test(value)) return value.replace('00Z', 'Z');
  if (/^0x0+[0-9a-f]+$/.test(value)) return value.replace(/^0x0+(?=.)/, '0x');
  if (/^-?\d\.\d{6}e[+-]\d{3}$/.test(value)) return String(Number(value));
  return value;
}

function find(element: Element, name: string): Element {
  return element.children.find((child) => child.name === name) ?? { name, attributes: {}, children: [], text: '' };
}

/** The little XML that the tool writes: no comments, no sections, entities of XML only. */
function parse(document: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [, closing, name = '', attributes = '', empty, text = ''] of document.matchAll(
    /<(\/?)([\w:]+)((?:\s[\w:]+="[^"]*")*)(\/?)>([^<]*)/g,
  )) {
    if (closing) {
      open.shift();
      continue;
    }
    const element: Element = { name, attributes: parseAttributes(attributes), children: [], text: plain(text) };
    open[0]?.children.push(element);
    if (empty) element.text = '';
    else open.unshift(element);
  }
  return root.children[0] ?? root;
}

function parseAttributes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, plain(value)]),
  );
}

function plain(text: string): string {
  const entities: Partial<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replace(/&(\w+);/g, (reference, name: string) => entities[name] ?? reference);
}
