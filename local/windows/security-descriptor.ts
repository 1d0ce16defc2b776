/**
 * Security descriptors between the bytes that a hive holds ([MS-DTYP] 2.4.6) and the text that Windows prints
 * (https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format). As far as keys and services have
 * them: owner, group and a list of entries that allow or deny.
 */
import { createHash } from 'node:crypto';

/** https://learn.microsoft.com/windows/win32/secauthz/sid-strings */
const sidNames: Readonly<Record<string, string>> = {
  AC: 'S-1-15-2-1',
  AU: 'S-1-5-11',
  BA: 'S-1-5-32-544',
  BU: 'S-1-5-32-545',
  CO: 'S-1-3-0',
  IU: 'S-1-5-4',
  LS: 'S-1-5-19',
  NS: 'S-1-5-20',
  SU: 'S-1-5-6',
  SY: 'S-1-5-18',
  WD: 'S-1-1-0',
};

/** Rights of a key by their usual names, then single ones by their bits (https://learn.microsoft.com/windows/win32/secauthz/ace-strings). */
const keyRights: Readonly<Record<string, number>> = { KA: 0xf_003f, KR: 0x2_0019, KW: 0x2_0006 };
const singleRights: readonly [string, number][] = [
  ['CC', 0x1],
  ['DC', 0x2],
  ['LC', 0x4],
  ['SW', 0x8],
  ['RP', 0x10],
  ['WP', 0x20],
  ['DT', 0x40],
  ['LO', 0x80],
  ['CR', 0x100],
  ['SD', 0x1_0000],
  ['RC', 0x2_0000],
  ['WD', 0x4_0000],
  ['WO', 0x8_0000],
];

const entryFlags: readonly [string, number][] = [
  ['OI', 0x1],
  ['CI', 0x2],
  ['NP', 0x4],
  ['IO', 0x8],
  ['ID', 0x10],
];
const listFlags: readonly [string, number][] = [
  ['P', 0x1000],
  ['AI', 0x400],
];
const listPresent = 0x4;
const selfRelative = 0x8000;

/** The SID of `NT SERVICE\<service>`: the SHA-1 of its name in upper case, as five numbers. */
export function serviceSid(service: string): string {
  const hash = createHash('sha1').update(Buffer.from(service.toUpperCase(), 'utf16le')).digest();
  return `S-1-5-80-${[0, 4, 8, 12, 16].map((at) => hash.readUInt32LE(at)).join('-')}`;
}

/** The descriptor that a text stands for. Throws an Error for what it does not know. */
export function descriptorOf(text: string): Buffer {
  const match = /^O:(.+?)G:(.+?)D:(P?(?:AI)?)((?:\([^()]*\))*)$/.exec(text);
  const [, owner = '', group = '', flags = '', entries = ''] = match ?? [];
  if (!match) throw new Error(`${text} is no security descriptor that is known here.`);
  const list = Buffer.concat([
    Buffer.alloc(8),
    ...[...entries.matchAll(/\(([^()]*)\)/g)].map(([, one = '']) => entryOf(one)),
  ]);
  list.writeUInt8(2, 0);
  list.writeUInt16LE(list.length, 2);
  list.writeUInt16LE([...entries.matchAll(/\(/g)].length, 4);
  const [ownerSid, groupSid] = [sidBytes(owner), sidBytes(group)];
  const head = Buffer.alloc(20);
  head.writeUInt8(1, 0);
  head.writeUInt16LE(selfRelative | listPresent | bitsOf(flags, listFlags), 2);
  head.writeUInt32LE(20 + list.length, 4);
  head.writeUInt32LE(20 + list.length + ownerSid.length, 8);
  head.writeUInt32LE(20, 16);
  return Buffer.concat([head, list, ownerSid, groupSid]);
}

function entryOf(text: string): Buffer {
  const [type, flags = '', rights = '', , , sid = ''] = text.split(';');
  const bytes = sidBytes(sid);
  const head = Buffer.alloc(8);
  head.writeUInt8(type === 'D' ? 1 : 0, 0);
  head.writeUInt8(bitsOf(flags, entryFlags), 1);
  head.writeUInt16LE(8 + bytes.length, 2);
  head.writeUInt32LE(keyRights[rights] ?? bitsOf(rights, singleRights), 4);
  return Buffer.concat([head, bytes]);
}

function bitsOf(text: string, names: readonly [string, number][]): number {
  return names.filter(([name]) => text.match(/^P|../g)?.includes(name) ?? false).reduce((sum, [, bit]) => sum | bit, 0);
}

function sidBytes(name: string): Buffer {
  const [, , authority = '0', ...parts] = (sidNames[name] ?? name).split('-');
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(parts.length, 1);
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(Number(part), 8 + 4 * index);
  return bytes;
}

/** The text of a descriptor. */
export function descriptorText(bytes: Buffer): string {
  const control = bytes.readUInt16LE(2);
  const list = bytes.readUInt32LE(16);
  const entries: string[] = [];
  for (let at = list + 8, left = bytes.readUInt16LE(list + 4); left > 0; left -= 1) {
    entries.push(entryText(bytes, at));
    at += bytes.readUInt16LE(at + 2);
  }
  const owner = sidText(bytes, bytes.readUInt32LE(4));
  const group = sidText(bytes, bytes.readUInt32LE(8));
  return `O:${owner}G:${group}D:${namesOf(control, listFlags)}${entries.join('')}`;
}

function entryText(bytes: Buffer, at: number): string {
  const type = bytes.readUInt8(at) === 1 ? 'D' : 'A';
  const mask = bytes.readUInt32LE(at + 4);
  const whole = Object.entries(keyRights).find(([, bits]) => bits === mask)?.[0];
  const rights = whole ?? namesOf(mask, singleRights);
  return `(${type};${namesOf(bytes.readUInt8(at + 1), entryFlags)};${rights};;;${sidText(bytes, at + 8)})`;
}

function namesOf(bits: number, names: readonly [string, number][]): string {
  return names.flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name])).join('');
}

function sidText(bytes: Buffer, at: number): string {
  const parts = Array.from({ length: bytes.readUInt8(at + 1) }, (_one, index) =>
    bytes.readUInt32LE(at + 8 + 4 * index),
  );
  const sid = ['S', bytes.readUInt8(at), bytes.readUIntBE(at + 2, 6), ...parts].join('-');
  return Object.entries(sidNames).find(([, known]) => known === sid)?.[0] ?? sid;
}
