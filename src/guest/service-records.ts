import type { ServiceEvent } from './evidence';
import { plainText } from './plain-text';

/**
 * Which records of the Service Control Manager are about a service, and what they say. The same for a log on a disk and
 * for a running Windows that is asked.
 */

/** The provider of all of them. */
export const serviceControlManager = 'Service Control Manager';

/**
 * Ids of failures and of changed start types:
 * https://learn.microsoft.com/windows/win32/services/service-control-manager. 7003 names no service that it is about
 * apart from param1 either.
 */
export const serviceEventIds = [7000, 7001, 7003, 7009, 7022, 7023, 7024, 7031, 7034, 7038, 7040, 7041] as const;
const startTypeChanged = 7040;
/** "A timeout was reached (param1 milliseconds) while waiting for the param2 service to connect": real 7011 records have the same order. */
const connectionTimedOut = 7009;

/** How far back records are told, in ms: a day, as in Microsoft's own query. */
export const recordWindow = 24 * 60 * 60 * 1000;

/** A record, however it was read. Texts are hostile. */
export interface ServiceRecord {
  eventId: number;
  /** ISO 8601. */
  time: string;
  parameters: string[];
  /** Hexadecimal. */
  binary?: string;
  userSid?: string;
}

/** How a service is called. */
export interface ServiceNames {
  /** The key's name. */
  service: string;
  /** The registry's `DisplayName`; undefined if it was not read or cannot be compared. */
  displayName?: string;
}

/** The records about a service, in their order, and of how many others only translated words tell which service they mean. */
export function recordsAbout<Item extends ServiceRecord>(
  records: readonly Item[],
  { service, displayName }: ServiceNames,
): { own: Item[]; doubtful: number } {
  // `@%SystemRoot%\system32\dhcpcore.dll,-100` stands for a text that Windows translates.
  const isTranslated = displayName === undefined || displayName.startsWith('@');
  const names = [service, ...(isTranslated ? [] : [displayName])].map((name) => name.toLowerCase());
  const own = records.filter((record) => isAbout(record, service, names));
  const doubtful = records.filter((record) => isOnlyNamedInWords(record) && !own.includes(record)).length;
  return { own, doubtful: isTranslated ? doubtful : 0 };
}

/** `Binary` and 7040's fourth parameter hold the key's name, which is not translated; all others the display name. */
function isAbout(record: ServiceRecord, service: string, names: string[]): boolean {
  const { eventId, parameters } = record;
  if (eventId === startTypeChanged && parameters[3]) return isSame(parameters[3], service);
  if (isSame(keyNameOf(record), service)) return true;
  const parameter = parameters[eventId === connectionTimedOut ? 1 : 0];
  return parameter !== undefined && names.includes(parameter.toLowerCase());
}

function isSame(text: string | undefined, service: string): boolean {
  return text?.toLowerCase() === service.toLowerCase();
}

/** The service's key name in `Binary`: UTF-16, ended by NUL; some records add `/` and a state's number. */
function keyNameOf({ binary }: ServiceRecord): string | undefined {
  return binary && Buffer.from(binary.slice(0, 1200), 'hex').toString('utf16le').split(/[\0/]/u)[0];
}

function isOnlyNamedInWords({ eventId, binary }: ServiceRecord): boolean {
  return eventId !== startTypeChanged && binary === undefined;
}

/** What such records leave open, for people: how many there are whose service is not known. */
export function doubtAbout(doubtful: number): string[] {
  if (doubtful === 0) return [];
  return [
    `of ${doubtful} further records only a display name tells the service, and the registry does not have it as text`,
  ];
}

/** What a record says of its service. */
export function serviceEventOf({ eventId, time, parameters, userSid }: ServiceRecord): ServiceEvent {
  const code = parameters.map((value) => /^%%(\d{1,10})$/u.exec(value)?.[1]).find((found) => found !== undefined);
  const [, before, after] = parameters;
  const isChange = eventId === startTypeChanged && before !== undefined && after !== undefined;
  return {
    eventId,
    at: time,
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(isChange ? { startTypes: { before: plainText(before, 60), after: plainText(after, 60) } } : {}),
    ...(userSid === undefined ? {} : { userSid: plainText(userSid, 200) }),
  };
}
