/** An event as binary XML: the template that all events of a provider share, around one for its data. */
import { toFileTime } from '../file-time';
import type { EventDatum, EventRecord } from '../../windows/content';
import type { Content, ElementContent, InstanceContent, Value } from './binary-xml';

/** Numbers of value types ([MS-EVEN6] 2.2.12). */
export const valueType = {
  nothing: 0x00,
  string: 0x01,
  uint8: 0x04,
  uint16: 0x06,
  uint32: 0x08,
  uint64: 0x0a,
  binary: 0x0e,
  guid: 0x0f,
  filetime: 0x11,
  sid: 0x13,
  hex64: 0x15,
  binaryXml: 0x21,
} as const;

/** assumed: classic events of the System log are all marked so, as those of the Service Control Manager are. */
const keywords = 0x8080_0000_0000_0000n;

const missing: Value = { type: valueType.nothing, bytes: Buffer.alloc(0) };

/** The binary XML of an event with this record id. Throws an Error for a user that is no SID or text that is too long. */
export function eventContent(event: EventRecord, recordId: bigint): InstanceContent {
  const { provider, providerGuid, eventSourceName, computer } = event;
  return {
    kind: 'instance',
    template: JSON.stringify(['event', provider, providerGuid, eventSourceName, computer]),
    definition: eventTemplate(event),
    // In this order, and with the values that no event here has, in logs of Windows.
    values: [
      number(valueType.uint8, event.level),
      number(valueType.uint8, 0),
      number(valueType.uint16, 0),
      number(valueType.uint16, event.eventId),
      number(valueType.uint16, event.qualifiers),
      { type: valueType.hex64, bytes: eightBytes(keywords) },
      { type: valueType.filetime, bytes: eightBytes(toFileTime(event.at)) },
      missing,
      missing,
      missing,
      { type: valueType.uint64, bytes: eightBytes(recordId) },
      number(valueType.uint8, 0),
      event.userSid === undefined ? missing : { type: valueType.sid, bytes: sidBytes(event.userSid) },
      missing,
      { type: valueType.binaryXml, content: eventData(event) },
    ],
  };
}

function eventTemplate({ provider, providerGuid, eventSourceName, computer }: EventRecord): ElementContent {
  const about = { Name: provider, Guid: providerGuid, EventSourceName: eventSourceName };
  const given = Object.entries(about).filter(([, value]) => value !== '');
  const providerAttributes = Object.fromEntries(given.map(([name, value]) => [name, [text(value)]]));
  const correlation = { ActivityID: [optional(7, valueType.guid)], RelatedActivityID: [optional(13, valueType.guid)] };
  const execution = { ProcessID: [optional(8, valueType.uint32)], ThreadID: [optional(9, valueType.uint32)] };
  return element(
    'Event',
    [
      element('System', [
        { kind: 'element', name: 'Provider', attributes: providerAttributes },
        element('EventID', [optional(3, valueType.uint16)], { Qualifiers: [optional(4, valueType.uint16)] }),
        element('Version', [optional(11, valueType.uint8)]),
        element('Level', [optional(0, valueType.uint8)]),
        element('Task', [optional(2, valueType.uint16)]),
        element('Opcode', [optional(1, valueType.uint8)]),
        element('Keywords', [optional(5, valueType.hex64)]),
        { kind: 'element', name: 'TimeCreated', attributes: { SystemTime: [optional(6, valueType.filetime)] } },
        element('EventRecordID', [optional(10, valueType.uint64)]),
        { kind: 'element', name: 'Correlation', attributes: correlation },
        { kind: 'element', name: 'Execution', attributes: execution },
        element('Channel', [text('System')]),
        element('Computer', [text(computer)]),
        { kind: 'element', name: 'Security', attributes: { UserID: [optional(12, valueType.sid)] } },
      ]),
      optional(14, valueType.binaryXml),
    ],
    { xmlns: [text('http://schemas.microsoft.com/win/2004/08/events/event')] },
  );
}

function eventData({ data, binary }: EventRecord): InstanceContent {
  const named = data.map((datum, index) =>
    element('Data', [hole(index, valueType[datum.type])], datum.name === '' ? undefined : { Name: [text(datum.name)] }),
  );
  const binaryElement = binary === undefined ? [] : [element('Binary', [hole(data.length, valueType.binary)])];
  return {
    kind: 'instance',
    template: JSON.stringify(['data', ...data.map(({ name, type }) => [name, type]), binary !== undefined]),
    definition: element('EventData', [...named, ...binaryElement]),
    values: [
      ...data.map(datumValue),
      ...(binary === undefined ? [] : [{ type: valueType.binary, bytes: limited(Buffer.from(binary)) }]),
    ],
  };
}

function datumValue(datum: EventDatum): Value {
  switch (datum.type) {
    case 'string':
      return { type: valueType.string, bytes: limited(Buffer.from(datum.value, 'utf16le')) };
    case 'filetime':
      return { type: valueType.filetime, bytes: eightBytes(toFileTime(datum.value)) };
    default:
      return number(valueType[datum.type], datum.value);
  }
}

/** A value's size has 16 bits. */
function limited(bytes: Buffer): Buffer {
  if (bytes.length > 0xffff) throw new Error(`A value of ${bytes.length} bytes is too long for an event.`);
  return bytes;
}

function number(type: 0x04 | 0x06 | 0x08, value: number): Value {
  const size = { [valueType.uint8]: 1, [valueType.uint16]: 2, [valueType.uint32]: 4 }[type];
  const bytes = Buffer.alloc(size);
  bytes.writeUIntLE(value, 0, size);
  return { type, bytes };
}

function eightBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

/** [MS-DTYP] 2.4.2: `S-1-5-18` as bytes. */
function sidBytes(sid: string): Buffer {
  if (!/^S-1-\d+(-\d+){1,15}$/.test(sid)) throw new Error(`${JSON.stringify(sid)} is no SID.`);
  const [authority = 0, ...subAuthorities] = sid.split('-').slice(2).map(Number);
  const bytes = Buffer.alloc(8 + 4 * subAuthorities.length);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(subAuthorities.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, part] of subAuthorities.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
  return bytes;
}

function element(name: string, content: Content[], attributes?: Record<string, Content[]>): ElementContent {
  return { kind: 'element', name, content, ...(attributes ? { attributes } : {}) };
}

function hole(index: number, type: number): Content {
  return { kind: 'value', index, type, isOptional: false };
}

function optional(index: number, type: number): Content {
  return { kind: 'value', index, type, isOptional: true };
}

function text(value: string): Content {
  return { kind: 'text', text: value };
}
