import { linesOf, trimBlanks } from './console-text';
import { parsed, unreadable, type Parsed } from './parsed';

// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format, without conditional entries.
const sid = String.raw`(?:[A-Z]{2}|S-1-[0-9A-Fx]{1,14}(?:-[0-9]{1,10}){1,15})`;
const guid = String.raw`(?:[0-9a-fA-F-]{36})?`;
const entry = String.raw`\([A-Z]{1,2};[A-Z]{0,14};(?:[A-Z]{0,40}|0x[0-9a-fA-F]{1,8});${guid};${guid};${sid}\)`;
const list = String.raw`(?:P|AR|AI|NO_ACCESS_CONTROL)*(?:${entry})*`;
const descriptor = new RegExp(`^(?=.)(?:O:${sid})?(?:G:${sid})?(?:D:${list})?(?:S:${list})?$`);

/** A registry key's list of permissions has a handful of entries, each of some twenty characters. */
const longest = 8192;

/**
 * The security descriptor, as a string, that `sc.exe sdshow` or a `.Sddl` printed: the one line that is not blank. Its
 * letters and numbers are not translated. A failure if the line is anything else, so that nothing but a descriptor is
 * shown as one.
 */
export function parseSddl(text: string): Parsed<string> {
  if (text.length > 2 * longest) return unreadable('it is longer than a security descriptor');
  const [line, second] = linesOf(text)
    .map(trimBlanks)
    .filter((one) => one !== '');
  if (line === undefined) return unreadable('there is no security descriptor');
  if (second !== undefined) return unreadable('there is more than a security descriptor');
  return line.length <= longest && descriptor.test(line) ? parsed(line) : unreadable('it is no security descriptor');
}

/** Before it may stand a letter of a double-byte code page, such as a wide colon, whose second byte looks like a Latin one. */
const serviceSid = /(?:(?<![A-Za-z0-9_-])|(?<=[\u0080-\u00ff][@-~]))S-1-5-80(?:-[0-9]{1,10}){5}(?![A-Za-z0-9_-])/g;

/**
 * The SID in what `sc.exe showsid <service>` prints: three rows, whose labels may be translated. A failure unless there
 * is exactly one SID of a service (https://learn.microsoft.com/windows/win32/api/winsvc/ns-winsvc-service_sid_info).
 */
export function parseServiceSid(text: string): Parsed<string> {
  if (text.length > longest) return unreadable('it is longer than three rows');
  const [found, second] = text.match(serviceSid) ?? [];
  if (found === undefined) return unreadable('there is no SID of a service');
  return second === undefined ? parsed(found) : unreadable('there are several SIDs');
}
