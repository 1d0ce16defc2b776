import { isWithin, UnreadableError } from '../byte-source';

/** Tags: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc/c8e77b37-3909-4fe6-a4ea-2b9d423b1ee4 */
const TAG_MOUNT_POINT = 0xa0000003;
const TAG_SYMBOLIC_LINK = 0xa000000c;
const TAG_WINDOWS_OVERLAY = 0x80000017;

/** Where the names begin in each kind of link (MS-FSCC 2.1.2.4 and 2.1.2.5). */
const LINK_NAMES_AT = new Map([
  [TAG_MOUNT_POINT, 16],
  [TAG_SYMBOLIC_LINK, 20],
]);

/**
 * Says why a file or directory with a reparse point is not read: a link is told with where it leads (never followed: it
 * may lead to another disk, or in circles), a file that Windows keeps compressed in its overlay (WOF) as `compressed`,
 * anything else by its tag.
 */
export function reparsePointError(value: Buffer, path: string): UnreadableError {
  const tag = value.length < 8 ? 0 : value.readUInt32LE(0);
  if (tag === TAG_WINDOWS_OVERLAY)
    return new UnreadableError('compressed', `${path} is kept compressed by Windows (WOF, as by compact /exe)`);
  const namesAt = LINK_NAMES_AT.get(tag);
  if (namesAt === undefined)
    return new UnreadableError('not-available', `${path} is a placeholder (reparse tag 0x${tag.toString(16)})`);
  const kind = tag === TAG_SYMBOLIC_LINK ? 'a symbolic link' : 'a junction';
  return new UnreadableError(
    'not-available',
    `${path} is ${kind} to ${linkTarget(value, namesAt)}; links are not followed`,
  );
}

function linkTarget(value: Buffer, namesAt: number): string {
  if (value.length < namesAt) return 'an unreadable place';
  const at = namesAt + value.readUInt16LE(8);
  const length = value.readUInt16LE(10);
  return isWithin(value.length, at, length) ? value.toString('utf16le', at, at + length) : 'an unreadable place';
}
