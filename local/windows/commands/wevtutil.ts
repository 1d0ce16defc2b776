/**
 * `wevtutil qe System /q:"…" [/c:n] [/rd:true] [/f:xml]`: the records of the guest's System log as event XML
 * (layout: a public record of event 7040; schema http://schemas.microsoft.com/win/2004/08/events/event).
 * Of XPath only what asks for a provider's name and for event ids is understood; anything else is "not valid".
 */
import type { EventRecord } from '../content';
import { lines, type CommandContext, type CommandResult } from './command';

/** ERROR_EVT_INVALID_QUERY. https://learn.microsoft.com/windows/win32/debug/system-error-codes--12000-15999- */
const INVALID_QUERY = 15001;
/** ERROR_EVT_CHANNEL_NOT_FOUND, same source. */
const CHANNEL_NOT_FOUND = 15007;

interface EventFilter {
  provider: string | undefined;
  eventIds: number[];
}

export function wevtutil(commandLine: readonly string[], { guest }: CommandContext): CommandResult {
  const [verb = '', log = '', ...options] = commandLine;
  if (!['qe', 'query-events'].includes(verb.toLowerCase())) return failure(87, 'The parameter is incorrect.');
  if (log.toLowerCase() !== 'system') return failure(CHANNEL_NOT_FOUND, 'The specified channel could not be found.');
  const option = (name: string) => {
    const found = options.find((candidate) => candidate.toLowerCase().startsWith(`/${name}:`));
    return found?.slice(name.length + 2);
  };
  const filter = parseQuery(option('q') ?? '*');
  if (!filter) return failure(INVALID_QUERY, 'The specified query is invalid.');
  const numbered = guest.content.events().map((event, index) => ({ event, recordId: index + 1 }));
  const matching = numbered.filter(({ event }) => matches(event, filter));
  const ordered = option('rd')?.toLowerCase() === 'true' ? matching.reverse() : matching;
  const limited = ordered.slice(0, Number(option('c') ?? ordered.length));
  return { exitCode: 0, stdout: lines(...limited.map(({ event, recordId }) => toXml(event, recordId))), stderr: '' };
}

function parseQuery(query: string): EventFilter | undefined {
  if (query === '*') return { provider: undefined, eventIds: [] };
  if (!/^\*\[System\[.*\]\]$/.test(query)) return undefined;
  const provider = /Provider\[@Name='([^']*)'\]/.exec(query)?.[1];
  const eventIds = [...query.matchAll(/EventID=(\d+)/g)].map((match) => Number(match[1]));
  const rest = query
    .replace(/Provider\[@Name='[^']*'\]/g, '')
    .replace(/EventID=\d+/g, '')
    .replace(/^\*\[System\[|\]\]$/g, '')
    .replace(/\band\b|\bor\b|[()\s]/g, '');
  return rest === '' ? { provider, eventIds } : undefined;
}

function matches(event: EventRecord, filter: EventFilter): boolean {
  if (filter.provider !== undefined && event.provider !== filter.provider) return false;
  return filter.eventIds.length === 0 || filter.eventIds.includes(event.eventId);
}

function toXml(event: EventRecord, recordId: number): string {
  const data = event.parameters.map((value, index) => `<Data Name='param${index + 1}'>${escapeXml(value)}</Data>`);
  const security = event.userSid ? `<Security UserID='${event.userSid}'/>` : '<Security/>';
  return [
    "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
    `<Provider Name='${event.provider}' Guid='${event.providerGuid}' EventSourceName='${event.eventSourceName}'/>`,
    `<EventID Qualifiers='${event.qualifiers}'>${event.eventId}</EventID><Version>0</Version><Level>${event.level}</Level>`,
    '<Task>0</Task><Opcode>0</Opcode><Keywords>0x8080000000000000</Keywords>',
    `<TimeCreated SystemTime='${systemTime(event.at)}'/><EventRecordID>${recordId}</EventRecordID>`,
    `<Correlation/><Execution ProcessID='604' ThreadID='608'/><Channel>System</Channel>`,
    `<Computer>${escapeXml(event.computer)}</Computer>${security}</System>`,
    `<EventData>${data.join('')}</EventData></Event>`,
  ].join('');
}

/** 100-nanosecond precision, as the log keeps it. */
function systemTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '0000Z');
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/'/g, '&apos;');
}

function failure(code: number, text: string): CommandResult {
  return { exitCode: code, stdout: '', stderr: lines(text) };
}
