/** Events for the test-only writer, shaped as Windows shapes them: a System template around an EventData template. */
import { fileTime, type Content, type ElementContent, type EventToWrite, type Value } from './evtx-writer';

export interface SampleEvent {
  recordId: number;
  time: string;
  provider?: string;
  eventId?: number;
  qualifiers?: number;
  level?: number;
  userSid?: string;
  data: Content;
}

/** An event of any provider. Without `userSid` and `qualifiers` their optional values are null. */
export function sampleEvent(sample: SampleEvent): EventToWrite {
  const { recordId, time, provider = 'Service Control Manager', eventId = 7023, level = 2 } = sample;
  return {
    recordId,
    time,
    content: {
      kind: 'instance',
      template: 'event',
      definition: eventTemplate,
      values: [
        text(provider),
        sample.qualifiers === undefined ? missing : uint16(sample.qualifiers),
        uint16(eventId),
        { type: 0x04, bytes: Buffer.from([level]) },
        { type: 0x15, bytes: Buffer.from('8080000000000000', 'hex').reverse() },
        { type: 0x11, bytes: ticks(time) },
        { type: 0x0a, bytes: int64(BigInt(recordId)) },
        text('VM-ONE'),
        sample.userSid === undefined ? missing : { type: 0x13, bytes: sid(sample.userSid) },
        { type: 0x21, content: sample.data },
      ],
    },
  };
}

/** What Service Control Manager writes: two parameters and the service's key name. */
export function serviceData(param1: string, param2: string, key: string): Content {
  return {
    kind: 'instance',
    template: 'service',
    definition: element('EventData', [
      namedData('param1', hole(0, 0x01)),
      namedData('param2', hole(1, 0x01)),
      element('Binary', [hole(2, 0x0e)]),
    ]),
    values: [text(param1), text(param2), { type: 0x0e, bytes: Buffer.from(`${key}\0`, 'utf16le') }],
  };
}

export function serviceEvent(recordId: number, time: string, service = 'Dhcp', eventId = 7023): EventToWrite {
  return sampleEvent({
    recordId,
    time,
    eventId,
    qualifiers: 49_152,
    data: serviceData(`The ${service} service`, '%%5', service),
  });
}

/**
 * An event as a collector keeps it that got it from another machine: elements without a template around them, and every
 * value a text (https://github.com/log2timeline/plaso/issues/4876).
 */
export function forwardedEvent(recordId: number, time: string): EventToWrite {
  const words = (value: string): Content[] => [{ kind: 'text', text: value }];
  const data = (name: string, value: string) => element('Data', words(value), { Name: words(name) });
  const system = element('System', [
    { kind: 'element', name: 'Provider', attributes: { Name: words('Service Control Manager') } },
    element('EventID', words('7023'), { Qualifiers: words('49152') }),
    element('Level', words('2')),
    { kind: 'element', name: 'TimeCreated', attributes: { SystemTime: words(time) } },
    element('EventRecordID', words('81')),
    element('Computer', words('vm-two.example')),
    { kind: 'element', name: 'Security', attributes: { UserID: words('S-1-5-18') } },
  ]);
  const eventData = element('EventData', [
    data('param1', 'The Dhcp service'),
    data('param2', '%%5'),
    element('Binary', words('4400')),
  ]);
  const rendering = element('RenderingInfo', [element('Message', words('…'))], { Culture: words('en-US') });
  const content = element('Event', [system, eventData, rendering], { xmlns: words('urn:events') });
  return { recordId, time, content, hasDependencyIds: false };
}

/** A parameter for each value, named as the value is. */
export function valuesData(values: Record<string, Value>): Content {
  const types = Object.entries(values);
  return {
    kind: 'instance',
    template: Object.keys(values).join(),
    definition: element(
      'EventData',
      types.map(([name, { type }], index) => namedData(name, hole(index, type))),
    ),
    values: types.map(([, value]) => value),
  };
}

/** Text in its forms, in elements that stand directly in the value: these have no dependency identifier. */
export function literalData(): Content {
  return element('UserData', [
    element('Report', [
      element('Plain', [{ kind: 'text', text: 'plain' }]),
      element('Joined', [
        { kind: 'text', text: 'a ' },
        { kind: 'entity', name: 'lt' },
        { kind: 'text', text: ' b' },
      ]),
      element('Instructed', [
        { kind: 'instruction', target: 'target', data: 'data' },
        { kind: 'text', text: 'after' },
      ]),
      { kind: 'element', name: 'Nothing' },
    ]),
  ]);
}

export function arrayData(value: Value): Content {
  return {
    kind: 'instance',
    template: `array-${value.type}`,
    definition: element('EventData', [element('Data', [hole(0, value.type)]), element('Binary', [optional(1, 0x0e)])]),
    values: [value, missing],
  };
}

export const stringArray: Value = { type: 0x81, bytes: Buffer.from('10.00.\0\0last\0', 'utf16le') };

