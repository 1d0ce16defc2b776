/** From an event's elements to the record that they tell of. */
import { fromFileTime } from '../file-time';
import type { EventDatum, EventRecord } from '../../windows/content';
import { valueType } from './event-content';
import type { Piece, XmlElement } from './read-binary-xml';

/** Throws an Error for an event that is shaped otherwise than those that this room writes. */
export function readEvent(pieces: readonly Piece[]): EventRecord {
  const event = child(pieces, 'Event');
  const system = child(event?.content, 'System')?.content;
  const provider = child(system, 'Provider');
  const eventId = child(system, 'EventID');
  const time = valueOf(child(system, 'TimeCreated')?.attributes.get('SystemTime'));
  if (eventId === undefined || time === undefined) throw new Error('An event of the log has no id or no time.');
  const userSid = valueOf(child(system, 'Security')?.attributes.get('UserID'));
  const data = child(event?.content, 'EventData')?.content ?? [];
  const binary = valueOf(child(data, 'Binary')?.content);
  return {
    provider: textOf(provider?.attributes.get('Name')),
    providerGuid: textOf(provider?.attributes.get('Guid')),
    eventSourceName: textOf(provider?.attributes.get('EventSourceName')),
    eventId: numberOf(eventId.content),
    qualifiers: numberOf(eventId.attributes.get('Qualifiers')),
    level: numberOf(child(system, 'Level')?.content),
    at: fromFileTime(time.readBigUInt64LE(0)),
    computer: textOf(child(system, 'Computer')?.content),
    ...(userSid === undefined ? {} : { userSid: sidText(userSid) }),
    data: data.flatMap((piece) => (piece.kind === 'element' && piece.name === 'Data' ? [datumOf(piece)] : [])),
    ...(binary === undefined ? {} : { binary: new Uint8Array(binary) }),
  };
}

function datumOf({ attributes, content }: XmlElement): EventDatum {
  const name = textOf(attributes.get('Name'));
  const [piece] = content;
  if (piece?.kind !== 'value' || piece.type === valueType.string)
    return { name, type: 'string', value: textOf(content) };
  switch (piece.type) {
    case valueType.uint8:
      return { name, type: 'uint8', value: piece.bytes.readUInt8(0) };
    case valueType.uint16:
      return { name, type: 'uint16', value: piece.bytes.readUInt16LE(0) };
    case valueType.uint32:
      return { name, type: 'uint32', value: piece.bytes.readUInt32LE(0) };
    case valueType.filetime:
      return { name, type: 'filetime', value: fromFileTime(piece.bytes.readBigUInt64LE(0)) };
    default:
      throw new Error(`The event datum ${JSON.stringify(name)} has the type ${piece.type}, which is not known here.`);
  }
}

function child(pieces: readonly Piece[] | undefined, name: string): XmlElement | undefined {
  return pieces?.find((piece): piece is XmlElement => piece.kind === 'element' && piece.name === name);
}

function valueOf(pieces: readonly Piece[] | undefined): Buffer | undefined {
  return pieces?.flatMap((piece) => (piece.kind === 'value' ? [piece.bytes] : []))[0];
}

function textOf(pieces: readonly Piece[] = []): string {
  return pieces
    .map((piece) => {
      if (piece.kind === 'text') return piece.text;
      return piece.kind === 'value' ? piece.bytes.toString('utf16le') : '';
    })
    .join('');
}

/** Ids and levels have at most four bytes. */
function numberOf(pieces: readonly Piece[] | undefined): number {
  const bytes = valueOf(pieces);
  return bytes === undefined ? 0 : bytes.readUIntLE(0, bytes.length);
}

/** [MS-DTYP] 2.4.2. */
function sidText(sid: Buffer): string {
  const parts = [sid.readUInt8(0), sid.readUIntBE(2, 6)];
  for (let at = 8; at < sid.length; at += 4) parts.push(sid.readUInt32LE(at));
  return `S-${parts.join('-')}`;
}
