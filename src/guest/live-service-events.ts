import { parseEventsXml } from '../windows/event-xml';
import { parsed, unreadable, type Parsed } from '../windows/parsed';
import { singleValue } from '../windows/reg-query';
import { nativeCommand, outputOf, resultOf, type GuestAnswer, type GuestCommand } from './command';
import type { ServiceEvents } from './evidence';
import { renderServiceConfiguration, serviceValues } from './live-services';
import {
  doubtAbout,
  recordsAbout,
  recordWindow,
  serviceControlManager,
  serviceEventIds,
  serviceEventOf,
} from './service-records';

/** Asks a running Windows what its Service Control Manager wrote: once, whichever services are asked for. */

const logCommand = 'service-control-manager-log';

/**
 * So many records, the newest, of all services together. A record takes about 250 characters of the guest's answer, of
 * which 3,800 come with each Run Command.
 */
const mostRecords = 24;

/**
 * 14 expressions; from 20 on a query must be structured:
 * https://learn.microsoft.com/windows/win32/wes/consuming-events. `timediff` is in ms.
 */
const query = [
  `Provider[@Name='${serviceControlManager}']`,
  `(${serviceEventIds.map((id) => `EventID=${id}`).join(' or ')})`,
  `TimeCreated[timediff(@SystemTime) <= ${recordWindow}]`,
].join(' and ');

/** The commands that read the records about a service: the log, and what the service is called. */
export function renderServiceEvents(service: string): GuestCommand[] {
  const options = [`/q:*[System[${query}]]`, '/f:xml', '/rd:true', `/c:${mostRecords}`];
  return [nativeCommand(logCommand, 'wevtutil.exe', 'qe', 'System', ...options), renderServiceConfiguration(service)];
}

const shownAsItIs = /^[ -~]+$/;

/** The records about a service. No record is an answer, too. */
export function readServiceEvents(service: string, answer: GuestAnswer): Parsed<ServiceEvents> & { caution?: string } {
  const output = outputOf(resultOf(answer, logCommand));
  if (!output.ok) return output;
  const log = parseEventsXml(output.value);
  if (!log.ok) return log;
  const until = Date.parse(answer.startedAt);
  if (Number.isNaN(until)) return unreadable('the guest does not say when it was asked');
  const isOurs = log.value.events.every(
    ({ provider, eventId }) => provider === serviceControlManager && serviceEventIds.some((id) => id === eventId),
  );
  if (!isOurs) return unreadable('there are records that were not asked for');
  const records = log.value.events.toReversed();
  const { own, doubtful } = recordsAbout(records, { service, displayName: displayNameOf(service, answer) });
  const fact = parsed({
    kind: 'service-events' as const,
    service,
    since: new Date(until - recordWindow).toISOString(),
    until: new Date(until).toISOString(),
    events: own.map(serviceEventOf),
    isCut: log.value.isCut || records.length >= mostRecords,
  });
  const [caution] = doubtAbout(doubtful);
  return caution === undefined ? fact : { ...fact, caution };
}

/** As text only if it is ASCII: in which code page wevtutil and reg.exe print anything else is not known. */
function displayNameOf(service: string, answer: GuestAnswer): string | undefined {
  const values = serviceValues(service, answer);
  const name = values.ok ? singleValue(values.value, 'DisplayName') : values;
  return name.ok && shownAsItIs.test(name.value.data) ? name.value.data : undefined;
}