/** Values of all types that evtxexport writes rightly. */
export const typedValues = {
  string: text('Zeichenkette äöü 漢字'),
  terminated: { type: 0x01, bytes: Buffer.from('ended\0', 'utf16le') },
  ansi: { type: 0x02, bytes: Buffer.from('ansi', 'latin1') },
  int8: { type: 0x03, bytes: Buffer.from([0x80]) },
  uint8: { type: 0x04, bytes: Buffer.from([0xff]) },
  int16: { type: 0x05, bytes: words(2) },
  uint16: uint16(65_535),
  int32: { type: 0x07, bytes: words(3, 0) },
  uint32: { type: 0x08, bytes: Buffer.from([0xff, 0xff, 0xff, 0xff]) },
  int64: { type: 0x09, bytes: int64(9_007_199_254_740_993n) },
  uint64: { type: 0x0a, bytes: int64(18_446_744_073_709_551_615n) },
  real32: { type: 0x0b, bytes: real32(0.5) },
  real64: { type: 0x0c, bytes: real64(-2.25) },
  true: { type: 0x0d, bytes: Buffer.from([1, 0, 0, 0]) },
  false: { type: 0x0d, bytes: Buffer.alloc(4) },
  binary: { type: 0x0e, bytes: Buffer.from([0xde, 0xad, 0x01]) },
  guid: { type: 0x0f, bytes: Buffer.from('33221100554477668899aabbccddeeff', 'hex') },
  fileTime: { type: 0x11, bytes: ticks('2024-02-29T23:59:59.1234567Z') },
  systemTime: { type: 0x12, bytes: words(2024, 2, 4, 29, 23, 59, 58, 7) },
  sid: { type: 0x13, bytes: sid('S-1-5-21-1-2-4294967295-500') },
  hex32: { type: 0x14, bytes: Buffer.from([0x05, 0x40, 0x00, 0xc0]) },
  hex64: { type: 0x15, bytes: Buffer.from('e703000000000000', 'hex') },
} satisfies Record<string, Value>;

/** evtxexport 20181227 writes -2 as -32766, so these are told apart from what it can vouch for. */
export const negativeValues = {
  int16: { type: 0x05, bytes: words(0xfffe) },
  int32: { type: 0x07, bytes: words(0xfffd, 0xffff) },
  int64: { type: 0x09, bytes: int64(-9_007_199_254_740_993n) },
} satisfies Record<string, Value>;

const missing: Value = { type: 0x00, bytes: Buffer.alloc(0) };

const eventTemplate = element(
  'Event',
  [
    element('System', [
      { kind: 'element', name: 'Provider', attributes: { Name: [optional(0, 0x01)] } },
      element('EventID', [optional(2, 0x06)], { Qualifiers: [optional(1, 0x06)] }),
      element('Level', [optional(3, 0x04)]),
      element('Keywords', [optional(4, 0x15)]),
      { kind: 'element', name: 'TimeCreated', attributes: { SystemTime: [optional(5, 0x11)] } },
      element('EventRecordID', [optional(6, 0x0a)]),
      element('Channel', [{ kind: 'text', text: 'System' }]),
      element('Computer', [optional(7, 0x01)]),
      { kind: 'element', name: 'Security', attributes: { UserID: [optional(8, 0x13)] } },
    ]),
    hole(9, 0x21),
  ],
  { xmlns: [{ kind: 'text', text: 'http://schemas.microsoft.com/win/2004/08/events/event' }] },
);

export function element(name: string, content: Content[], attributes?: Record<string, Content[]>): ElementContent {
  return { kind: 'element', name, content, ...(attributes ? { attributes } : {}) };
}

function namedData(name: string, content: Content): ElementContent {
  return element('Data', [content], { Name: [{ kind: 'text', text: name }] });
}

export function hole(index: number, type: number): Content {
  return { kind: 'value', index, type, isOptional: false };
}

function optional(index: number, type: number): Content {
  return { kind: 'value', index, type, isOptional: true };
}

function text(value: string): Value & { bytes: Buffer } {
  return { type: 0x01, bytes: Buffer.from(value, 'utf16le') };
}

function uint16(value: number): Value & { bytes: Buffer } {
  return { type: 0x06, bytes: words(value) };
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(value, index * 2));
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

function real32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function real64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function ticks(iso: string): Buffer {
  return int64(fileTime(iso));
}

function sid(value: string): Buffer {
  const [, revision = 1, authority = 5, ...subAuthorities] = value.split('-').map(Number);
  const bytes = Buffer.alloc(8 + 4 * subAuthorities.length);
  bytes.writeUInt8(revision, 0);
  bytes.writeUInt8(subAuthorities.length, 1);
  bytes.writeUIntBE(authority, 2, 6);
  subAuthorities.forEach((part, index) => bytes.writeUInt32LE(part, 8 + 4 * index));
  return bytes;
}
