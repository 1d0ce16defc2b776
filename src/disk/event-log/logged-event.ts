/**
 * An event as its record tells it: the part of the event schema that a diagnosis reads
 * (https://learn.microsoft.com/windows/win32/wes/eventschema-schema).
 */
import { UnreadableError } from '../byte-source';
import { expand, textOf, type XmlElement } from './expand';
import { parseFragment, type ChunkXml } from './binary-xml';
import { fileTimeToIso } from '../file-time';
import type { RecordPlace } from './chunk';

/** Every text comes from the disk: hostile, show escaped. */
export interface LoggedEvent {
  recordId: number;
  provider: string;
  eventId: number;
  /** The upper half of the message id that older programs wrote beside the event id. */
  qualifiers?: number;
  /** 1 critical, 2 error, 3 warning, 4 information, 5 verbose, 0 always logged. */
  level: number;
  /** When it was written, ISO 8601 in UTC, to 100 ns. */
  time: string;
  computer: string;
  userSid?: string;
  /** `Data` of EventData, or the innermost elements of UserData, in their order. */
  parameters: { name?: string; value: string }[];
  /**
   * The `Binary` of EventData as upper-case hexadecimal. Service Control Manager puts the service's key name here,
   * in UTF-16: unlike `param1` it is not translated.
   */
  binary?: string;
}

/** Reads one record of a chunk. Throws an UnreadableError if it is damaged or no event. */
export function readRecord(xml: ChunkXml, place: RecordPlace): LoggedEvent {
  const patterns = parseFragment(xml, place.start, place.end, 0);
  const event = elements(expand(xml, patterns)).find(({ name }) => name === 'Event');
  const system = event && child(event, 'System');
  const eventIdElement = system && child(system, 'EventID');
  if (!eventIdElement) throw new UnreadableError('damaged', 'a record without an event id');
  const qualifiers = attribute(eventIdElement, 'Qualifiers');
  const userSid = attribute(child(system, 'Security'), 'UserID');
  const binary = textOf(child(child(event, 'EventData'), 'Binary')?.children ?? []);
  return {
    recordId: Number(place.recordId),
    provider: attribute(child(system, 'Provider'), 'Name') ?? '',
    eventId: wholeNumber(textOf(eventIdElement.children)),
    ...(qualifiers ? { qualifiers: wholeNumber(qualifiers) } : {}),
    level: wholeNumber(childText(system, 'Level') || '0'),
    time: fileTimeToIso(place.writtenTime),
    computer: childText(system, 'Computer'),
    ...(userSid ? { userSid } : {}),
    parameters: readParameters(event),
    ...(binary ? { binary } : {}),
  };
}

function readParameters(event: XmlElement): LoggedEvent['parameters'] {
  const eventData = child(event, 'EventData');
  if (eventData) {
    return elements(eventData.children)
      .filter(({ name }) => name === 'Data')
      .map((data) => {
        const name = attribute(data, 'Name');
        return { ...(name ? { name } : {}), value: textOf(data.children) };
      });
  }
  return elements(child(event, 'UserData')?.children ?? []).flatMap(innermost);
}

function innermost(element: XmlElement): LoggedEvent['parameters'] {
  const inside = elements(element.children);
  if (inside.length === 0) return [{ name: element.name, value: textOf(element.children) }];
  return inside.flatMap(innermost);
}

function elements(children: (XmlElement | string)[]): XmlElement[] {
  return children.filter((item) => typeof item !== 'string');
}

function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element && elements(element.children).find((item) => item.name === name);
}

function childText(element: XmlElement, name: string): string {
  return textOf(child(element, name)?.children ?? []);
}

function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes.find((item) => item.name === name)?.value;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new UnreadableError('damaged', 'an id or level that is no number');
  return Number(text);
}
