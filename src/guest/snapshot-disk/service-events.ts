import type { LoggedEvent } from '../../disk/event-log/read-events';
import type { Disbelief, ServiceEvents } from '../evidence';
import {
  doubtAbout,
  recordsAbout,
  recordWindow,
  serviceControlManager,
  serviceEventIds,
  serviceEventOf,
  type ServiceRecord,
} from '../service-records';
import { keyBelow, textIn } from './current-hive';
import { attemptHere, once, weighed, type Finding, type NoFinding } from './finding';
import type { OpenedDisk } from './open-disk';
import { noLog, readSystemLog, type SystemLog } from './system-log';
import type { Windows } from './windows';

/** Nothing on a disk is younger than its snapshot; a time after it only says that the guest's clock is ahead. */
const aheadMilliseconds = 24 * 60 * 60 * 1000;

const mostTold = 50;
/** Of all services together: one that fails every second must not hide another. */
const mostRead = 5000;
/** 2 MiB, the newest of the window. */
const mostChunks = 32;

/** Reads what the Service Control Manager wrote before `asOf` once, for all services that are asked for. */
export function serviceEventReader({ windows, systemLog }: Pick<OpenedDisk, 'windows' | 'systemLog'>, asOf: Date) {
  const since = new Date(asOf.getTime() - recordWindow);
  const readLog = once(async () => {
    const log = await systemLog();
    if (log.kind === 'elsewhere') return log;
    const read = await readSystemLog(log, {
      providers: [{ name: serviceControlManager, eventIds: serviceEventIds }],
      from: since,
      to: new Date(asOf.getTime() + aheadMilliseconds),
      limit: mostRead,
      maxChunks: mostChunks,
    });
    return { ...read, kind: 'here' as const, records: read.events.map(recordOf), disbelieved: silenceOf(log) };
  });
  return async (service: string): Promise<Finding<ServiceEvents> | NoFinding> => {
    const log = await readLog();
    if (log.kind === 'elsewhere') return noLog(log);
    const { path, records, chunksRead, cautions, disbelieved } = log;
    const name = await attemptHere(displayName(windows, service));
    const { own, doubtful } = recordsAbout(records, { service, ...(name.ok ? { displayName: name.value } : {}) });
    const told = own.slice(-mostTold).map(serviceEventOf);
    const newest = own.at(-1)?.time ?? '';
    const until = newest > asOf.toISOString() ? newest : asOf.toISOString();
    const isCut = own.length > told.length || records.length >= mostRead || chunksRead >= mostChunks;
    const unread = name.ok ? [] : ["the service's display name could not be read"];
    return {
      fact: { kind: 'service-events', service, since: since.toISOString(), until, events: told, isCut },
      place: `${path} › ${serviceControlManager}`,
      cautions: [...cautions, ...unread, ...doubtAbout(doubtful)],
      disbelieved,
    };
  };
}

/** What the log does not tell is no sign that it did not happen, where the log is not written. */
function silenceOf({ path, gaps }: Extract<SystemLog, { kind: 'here' }>): Disbelief[] {
  const told = weighed({ says: 'that nothing more happened than the System log tells', place: path });
  return gaps.map(({ code, by }) => ({ code, told, by }));
}

async function displayName(windows: Windows, service: string): Promise<string | undefined> {
  const { key } = await windows.controlSet();
  return textIn(await keyBelow(key, ['Services', service]), 'DisplayName');
}

function recordOf({ eventId, time, parameters, binary, userSid }: LoggedEvent): ServiceRecord {
  return { eventId, time, parameters: parameters.map(({ value }) => value), binary, userSid };
}
