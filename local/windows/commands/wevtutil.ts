/**
 * `wevtutil qe System /q:"…" [/c:n] [/rd:true] [/f:xml]`: the records of the guest's System log as event XML
 * (layout: a public record of event 7040; schema http://schemas.microsoft.com/win/2004/08/events/event). One element after
 * the other, no root: that is what `/e` is for. Of XPath only what asks for a provider's name, for event ids and for how
 * long ago it was is understood; anything else is "not valid".
 * https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil
 */
import type { EventDatum, EventRecord } from '../content';
import type { GuestLanguage, Translated } from '../language';
import { lines, type CommandContext, type CommandResult } from './command';

/** ERROR_EVT_INVALID_QUERY. https://learn.microsoft.com/windows/win32/debug/system-error-codes--12000-15999- */
const INVALID_QUERY = 15001;
/** ERROR_EVT_CHANNEL_NOT_FOUND, same source. */
const CHANNEL_NOT_FOUND = 15007;
/** RPC_S_SERVER_UNAVAILABLE: https://learn.microsoft.com/windows/win32/debug/system-error-codes--1700-3999- */
const SERVER_UNAVAILABLE = 1722;

/** What wevtutil says of an error; all but English is assumed. */
const errorTexts = {
  87: {
    'en-US': 'The parameter is incorrect.',
    'de-DE': 'Falscher Parameter.',
    'fr-FR': 'Paramètre incorrect.',
    'ru-RU': 'Параметр задан неверно.',
    'zh-CN': '参数错误。',
  },
  [SERVER_UNAVAILABLE]: {
    'en-US': 'The RPC server is unavailable.',
    'de-DE': 'Der RPC-Server ist nicht verfügbar.',
    'fr-FR': 'Le serveur RPC n’est pas disponible.',
    'ru-RU': 'Сервер RPC недоступен.',
    'zh-CN': 'RPC 服务器不可用。',
  },
  [CHANNEL_NOT_FOUND]: {
    'en-US': 'The specified channel could not be found.',
    'de-DE': 'Der angegebene Kanal wurde nicht gefunden.',
    'fr-FR': 'Le canal spécifié est introuvable.',
    'ru-RU': 'Не удалось найти указанный канал.',
    'zh-CN': '找不到指定的通道。',
  },
  [INVALID_QUERY]: {
    'en-US': 'The specified query is invalid.',
    'de-DE': 'Die angegebene Abfrage ist ungültig.',
    'fr-FR': 'La requête spécifiée n’est pas valide.',
    'ru-RU': 'Указанный запрос недопустим.',
    'zh-CN': '指定的查询无效。',
  },
} as const satisfies Record<number, Translated>;

interface EventFilter {
  provider: string | undefined;
  eventIds: number[];
  /** At most so long ago, in ms. */
  newerThan: number | undefined;
}

export function wevtutil(commandLine: readonly string[], { guest, at }: CommandContext): CommandResult {
  const [verb = '', log = '', ...options] = commandLine;
  if (!['qe', 'query-events'].includes(verb.toLowerCase())) return failure(87, guest.language);
  if (log.toLowerCase() !== 'system') return failure(CHANNEL_NOT_FOUND, guest.language);
  const option = (name: string) => {
    const found = options.find((candidate) => candidate.toLowerCase().startsWith(`/${name}:`));
    return found?.slice(name.length + 2);
  };
  // assumed: a format other than text, xml and RenderedXml, or a count that is none, is a wrong parameter.
  const isKnown = /^(?:text|xml|renderedxml)$/i.test(option('f') ?? 'xml') && /^\d+$/.test(option('c') ?? '1');
  if (!isKnown) return failure(87, guest.language);
  const filter = parseQuery(option('q') ?? '*');
  if (!filter) return failure(INVALID_QUERY, guest.language);
  // The service answers for its logs: where it does not run nobody does. assumed: with this error.
  if (guest.status('EventLog', at).state === 'STOPPED') return failure(SERVER_UNAVAILABLE, guest.language);
  const numbered = guest.content.events().map((event, index) => ({ event, recordId: index + 1 }));
  const matching = numbered.filter(({ event }) => matches(event, filter, at));
  const ordered = option('rd')?.toLowerCase() === 'true' ? matching.reverse() : matching;
  const limited = ordered.slice(0, Number(option('c') ?? ordered.length));
  return { exitCode: 0, stdout: lines(...limited.map(({ event, recordId }) => toXml(event, recordId))), stderr: '' };
}

