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
