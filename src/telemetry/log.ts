import { plainJson } from '../plain-characters';

/**
 * The log catalogue: every message that the app writes, with its event id. Messages are static, so that they can be
 * counted and alerted on; what varies stands in the fields. Ids are never reused. Never put payloads, guest output or
 * secrets into fields.
 *
 * 100–199 doors · 200–299 the story · 300–399 brakes and policy · 400–499 upkeep · 500–599 faults
 */
export const logCatalogue = {
  signalStarted: { id: 100, level: 'info', message: 'A signal began a repair' },
  signalJoined: { id: 101, level: 'info', message: 'A signal joined a running repair' },
  signalIgnored: { id: 102, level: 'info', message: 'A signal was ignored' },
  cancelRequested: { id: 103, level: 'info', message: 'A person asked to cancel a repair' },
  signalPending: { id: 104, level: 'warn', message: 'A signal waits until its machine can be looked up' },
  signalParked: { id: 105, level: 'warn', message: 'A signal was parked because the ledger did not answer' },
  signalNotKept: { id: 106, level: 'error', message: 'A signal could be neither recorded nor parked' },
  stepEnded: { id: 200, level: 'info', message: 'A step of a repair ended' },
  repairEnded: { id: 201, level: 'info', message: 'A repair ended' },
  azureBusy: { id: 202, level: 'warn', message: 'Azure asked us to wait' },
  changeRefused: { id: 300, level: 'warn', message: 'A change was refused' },
  repairRevived: { id: 400, level: 'warn', message: 'A repair that had stopped was started again' },
  leaseFreed: { id: 401, level: 'warn', message: 'A lease without a running repair was freed' },
  leftBehind: { id: 402, level: 'error', message: 'Something that we created could not be removed' },
  expiredDeleted: { id: 403, level: 'info', message: 'The deletion of something expired was begun' },
  expiredNotDeleted: { id: 404, level: 'warn', message: 'Something expired could not be deleted' },
  ownerUnknown: { id: 405, level: 'warn', message: 'Something carries our tags and is in no record' },
  originalOverdue: {
    id: 406,
    level: 'info',
    message: 'The expiry of an original disk has passed and only a person deletes it',
  },
  groupNotSeen: { id: 407, level: 'warn', message: 'A resource group could not be looked through' },
  sweepBraked: { id: 408, level: 'info', message: 'Nothing expired was deleted because a brake is on' },
  rowUnreadable: { id: 409, level: 'error', message: 'A row of the ledger cannot be read and was skipped' },
  repairPurged: {
    id: 410,
    level: 'info',
    message: 'An old repair was exported to the archive and deleted from the ledger',
  },
  purgeHeld: { id: 411, level: 'warn', message: 'An old repair could not be purged' },
  signalsPurged: {
    id: 412,
    level: 'info',
    message: 'Old signals were exported to the archive and deleted from the ledger',
  },
  historiesPurged: { id: 413, level: 'info', message: 'The histories of what has ended were deleted' },
  followUpStarted: { id: 414, level: 'info', message: 'A signal that had joined a repair began one of its own' },
  parkedTakenIn: { id: 415, level: 'info', message: 'A parked signal was taken in' },
  alertFound: { id: 416, level: 'warn', message: 'An alert that had not arrived was found in Azure' },
  alertsNotListed: { id: 417, level: 'warn', message: 'The fired alerts of a subscription could not be listed' },
  repairOverdue: { id: 420, level: 'warn', message: 'A repair goes on for longer than it may' },
  repairTerminated: { id: 421, level: 'error', message: 'The orchestration of a repair that hangs was terminated' },
  repairGivenUp: { id: 422, level: 'error', message: 'A repair could not be brought to its end and was given up' },
  repairOfNewerRelease: { id: 423, level: 'warn', message: 'A repair waits for a newer release than this one' },
  placeFreed: { id: 424, level: 'warn', message: 'A place without a repair was freed' },
  recordAway: {
    id: 503,
    level: 'error',
    message: 'The ledger could not be reached and repairs stand still until it can',
  },
  doorFault: { id: 500, level: 'error', message: 'A door could not answer' },
  healthCheckFailed: { id: 502, level: 'error', message: 'Something that repairs need does not work' },
  diskReaderFault: { id: 501, level: 'error', message: 'Our own reader broke over a snapshot' },
} as const satisfies Record<string, { id: number; level: 'info' | 'warn' | 'error'; message: string }>;

export type LogEvent = keyof typeof logCatalogue;

/** Writes one event of the catalogue. */
export type Log = (event: LogEvent, fields?: Record<string, string | number | boolean | undefined>) => void;

/** What Functions gives an invocation to write logs with. */
interface LogSink {
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}

/** A log that writes to the invocation that it is given, as one line of JSON after the message. */
export function logTo(sink: LogSink): Log {
  return (event, fields = {}) => {
    const { id, level, message } = logCatalogue[event];
    sink[level](`${message} ${plainJson({ event, eventId: id, ...fields })}`);
  };
}