const timeDifference = /TimeCreated\[timediff\(@SystemTime\) <= (\d+)\]/;

function parseQuery(query: string): EventFilter | undefined {
  if (query === '*') return { provider: undefined, eventIds: [], newerThan: undefined };
  if (!/^\*\[System\[.*\]\]$/.test(query)) return undefined;
  const provider = /Provider\[@Name='([^']*)'\]/.exec(query)?.[1];
  const eventIds = [...query.matchAll(/EventID=(\d+)/g)].map((match) => Number(match[1]));
  const newerThan = timeDifference.exec(query)?.[1];
  const rest = query
    .replace(timeDifference, '')
    .replace(/Provider\[@Name='[^']*'\]/g, '')
    .replace(/EventID=\d+/g, '')
    .replace(/^\*\[System\[|\]\]$/g, '')
    .replace(/\band\b|\bor\b|[()\s]/g, '');
  return rest === ''
    ? { provider, eventIds, newerThan: newerThan === undefined ? undefined : Number(newerThan) }
    : undefined;
}

function matches(event: EventRecord, filter: EventFilter, at: number): boolean {
  if (filter.newerThan !== undefined && at - event.at > filter.newerThan) return false;
  if (filter.provider !== undefined && event.provider !== filter.provider) return false;
  return filter.eventIds.length === 0 || filter.eventIds.includes(event.eventId);
}

function toXml(event: EventRecord, recordId: number): string {
  const security = event.userSid ? `<Security UserID='${event.userSid}'/>` : '<Security/>';
  return [
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
    providerXml(event),
    `<EventID${event.qualifiers ? ` Qualifiers='${event.qualifiers}'` : ''}>${event.eventId}</EventID>`,
    `<Version>0</Version><Level>${event.level}</Level>`,
    '<Task>0</Task><Opcode>0</Opcode><Keywords>0x8080000000000000</Keywords>',
    `<TimeCreated SystemTime='${systemTime(event.at)}'/><EventRecordID>${recordId}</EventRecordID>`,
    `<Correlation/><Execution ProcessID='604' ThreadID='608'/><Channel>System</Channel>`,
    `<Computer>${escapeXml(event.computer)}</Computer>${security}</System>`,
    `<EventData>${event.data.map(datumXml).join('')}${binaryXml(event)}</EventData></Event>`,
  ].join('');
}

function providerXml({ provider, providerGuid, eventSourceName }: EventRecord): string {
  const guid = providerGuid === '' ? '' : ` Guid='${providerGuid}'`;
  const source = eventSourceName === '' ? '' : ` EventSourceName='${eventSourceName}'`;
  return `<Provider Name='${provider}'${guid}${source}/>`;
}

function datumXml(datum: EventDatum): string {
  const name = datum.name === '' ? '' : ` Name='${datum.name}'`;
  const value = datum.type === 'filetime' ? systemTime(datum.value) : String(datum.value);
  return `<Data${name}>${escapeXml(value)}</Data>`;
}

function binaryXml({ binary }: EventRecord): string {
  return binary ? `<Binary>${Buffer.from(binary).toString('hex').toUpperCase()}</Binary>` : '';
}

/** 100-nanosecond precision, as the log keeps it. */
function systemTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/'/g, '&apos;');
}

function failure(code: keyof typeof errorTexts, language: GuestLanguage): CommandResult {
  return { exitCode: code, stdout: '', stderr: lines(errorTexts[code][language]) };
}
