import type { LoggedEvent } from '../../disk/event-log/read-events';
import type { ServiceEvent, ServiceEvents } from '../evidence';
import { keyBelow, textIn } from './current-hive';
import { attemptHere, once, type Finding } from './finding';
import { plainText } from './plain-text';
import { readSystemLog } from './system-log';
import type { Windows } from './windows';

/**
 * Ids of failures and of changed start types:
 * https://learn.microsoft.com/windows/win32/services/service-control-manager. 7003 names no service that it is about
 * apart from param1 either.
 */
const eventIds = [7000, 7001, 7003, 7009, 7022, 7023, 7024, 7031, 7034, 7038, 7040, 7041] as const;
const startTypeChanged = 7040;
const connectionTimedOut = 7009;

const windowMilliseconds = 24 * 60 * 60 * 1000;
/** Nothing on a disk is younger than its snapshot; a time after it only says that the guest's clock is ahead. */
const aheadMilliseconds = 24 * 60 * 60 * 1000;

const mostTold = 50;
/** Of all services together: one that fails every second must not hide another. */
const mostRead = 5000;
/** 2 MiB, the newest of the window. */
const mostChunks = 32;

/** Reads what the Service Control Manager wrote before `asOf` once, for all services that are asked for. */
export function serviceEventReader(windows: Windows, asOf: Date) {
  const since = new Date(asOf.getTime() - windowMilliseconds);
  const log = once(() =>
    readSystemLog(windows, {
      providers: [{ name: 'Service Control Manager', eventIds }],
      from: since,
      to: new Date(asOf.getTime() + aheadMilliseconds),
      limit: mostRead,
      maxChunks: mostChunks,
    }),
  );
  return async (service: string): Promise<Finding<ServiceEvents>> => {
    const { path, events, chunksRead, cautions } = await log();
    const names = await namesOf(windows, service);
    const own = events.filter((event) => isAbout(event, service, names.texts));
    const unnamed = names.isTranslated
      ? events.filter((one) => isOnlyNamedInWords(one) && !own.includes(one)).length
      : 0;
    const told = own.slice(-mostTold).map(serviceEvent);
    const newest = own.at(-1)?.time ?? '';
    const until = newest > asOf.toISOString() ? newest : asOf.toISOString();
    const isCut = own.length > told.length || events.length >= mostRead || chunksRead >= mostChunks;
    const doubt = `of ${unnamed} further records only a display name tells the service, and the registry does not have it as text`;
    return {
      fact: { kind: 'service-events', service, since: since.toISOString(), until, events: told, isCut },
      place: `${path} › Service Control Manager`,
      cautions: [...cautions, ...names.cautions, ...(unnamed > 0 ? [doubt] : [])],
    };
  };
}

interface Names {
  /** The key's name and the display name, in lower case. */
  texts: string[];
  /** Whether the display name stands in a translated file (`@%SystemRoot%\system32\dhcpcore.dll,-100`). */
  isTranslated: boolean;
  cautions: string[];
}

async function namesOf(windows: Windows, service: string): Promise<Names> {
  const read = await attemptHere(displayName(windows, service));
  const name = read.ok ? read.value : undefined;
  const isTranslated = name === undefined || name.startsWith('@');
  const texts = [service, ...(isTranslated ? [] : [name])].map((text) => text.toLowerCase());
  return { texts, isTranslated, cautions: read.ok ? [] : ["the service's display name could not be read"] };
}

async function displayName(windows: Windows, service: string): Promise<string | undefined> {
  const { key } = await windows.controlSet();
  return textIn(await keyBelow(key, ['Services', service]), 'DisplayName');
}

/** `Binary` and 7040's fourth parameter hold the key's name, which is not translated; all others the display name. */
function isAbout(event: LoggedEvent, service: string, names: string[]): boolean {
  if (event.eventId === startTypeChanged && event.parameters[3]) return isSame(event.parameters[3].value, service);
  if (isSame(keyNameOf(event), service)) return true;
  const parameter = event.parameters[event.eventId === connectionTimedOut ? 1 : 0];
  return parameter !== undefined && names.includes(parameter.value.toLowerCase());
}

function isSame(text: string | undefined, service: string): boolean {
  return text?.toLowerCase() === service.toLowerCase();
}

/** The service's key name in `Binary`: UTF-16, ended by NUL; some records add `/` and a state's number. */
function keyNameOf({ binary }: LoggedEvent): string | undefined {
  return binary && Buffer.from(binary.slice(0, 1200), 'hex').toString('utf16le').split(/[\0/]/u)[0];
}

function isOnlyNamedInWords(event: LoggedEvent): boolean {
  return event.eventId !== startTypeChanged && event.binary === undefined;
}

function serviceEvent(event: LoggedEvent): ServiceEvent {
  const values = event.parameters.map(({ value }) => value);
  const code = values.map((value) => /^%%(\d{1,10})$/u.exec(value)?.[1]).find((found) => found !== undefined);
  const [, before, after] = values;
  const isChange = event.eventId === startTypeChanged && before !== undefined && after !== undefined;
  return {
    eventId: event.eventId,
    at: event.time,
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(isChange ? { startTypes: { before: plainText(before, 60), after: plainText(after, 60) } } : {}),
    ...(event.userSid === undefined ? {} : { userSid: plainText(event.userSid, 200) }),
  };
}
